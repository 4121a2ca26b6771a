/* Keys of masked words, and a table with two places for each hash. */
#include "label/matching/match_memo.h"

#include "base/memory.h"
#include "base/rare.h"
#include "label/matching/path_index_internal.h"
#include <stdlib.h>
#include <string.h>

/* Bytes from here on cannot be in a key. The headers of IPv6 end at 54, ports at 58. */
#define MEMO_REACH 96

/* So many that of thousands of flows at once seldom three share a pair; a power of two. */
#define MEMO_PAIRS ((size_t)16384)

#define CACHE_LINE 64

/* The addresses and ports of IPv4 are four words: such an entry takes one line of the cache. */
struct memo_entry {
    _Alignas(CACHE_LINE) uint32_t class; /* 0: free */
    uint32_t rule;
    uint64_t limits;
    struct time_span span;
    uint64_t words[MEMO_WORDS];
};

static bool make_entries(struct match_memo *memo)
{
    if (memo->entries)
        return true;
    memo->memory = memory_new(2 * MEMO_PAIRS + 1, sizeof *memo->entries, NULL);
    if (!memo->memory)
        return false;
    const size_t past = (uintptr_t)memo->memory % CACHE_LINE;
    uint8_t *begin = (uint8_t *)memo->memory + (past > 0 ? CACHE_LINE - past : 0);
    memo->entries = (struct memo_entry *)(void *)begin;
    return true;
}

void match_memo_release(struct match_memo *memo)
{
    for (size_t i = 0; i < memo->view_capacity; i++)
        free(memo->views[i]);
    free(memo->views);
    free(memo->memory);
    *memo = (struct match_memo){0};
}

/* ---- views ---- */

static void begin_view(struct memo_view *view, const struct path_index *index)
{
    const struct expressions *expressions = &index->paths.expressions;
    view->expressions = expressions;
    if (index->root & TARGET_PATH || expressions->count > PATH_READS ||
        index->nodes[index->root].branch_count == 0)
        return;
    view->usable = true;
    view->first = index->branches[index->nodes[index->root].first_branch].expression;
    for (size_t i = 0; i < expressions->count && !view->has_header; i++) {
        view->has_header = expressions->fields[i].kind == FIELD_BEHIND_HEADER;
        view->header = expressions->fields[i].header;
    }
}

/* Makes room for the view. memory_grow() does not set to zero what it adds. */
static bool reserve_view(struct match_memo *memo, uint32_t number)
{
    void *views = memo->views;
    const size_t before = memo->view_capacity;
    const int rc = memory_grow(&views, &memo->view_capacity, (size_t)number + 1,
                               sizeof(struct memo_view *), NULL);
    memo->views = views;
    for (size_t i = before; i < memo->view_capacity; i++)
        memo->views[i] = NULL;
    return rc == LCAP_OK;
}

static RARE struct memo_view *add_view(struct match_memo *memo, uint32_t number,
                                       const struct path_index *index)
{
    if (!make_entries(memo) || !reserve_view(memo, number))
        return NULL;
    struct memo_view *view = memory_new(1, sizeof *view, NULL);
    if (view)
        begin_view(view, index);
    return memo->views[number] = view;
}

struct memo_view *match_memo_view(struct match_memo *memo, uint32_t number,
                                  const struct path_index *index)
{
    struct memo_view *view = number < memo->view_capacity ? memo->views[number] : NULL;
    if (!view)
        view = add_view(memo, number, index);
    return view && view->usable ? view : NULL;
}

/* ---- classes ---- */

static RARE struct memo_class *add_class(struct match_memo *memo, struct memo_view *view,
                                         uint32_t first, uint32_t length)
{
    if (view->class_count == MEMO_CLASSES)
        return NULL;
    struct memo_class *class = &view->classes[view->class_count++];
    class->number = ++memo->class_count;
    class->first = first;
    class->length = length;
    return class;
}

static struct memo_class *class_of(struct match_memo *memo, struct memo_view *view,
                                   const struct lcap_packet *packet)
{
    uint32_t first = 0, length = 0;
    if (!expression_value(view->expressions, view->first, packet, &first))
        return NULL;
    if (view->has_header && view->header < packet->caplen)
        length = packet->data[view->header] & 15u;
    for (size_t i = 0; i < view->class_count; i++)
        if (view->classes[i].first == first && view->classes[i].length == length)
            return &view->classes[i];
    return add_class(memo, view, first, length);
}

