/*
 * Encoded rows that wait, by the part of the output that they belong to: for a
 * worker's whole stream, and for tables of which only one is open at a time. In
 * bounded memory, the rest in a temporary file.
 */
#ifndef TABULATE_WAITING_ROWS_H
#define TABULATE_WAITING_ROWS_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

struct flows_parts;

/* `tmpdir` is borrowed. */
int flows_parts_new(struct flows_parts **parts, uint64_t memory, const char *tmpdir,
                    struct lcap_error *error);
int flows_parts_append(struct flows_parts *parts, const char *part, const void *bytes, size_t len,
                       struct lcap_error *error);

size_t flows_parts_count(const struct flows_parts *parts);
/* Parts are numbered in the order in which they came. */
const char *flows_parts_name(const struct flows_parts *parts, size_t index);

/* Takes a piece of a part. */
typedef int flows_parts_taker(void *context, const char *part, const void *bytes, size_t len,
                              struct lcap_error *error);
/* Hands a part to `take` in pieces, as it was appended. */
int flows_parts_read(struct flows_parts *parts, size_t index, flows_parts_taker *take,
                     void *context, struct lcap_error *error);
void flows_parts_free(struct flows_parts *parts);

#endif
