/*
 * Fuzz target: families of BPF programs, and packets. The first program that
 * accepts a packet must be the same by the index and by running them all.
 *
 * The input's bytes choose instructions that are valid (bpf_validate(3)); the
 * programs of a family differ in the constants that the first one compares with.
 */
#include "capture/bpf.h"
#include "capture/libpcap/pcap_library.h"
#include "label/matching/path_index.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST_INSNS    40
#define MOST_PROGRAMS 24
#define MOST_PACKETS  32
#define STORED_CELLS  3 /* of M[]: set at the start, so that none is read before */

struct input {
    const uint8_t *at, *end;
};

struct programs {
    struct filter_program items[MOST_PROGRAMS];
    struct filter_insn insns[MOST_PROGRAMS][MOST_INSNS];
    uint32_t count;
    struct lcap_interface interface;
    struct lcap_packet packet;
};

/* 0 once the input is used up. */
static uint8_t take(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

/* Mostly small, so that constants and packets meet; sometimes any. */
static uint32_t take_constant(struct input *in)
{
    uint8_t first = take(in);
    if (first < 0xF0)
        return first & 0x0F;
    uint32_t second = take(in);
    return first < 0xF8 ? second : second << 24 | (uint32_t)take(in) << 16 | take(in);
}

static void choose_load(struct input *in, struct filter_insn *insn)
{
    static const uint16_t codes[] = {
        INSN_LD | MODE_ABS | SIZE_BYTE,
        INSN_LD | MODE_ABS | SIZE_HALF,
        INSN_LD | MODE_ABS | SIZE_WORD,
        INSN_LD | MODE_IND | SIZE_BYTE,
        INSN_LD | MODE_IND | SIZE_HALF,
        INSN_LD | MODE_IND | SIZE_WORD,
        INSN_LDX | MODE_MSH | SIZE_BYTE,
        INSN_LD | MODE_LEN,
        INSN_LDX | MODE_LEN,
        INSN_LD | MODE_IMM,
        INSN_LDX | MODE_IMM,
        INSN_LD | MODE_MEM,
        INSN_LDX | MODE_MEM,
        INSN_ST,
        INSN_STX,
        INSN_MISC | MISC_TAX,
        INSN_MISC | MISC_TXA,
    };
    insn->code = codes[take(in) % (sizeof codes / sizeof *codes)];
    insn->k = take_constant(in);
    unsigned class = insn_class(insn->code);
    if (class == INSN_ST || class == INSN_STX || insn_mode(insn->code) == MODE_MEM)
        insn->k %= STORED_CELLS;
}

static void choose_arithmetic(struct input *in, struct filter_insn *insn)
{
    unsigned operation = (take(in) % 11u) << 4;
    insn->code = (uint16_t)(INSN_ALU | operation);
    insn->k = take_constant(in);
    if (take(in) & 1 && operation != ALU_NEG)
        insn->code |= OPERAND_X;
    else if (operation == ALU_LSH || operation == ALU_RSH)
        insn->k %= 32;
    else if ((operation == ALU_DIV || operation == ALU_MOD) && insn->k == 0)
        insn->k = 1;
}

/* Forward, to one of the `left` instructions behind the next one. */
static void choose_jump(struct input *in, struct filter_insn *insn, uint32_t left)
{
    static const uint16_t codes[] = {INSN_JMP | JUMP_EQUAL,
                                     INSN_JMP | JUMP_EQUAL,
                                     INSN_JMP | JUMP_EQUAL,
                                     INSN_JMP | JUMP_GREATER,
                                     INSN_JMP | JUMP_NOT_LESS,
                                     INSN_JMP | JUMP_SET,
                                     INSN_JMP | JUMP_ALWAYS,
                                     INSN_JMP | JUMP_EQUAL | OPERAND_X,
                                     INSN_JMP | JUMP_GREATER | OPERAND_X};
    insn->code = codes[take(in) % (sizeof codes / sizeof *codes)];
    if (insn->code == (INSN_JMP | JUMP_ALWAYS)) {
        insn->k = take(in) % (left + 1);
        return;
    }
    insn->k = take_constant(in);
    insn->jt = (uint8_t)(take(in) % (left + 1));
    insn->jf = (uint8_t)(take(in) % (left + 1));
}

static void choose_return(struct input *in, struct filter_insn *insn)
{
    uint8_t kind = take(in);
    insn->code = (uint16_t)(INSN_RET | (kind % 8 == 7 ? RETURN_A : RETURN_K));
    insn->k = kind & 1;
}

static void choose_family(struct input *in, struct filter_insn *insns, uint32_t count)
{
    for (uint32_t i = 0; i < STORED_CELLS; i++)
        insns[i] = (struct filter_insn){.code = INSN_ST, .k = i};
    for (uint32_t i = STORED_CELLS; i < count - 1; i++) {
        uint8_t kind = take(in) % 8;
        if (kind < 3)
            choose_load(in, &insns[i]);
        else if (kind == 3)
            choose_arithmetic(in, &insns[i]);
        else if (kind < 7)
            choose_jump(in, &insns[i], count - 2 - i);
        else
            choose_return(in, &insns[i]);
    }
    choose_return(in, &insns[count - 1]);
}

/* The same with other constants to compare with. */
static void vary(struct input *in, struct filter_insn *insns, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (insn_class(insns[i].code) == INSN_JMP && insn_operation(insns[i].code) != JUMP_ALWAYS &&
            take(in) & 1)
            insns[i].k = take_constant(in);
    }
}

