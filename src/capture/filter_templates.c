/*
 * The shape of a filter is its text with a number in place of each IPv4 address
 * behind "host" and each port behind "port"; the same value has the same number. In
 * the program of a shape such a value is compared with a field, and nothing else of
 * the program depends on it, because libpcap's optimizer asks only which constants
 * are equal. So values that equal others, or constants of the program, are another
 * shape or no shape; and what a second set of values shows to differ in anything but
 * these places is no template.
 */
#include "capture/filter_templates.h"

#include "base/buffer.h"
#include "base/intern.h"
#include "base/memory.h"
#include "capture/bpf.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Longer filters, and those with more values, are compiled by themselves. */
#define MAX_TEXT   1024
#define MAX_VALUES 16

/* The first byte of a value in a shape: none that a filter has. */
enum value_kind { VALUE_ADDRESS = 1, VALUE_PORT = 2 };

struct value {
    enum value_kind kind;
    uint32_t number;
};

struct shape {
    struct buffer text;
    struct value values[MAX_VALUES];
    size_t count;
};

enum template_state { SEEN_ONCE, READY, USELESS };

/* A program, and which value each instruction compares with. */
struct template
{
    enum template_state state;
    struct filter_program program;
    uint8_t *places; /* by instruction: 1 + number of the value, or 0 */
};

struct filter_templates {
    struct intern *shapes; /* link type and shape */
    struct template *items;
    size_t capacity;
    struct shape shape; /* of the current filter */
    struct buffer text; /* of a filter with other values */
};

int filter_templates_new(struct filter_templates **templates, struct lcap_error *error)
{
    struct filter_templates *t = memory_new(1, sizeof *t, error);
    if (!t)
        return LCAP_ERR_MEMORY;
    int rc = intern_new(&t->shapes, error);
    if (rc < 0)
        filter_templates_free(t);
    else
        *templates = t;
    return rc;
}

/* ---- shapes ---- */

static bool ends_value(char c)
{
    return c == '\0' || c == ' ' || c == ')';
}

/* Decimal digits without a leading zero, which would make them octal. */
static size_t take_decimal(const char *text, uint32_t most, uint32_t *number)
{
    size_t len = 0;
    for (*number = 0; isdigit((unsigned char)text[len]) && *number <= most; len++)
        *number = *number * 10 + (uint32_t)(text[len] - '0');
    return *number <= most && (len == 1 || text[0] != '0') ? len : 0;
}

static size_t take_address(const char *text, uint32_t *number)
{
    size_t at = 0;
    *number = 0;
    for (int octet = 0; octet < 4; octet++) {
        uint32_t value;
        if (octet > 0 && text[at++] != '.')
            return 0;
        size_t len = take_decimal(text + at, 255, &value);
        if (len == 0)
            return 0;
        at += len;
        *number = *number << 8 | value;
    }
    /* Below 1.0.0.0 it could equal a port. */
    return ends_value(text[at]) && *number >> 24 != 0 ? at : 0;
}

static size_t take_port(const char *text, uint32_t *number)
{
    size_t len = take_decimal(text, 65535, number);
    return len > 0 && ends_value(text[len]) && *number != 0 ? len : 0;
}

/* The value at `text` if "host " or "port " stands before it; its length, or 0. */
static size_t take_value(const char *start, const char *text, struct value *value)
{
    if (text - start < 5)
        return 0;
    if (memcmp(text - 5, "host ", 5) == 0) {
        value->kind = VALUE_ADDRESS;
        return take_address(text, &value->number);
    }
    value->kind = VALUE_PORT;
    return memcmp(text - 5, "port ", 5) == 0 ? take_port(text, &value->number) : 0;
}

static bool number_value(struct shape *shape, const struct value *value, char *number)
{
    size_t i = 0;
    while (i < shape->count &&
           (shape->values[i].kind != value->kind || shape->values[i].number != value->number))
        i++;
    if (i == MAX_VALUES)
        return false;
    if (i == shape->count)
        shape->values[shape->count++] = *value;
    *number = (char)('A' + i);
    return true;
}

/* 1 with the shape; 0 if there is none. */
static int find_shape(struct shape *shape, const char *text, uint16_t linktype,
                      struct lcap_error *error)
{
    const size_t most = strnlen(text, MAX_TEXT);
    const char *start = text;
    buffer_clear(&shape->text);
    shape->count = 0;
    int rc = most == MAX_TEXT ? 0 : buffer_append(&shape->text, &linktype, sizeof linktype, error);
    if (rc < 0 || most == MAX_TEXT)
        return rc;
    rc = buffer_reserve(&shape->text, 2 * most, error);
    while (rc == 0 && *text) {
        struct value value;
        const size_t len = take_value(start, text, &value);
        uint8_t *out = shape->text.data + shape->text.len;
        shape->text.len += len > 0 ? 2 : 1;
        out[0] = len > 0 ? (uint8_t)value.kind : (uint8_t)*text;
        if (*text == VALUE_ADDRESS || *text == VALUE_PORT ||
            (len > 0 && !number_value(shape, &value, (char *)out + 1)))
            return 0;
        text += len > 0 ? len : 1;
    }
    return rc == 0 ? shape->count > 0 : rc;
}

/* ---- templates ---- */

/* Values that equal nothing else in a program; the second set is ordered the other way. */
static struct value stand_in(enum value_kind kind, size_t number, bool second)
{
    const uint32_t i = (uint32_t)(second ? MAX_VALUES - number : number + 1);
    if (kind == VALUE_PORT)
        return (struct value){kind, (second ? 51111u : 41111u) + 257 * i};
    return (struct value){kind, (second ? 0xB7335577u : 0x65224466u) + 0x010305 * i};
}

