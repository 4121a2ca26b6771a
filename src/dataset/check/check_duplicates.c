/* Sorts digests of packets: equal ones come together, those of one sample side by side. */
#include "dataset/check/check_duplicates.h"

#include <string.h>

int check_duplicates_init(struct check_duplicates *duplicates, const struct sorter_options *options,
                          struct lcap_error *error)
{
    int rc = hash_random_key(duplicates->key, sizeof duplicates->key, error);
    return rc == 0 ? sorter_new(&duplicates->sorter, options, error) : rc;
}

int check_duplicates_add(struct check_duplicates *duplicates, const struct lcap_packet *packet,
                         const uint8_t *content, const struct check_place *place,
                         struct lcap_error *error)
{
    uint8_t *at = sorter_reserve(duplicates->sorter, sizeof *place, error);
    if (!at)
        return error ? error->code : LCAP_ERR_IO;
    const struct packet_digest digest =
        content ? packet_digest_of_content(packet, content, duplicates->key)
                : packet_digest_of(packet, duplicates->key);
    memcpy(at, place, sizeof *place);
    sorter_commit(duplicates->sorter,
                  (struct sort_key){digest.high, digest.low, (int64_t)place->sample},
                  sizeof *place);
    return LCAP_OK;
}

/* A packet that repeats one of the sample `other`. */
struct twin {
    struct check_place place;
    uint32_t other;
};

static void count_twin(const struct twin *twin, struct check_findings *findings,
                       struct twin *first_leak)
{
    const bool leak = twin->other != twin->place.sample;
    check_count_earliest(findings, leak ? CHECK_LEAK : CHECK_DUPLICATE, &twin->place);
    if (leak &&
        (first_leak->place.packet == 0 || check_place_is_earlier(&twin->place, &first_leak->place)))
        *first_leak = *twin;
}

int check_duplicates_finish(struct check_duplicates *duplicates, struct check_findings *findings,
                            uint32_t *other, struct lcap_error *error)
{
    struct sorted_block block;
    struct sort_key last = {0};
    struct twin twin, first_leak = {.other = NO_SAMPLE};
    bool any = false;
    int rc = sorter_finish(duplicates->sorter, error);
    while (rc >= 0 && (rc = sorter_next(duplicates->sorter, &block, error)) == 1) {
        memcpy(&twin.place, block.data, sizeof twin.place);
        twin.other = (uint32_t)last.secondary;
        if (any && block.key.rank == last.rank && block.key.primary == last.primary)
            count_twin(&twin, findings, &first_leak);
        last = block.key;
        any = true;
    }
    *other = first_leak.other;
    return rc;
}

void check_duplicates_release(struct check_duplicates *duplicates)
{
    sorter_free(duplicates->sorter);
}
