/*
 * The index over accept paths, with programs written by hand for what
 * libpcap's filters seldom do, and the count of programs that it has run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/bpf.h"
#include "capture/libpcap/pcap_library.h"
#include "capture/linktype.h"
#include "label/matching/path_index.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOAD_BYTE(at)                                                                              \
    {                                                                                              \
        INSN_LD | MODE_ABS | SIZE_BYTE, 0, 0, at                                                   \
    }
#define LOAD_BEHIND(k)                                                                             \
    {                                                                                              \
        INSN_LD | MODE_IND | SIZE_BYTE, 0, 0, k                                                    \
    }
#define SET_A(k)                                                                                   \
    {                                                                                              \
        INSN_LD | MODE_IMM, 0, 0, k                                                                \
    }
#define SET_X(k)                                                                                   \
    {                                                                                              \
        INSN_LDX | MODE_IMM, 0, 0, k                                                               \
    }
#define A_TO_X                                                                                     \
    {                                                                                              \
        INSN_MISC | MISC_TAX, 0, 0, 0                                                              \
    }
#define COMPUTE(op)                                                                                \
    {                                                                                              \
        INSN_ALU | (op) | OPERAND_X, 0, 0, 0                                                       \
    }
#define JUMP(op, k, t, f)                                                                          \
    {                                                                                              \
        INSN_JMP | (op), t, f, k                                                                   \
    }
#define JUMP_X(op, t, f)                                                                           \
    {                                                                                              \
        INSN_JMP | (op) | OPERAND_X, t, f, 0                                                       \
    }
#define GO(k)                                                                                      \
    {                                                                                              \
        INSN_JMP | JUMP_ALWAYS, 0, 0, k                                                            \
    }
#define RETURN(k)                                                                                  \
    {                                                                                              \
        INSN_RET | RETURN_K, 0, 0, k                                                               \
    }
#define RETURN_OF_A                                                                                \
    {                                                                                              \
        INSN_RET | RETURN_A, 0, 0, 0                                                               \
    }

#define MOST 400

struct programs {
    struct filter_program items[MOST];
    uint32_t count;
    unsigned run;     /* how many the last walk has run */
    unsigned certain; /* how many it was certain of */
    struct path_index index;
};

static void add(struct programs *p, const struct filter_insn *insns, size_t count)
{
    struct filter_program *program = &p->items[p->count++];
    program->insns = malloc(count * sizeof *insns);
    assert_non_null(program->insns);
    memcpy(program->insns, insns, count * sizeof *insns);
    program->count = (uint32_t)count;
}

#define ADD(p, ...)                                                                                \
    do {                                                                                           \
        const struct filter_insn insns_[] = {__VA_ARGS__};                                         \
        add(p, insns_, sizeof insns_ / sizeof *insns_);                                            \
    } while (0)

static void add_filter(struct programs *p, const char *text)
{
    struct lcap_error error = {0};
    filter_compile(&p->items[p->count++], text, LINKTYPE_RAW, &error);
    assert_string_equal(error.text, "");
}

static void build(struct programs *p)
{
    struct accept_paths paths;
    assert_int_equal(accept_paths_init(&paths, NULL), 0);
    for (uint32_t i = 0; i < p->count; i++)
        assert_int_equal(accept_paths_add(&paths, &p->items[i], i, i, NULL), 0);
    assert_int_equal(path_index_build(&p->index, &paths, NULL), 0);
    accept_paths_release(&paths);
}

static void release(struct programs *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        filter_release(&p->items[i]);
    path_index_release(&p->index);
}

static uint32_t run_candidate(void *context, uint32_t program, bool certain,
                              const struct lcap_packet *packet, uint32_t below)
{
    struct programs *p = context;
    bool accepts = filter_matches(&p->items[program], packet);
    assert_true(accepts || !certain);
    p->run += !certain;
    p->certain += certain;
    return accepts ? program : below;
}

/* The first program that accepts the bytes, by the index and by running all. */
static uint32_t first(struct programs *p, const void *bytes, uint32_t len)
{
    struct lcap_packet packet = {.data = bytes, .caplen = len, .len = len};
    struct path_reads reads = {0};
    uint32_t plain = 0;
    while (plain < p->count && !filter_matches(&p->items[plain], &packet))
        plain++;
    p->run = p->certain = 0;
    assert_int_equal(path_index_walk(&p->index, &packet, p->count, run_candidate, p, &reads),
                     plain);
    return plain;
}

