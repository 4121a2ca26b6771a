/*
 * Encoded rows that wait, by the part of the output to which they belong: for the
 * whole group of a worker, and for tables of which only one is open at a time. In
 * bounded memory, the rest in a temporary file.
 */
#ifndef TABULATE_WAITING_ROWS_H
#define TABULATE_WAITING_ROWS_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

struct waiting_rows;

/* `tmpdir` is borrowed. */
int waiting_rows_new(struct waiting_rows **parts, uint64_t memory, const char *tmpdir,
                     struct lcap_error *error);
int waiting_rows_append(struct waiting_rows *parts, const char *part, const void *bytes, size_t len,
                        struct lcap_error *error);

size_t waiting_rows_count(const struct waiting_rows *parts);

/* Takes a piece of a part. */
typedef int waiting_rows_taker(void *context, const char *part, const void *bytes, size_t len,
                               struct lcap_error *error);
/* Passes a part to `take` in pieces, as it was appended. Parts are numbered in order of arrival. */
int waiting_rows_read(struct waiting_rows *parts, size_t index, waiting_rows_taker *take,
                      void *context, struct lcap_error *error);
void waiting_rows_free(struct waiting_rows *parts);

#endif
