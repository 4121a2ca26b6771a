/* Which samples are selected: by lists of IDs, label, number of packets, and hash. */
#ifndef DATASET_SELECT_SAMPLE_CHOICE_H
#define DATASET_SELECT_SAMPLE_CHOICE_H

#include "base/sample_registry.h"
#include "dataset/select/id_list.h"

struct sample_choice_options {
    const char *ids;    /* the path of a list, or NULL */
    const char *splits; /* a folder of lists, or NULL … */
    const char *list;   /* … and the name of one */
    const char *label;  /* a pattern for metadata, or NULL */
    uint64_t min_packets;
    uint64_t max_per_label; /* 0: all */
};

/* A sample that was considered. */
struct sample_state {
    bool chosen;
    uint64_t taken; /* packets selected of it */
};

struct sample_choice {
    const struct sample_choice_options *options;
    struct id_list ids, list;
    struct sample_registry registry;
    struct sample_state *states; /* by number in the registry */
    size_t capacity;
};

/* `options` must outlive the choice. The caller releases it, even after an error. */
int sample_choice_init(struct sample_choice *choice, const struct sample_choice_options *options,
                       struct lcap_error *error);
void sample_choice_release(struct sample_choice *choice);

/* Whether there is anything to choose by; and whether all samples must be known before. */
bool sample_choice_is_narrow(const struct sample_choice_options *options);
bool sample_choice_needs_all(const struct sample_choice_options *options);

/* The list of the only IDs that may be chosen, or NULL. */
const struct id_list *sample_choice_list(const struct sample_choice *choice);

/*
 * Considers a new sample; it is known from then on. `packets`: how many it has, or 0
 * if that is not known and not needed.
 */
int sample_choice_add(struct sample_choice *choice, const struct sample *sample, uint64_t packets,
                      uint32_t *number, struct lcap_error *error);

/* After the last sample: keeps at most options.max_per_label of each label. */
int sample_choice_limit(struct sample_choice *choice, struct lcap_error *error);

#endif
