/*
 * One of N shards of a run: processes that know nothing of each other divide the bytes
 * of the inputs among them, in the order of the inputs. Shard I of N has those from
 * size·I/N to size·(I+1)/N. A block belongs to the shard in whose range its first byte
 * is, or in BGZF the first byte of the block of that which has it; any other compressed
 * file to that of its first byte.
 */
#ifndef DATASET_SHARD_SHARD_H
#define DATASET_SHARD_SHARD_H

#include "dataset/sources.h"

/* More processes than a cluster has cores for. */
#define SHARDS_MAX 100000

/* What a shard does with buckets of packets: indices into the choices of --buckets. */
enum { BUCKETS_NONE, BUCKETS_WRITE, BUCKETS_READ };

struct shard {
    uint32_t number; /* from 0 */
    uint32_t count;  /* 0: the run is not divided */
};

/* LCAP_ERR_ARGUMENT if the number is not below the count; both may be 0. */
int shard_check(struct shard shard, struct lcap_error *error);

/*
 * Parses "I/N", or "auto": the place of this task in a Slurm job array of all shards,
 * from the environment.
 */
int shard_parse(struct shard *shard, const char *text, struct lcap_error *error);

/* "write", "read", or NULL for BUCKETS_NONE. */
int buckets_parse(int *buckets, const char *text, struct lcap_error *error);

/*
 * The part that a shard of `command` writes for an output: for captures,
 * "dir/out.pcapng.gz" becomes "dir/out.3-of-8.pcapng"; for flows, "dir/out.csv" becomes
 * "dir/out.csv.3-of-8.rows". LCAP_ERR_ARGUMENT for a stream. Freed with free().
 */
int shard_part_path(struct shard shard, const char *command, const char *output, char **path,
                    struct lcap_error *error);

/* The joint file of a part: its path and ".joint". Freed with free(). */
char *shard_joint_path(const char *part, struct lcap_error *error);

/* The bytes of one input that belong to a shard; `end` is UINT64_MAX for the end of the file. */
struct shard_range {
    uint64_t begin, end;
};

struct shard_ranges {
    struct shard shard;
    const struct sources *sources;
    uint64_t total;
};

/* LCAP_ERR_ARGUMENT if one is not a regular file. */
int shard_ranges_init(struct shard_ranges *ranges, struct shard shard,
                      const struct sources *sources, struct lcap_error *error);

/* False if nothing of the input `number`, before which there are `before` bytes, is in the shard.
 */
bool shard_range_of(const struct shard_ranges *ranges, size_t number, uint64_t before,
                    struct shard_range *range);

/* Parts and joints of all shards of this output are no inputs. */
int shard_exclude_parts(struct shard shard, const char *command, const char *output,
                        struct sources *sources, struct lcap_error *error);

#endif
