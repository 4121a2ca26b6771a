/* Writes and reads the items of a check. Texts have their zero at the end, so that they can be
 * used where they are. */
#include "dataset/check/check_part.h"

#include "base/varint.h"
#include <math.h>
#include <string.h>

const char check_part_magic[] = "lcapchck";

enum {
    MALFORMED = 1,
    ZERO_TAIL = 2,
    HAS_CONTENT = 4,
    HAS_FACTS = 8,
    HAS_MATCH = 16,
    READ_AGAIN = 32,
    LOOKS = 63
};
enum { OPENED = 1, OTHER_FORMAT = 2, SKIPPED = 4, DAMAGED = 8, ENDS = 15 };
enum { NO_DUPLICATES = 1, COMPARE_SPLITS = 2, OPTIONS = 3 };

/* ---- numbers and texts ---- */

static int put_numbers(struct buffer *out, const uint64_t *numbers, size_t count,
                       struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < count && rc == LCAP_OK; i++)
        rc = varint_append(out, numbers[i], error);
    return rc;
}

static bool take_numbers(struct cursor *in, uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!varint_take(in, &numbers[i]))
            return false;
    return true;
}

static int put_item(struct item_writer *file, uint8_t kind, int rc, struct buffer *item,
                    struct lcap_error *error)
{
    if (rc == LCAP_OK)
        rc = item_writer_put(file, kind, item->data, item->len, error);
    buffer_release(item);
    return rc;
}

/* ---- the run ---- */

static uint64_t bits_of(double real)
{
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return bits;
}

static double real_of(uint64_t bits)
{
    double real;
    memcpy(&real, &bits, sizeof real);
    return real;
}

int check_part_put_head(struct buffer *out, const struct check_part_head *head,
                        struct lcap_error *error)
{
    const struct check_pass_options *options = &head->options;
    const uint64_t numbers[] = {(options->no_duplicates ? NO_DUPLICATES : 0) |
                                    (options->leaks.compare_splits ? COMPARE_SPLITS : 0),
                                options->leaks.memory, bits_of(options->max_leak),
                                head->skipped_links};
    const char *const texts[] = {options->rules, options->splits, options->leaks.stratify,
                                 options->leaks.hold_out, head->files};
    int rc = put_numbers(out, numbers, sizeof numbers / sizeof *numbers, error);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && rc == LCAP_OK; i++)
        rc = varint_append_text(out, texts[i], error);
    return rc;
}

bool check_part_take_head(const struct buffer *bytes, struct check_part_head *head)
{
    struct cursor in = {.at = bytes->data, .left = bytes->len};
    struct check_pass_options *options = &head->options;
    const char **const texts[] = {&options->rules, &options->splits, &options->leaks.stratify,
                                  &options->leaks.hold_out, &head->files};
    uint64_t numbers[4];
    *head = (struct check_part_head){.files = NULL};
    if (!take_numbers(&in, numbers, 4) || numbers[0] > OPTIONS || !isfinite(real_of(numbers[2])))
        return false;
    options->no_duplicates = numbers[0] & NO_DUPLICATES;
    options->leaks.compare_splits = numbers[0] & COMPARE_SPLITS;
    options->leaks.memory = numbers[1];
    options->max_leak = real_of(numbers[2]);
    head->skipped_links = numbers[3];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!varint_take_text(&in, texts[i]))
            return false;
    return head->files && in.left == 0;
}

int check_part_put_source(struct item_writer *file, const struct source *source,
                          struct lcap_error *error)
{
    const uint64_t numbers[] = {(uint64_t)(source->below - source->path), source->walked};
    struct buffer item = {0};
    int rc = put_numbers(&item, numbers, 2, error);
    if (rc == LCAP_OK)
        rc = varint_append_text(&item, source->path, error);
    return put_item(file, CHECK_PART_SOURCE, rc, &item, error);
}