static void every_value_agrees(struct programs *p)
{
    unsigned matched = 0, calls = 0;
    build(p);
    for (unsigned value = 0; value < 65536; value++) {
        uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
        matched += first(p, bytes, 2) < p->count;
        calls += p->run + p->certain;
        if (value < 256)
            first(p, bytes, value & 1);
    }
    assert_in_range(matched, 1, 65535);
    assert_true(calls < 65536u * p->count);
    release(p);
}

/* Two programs, so that the index does not lead straight to the only one. */
static void bounds_are_exact(void **state)
{
    (void)state;
    for (uint32_t k = 9; k < 12; k++) {
        struct programs p = {.count = 0};
        ADD(&p, LOAD_BYTE(0), JUMP(JUMP_GREATER, k, 0, 2), JUMP(JUMP_GREATER, 20, 1, 0), RETURN(1),
            RETURN(0));
        ADD(&p, LOAD_BYTE(0), JUMP(JUMP_NOT_LESS, k + 20, 0, 2), JUMP(JUMP_NOT_LESS, 50, 1, 0),
            RETURN(1), RETURN(0));
        ADD(&p, LOAD_BYTE(0), JUMP(JUMP_EQUAL, k + 90, 0, 1), RETURN(1), RETURN(0));
        ADD(&p, LOAD_BYTE(0), JUMP(JUMP_NOT_LESS, 120, 0, 3), JUMP(JUMP_GREATER, 130, 2, 0),
            JUMP(JUMP_EQUAL, 120, 1, 0), RETURN(1), RETURN(0));
        every_value_agrees(&p);
    }
}

static void bits_of_a_known_value(void **state)
{
    (void)state;
    struct programs p = {.count = 0};
    for (uint32_t k = 4; k < 8; k++) {
        ADD(&p, LOAD_BYTE(0), JUMP(JUMP_EQUAL, k, 0, 2), JUMP(JUMP_SET, 1, 0, 1), RETURN(1),
            RETURN(0));
        ADD(&p, LOAD_BYTE(0), JUMP(JUMP_EQUAL, k + 8, 0, 2), JUMP(JUMP_SET, 1, 1, 0), RETURN(1),
            RETURN(0));
    }
    every_value_agrees(&p);
}

static void arithmetic(void **state)
{
    (void)state;
    static const uint16_t operations[] = {ALU_ADD, ALU_SUB, ALU_MUL, ALU_DIV, ALU_OR, ALU_AND,
                                          ALU_LSH, ALU_RSH, ALU_NEG, ALU_MOD, ALU_XOR};
    struct programs p = {.count = 0};
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        for (uint32_t k = 0; k < 3; k++) {
            if (operations[i] != ALU_NEG) /* has no operand */
                ADD(&p, LOAD_BYTE(0), A_TO_X, LOAD_BYTE(1), COMPUTE(operations[i]),
                    JUMP(JUMP_EQUAL, 7 * k + 7, 0, 1), RETURN(1), RETURN(0));
            ADD(&p, LOAD_BYTE(0), {INSN_ALU | operations[i] | OPERAND_K, 0, 0, 3},
                JUMP(JUMP_EQUAL, 100 + k, 0, 1), RETURN(1), RETURN(0));
        }
    }
    every_value_agrees(&p);
}

static void comparisons_with_x(void **state)
{
    (void)state;
    struct programs p = {.count = 0};
    ADD(&p, LOAD_BYTE(0), A_TO_X, LOAD_BYTE(1), JUMP(JUMP_EQUAL, 5, 0, 2),
        JUMP_X(JUMP_GREATER, 0, 1), RETURN(1), RETURN(0));
    ADD(&p, SET_X(9), LOAD_BYTE(0), JUMP_X(JUMP_EQUAL, 0, 1), RETURN(1), RETURN(0));
    ADD(&p, SET_A(9), JUMP(JUMP_EQUAL, 9, 0, 3), LOAD_BYTE(0), JUMP(JUMP_EQUAL, 8, 0, 1), RETURN(1),
        RETURN(0));
    ADD(&p, LOAD_BYTE(0), JUMP(JUMP_EQUAL, 200, 0, 1), RETURN_OF_A, RETURN(0));
    ADD(&p, LOAD_BYTE(0), JUMP(JUMP_EQUAL, 0, 1, 0), GO(1), RETURN_OF_A, LOAD_BYTE(1),
        JUMP(JUMP_EQUAL, 77, 0, 1), RETURN(1), RETURN(0));
    every_value_agrees(&p);
}

