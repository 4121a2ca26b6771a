/* Expressions: numbering them, and their values. */
#include "label/matching/expression.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/*
 * libpcap's filters nest loads and arithmetic a few levels deep. The limit bounds
 * the recursion in expression_evaluate(); anything deeper is unknown.
 */
#define MAX_DEPTH 16

int expressions_init(struct expressions *set, struct lcap_error *error)
{
    *set = (struct expressions){0};
    return intern_new(&set->numbers, error);
}

void expressions_release(struct expressions *set)
{
    intern_free(set->numbers);
    free(set->items);
    free(set->fields);
    free(set->depths);
    *set = (struct expressions){0};
}

static bool uses_a(const struct expression *e)
{
    return insn_class((uint16_t)e->code) == INSN_ALU;
}

static bool uses_x(const struct expression *e)
{
    uint16_t code = (uint16_t)e->code;
    if (insn_class(code) == INSN_ALU)
        return insn_operation(code) != ALU_NEG && insn_operand(code) == OPERAND_X;
    return insn_class(code) == INSN_LD && insn_mode(code) == MODE_IND;
}

static bool is_followed(const struct expression *e)
{
    if (insn_class((uint16_t)e->code) != INSN_ALU)
        return true;
    switch (insn_operation((uint16_t)e->code)) {
    case ALU_DIV:
    case ALU_MOD:
        return false;
    case ALU_LSH:
    case ALU_RSH:
        return !uses_x(e) && e->k < 32;
    default:
        return true;
    }
}

static unsigned depth_of(const struct expressions *set, bool used, uint32_t operand)
{
    return used ? set->depths[operand] : 0;
}

static struct field load_field(const struct expressions *set, const struct expression *e)
{
    unsigned size = insn_size((uint16_t)e->code);
    struct field field = {.kind = FIELD_FIXED, .offset = e->k};
    if (insn_mode((uint16_t)e->code) == MODE_IND) {
        const struct expression *x = &set->items[e->x];
        if (insn_mode((uint16_t)x->code) != MODE_MSH || insn_class((uint16_t)x->code) != INSN_LDX)
            return (struct field){.kind = FIELD_NONE};
        field.kind = FIELD_BEHIND_HEADER;
        field.header = x->k;
    }
    field.shift = size == SIZE_WORD ? 0 : size == SIZE_HALF ? 16 : 24;
    field.mask = UINT32_MAX >> field.shift;
    return field;
}

static struct field field_of(const struct expressions *set, const struct expression *e)
{
    unsigned mode = insn_mode((uint16_t)e->code);
    if (insn_class((uint16_t)e->code) == INSN_LD && (mode == MODE_ABS || mode == MODE_IND))
        return load_field(set, e);
    if (e->code != (INSN_ALU | ALU_AND | OPERAND_K))
        return (struct field){.kind = FIELD_NONE};
    struct field field = set->fields[e->a];
    field.mask &= e->k;
    return field;
}

/* Adds a new expression. */
static int append(struct expressions *set, const struct expression *e, unsigned depth,
                  struct lcap_error *error)
{
    size_t needed = set->count + 1;
    int rc =
        memory_grow((void **)&set->items, &set->items_capacity, needed, sizeof *set->items, error);
    if (rc == 0)
        rc = memory_grow((void **)&set->fields, &set->fields_capacity, needed, sizeof *set->fields,
                         error);
    if (rc == 0)
        rc = memory_grow((void **)&set->depths, &set->depths_capacity, needed, sizeof *set->depths,
                         error);
    if (rc < 0)
        return rc;
    set->items[set->count] = *e;
    set->fields[set->count] = field_of(set, e);
    set->depths[set->count] = (uint8_t)depth;
    set->count++;
    return LCAP_OK;
}

/* Multiplicative hashing; the numbers of operands are small. */
static uint32_t *recent_place(struct expressions *set, const struct expression *e)
{
    const uint64_t all = (uint64_t)e->code << 32 | (e->k ^ e->a << 8 ^ e->x << 16);
    return &set->recent[all * UINT64_C(0x9E3779B97F4A7C15) >> 32 & (RECENT_EXPRESSIONS - 1)];
}

static bool is_known(const struct expressions *set, uint32_t number, const struct expression *e)
{
    return number < set->count && memcmp(&set->items[number], e, sizeof *e) == 0;
}

int expressions_add(struct expressions *set, const struct expression *expression, uint32_t *number,
                    struct lcap_error *error)
{
    struct expression e = {.code = expression->code, .k = expression->k};
    bool a = uses_a(expression), x = uses_x(expression);
    *number = EXPRESSION_UNKNOWN;
    if (a)
        e.a = expression->a;
    if (x)
        e.x = expression->x;
    uint32_t *recent = recent_place(set, &e);
    if (is_known(set, *recent, &e)) {
        *number = *recent;
        return LCAP_OK;
    }
    if (e.a == EXPRESSION_UNKNOWN || e.x == EXPRESSION_UNKNOWN || !is_followed(&e))
        return LCAP_OK;
    unsigned depth = depth_of(set, a, e.a) + depth_of(set, x, e.x) + 1;
    if (depth > MAX_DEPTH)
        return LCAP_OK;
    uint32_t id;
    int rc = intern_add(set->numbers, &e, sizeof e, &id, error);
    if (rc == 0 && id == set->count)
        rc = append(set, &e, depth, error);
    if (rc == 0)
        *number = *recent = id;
    return rc;
}

