/* One input of a pass, from its first to its last block. */
#include "dataset/input_pass.h"

#include "base/bytes.h"
#include "base/io/file.h"
#include "base/io/input.h"
#include "base/linktype_numbers.h"
#include "base/text/text.h"
#include "capture/parts/reader_guess.h"
#include "capture/parts/reader_place.h"
#include "capture/reader_stamp.h"

/* Read at once of a part, so that those of several threads stay in their caches. */
#define PART_READ ((size_t)128 << 10)

/* Records damage as the outcome of the input, and returns any other error. */
static int keep_damage(struct input_pass *pass, int rc, struct lcap_error *error)
{
    if (rc == LCAP_ERR_DAMAGED) {
        pass->outcome.status = rc;
        return LCAP_OK;
    }
    if (rc < 0)
        lcap_error_copy(error, &pass->outcome.error);
    return rc;
}

int input_pass_open(struct input_pass *pass, const char *path, bool may_skip,
                    const struct input_options *options, struct lcap_error *error)
{
    *pass = (struct input_pass){.options = options};
    struct input_outcome *outcome = &pass->outcome;
    outcome->name = input_name_of(path);
    const struct lcap_reader_options reading = {.size = sizeof reading,
                                                .pcapml_times = options->pcapml_times,
                                                .allow_empty = true,
                                                .set_linktype = options->set_linktype,
                                                .linktype = options->linktype,
                                                .nanoseconds = options->nanoseconds,
                                                .threads = options->threads,
                                                .watcher = options->watcher};
    int rc = lcap_reader_open(&pass->reader, path, &reading, &outcome->error);
    outcome->opened = rc == LCAP_OK;
    if (outcome->opened)
        pass->seen.stamp = reader_stamp(pass->reader);
    outcome->format = outcome->opened ? lcap_reader_format_name(pass->reader) : "unknown";
    if (rc == LCAP_ERR_FORMAT && may_skip) {
        outcome->status = rc;
        return LCAP_OK;
    }
    return keep_damage(pass, rc, error);
}

int input_pass_tell_read(const struct input_pass *pass, uint64_t bytes, struct lcap_error *error)
{
    const struct lcap_progress progress = {
        .phase = pass->phase,
        .name = pass->outcome.name,
        .input = pass->number,
        .done = bytes,
        .size = lcap_reader_file_size(pass->reader),
    };
    return pass_progress_tell(&pass->options->watcher, &progress, error);
}

int input_pass_tell(const struct input_pass *pass, struct lcap_error *error)
{
    return input_pass_tell_read(pass, lcap_reader_bytes_read(pass->reader), error);
}

/* Between blocks; many short inputs are a long run, too. */
static int tell_in_between(const struct input_pass *pass, bool is_time, struct lcap_error *error)
{
    return is_time && !pass->is_quiet ? input_pass_tell(pass, error) : LCAP_OK;
}

static void note_first(struct input_outcome *outcome, const struct lcap_packet *packet)
{
    outcome->has_time = packet->has_time;
    outcome->first_ns = packet->time_ns;
}

/* An IP header with the length of the packet where an Ethernet header should be. */
static bool is_raw_ip(const struct lcap_packet *packet)
{
    const uint32_t ipv4_header = 20, ipv6_header = 40, total_at = 2, payload_at = 4;
    const uint8_t *data = packet->data;
    if (packet->interface->linktype != LINKTYPE_ETHERNET || packet->caplen < ipv4_header)
        return false;
    if (data[0] >> 4 == 6)
        return load16(data + payload_at, true) + ipv6_header == packet->len;
    return data[0] >> 4 == 4 && (data[0] & 15u) * 4 >= ipv4_header &&
           load16(data + total_at, true) == packet->len;
}

static void note_packet(struct input_outcome *outcome, const struct lcap_packet *packet)
{
    if (outcome->packets == 0)
        note_first(outcome, packet);
    if (outcome->packets++ < PACKETS_LOOKED_AT)
        outcome->raw_ip += is_raw_ip(packet);
}

