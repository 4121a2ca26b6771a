/*
 * Where the commands write labelled packets: one pcapng, or one for each link
 * type, in the order given or sorted.
 */
#ifndef DATASET_DATASET_WRITER_H
#define DATASET_DATASET_WRITER_H

#include "dataset/sorted_writer.h"
#include <labelcap/capture.h>
#include <labelcap/label.h>

struct dataset_writer_options {
    enum packet_order order;
    bool split_linktypes; /* a file for each: dataset_writer_path(); one where there is none */
    struct lcap_writer_options writer;
    struct sorter_options sorter; /* memory: for all files together */
};

/* The length of a path without the endings of a capture's name: ".pcapng", ".pcapng.gz". */
size_t dataset_writer_stem(const char *path);

/*
 * The file for a link type where they are split: "dir/out.pcapng.gz" becomes
 * "dir/out.ethernet.pcapng.gz". Freed with free().
 */
char *dataset_writer_path(const char *path, uint16_t linktype, struct lcap_error *error);

struct dataset_writer;

/* `path` and what `options` points to must outlive the writer. */
int dataset_writer_open(struct dataset_writer **writer, const char *path,
                        const struct dataset_writer_options *options, struct lcap_error *error);
void dataset_writer_source(struct dataset_writer *writer, const struct lcap_reader *reader);

/* A block that is no packet. */
int dataset_writer_block(struct dataset_writer *writer, const struct lcap_block *block,
                         struct lcap_error *error);

/* `label`: what the packet carries once edited, or NULL. */
int dataset_writer_packet(struct dataset_writer *writer, const struct lcap_packet *packet,
                          const struct lcap_edit *edit, const struct lcap_label *label,
                          struct lcap_error *error);

/* How many link types the packets written so far have had. */
size_t dataset_writer_linktypes(const struct dataset_writer *writer);

/* Hands whole blocks to the system, so that a reader of an unfinished file sees them. */
int dataset_writer_flush(struct dataset_writer *writer, struct lcap_error *error);

/*
 * Puts all files into place; adds up what could not be carried over in
 * *losses. Frees. With writer.keep_cut one file that fails does not keep the
 * others from their places.
 */
int dataset_writer_close(struct dataset_writer *writer, struct lcap_losses *losses,
                         struct lcap_error *error);
void dataset_writer_discard(struct dataset_writer *writer);

#endif