/* Offsets that leave 32 bits are out of bounds, not small again. */
static void offsets_do_not_wrap(void **state)
{
    (void)state;
    struct programs p = {.count = 0};
    for (uint32_t k = 1; k < 4; k++) {
        ADD(&p, SET_X(k), LOAD_BEHIND(UINT32_MAX), JUMP(JUMP_EQUAL, 1, 0, 1), RETURN(1), RETURN(0));
        ADD(&p, SET_X(1), LOAD_BEHIND(0), JUMP(JUMP_EQUAL, k, 0, 1), RETURN(1), RETURN(0));
    }
    build(&p);
    static const uint8_t bytes[] = {1, 1, 1, 1};
    assert_int_equal(first(&p, bytes, 4), 1);
    assert_int_equal(p.run + p.certain, 1);
    release(&p);
}

/* A raw IPv4 packet with these addresses. */
static void make_ipv4(uint8_t bytes[28], uint32_t source, uint32_t destination, uint16_t port)
{
    static const uint8_t header[10] = {0x45, [9] = 17};
    memset(bytes, 0, 28);
    memcpy(bytes, header, sizeof header);
    store32(bytes + 12, source, true);
    store32(bytes + 16, destination, true);
    store16(bytes + 22, port, true);
}

static void many_programs_cost_few_runs(void **state)
{
    (void)state;
    struct programs p = {.count = 0};
    uint8_t bytes[28];
    for (uint32_t i = 0; i < 90; i++) {
        char text[100];
        snprintf(text, sizeof text, "host 10.0.0.%u", i);
        add_filter(&p, text);
        snprintf(text, sizeof text, "udp dst portrange %u-%u", 100 * i + 50, 100 * i + 149);
        add_filter(&p, text);
        snprintf(text, sizeof text, "net 10.%u.0.0/16", i + 1);
        add_filter(&p, text);
    }
    build(&p);
    make_ipv4(bytes, 0x0A000005, 0x0A3C0001, 3333);
    assert_int_equal(first(&p, bytes, 28), 15); /* its source is the host of program 3 * 5 */
    assert_in_range(p.run + p.certain, 1, 4);
    make_ipv4(bytes, 0xC0A80001, 0xC0A80002, 3333);
    assert_int_equal(first(&p, bytes, 28), 97); /* its port is in the range of 3 * 32 + 1 */
    assert_int_equal(p.run, 0);                 /* its path says all */
    assert_int_equal(p.certain, 1);
    make_ipv4(bytes, 0xC0A80001, 0xC0A80002, 60000);
    assert_int_equal(first(&p, bytes, 28), p.count);
    assert_int_equal(p.run + p.certain, 0);
    release(&p);
}

/* Where a load is out of bounds, or bits are tested, nothing is certain too soon. */
static void certainty(void **state)
{
    (void)state;
    struct programs p = {.count = 0};
    ADD(&p, LOAD_BYTE(5), LOAD_BYTE(0), JUMP(JUMP_EQUAL, 1, 0, 1), RETURN(1), RETURN(0));
    ADD(&p, LOAD_BYTE(0), JUMP(JUMP_SET, 4, 0, 2), JUMP(JUMP_GREATER, 100, 0, 1), RETURN(1),
        RETURN(0));
    ADD(&p, LOAD_BYTE(0), JUMP(JUMP_EQUAL, 7, 2, 0), JUMP(JUMP_EQUAL, 8, 1, 0), RETURN(1),
        RETURN(0));
    build(&p);
    assert_int_equal(first(&p, "\1", 1), 2);
    assert_int_equal(p.run, 1); /* the first, in vain: it also loads byte 5 */
    assert_int_equal(p.certain, 1);
    assert_int_equal(first(&p, "\1.....", 6), 0);
    assert_int_equal(first(&p, "\x74", 1), 1);
    assert_int_equal(p.run, 0);
    assert_int_equal(first(&p, "\x70", 1), 2);
    assert_int_equal(first(&p, "\7", 1), 3);
    assert_int_equal(first(&p, "\10", 1), 3);
    assert_int_equal(first(&p, "", 0), 3);
    release(&p);
}

/* Byte 0 is none of 1 to `excluded`, then `last`, where that is not 0; and byte 1 is neither 0
 * nor 9. */
