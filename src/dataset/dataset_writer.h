/*
 * Writes labelled packets for the commands: to one pcapng file, or one per link
 * type, in the given order or sorted.
 */
#ifndef DATASET_DATASET_WRITER_H
#define DATASET_DATASET_WRITER_H

#include "capture/parts/encoded_packets.h"
#include "capture/parts/part_reader.h"
#include "dataset/shard/part_writer.h"
#include "dataset/sorted_writer.h"
#include <labelcap/capture.h>
#include <labelcap/label.h>

struct dataset_writer_options {
    enum packet_order order;
    bool part;            /* writes what a shard has of such a file or files: see part_writer.h */
    uint32_t *checksum;   /* of a part, or a single sorted file: as in struct output_options */
    bool split_linktypes; /* one file per link type: dataset_writer_path(); one file if there is
                             none */
    struct lcap_writer_options writer; /* its size is not looked at */
    struct sorter_options sorter;      /* memory: for all files in all */
    struct lcap_watcher watcher;       /* of writing in order */
};

/*
 * The file for a link type if they are split: "dir/out.pcapng.gz" becomes
 * "dir/out.ethernet.pcapng.gz". Freed with free().
 */
char *dataset_writer_path(const char *path, uint16_t linktype, struct lcap_error *error);

struct dataset_writer;

/* `path` and what `options` points to must outlive the writer. */
int dataset_writer_open(struct dataset_writer **writer, const char *path,
                        const struct dataset_writer_options *options, struct lcap_error *error);
void dataset_writer_source(struct dataset_writer *writer, const struct lcap_reader *reader);

/* The following blocks come from another reader, but go on in the section of the last one. */
void dataset_writer_continue(struct dataset_writer *writer);

/* The part that it writes, or NULL. */
struct part_writer *dataset_writer_part(const struct dataset_writer *writer);

/* A block that is not a packet. */
int dataset_writer_block(struct dataset_writer *writer, const struct lcap_block *block,
                         struct lcap_error *error);

/* `label`: the label of the packet after the edit, or NULL. */
int dataset_writer_packet(struct dataset_writer *writer, const struct lcap_packet *packet,
                          const struct lcap_edit *edit, const struct lcap_label *label,
                          struct lcap_error *error);

/* Packets that several threads encode, as encoded_packets.h has it; and what is taken, all of one
 * link type. `sample_id`: of the label of the packet after the edit, or NULL. */
bool dataset_writer_encodes(const struct dataset_writer *writer, const struct lcap_packet *packet);
int dataset_writer_encode(const struct dataset_writer *writer, const struct plan_scratch *scratch,
                          const struct lcap_packet *packet, const struct lcap_edit *edit,
                          const uint64_t *sample_id, struct keyed_packets *to,
                          struct lcap_error *error);
int dataset_writer_take(struct dataset_writer *writer, uint16_t linktype,
                        const struct keyed_packets *packets, struct lcap_error *error);

/* See sorted_writer_file(); only for files that are open, and sorted. */
struct file_stamp;
void dataset_writer_file(struct dataset_writer *writer, const char *path,
                         const struct file_stamp *stamp);

/* A packet block as it came from its reader, but for its interface: see block_copy.h. */
int dataset_writer_copy(struct dataset_writer *writer, const struct lcap_block *block,
                        const struct lcap_label *label, struct lcap_error *error);

/* Returns 1 if it has copied the packet of a part; see writer_copy_part(). */
int dataset_writer_copy_part(struct dataset_writer *writer, const struct part_packet *packet,
                             const struct lcap_interface *interface, struct lcap_error *error);

/* The number of link types of the packets written so far. */
size_t dataset_writer_linktypes(const struct dataset_writer *writer);

/* Passes whole blocks to the system, so that a reader of an unfinished file sees them. */
int dataset_writer_flush(struct dataset_writer *writer, struct lcap_error *error);

/*
 * Renames all files, adds up in *losses what could not be written, and frees the
 * writer. With writer.keep_cut, a file that fails does not prevent the others from
 * being renamed.
 */
int dataset_writer_close(struct dataset_writer *writer, struct lcap_losses *losses,
                         struct lcap_error *error);
void dataset_writer_discard(struct dataset_writer *writer);

#endif
