/*
 * Law: from every place that a reader tells comes what came there, with the same
 * interfaces, in whatever order places are gone to; and no place that nobody told
 * does any harm.
 */
#include "scratch.h"

#include "base/io/output.h"
#include "capture_builder.h"
#include <ftw.h>

/* A block and where it was. */
struct place {
    struct lcap_position position;
    uint64_t sum, interface_sum; /* of its own interface, or its packet's */
    uint64_t interface;          /* its number */
};

struct places {
    struct place *all;
    size_t count;
    int result; /* of the call that gave no block */
    struct lcap_position end;
};

static uint64_t add(uint64_t sum, const void *bytes, size_t len)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ byte[i]) * UINT64_C(1099511628211);
    return sum;
}

static uint64_t sum_of(const struct lcap_block *block)
{
    const struct lcap_packet *packet = &block->packet;
    uint64_t sum = add(block->offset, &block->type, sizeof block->type);
    sum = add(sum + block->kind, block->body, block->body ? block->body_len : 0);
    if (block->kind != LCAP_BLOCK_PACKET)
        return sum;
    sum = add(sum + packet->caplen, packet->data, packet->caplen);
    sum = add(sum + packet->len, packet->options, packet->options ? packet->options_len : 0);
    return add(sum + packet->drops, &packet->time_ns, sizeof packet->time_ns);
}

static struct place place_of(const struct lcap_block *block, const struct lcap_position *position)
{
    const struct lcap_interface *interface =
        block->kind == LCAP_BLOCK_PACKET ? block->packet.interface : block->interface;
    struct place place = {.position = *position, .sum = sum_of(block)};
    if (interface) {
        const int64_t fields[] = {interface->linktype,    interface->snaplen, interface->tsresol,
                                  interface->tsoffset_ns, interface->fcs_len, interface->tsoffset,
                                  interface->big_endian};
        place.interface = interface->number;
        place.interface_sum = add(1, fields, sizeof fields);
        place.interface_sum = add(place.interface_sum, interface->options, interface->options_len);
        place.interface_sum = add(place.interface_sum, interface->name, interface->name_len);
    }
    return place;
}

static struct lcap_position tell(const struct lcap_reader *reader)
{
    struct lcap_position here = {.size = sizeof here};
    struct lcap_error error = {0};
    if (lcap_reader_tell(reader, &here, &error) < 0)
        fail_msg("%s", error.text);
    return here;
}

static struct places read_places(struct lcap_reader *reader)
{
    struct places places = {0};
    const struct lcap_block *block;
    size_t capacity = 0;
    struct lcap_position here = tell(reader);
    while ((places.result = lcap_reader_next(reader, &block, NULL)) == 1) {
        if (places.count == capacity) {
            capacity = capacity * 2 + 16;
            places.all = realloc(places.all, capacity * sizeof *places.all);
            assert_non_null(places.all);
        }
        places.all[places.count++] = place_of(block, &here);
        here = tell(reader);
    }
    places.end = here;
    return places;
}

static void go_to(struct lcap_reader *reader, const struct lcap_position *position)
{
    struct lcap_error error = {0};
    if (lcap_reader_seek(reader, position, &error) < 0)
        fail_msg("%s", error.text);
}