/* Marks the bytes that the expressions read of the packets of the class. */
static bool mark_reads(const struct memo_view *view, struct memo_class *class,
                       const struct lcap_packet *packet, uint8_t bytes[MEMO_REACH])
{
    bool known = true;
    for (uint32_t i = 0; i < view->expressions->count && known; i++)
        if (path_reads_has(&class->reads, i))
            known = expression_mark(view->expressions, i, view->header, packet, bytes, MEMO_REACH);
    return known;
}

static void gather_words(struct memo_class *class, const uint8_t bytes[MEMO_REACH])
{
    class->count = 0;
    for (uint8_t at = 0; at < MEMO_REACH && !class->unusable; at += 8) {
        uint64_t mask;
        memcpy(&mask, bytes + at, sizeof mask);
        class->unusable = mask != 0 && class->count == MEMO_WORDS;
        if (mask == 0 || class->unusable)
            continue;
        class->offsets[class->count] = at;
        class->masks[class->count++] = mask;
    }
}

/* With other bytes in the key, what was kept is forgotten. */
static RARE void learn(const struct memo_view *view, struct memo_class *class,
                       const struct lcap_packet *packet, const struct path_reads *reads)
{
    uint8_t bytes[MEMO_REACH] = {0};
    path_reads_add(&class->reads, reads);
    class->generation++;
    class->unusable = !mark_reads(view, class, packet, bytes);
    gather_words(class, bytes);
    class->reach = MEMO_REACH;
    while (class->reach > 0 && bytes[class->reach - 1] == 0)
        class->reach--;
}

/* ---- keys ---- */

static void take_words(struct memo_key *key, const uint8_t *data)
{
    const struct memo_class *class = key->class;
    for (size_t i = 0; i < class->count; i++) {
        uint64_t word;
        memcpy(&word, data + class->offsets[i], sizeof word);
        key->words[i] = word & class->masks[i];
    }
}

/* Multiplicative, by the golden ratio. */
static size_t place_of(const struct memo_key *key)
{
    uint64_t hash = key->limits;
    for (size_t i = 0; i < key->class->count; i++) {
        hash = (hash ^ key->words[i]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    return hash & (MEMO_PAIRS - 1);
}

bool match_memo_key(struct match_memo *memo, struct memo_view *view,
                    const struct lcap_packet *packet, uint32_t below, struct memo_key *key)
{
    struct memo_class *class = packet->has_time ? class_of(memo, view, packet) : NULL;
    if (!class || class->unusable)
        return false;
    const uint32_t captured = packet->caplen < class->reach ? packet->caplen : class->reach;
    key->class = class;
    key->limits = (uint64_t)below << 32 | (uint64_t) class->generation << 16 | captured;
    if (packet->caplen >= MEMO_REACH) {
        take_words(key, packet->data);
    } else {
        uint8_t padded[MEMO_REACH] = {0};
        memcpy(padded, packet->data, packet->caplen);
        take_words(key, padded);
    }
    key->pair = &memo->entries[2 * place_of(key)];
    __builtin_prefetch(key->pair);
    return true;
}

static size_t size_of(const struct memo_key *key)
{
    return key->class->count * sizeof *key->words;
}

static bool answers(const struct memo_entry *entry, const struct memo_key *key, int64_t time_ns)
{
    return entry->class == key->class->number && entry->limits == key->limits &&
           entry->span.begin <= time_ns && time_ns <= entry->span.end &&
           memcmp(entry->words, key->words, size_of(key)) == 0;
}

bool match_memo_find(const struct memo_key *key, int64_t time_ns, uint32_t *rule)
{
    const struct memo_entry *entry = key->pair;
    if (!answers(entry, key, time_ns) && !answers(++entry, key, time_ns))
        return false;
    *rule = entry->rule;
    return true;
}

void match_memo_keep(struct memo_view *view, const struct memo_key *key,
                     const struct lcap_packet *packet, const struct path_reads *reads,
                     const struct time_span *span, uint32_t rule)
{
    struct memo_entry *entry = key->pair;
    if (!path_reads_include(&key->class->reads, reads)) {
        learn(view, key->class, packet, reads);
        return;
    }
    entry[1] = entry[0];
    entry->class = key->class->number;
    entry->limits = key->limits;
    entry->span = *span;
    entry->rule = rule;
    memcpy(entry->words, key->words, size_of(key));
}