bool expression_contains(const struct expressions *set, uint32_t number, uint32_t part)
{
    uint32_t open[MAX_DEPTH + 1] = {number}; /* at most all of them */
    int count = 1;
    while (count > 0) {
        uint32_t at = open[--count];
        const struct expression *e = &set->items[at];
        if (at == part)
            return true;
        if (uses_a(e))
            open[count++] = e->a;
        if (uses_x(e))
            open[count++] = e->x;
    }
    return false;
}

/* Where a load begins. False: that cannot be told, or nothing is loaded from a place. */
static bool find_place(const struct expressions *set, const struct expression *e, uint32_t header,
                       const struct lcap_packet *packet, uint64_t *at)
{
    const unsigned mode = insn_mode((uint16_t)e->code);
    uint32_t length = 0;
    *at = e->k;
    if (mode != MODE_IND)
        return mode == MODE_ABS || mode == MODE_MSH;
    const struct expression *x = &set->items[e->x];
    if (x->k != header || insn_class((uint16_t)x->code) != INSN_LDX ||
        insn_mode((uint16_t)x->code) != MODE_MSH)
        return false;
    expression_evaluate(set->items, e->x, packet, &length);
    *at += length;
    return true;
}

static bool mark_load(const struct expressions *set, const struct expression *e, uint32_t header,
                      const struct lcap_packet *packet, uint8_t *bytes, size_t size)
{
    uint64_t at;
    if (insn_mode((uint16_t)e->code) == MODE_IMM)
        return true;
    if (!find_place(set, e, header, packet, &at) || at + 4 > size)
        return false;
    const unsigned width = insn_size((uint16_t)e->code);
    memset(bytes + at, UINT8_MAX, width == SIZE_WORD ? 4 : width == SIZE_HALF ? 2 : 1);
    return true;
}

bool expression_mark(const struct expressions *set, uint32_t number, uint32_t header,
                     const struct lcap_packet *packet, uint8_t *bytes, size_t size)
{
    uint32_t open[MAX_DEPTH + 1] = {number}; /* at most all of them */
    int count = 1;
    bool known = true;
    while (count > 0 && known) {
        const struct expression *e = &set->items[open[--count]];
        if (uses_a(e))
            open[count++] = e->a;
        if (uses_x(e))
            open[count++] = e->x;
        if (insn_class((uint16_t)e->code) != INSN_ALU)
            known = mark_load(set, e, header, packet, bytes, size);
    }
    return known;
}

static bool load(unsigned size, uint64_t at, const struct lcap_packet *packet, uint32_t *value)
{
    unsigned bytes = size == SIZE_WORD ? 4 : size == SIZE_HALF ? 2 : 1;
    if (at + bytes > packet->caplen)
        return false;
    const uint8_t *field = packet->data + at;
    *value = bytes == 4 ? load32(field, true) : bytes == 2 ? load16(field, true) : *field;
    return true;
}

static uint32_t compute(unsigned operation, uint32_t a, uint32_t operand)
{
    switch (operation) {
    case ALU_ADD:
        return a + operand;
    case ALU_SUB:
        return a - operand;
    case ALU_MUL:
        return a * operand;
    case ALU_OR:
        return a | operand;
    case ALU_AND:
        return a & operand;
    case ALU_LSH:
        return a << operand;
    case ALU_RSH:
        return a >> operand;
    case ALU_XOR:
        return a ^ operand;
    default:
        return 0 - a; /* ALU_NEG */
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): at most MAX_DEPTH deep; see expressions_add() */
bool expression_evaluate(const struct expression *items, uint32_t number,
                         const struct lcap_packet *packet, uint32_t *value)
{
    const struct expression *e = &items[number];
    uint16_t code = (uint16_t)e->code;
    uint32_t a, operand = e->k;
    if (uses_x(e) && !expression_evaluate(items, e->x, packet, &operand))
        return false;
    if (uses_a(e)) {
        if (!expression_evaluate(items, e->a, packet, &a))
            return false;
        *value = compute(insn_operation(code), a, operand);
        return true;
    }
    switch (insn_mode(code)) {
    case MODE_ABS:
        return load(insn_size(code), e->k, packet, value);
    case MODE_IND:
        return load(insn_size(code), (uint64_t)operand + e->k, packet, value);
    case MODE_MSH:
        if (!load(SIZE_BYTE, e->k, packet, value))
            return false;
        *value = (*value & 0x0F) * 4;
        return true;
    case MODE_LEN:
        *value = packet->len;
        return true;
    default:
        *value = e->k;
        return true;
    }
}
