/*
 * The joint of a shard: a text file beside its part that says from where to where the
 * shard has read each input, and of which run it is. Where one shard has ended, the next
 * one must have begun: that proves every guess. It is there before the part, which tells
 * the part of a process that was killed from a file of somebody else; and it is written
 * again after the part, so a part with a finished joint is complete.
 */
#ifndef DATASET_SHARD_JOINT_H
#define DATASET_SHARD_JOINT_H

#include "base/buffer.h"
#include "base/hash.h"
#include "dataset/shard/shard.h"

/* A place between two blocks of a capture, and what a reader knows when it comes there. */
struct joint_place {
    uint64_t offset;     /* in BGZF, the virtual offset; likewise: */
    uint64_t section;    /* as in struct lcap_position */
    uint64_t interfaces; /* likewise */
    char *times;         /* of reader_append_times() */
};

/* What a shard has read of one input. */
struct joint_segment {
    uint64_t input; /* its number in the run */
    struct joint_place begin, end;
    uint64_t part_begin, part_end; /* the bytes of the part that came of it */
    uint64_t packets;
    uint64_t labelled;     /* of these, by rules */
    uint64_t has_sections; /* of its own: pcapng; those of the part are made for pcap */
    uint64_t size;         /* of the input, where its end must be; 0: not known */
    char *damage;          /* the error that ended the input; NULL: none */
    char *path;
    struct buffer notes; /* what its command says of it: see joint_next_note() */
    bool left_out;       /* not in the file: the input has ended by damage before */
};

/* What the output as a whole needs to know. Field by field the same in all shards of a run, but
 * for the counts. */
struct joint_output {
    uint64_t several;         /* inputs: snap lengths are written as 0 */
    uint64_t order;           /* enum packet_order */
    uint64_t split_linktypes; /* a file for each link type */
    uint64_t pcapml_times;
    uint64_t snaplen;
    uint64_t is_sorted;    /* the parts are sorted, and merged by the keys of their packets */
    uint64_t needs_labels; /* no label at all is a failure */
};

struct joint_counts {
    uint64_t sound_snaplens; /* those of all interfaces are alike, and no packet is longer */
    uint64_t has_snaplen;    /* there are interfaces, with: */
    uint64_t snaplen;
    uint64_t in_order;       /* a sorted part was so before */
    uint64_t late_interface; /* it may be behind blocks that it comes before when sorted */
    uint64_t inputs;         /* of the run; 0: nothing of any was for this shard */
    uint64_t begun;          /* of these, those of which it has the beginning */
};

struct joint {
    struct shard shard;
    char *command;
    char *run;         /* a hash of all that decides what the output is: program, options, inputs */
    uint64_t finished; /* 0: a process has begun the part, and nothing of what follows is known */
    uint64_t part_size;
    char *part_checksum; /* of checksum_file() */
    struct joint_output output;
    struct joint_counts counts;
    struct buffer about; /* notes on the run, in the joint of the first shard */
    struct joint_segment *segments;
    size_t segment_count, segment_capacity;
};

/* Adds a segment, all zero, and returns it; NULL without memory. */
struct joint_segment *joint_add_segment(struct joint *joint, struct lcap_error *error);

/*
 * Notes are texts one behind the other, each with its NUL. Returns the one at *at, which
 * becomes the place of the next one, or NULL at the end.
 */
const char *joint_next_note(const struct buffer *notes, size_t *at);

/*
 * Takes the numbers behind the word that a note begins with. Returns the rest of it, without
 * the space before, or NULL if it is not such a note.
 */
const char *joint_note_numbers(const char *note, const char *word, uint64_t *values, size_t count);

/* Writes the file, replacing one that is there. `no_sync`: does not wait for the disk. */
int joint_write(const struct joint *joint, const char *path, bool no_sync,
                struct lcap_error *error);

/*
 * Reads the joint file at `path`. LCAP_ERR_IO: it cannot be read. LCAP_ERR_FORMAT: it is
 * no joint, with the line.
 */
int joint_read(struct joint *joint, const char *path, struct lcap_error *error);

/* What proves a joint: whether a segment began where, and as, the one before it has ended. */
bool joint_places_meet(const struct joint_place *end, const struct joint_segment *next);

/* Where the shard has ended in this input, the last one that it has read; NULL: not known. */
const struct joint_place *joint_end_in(const struct joint *joint, uint64_t input);

/* The damage by which this input, the last one that the shard has read, has ended; NULL: none. */
const char *joint_damage_in(const struct joint *joint, uint64_t input);

void joint_release(struct joint *joint);

#endif
