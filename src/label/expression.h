/*
 * What BPF programs compute from a packet before they compare it: loads and
 * arithmetic as values, each distinct one kept once and known by a number.
 * Two programs that look at the same field so share its number.
 */
#ifndef LABEL_EXPRESSION_H
#define LABEL_EXPRESSION_H

#include "base/bytes.h"
#include "base/intern.h"
#include "capture/bpf.h"
#include <labelcap/capture.h>

/* Not followed: nothing is known of its value. */
#define EXPRESSION_UNKNOWN UINT32_MAX

/*
 * An instruction's code with its operands: `a` and `x` are the numbers of the
 * expressions in A and X where the code uses them (0 otherwise).
 */
struct expression {
    uint32_t code;
    uint32_t k;
    uint32_t a, x;
};

/*
 * The usual expressions, made ready: some bits of a field that lies at a fixed
 * offset, or at one behind a header that tells its length as IPv4's does.
 */
enum field_kind { FIELD_NONE, FIELD_FIXED, FIELD_BEHIND_HEADER };

struct field {
    enum field_kind kind;
    uint32_t header; /* the byte whose low half is the header's length in words */
    uint32_t offset; /* of a big-endian word, of which the value are the bits … */
    uint32_t shift;
    uint32_t mask; /* … under this mask after shifting right */
};

struct expressions {
    struct intern *numbers; /* of the structs expression, as bytes */
    struct expression *items;
    struct field *fields;
    uint8_t *depths; /* loads and operations in all */
    size_t count, items_capacity, fields_capacity, depths_capacity;
};

int expressions_init(struct expressions *set, struct lcap_error *error);
void expressions_release(struct expressions *set);

/*
 * The number of an expression: *number. EXPRESSION_UNKNOWN where an operand is
 * unknown, where it is nested deeper than libpcap's code ever is, or for codes
 * that are not followed (division, shifts by 32 and more).
 */
int expressions_add(struct expressions *set, const struct expression *expression, uint32_t *number,
                    struct lcap_error *error);

/* Whether evaluating one expression evaluates the other. */
bool expression_contains(const struct expressions *set, uint32_t number, uint32_t part);

/* For constants: true with *value set. */
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

/* The value for a packet; false where a load is out of bounds. */
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
    /* Near the packet's end the word would reach beyond it, though the field may not. */
    if (field->kind == FIELD_NONE || at + 4 > packet->caplen)
        return expression_evaluate(set->items, number, packet, value);
    *value = load32(packet->data + at, true) >> field->shift & field->mask;
    return true;
}

#endif