/* The text of the shape with stand-ins. */
static int write_text(struct filter_templates *t, bool second, struct lcap_error *error)
{
    const struct buffer *shape = &t->shape.text;
    buffer_clear(&t->text);
    int rc = LCAP_OK;
    for (size_t at = sizeof(uint16_t); rc == 0 && at < shape->len; at++) {
        const uint8_t byte = shape->data[at];
        if (byte != VALUE_ADDRESS && byte != VALUE_PORT) {
            rc = buffer_append(&t->text, &byte, 1, error);
            continue;
        }
        const uint32_t n = stand_in((enum value_kind)byte, shape->data[++at] - 'A', second).number;
        if (byte == VALUE_PORT)
            rc = buffer_printf(&t->text, error, "%u", n);
        else
            rc = buffer_printf(&t->text, error, "%u.%u.%u.%u", n >> 24, n >> 16 & 255, n >> 8 & 255,
                               n & 255);
    }
    return rc == 0 ? buffer_append(&t->text, "", 1, error) : rc;
}

static bool compares(const struct filter_insn *insn)
{
    return insn->code == (INSN_JMP | JUMP_EQUAL | OPERAND_K);
}

/* Finds where the values stand. */
static int find_places(const struct shape *shape, struct template *template,
                       struct lcap_error *error)
{
    const struct filter_program *program = &template->program;
    template->places = memory_new(program->count, 1, error);
    if (!template->places)
        return LCAP_ERR_MEMORY;
    for (uint32_t at = 0; at < program->count; at++)
        for (size_t i = 0; compares(&program->insns[at]) && i < shape->count; i++)
            if (program->insns[at].k == stand_in(shape->values[i].kind, i, false).number)
                template->places[at] = (uint8_t)(i + 1);
    return LCAP_OK;
}

/* Whether the template with the second stand-ins is the program compiled of them. */
static bool is_confirmed(const struct shape *shape, const struct template *template,
                         const struct filter_program *second)
{
    const struct filter_program *first = &template->program;
    if (first->count != second->count)
        return false;
    for (uint32_t at = 0; at < first->count; at++) {
        struct filter_insn insn = first->insns[at];
        const size_t value = template->places[at];
        if (value > 0)
            insn.k = stand_in(shape->values[value - 1].kind, value - 1, true).number;
        if (memcmp(&insn, &second->insns[at], sizeof insn) != 0)
            return false;
    }
    return true;
}

/* Makes the template of the current shape; one that fails stays useless. */
static int make_template(struct filter_templates *t, struct template *template, uint16_t linktype,
                         struct lcap_error *error)
{
    struct filter_program second = {0};
    struct lcap_error refused = {0};
    template->state = USELESS;
    int rc = write_text(t, false, error);
    if (rc < 0)
        return rc;
    rc = filter_compile(&template->program, (const char *)t->text.data, linktype, &refused);
    if (rc == LCAP_ERR_RULES)
        return LCAP_OK;
    if (rc == 0)
        rc = write_text(t, true, &refused);
    if (rc == 0)
        rc = filter_compile(&second, (const char *)t->text.data, linktype, &refused);
    if (rc == 0)
        rc = find_places(&t->shape, template, &refused);
    if (rc == 0 && is_confirmed(&t->shape, template, &second))
        template->state = READY;
    filter_release(&second);
    return rc == 0 ? LCAP_OK : lcap_error_set(error, rc, "%s", refused.text);
}

/* 0 if a value equals a constant of the program, which the optimizer might have noticed. */
static int fill_in(const struct shape *shape, const struct template *template,
                   struct filter_program *program, struct lcap_error *error)
{
    const struct filter_program *code = &template->program;
    for (uint32_t at = 0; at < code->count; at++)
        for (size_t i = 0; template->places[at] == 0 && i < shape->count; i++)
            if (code->insns[at].k == shape->values[i].number)
                return 0;
    program->insns = memory_new(code->count, sizeof *program->insns, error);
    if (!program->insns)
        return LCAP_ERR_MEMORY;
    program->count = code->count;
    memcpy(program->insns, code->insns, code->count * sizeof *code->insns);
    for (uint32_t at = 0; at < code->count; at++)
        if (template->places[at] > 0)
            program->insns[at].k = shape->values[template->places[at] - 1].number;
    return 1;
}

int filter_templates_make(struct filter_templates *templates, struct filter_program *program,
                          const char *text, uint16_t linktype, struct lcap_error *error)
{
    struct filter_templates *t = templates;
    uint32_t id;
    *program = (struct filter_program){0};
    const size_t known = intern_count(t->shapes);
    int rc = find_shape(&t->shape, text, linktype, error);
    if (rc <= 0)
        return rc;
    rc = intern_add(t->shapes, t->shape.text.data, t->shape.text.len, &id, error);
    if (rc == 0)
        rc = memory_grow((void **)&t->items, &t->capacity, (size_t)id + 1, sizeof *t->items, error);
    if (rc < 0)
        return rc;
    struct template *template = &t->items[id];
    if (id == known) {
        *template = (struct template){.state = SEEN_ONCE};
        return 0; /* worth a template if it comes again */
    }
    if (template->state == SEEN_ONCE)
        rc = make_template(t, template, linktype, error);
    if (rc < 0 || template->state != READY)
        return rc;
    return fill_in(&t->shape, template, program, error);
}

void filter_templates_free(struct filter_templates *templates)
{
    if (!templates)
        return;
    for (size_t i = 0;
         templates->shapes && i < intern_count(templates->shapes) && i < templates->capacity; i++) {
        filter_release(&templates->items[i].program);
        free(templates->items[i].places);
    }
    intern_free(templates->shapes);
    buffer_release(&templates->shape.text);
    buffer_release(&templates->text);
    free(templates->items);
    free(templates);
}
