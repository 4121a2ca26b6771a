/*
 * The layout of a block in a spilled run and in a merge buffer: a header, then its
 * bytes. Only this process reads it, so it is in host byte order.
 */
#ifndef SORT_RECORD_H
#define SORT_RECORD_H

#include "sort/sorter.h"
#include <stdint.h>

/* Read and written only by memcpy(), because records may have any address. */
struct record_header {
    uint64_t primary;
    int64_t secondary;
    uint32_t rank;
    uint32_t len; /* of the block */
};

static inline struct record_header record_header_make(struct sort_key key, uint32_t len)
{
    return (struct record_header){key.primary, key.secondary, key.rank, len};
}

static inline struct sorted_block record_block(const struct record_header *header,
                                               const uint8_t *data)
{
    return (struct sorted_block){
        {header->rank, header->primary, header->secondary}, data, header->len};
}

#endif
