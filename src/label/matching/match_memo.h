/*
 * Remembers which rule matched a packet, by the bytes that the filters looked at: the
 * packets of a flow mostly have the same ones. An answer holds for a span of time,
 * because rules have windows.
 *
 * Packets that begin alike are a class. What a search for one of them reads is added
 * to the bytes of its class, which make the key. A search whose reads are all in the
 * key comes to the same answer wherever the key is the same.
 */
#ifndef LABEL_MATCHING_MATCH_MEMO_H
#define LABEL_MATCHING_MATCH_MEMO_H

#include "label/matching/path_index.h"
#include "label/timeline.h"

#define MEMO_WORDS   10 /* of 8 bytes, that a key has at most */
#define MEMO_CLASSES 8  /* IPv4 and IPv6 are two of them, IPv4 with options others */

struct memo_class {
    uint32_t number;        /* among those of all indexes, from 1 */
    uint32_t first, length; /* the value looked at first, and the header length of IPv4 */
    struct path_reads reads;
    uint32_t reach; /* no byte is read from here on */
    uint16_t generation;
    bool unusable; /* what is read cannot be told, or is too much */
    uint8_t count; /* of words of the key */
    uint8_t offsets[MEMO_WORDS];
    uint64_t masks[MEMO_WORDS];
};

/* What the searches of one index read. */
struct memo_view {
    bool usable; /* false: they depend on more than a key can hold */
    const struct expressions *expressions;
    uint32_t first; /* the expression that the root looks at */
    bool has_header;
    uint32_t header; /* the byte that tells the length of the header that others are behind */
    struct memo_class classes[MEMO_CLASSES];
    size_t class_count;
};

/* All zero: nothing is remembered yet. Each thread that matches has its own. */
struct match_memo {
    void *memory;
    struct memo_entry
        *entries; /* in it, at the start of a cache line; NULL until an index uses them */
    uint32_t class_count;
    struct memo_view **views; /* by the number of the index; NULL: not used yet */
    size_t view_capacity;
};

/* What an answer depends on but time. */
struct memo_key {
    struct memo_class *class;
    uint64_t limits; /* the bytes that were captured, the generation, and the rule to be below */
    uint64_t words[MEMO_WORDS];
    struct memo_entry *pair; /* its places in the table: the entry kept last, and the one before */
};

/* The view of an index, by its number among all; NULL if nothing of it can be remembered. Where
 * memory is short, nothing is. */
struct memo_view *match_memo_view(struct match_memo *memo, uint32_t number,
                                  const struct path_index *index);
void match_memo_release(struct match_memo *memo);

/* False: what is found for this packet cannot be remembered. Else fetches what may be known. */
bool match_memo_key(struct match_memo *memo, struct memo_view *view,
                    const struct lcap_packet *packet, uint32_t below, struct memo_key *key);

/* Whether its class has the same bytes still: what is kept of another packet may add some. */
static inline bool match_memo_key_holds(const struct memo_key *key)
{
    return (uint16_t)(key->limits >> 16) == key->class->generation;
}

/* Sets *rule to the answer for the key at that time, if it is known. */
bool match_memo_find(const struct memo_key *key, int64_t time_ns, uint32_t *rule);

/* Keeps an answer, or only notes what the search for it has read. */
void match_memo_keep(struct memo_view *view, const struct memo_key *key,
                     const struct lcap_packet *packet, const struct path_reads *reads,
                     const struct time_span *span, uint32_t rule);

#endif