/* Reads `run` blocks from there on. */
static void check_place(struct lcap_reader *reader, const struct places *places, size_t number,
                        size_t run, bool same_reader)
{
    go_to(reader, &places->all[number].position);
    for (size_t i = number; i < places->count && i < number + run; i++) {
        const struct lcap_block *block;
        const struct lcap_position here = tell(reader);
        assert_int_equal(lcap_reader_next(reader, &block, NULL), 1);
        struct place place = place_of(block, &here);
        if (!same_reader)
            place.interface = places->all[i].interface;
        assert_memory_equal(&place, &places->all[i], sizeof place);
    }
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void check_places(struct lcap_reader *reader, const struct places *places, int visits,
                         bool same_reader)
{
    uint32_t random = 1;
    for (int i = 0; i < visits && places->count > 0; i++)
        check_place(reader, places, next_random(&random) % places->count, next_random(&random) % 4,
                    same_reader);
    const struct lcap_block *block;
    go_to(reader, &places->end);
    assert_int_equal(lcap_reader_next(reader, &block, NULL), places->result);
}

static void try_hostile(struct lcap_reader *reader, const struct places *places, int visits)
{
    uint32_t random = 2;
    for (int i = 0; i < visits; i++) {
        const struct lcap_block *block;
        struct lcap_position to = places->all[next_random(&random) % places->count].position;
        uint64_t *const fields[] = {&to.offset, &to.coded_offset, &to.section, &to.interfaces};
        uint64_t *field = fields[next_random(&random) % 4];
        const uint32_t how = next_random(&random) % 4;
        if (how == 3)
            *field = UINT64_MAX - next_random(&random) % 100;
        else
            *field += how == 2 ? next_random(&random) : (uint64_t)(how * 4) - 4;
        int rc = lcap_reader_seek(reader, &to, NULL);
        for (int n = 0; n < 3 && rc >= 0; n++)
            rc = lcap_reader_next(reader, &block, NULL) == 1 ? 0 : -1;
    }
}

static struct lcap_reader *open_file(const char *path)
{
    struct lcap_reader *reader = NULL;
    return lcap_reader_open(&reader, path, NULL, NULL) < 0 ? NULL : reader;
}

static void check_file(const char *path, int visits)
{
    struct lcap_reader *reader = open_file(path);
    if (!reader) /* no capture */
        return;
    struct places places = read_places(reader);
    check_places(reader, &places, visits, true);
    struct lcap_reader *other = open_file(path);
    check_places(other, &places, visits, false);
    check_places(reader, &places, 2, true);
    if (places.count > 0)
        try_hostile(other, &places, visits);
    lcap_reader_free(other);
    lcap_reader_free(reader);
    free(places.all);
}

/* Writes the bytes plain and compressed, and looks at each. */
static void check_bytes(const struct wire *c)
{
    static const char *const names[] = {"plain", "packed.gz", "packed.zst"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct output *out = NULL;
        const struct output_options options = {.overwrite = true};
        assert_int_equal(output_open(&out, names[i], &options, NULL), 0);
        output_write(out, c->data, c->len);
        assert_int_equal(output_close(out, NULL), 0);
        check_file(names[i], 300);
    }
}

static void goes_back_in_pcap(void **state)
{
    (void)state;
    for (int big = 0; big <= 1; big++) {
        struct wire c = {.big = big};
        put_pcap_header(&c, 0xa1b23c4d, 2, 4, 65535, 0); /* BSD loopback: headers are turned */
        for (uint32_t i = 0; i < 40; i++) {
            put_record_header(&c, 1500000000 + i, i, 4 + i, 4 + i);
            wire32(&c, i);
            wire_raw(&c, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop", i);
        }
        check_bytes(&c);
        c.len -= 2; /* a damaged end */
        check_bytes(&c);
    }
}

static void put_packets(struct wire *c, uint32_t interfaces)
{
    for (uint32_t i = 0; i < 3 * interfaces; i++) {
        put_packet(c, i % interfaces, i, "abcdefgh", i % 8, i);
        put_plain_block(c, 0x0bad0001, i % 3 * 4);
    }
}

/* Sections with several interfaces each, some of which come after packets. */
static struct wire sections(bool big, int count)
{
    struct wire c = {.big = big};
    for (int i = 0; i < count; i++) {
        c.big = i % 2 ? !big : big;
        put_section(&c, 1, 0);
        put_interface(&c, (uint16_t)(100 + i), 65535);
        put_packets(&c, 1);
        put_interface(&c, 1, 0);
        put_interface(&c, 0, 262144);
        put_packets(&c, 3);
        put_simple_packet(&c, 5, "abcde", 5);
        put_obsolete_packet(&c, 2, 7);
    }
    return c;
}

static void goes_back_in_pcapng(void **state)
{
    (void)state;
    for (int big = 0; big <= 1; big++) {
        struct wire c = sections(big, 1);
        check_bytes(&c);
        c = sections(big, 5);
        check_bytes(&c);
        put_section(&c, 1, 0); /* without interfaces */
        put_section(&c, 1, 0);
        put_packet(&c, 0, 1, "abcd", 4, 4); /* damage */
        check_bytes(&c);
    }
}

static void numbers_stay(void **state)
{
    (void)state;
    const struct wire c = sections(false, 3);
    struct lcap_reader *told = open_capture(&c), *reader = open_capture(&c);
    struct places places = read_places(told);
    go_to(reader, &places.all[places.count - 1].position);
    const uint32_t number = next_packet(reader)->interface->number; /* of the third section */
    go_to(reader, &(struct lcap_position){.size = sizeof(struct lcap_position)});
    const struct lcap_block *block;
    while (lcap_reader_next(reader, &block, NULL) == 1)
        ;
    assert_int_equal(lcap_reader_interfaces(reader), 9);
    for (uint32_t i = 0; i < 9; i++)
        assert_int_equal(lcap_reader_interface(reader, i)->number, i);
    go_to(reader, &places.all[places.count - 1].position);
    assert_int_equal(next_packet(reader)->interface->number, number);
    free(places.all);
    lcap_reader_free(reader);
    lcap_reader_free(told);
}

static void tells_what_is_no_place(void **state)
{
    (void)state;
    const struct wire c = sections(false, 2);
    struct lcap_reader *reader = open_capture(&c);
    struct places places = read_places(reader);
    const struct lcap_position last = places.all[places.count - 1].position;
    static const struct {
        int64_t offset, section, interfaces; /* are added */
        int code;
        const char *text;
    } cases[] = {
        {1000000, 0, 0, LCAP_ERR_ARGUMENT, "x: byte 100"},
        {0, 0, 1, LCAP_ERR_ARGUMENT, ": not a place between two blocks of this capture"},
        {0, 1000000, 0, LCAP_ERR_ARGUMENT, ": not a place between two blocks of this capture"},
        {0, 28, 0, LCAP_ERR_ARGUMENT, ": not a place between two blocks of this capture"},
        {0, 2, 0, LCAP_ERR_ARGUMENT, ": not a place between two blocks of this capture"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lcap_error error = {0}, again = {0};
        const struct lcap_block *block;
        struct lcap_position to = last, here = {.size = sizeof here};
        to.offset += (uint64_t)cases[i].offset;
        to.section += (uint64_t)cases[i].section;
        to.interfaces += (uint64_t)cases[i].interfaces;
        assert_int_equal(lcap_reader_seek(reader, &to, &error), cases[i].code);
        assert_non_null(strstr(error.text, cases[i].text));
        assert_int_equal(lcap_reader_next(reader, &block, &again), cases[i].code);
        assert_string_equal(again.text, error.text);
        assert_int_equal(lcap_reader_tell(reader, &here, NULL), cases[i].code);
        check_place(reader, &places, 3, 3, true);
    }
    assert_int_equal(lcap_reader_seek(reader, &(struct lcap_position){0}, NULL), LCAP_ERR_ARGUMENT);
    assert_int_equal(lcap_reader_tell(reader, &(struct lcap_position){0}, NULL), LCAP_ERR_ARGUMENT);
    free(places.all);
    lcap_reader_free(reader);
}

static int checked;

static int check_one(const char *path, const struct stat *st, int type)
{
    if (type == FTW_F && st->st_size < 1000000) {
        check_file(path, 40);
        checked++;
    }
    return 0;
}

static char shared[4096];

static void goes_back_in_real_captures(void **state)
{
    (void)state;
    if (!shared[0] || ftw(shared, check_one, 16) != 0)
        skip();
    assert_true(checked > 0);
}

/* Before the tests go to a directory of their own. */
static int find_shared(void **state)
{
    const char *parent = getenv("LABELCAP_SHARED");
    char path[4000];
    snprintf(path, sizeof path, "%s/captures/formats", parent ? parent : "../shared");
    if (!realpath(path, shared))
        shared[0] = '\0';
    return scratch_enter(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_back_in_pcap),
        cmocka_unit_test(goes_back_in_pcapng),
        cmocka_unit_test(numbers_stay),
        cmocka_unit_test(tells_what_is_no_place),
        cmocka_unit_test(goes_back_in_real_captures),
    };
    return cmocka_run_group_tests(tests, find_shared, scratch_leave);
}