static void add_exclusions(struct programs *p, uint32_t excluded, uint32_t last)
{
    struct filter_insn insns[40] = {LOAD_BYTE(0)};
    uint32_t count = 1, reject = excluded + (last ? 6 : 5);
    for (uint32_t k = 1; k <= excluded; k++, count++)
        insns[count] = (struct filter_insn)JUMP(JUMP_EQUAL, k, (uint8_t)(reject - count - 1), 0);
    if (last) {
        insns[count] = (struct filter_insn)JUMP(JUMP_EQUAL, last, 0, (uint8_t)(reject - count - 1));
        count++;
    }
    insns[count++] = (struct filter_insn)LOAD_BYTE(1);
    insns[count] = (struct filter_insn)JUMP(JUMP_NOT_LESS, 1, 0, (uint8_t)(reject - count - 1));
    count++;
    insns[count] = (struct filter_insn)JUMP(JUMP_EQUAL, 9, (uint8_t)(reject - count - 1), 0);
    insns[++count] = (struct filter_insn)RETURN(1);
    insns[++count] = (struct filter_insn)RETURN(0);
    assert_int_equal(count, reject);
    add(p, insns, count + 1);
}

/* More than is followed, or looked at by the index: then the program is run. */
static void what_is_left_out_makes_uncertain(void **state)
{
    (void)state;
    struct programs p = {.count = 0};
    add_exclusions(&p, 16, 200);
    add_exclusions(&p, 4, 0);
    add_exclusions(&p, 7, 0);
    ADD(&p, LOAD_BYTE(0), JUMP(JUMP_EQUAL, 2, 0, 4), LOAD_BYTE(1), JUMP(JUMP_SET, 3, 2, 0),
        JUMP(JUMP_SET, 0x40, 1, 0), RETURN(1), RETURN(0));
    ADD(&p, LOAD_BYTE(0), JUMP(JUMP_GREATER, 2, 0, 5), A_TO_X, LOAD_BYTE(1),
        JUMP(JUMP_NOT_LESS, 4, 0, 2), JUMP_X(JUMP_GREATER, 0, 1), RETURN(1), RETURN(0));
    ADD(&p, LOAD_BYTE(0), JUMP(JUMP_SET, 0xF0, 4, 0), A_TO_X, SET_A(1), COMPUTE(ALU_DIV), RETURN(1),
        RETURN(0));
    every_value_agrees(&p);
}

/* Too many ways through it: found all the same, without the index's help. */
static void programs_that_are_given_up(void **state)
{
    (void)state;
    static char list[20000];
    struct programs p = {.count = 0};
    uint8_t bytes[28];
    size_t len = 0;
    for (int i = 0; i < 300; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%sdst host 10.9.%d.%d",
                                i ? " or " : "", i / 16, i % 250);
    add_filter(&p, "host 10.0.0.1");
    add_filter(&p, list);
    add_filter(&p, "ip protochain 17"); /* a loop */
    build(&p);
    make_ipv4(bytes, 0x0A000001, 0x0A090000, 1);
    assert_int_equal(first(&p, bytes, 28), 0);
    make_ipv4(bytes, 0x0A000002, 0x0A090000 + 256 * 18 + 49, 1);
    assert_int_equal(first(&p, bytes, 28), 1);
    make_ipv4(bytes, 0x0A000002, 0x0A000003, 1);
    assert_int_equal(first(&p, bytes, 28), 2);
    bytes[9] = 6;
    assert_int_equal(first(&p, bytes, 28), 3);
    release(&p);
}

static void nothing_to_find(void **state)
{
    (void)state;
    struct programs none = {.count = 0};
    build(&none);
    assert_int_equal(first(&none, "", 0), 0);
    release(&none);
    struct programs never = {.count = 0};
    ADD(&never, LOAD_BYTE(0), JUMP(JUMP_EQUAL, 1, 0, 1), JUMP(JUMP_EQUAL, 2, 1, 0), RETURN(0),
        RETURN(1));
    build(&never);
    assert_int_equal(first(&never, "\1", 1), 1);
    assert_int_equal(never.run + never.certain, 0);
    release(&never);
}

/* libpcap runs the programs. */
static int load_libpcap(void **state)
{
    (void)state;
    return pcap_library_load(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_exact),
        cmocka_unit_test(bits_of_a_known_value),
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(comparisons_with_x),
        cmocka_unit_test(offsets_do_not_wrap),
        cmocka_unit_test(many_programs_cost_few_runs),
        cmocka_unit_test(certainty),
        cmocka_unit_test(what_is_left_out_makes_uncertain),
        cmocka_unit_test(programs_that_are_given_up),
        cmocka_unit_test(nothing_to_find),
    };
    return cmocka_run_group_tests(tests, load_libpcap, NULL);
}