bool input_looks_like_raw_ip(const struct input_outcome *outcome)
{
    return outcome->raw_ip > 0 &&
           (outcome->raw_ip == outcome->packets || outcome->raw_ip == PACKETS_LOOKED_AT);
}

static int next_block(const struct input_pass *pass, const struct lcap_block **block,
                      struct lcap_error *error)
{
    if (pass->end > 0 && !reader_is_before(pass->reader, pass->end))
        return 0;
    return lcap_reader_next(pass->reader, block, error);
}

static int walk(struct input_pass *pass, pass_function *function, void *context)
{
    struct lcap_error *error = &pass->outcome.error;
    const struct lcap_block *block;
    uint64_t blocks = 0;
    int rc;
    while ((rc = next_block(pass, &block, error)) == 1) {
        if (block->kind == LCAP_BLOCK_PACKET)
            note_packet(&pass->outcome, &block->packet);
        if (pass->snaplens)
            snaplens_look(pass->snaplens, block);
        rc = function(context, block, error);
        if (rc == 0)
            rc = tell_in_between(pass, ++blocks % PASS_BLOCKS_BETWEEN_LOOKS == 0, error);
        if (rc != 0)
            return rc;
    }
    return rc == 0 ? tell_in_between(pass, blocks < PASS_BLOCKS_BETWEEN_LOOKS, error) : rc;
}

int input_pass_changed(const struct input_pass *pass, struct lcap_error *error)
{
    return file_has_changed(pass->outcome.name, error);
}

void input_pass_expect(struct input_pass *pass, const struct input_seen *seen)
{
    pass->expected = *seen;
}

static int check_unchanged(const struct input_pass *pass, struct lcap_error *error)
{
    const struct input_seen *before = &pass->expected;
    if (!before->stamp.known)
        return LCAP_OK;
    const struct file_stamp now = reader_stamp(pass->reader);
    const bool same = file_stamp_equal(&before->stamp, &now) &&
                      (!before->whole || (before->packets == pass->outcome.packets &&
                                          before->status == pass->outcome.status));
    return same ? LCAP_OK : input_pass_changed(pass, error);
}

static struct lcap_odd_times odd_times_since(const struct lcap_odd_times *now,
                                             const struct lcap_odd_times *before)
{
    return (struct lcap_odd_times){.pcapml = now->pcapml - before->pcapml,
                                   .contradicting = now->contradicting - before->contradicting,
                                   .nanoseconds = now->nanoseconds - before->nanoseconds,
                                   .held = now->held - before->held};
}

static void take_odd_times(struct input_pass *pass)
{
    pass->outcome.odd_times =
        odd_times_since(lcap_reader_odd_times(pass->reader), &pass->odd_before);
}

static void note_seen(struct input_pass *pass)
{
    pass->seen.packets = pass->outcome.packets;
    pass->seen.status = pass->outcome.status;
}

int input_pass_walk(struct input_pass *pass, pass_function *function, void *context,
                    struct lcap_error *error)
{
    if (!pass->reader)
        return pass->expected.stamp.known ? input_pass_changed(pass, error) : LCAP_OK;
    int rc = walk(pass, function, context);
    pass->outcome.interfaces = lcap_reader_interfaces(pass->reader);
    pass->outcome.empty = rc == LCAP_OK && pass->outcome.interfaces == 0;
    take_odd_times(pass);
    rc = keep_damage(pass, rc, error);
    pass->seen.whole = rc == LCAP_OK;
    note_seen(pass);
    return rc == LCAP_OK ? check_unchanged(pass, error) : rc;
}

static void forget_outcome(struct input_pass *pass)
{
    const struct input_outcome *known = &pass->outcome;
    pass->outcome =
        (struct input_outcome){.name = known->name, .format = known->format, .opened = true};
}