int check_part_take_source(const struct item *item, struct sources *sources,
                           struct lcap_error *error)
{
    struct cursor in = {.at = item->bytes, .left = item->len};
    uint64_t numbers[2];
    const char *path;
    if (!take_numbers(&in, numbers, 2) || !varint_take_text(&in, &path) || !path || in.left > 0 ||
        numbers[0] > strlen(path) || numbers[1] > 1)
        return LCAP_ERR_FORMAT;
    return sources_restore(sources, path, (size_t)numbers[0], numbers[1] == 1, error);
}

int check_part_put_paths(struct item_writer *file, const struct intern *paths,
                         struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (uint32_t i = 0; i < intern_count(paths) && rc == LCAP_OK; i++) {
        size_t len;
        const char *path = intern_get(paths, i, &len);
        rc = item_writer_put(file, CHECK_PART_PATH, path, len, error);
    }
    return rc;
}

int check_part_take_path(const struct item *item, struct intern *paths, struct lcap_error *error)
{
    uint32_t number;
    return intern_add(paths, item->bytes, item->len, &number, error);
}

/* ---- inputs ---- */

int check_part_put_input(struct item_writer *file, size_t number, struct lcap_error *error)
{
    struct buffer item = {0};
    return put_item(file, CHECK_PART_INPUT, varint_append(&item, number, error), &item, error);
}

bool check_part_take_input(const struct item *item, uint64_t *number)
{
    struct cursor in = {.at = item->bytes, .left = item->len};
    return varint_take(&in, number) && in.left == 0;
}

struct check_needs check_part_needs(const struct check_pass_options *options,
                                    const struct check_rules *rules)
{
    return (struct check_needs){
        .content = !options->no_duplicates,
        .facts = options->splits,
        .match = check_rules_ask_packets(rules),
    };
}

struct check_needs check_part_needs_of(const struct check_needs *needs,
                                       const struct lcap_block *block)
{
    const struct lcap_packet *packet = &block->packet;
    struct lcap_label label;
    if (block->kind != LCAP_BLOCK_PACKET)
        return (struct check_needs){.content = false};
    const bool labelled = lcap_packet_label(packet, &label);
    return (struct check_needs){.content = labelled && needs->content && packet->has_time,
                                .facts = labelled && needs->facts,
                                .match = needs->match};
}

static int put_facts(struct buffer *out, const struct packet_facts *facts, struct lcap_error *error)
{
    int rc = varint_append(out, facts->known, error);
    for (unsigned i = 0; i < LEAK_VALUES && rc == LCAP_OK; i++)
        if (packet_facts_know(facts, i))
            rc = varint_append(out, facts->values[i], error);
    return rc;
}

static bool take_facts(struct cursor *in, struct packet_facts *facts)
{
    uint64_t known;
    if (!varint_take(in, &known) || known >> LEAK_VALUES)
        return false;
    facts->known = (uint32_t)known;
    for (unsigned i = 0; i < LEAK_VALUES; i++)
        if (packet_facts_know(facts, i) && !varint_take(in, &facts->values[i]))
            return false;
    return true;
}

static uint8_t flags_of_look(const struct check_look *look)
{
    return (uint8_t)((look->malformed ? MALFORMED : 0) | (look->zero_tail ? ZERO_TAIL : 0) |
                     (look->content ? HAS_CONTENT : 0) | (look->facts ? HAS_FACTS : 0) |
                     (look->match ? HAS_MATCH : 0) | (look->read_again ? READ_AGAIN : 0));
}

int check_part_put_look(struct item_writer *file, struct buffer *item,
                        const struct check_look *look, struct lcap_error *error)
{
    const uint8_t flags = flags_of_look(look);
    if (flags == 0)
        return LCAP_OK;
    buffer_clear(item);
    int rc = buffer_append(item, &flags, 1, error);
    if (rc == LCAP_OK && look->content)
        rc = buffer_append(item, look->content, HASH_WIDE_LEN, error);
    if (rc == LCAP_OK && look->facts)
        rc = put_facts(item, look->facts, error);
    if (rc == LCAP_OK && look->match)
        rc = buffer_append(item, look->match->record, look->match->len, error);
    return rc == LCAP_OK ? item_writer_put(file, CHECK_PART_LOOK, item->data, item->len, error)
                         : rc;
}

