/*
 * What BPF programs compute from a packet before they compare it: loads and
 * arithmetic as values, each distinct one kept once and numbered. So two programs
 * that look at the same field share its number.
 */
#ifndef LABEL_MATCHING_EXPRESSION_H
#define LABEL_MATCHING_EXPRESSION_H

#include "base/bytes.h"
#include "base/intern.h"
#include "capture/bpf.h"
#include <labelcap/capture.h>

/* Not followed: nothing is known of its value. */
#define EXPRESSION_UNKNOWN UINT32_MAX

/*
 * The code of an instruction with its operands: `a` and `x` are the numbers of the
 * expressions in A and X if the code uses them (otherwise 0).
 */
struct expression {
    uint32_t code;
    uint32_t k;
    uint32_t a, x;
};

/*
 * The usual expressions in prepared form: some bits of a field at a fixed offset,
 * or at an offset after a header that states its length as IPv4 does.
 */
enum field_kind { FIELD_NONE, FIELD_FIXED, FIELD_BEHIND_HEADER };

struct field {
    enum field_kind kind;
    uint32_t header; /* the byte whose low half is the length of the header in words */
    uint32_t offset; /* of a big-endian word, whose bits … */
    uint32_t shift;
    uint32_t mask; /* … under this mask, shifted right, are the value */
};

#define RECENT_EXPRESSIONS 64 /* a power of two */

struct expressions {
    struct intern *numbers; /* of the structs expression, as bytes */
    struct expression *items;
    struct field *fields;
    uint8_t *depths; /* number of loads and operations */
    size_t count, items_capacity, fields_capacity, depths_capacity;
    uint32_t recent[RECENT_EXPRESSIONS]; /* numbers, by a hash: programs look at the same fields */
};

int expressions_init(struct expressions *set, struct lcap_error *error);
void expressions_release(struct expressions *set);

/*
 * Sets *number to the number of an expression: EXPRESSION_UNKNOWN if an operand is
 * unknown, if it is nested deeper than libpcap's code ever is, or for codes that
 * are not followed (division, shifts by 32 and more).
 */
int expressions_add(struct expressions *set, const struct expression *expression, uint32_t *number,
                    struct lcap_error *error);

/* Whether evaluating one expression evaluates the other. */
bool expression_contains(const struct expressions *set, uint32_t number, uint32_t part);

/* For constants: returns true and sets *value. */
static inline bool expression_is_constant(const struct expressions *set, uint32_t number,
                                          uint32_t *value)
{
    if (number == EXPRESSION_UNKNOWN || set->items[number].code != (INSN_LD | MODE_IMM))
        return false;
    *value = set->items[number].k;
    return true;
}

/* The general case of expression_value(). */
bool expression_evaluate(const struct expression *items, uint32_t number,
                         const struct lcap_packet *packet, uint32_t *value);

/* The value for a packet; false if a load is out of bounds. */
static inline bool expression_value(const struct expressions *set, uint32_t number,
                                    const struct lcap_packet *packet, uint32_t *value)
{
    const struct field *field = &set->fields[number];
    uint64_t at = field->offset;
    if (field->kind == FIELD_BEHIND_HEADER) {
        if (field->header >= packet->caplen)
            return false;
        at += (packet->data[field->header] & 15u) * 4;
    }
    /* Near the end of the packet, the word would reach beyond it, although the field may not. */
    if (field->kind == FIELD_NONE || at + 4 > packet->caplen)
        return expression_evaluate(set->items, number, packet, value);
    *value = load32(packet->data + at, true) >> field->shift & field->mask;
    return true;
}

/*
 * Marks the bytes at the start of a packet that evaluating the expression may read. False: not all
 * of them are below `size`, or their places depend on more than the length of the header that byte
 * `header` tells.
 */
bool expression_mark(const struct expressions *set, uint32_t number, uint32_t header,
                     const struct lcap_packet *packet, uint8_t *bytes, size_t size);

#endif