int input_pass_rewind(struct input_pass *pass, struct lcap_error *error)
{
    pass->expected = pass->seen;
    pass->odd_before = (struct lcap_odd_times){0};
    forget_outcome(pass);
    return keep_damage(pass, lcap_reader_rewind(pass->reader, &pass->outcome.error), error);
}

int input_pass_open_parts(struct input_pass *part, const struct input_pass *whole,
                          struct input_options *own, const struct lcap_watcher *watcher,
                          struct lcap_error *error)
{
    *own = *whole->options;
    own->threads = 1;
    own->listener = NULL;
    own->watcher = *watcher;
    *part = (struct input_pass){.options = own};
    part->outcome.name = whole->outcome.name;
    part->outcome.format = whole->outcome.format;
    const int rc = reader_open_beside(&part->reader, whole->reader, error);
    if (rc < 0)
        return rc;
    reader_limit_reads(part->reader, PART_READ);
    reader_meet_blocks(part->reader);
    return LCAP_OK;
}

void input_pass_begin_part(struct input_pass *pass, uint64_t end)
{
    forget_outcome(pass);
    pass->odd_before = *lcap_reader_odd_times(pass->reader);
    pass->end = end;
}

void input_pass_join(struct input_pass *pass, const struct input_pass *part)
{
    struct input_outcome *whole = &pass->outcome;
    pass->odd_before = odd_times_since(&pass->odd_before, &part->outcome.odd_times);
    take_odd_times(pass);
    whole->packets += part->outcome.packets;
    whole->status = part->outcome.status;
    whole->error = part->outcome.error;
    note_seen(pass);
}

struct input_counts input_counts_of(const struct sources *sources)
{
    return (struct input_counts){.links = sources->skipped_links};
}

void input_counts_add(struct input_counts *counts, const struct input_outcome *outcome)
{
    counts->read += outcome->opened;
    counts->skipped += outcome->status == LCAP_ERR_FORMAT;
    counts->damaged += outcome->status == LCAP_ERR_DAMAGED;
}

int input_counts_check(const struct input_counts *counts, struct lcap_error *error)
{
    char files[COUNTED_TEXT];
    if (counts->read + counts->damaged > 0)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_FORMAT, "no capture among the inputs%s%s%s",
                          counts->skipped ? "; " : "",
                          counts->skipped ? text_counted(counts->skipped, "file", files) : "",
                          counts->skipped ? " skipped" : "");
}

void input_pass_settle(const struct input_pass *pass, struct input_counts *counts)
{
    input_counts_add(counts, &pass->outcome);
    if (pass->options->listener)
        pass->options->listener(pass->options->context, &pass->outcome);
}

void input_pass_close(struct input_pass *pass)
{
    lcap_reader_free(pass->reader);
    pass->reader = NULL;
}

/* ---- snap lengths ---- */

void snaplens_take(struct snaplens *snaplens, const struct lcap_interface *interface)
{
    snaplens->unsound |= snaplens->begun && interface->snaplen != snaplens->last;
    snaplens->begun = true;
    snaplens->last = interface->snaplen;
}

/* Ends the walk at the first block that is not sound. */
static int check_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    (void)error;
    struct snaplens *snaplens = context;
    snaplens_look(snaplens, block);
    return snaplens->unsound;
}

int input_check_snaplens(const char *path, const struct input_options *options, bool *sound,
                         struct input_seen *seen, struct lcap_error *error)
{
    struct snaplens snaplens = {0};
    struct input_pass input = {.reader = NULL};
    *sound = false;
    if (!file_is_regular(path))
        return LCAP_OK;
    int rc = input_pass_open(&input, path, false, options, error);
    input.phase = "look at the snap lengths";
    if (rc == 0)
        rc = input_pass_walk(&input, check_block, &snaplens, error);
    *sound = rc == 0;
    *seen = input.seen;
    input_pass_close(&input);
    return rc < 0 && rc != LCAP_ERR_FORMAT ? rc : LCAP_OK;
}