static bool take_content(struct cursor *in, uint8_t *content)
{
    const uint8_t *at = cursor_take(in, HASH_WIDE_LEN);
    if (at)
        memcpy(content, at, HASH_WIDE_LEN);
    return at;
}

/* The rest of the item. */
static int take_match(struct cursor *in, struct check_look_store *store, struct lcap_error *error)
{
    buffer_clear(&store->record);
    const int rc = buffer_append(&store->record, in->at, in->left, error);
    store->match = (struct check_match){store->record.data, store->record.len};
    in->left = 0;
    return rc;
}

int check_part_take_look(const struct item *item, struct check_look *look,
                         struct check_look_store *store, struct lcap_error *error)
{
    struct cursor in = {.at = item->bytes, .left = item->len};
    uint8_t flags;
    int rc = LCAP_OK;
    if (!cursor_take8(&in, &flags) || flags > LOOKS ||
        (flags & HAS_CONTENT && !take_content(&in, store->content)) ||
        (flags & HAS_FACTS && !take_facts(&in, &store->facts)))
        return LCAP_ERR_FORMAT;
    if (flags & HAS_MATCH)
        rc = take_match(&in, store, error);
    *look = (struct check_look){.malformed = flags & MALFORMED,
                                .zero_tail = flags & ZERO_TAIL,
                                .read_again = flags & READ_AGAIN,
                                .content = flags & HAS_CONTENT ? store->content : NULL,
                                .facts = flags & HAS_FACTS ? &store->facts : NULL,
                                .match = flags & HAS_MATCH ? &store->match : NULL};
    return rc == LCAP_OK && in.left > 0 ? LCAP_ERR_FORMAT : rc;
}

void check_look_store_release(struct check_look_store *store)
{
    buffer_release(&store->record);
}

static uint64_t flags_of(const struct check_part_end *end)
{
    return (end->opened ? OPENED : 0) | (end->other_format ? OTHER_FORMAT : 0) |
           (end->status == LCAP_ERR_FORMAT ? SKIPPED : 0) |
           (end->status == LCAP_ERR_DAMAGED ? DAMAGED : 0);
}

int check_part_put_end(struct item_writer *file, const struct check_part_end *end,
                       struct lcap_error *error)
{
    const struct lcap_odd_times *odd = &end->odd_times;
    const uint64_t numbers[] = {flags_of(end), odd->pcapml, odd->contradicting, odd->nanoseconds,
                                odd->held};
    struct buffer item = {0};
    int rc = put_numbers(&item, numbers, 5, error);
    if (rc == LCAP_OK)
        rc = varint_append_text(&item, end->damage, error);
    return put_item(file, CHECK_PART_INPUT_END, rc, &item, error);
}

bool check_part_take_end(const struct item *item, struct check_part_end *end)
{
    struct cursor in = {.at = item->bytes, .left = item->len};
    uint64_t numbers[5];
    if (!take_numbers(&in, numbers, 5) || !varint_take_text(&in, &end->damage) || !end->damage ||
        in.left > 0 || numbers[0] > ENDS)
        return false;
    end->opened = numbers[0] & OPENED;
    end->other_format = numbers[0] & OTHER_FORMAT;
    end->status = numbers[0] & DAMAGED   ? LCAP_ERR_DAMAGED
                  : numbers[0] & SKIPPED ? LCAP_ERR_FORMAT
                                         : LCAP_OK;
    end->odd_times = (struct lcap_odd_times){numbers[1], numbers[2], numbers[3], numbers[4]};
    return true;
}