static void choose_programs(struct input *in, struct programs *p)
{
    for (uint8_t families = 1 + take(in) % 3; families > 0; families--) {
        uint32_t count = STORED_CELLS + 2 + take(in) % (MOST_INSNS - STORED_CELLS - 2);
        uint32_t first = p->count;
        for (uint8_t members = 1 + take(in) % 8; members > 0; members--) {
            struct filter_insn *insns = p->insns[p->count];
            p->items[p->count++] = (struct filter_program){insns, count};
            if (p->count - 1 == first) {
                choose_family(in, insns, count);
            } else {
                memcpy(insns, p->insns[first], sizeof p->insns[first]);
                vary(in, insns, count);
            }
        }
    }
}

static uint32_t run_candidate(void *context, uint32_t program, bool certain,
                              const struct lcap_packet *packet, uint32_t below)
{
    const struct programs *p = context;
    if (program >= p->count || program >= below)
        abort();
    bool accepts = filter_matches(&p->items[program], packet);
    if (certain && !accepts)
        abort();
    return accepts ? program : below;
}

static void compare(struct programs *p, const struct path_index *index)
{
    uint32_t plain = 0;
    while (plain < p->count && !filter_matches(&p->items[plain], &p->packet))
        plain++;
    struct path_reads reads = {0};
    if (path_index_walk(index, &p->packet, p->count, run_candidate, p, &reads) != plain)
        abort();
}

/* In a block of their own, so that sanitizers see a read past their end. */
static void compare_packets(struct input *in, struct programs *p, const struct path_index *index)
{
    for (int n = 0; n < MOST_PACKETS && in->at < in->end; n++) {
        uint32_t len = take(in) % 48;
        if (len > (size_t)(in->end - in->at))
            len = (uint32_t)(in->end - in->at);
        uint8_t *bytes = malloc(len ? len : 1);
        if (!bytes)
            return;
        memcpy(bytes, in->at, len);
        in->at += len;
        p->packet = (struct lcap_packet){
            .interface = &p->interface, .data = bytes, .caplen = len, .len = len + take(in) % 4};
        compare(p, index);
        free(bytes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct programs programs;
    struct input in = {data, data + size};
    struct accept_paths paths;
    struct path_index index;
    memset(&programs, 0, sizeof programs);
    choose_programs(&in, &programs);
    if (pcap_library_load(NULL) < 0 || accept_paths_init(&paths, NULL) < 0)
        return 0;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < programs.count; i++)
        rc = accept_paths_add(&paths, &programs.items[i], i, i, NULL);
    if (rc == 0)
        rc = path_index_build(&index, &paths, NULL);
    if (rc == 0) {
        compare_packets(&in, &programs, &index);
        path_index_release(&index);
    }
    accept_paths_release(&paths);
    return 0;
}
