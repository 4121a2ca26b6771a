/*
 * The shape of a filter is its text with a number in place of each IPv4 address
 * behind "host", each word of 32 bits of an IPv6 address there, and each port behind
 * "port"; the same value has the same number. In
 * the program of a shape such a value is compared with a field, and nothing else of
 * the program depends on it, because libpcap's optimizer asks only which constants
 * are equal. So values that equal others, or constants of the program, are another
 * shape or no shape; and what a second set of values shows to differ in anything but
 * these places is no template.
 */
#include "capture/filter_templates.h"

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/intern.h"
#include "base/memory.h"
#include "capture/bpf.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Longer filters, and those with more values, are compiled by themselves. */
#define MAX_TEXT   1024
#define MAX_VALUES 16

/* Behind VALUE_WORD in a shape: the word is 0, which libpcap may treat as no other. */
#define ZERO_WORD '0'

/* The first byte of a value in a shape: none that a filter has. */
enum value_kind { VALUE_ADDRESS = 1, VALUE_PORT = 2, VALUE_WORD = 3 };

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

/* An IPv6 address, as words in host order; its length, or 0. */
static size_t take_words(const char *text, uint32_t words[4])
{
    char address[INET6_ADDRSTRLEN];
    uint8_t bytes[16];
    const size_t len = strspn(text, "0123456789abcdefABCDEF:");
    if (len >= sizeof address || !ends_value(text[len]) || !memchr(text, ':', len))
        return 0;
    memcpy(address, text, len);
    address[len] = '\0';
    if (inet_pton(AF_INET6, address, bytes) != 1)
        return 0;
    for (int i = 0; i < 4; i++)
        words[i] = load32(bytes + 4 * i, true);
    return len;
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
    while (i < shape->count && shape->values[i].number != value->number)
        i++;
    if (i == MAX_VALUES || (i < shape->count && shape->values[i].kind != value->kind))
        return false;
    if (i == shape->count)
        shape->values[shape->count++] = *value;
    *number = (char)('A' + i);
    return true;
}

/* Appends a value to the shape, where there is room; false if it cannot be one. */
static bool add_value(struct shape *shape, const struct value *value)
{
    char number = ZERO_WORD;
    if (value->number != 0 && !number_value(shape, value, &number))
        return false;
    shape->text.data[shape->text.len++] = (uint8_t)value->kind;
    shape->text.data[shape->text.len++] = (uint8_t)number;
    return true;
}

static bool add_words(struct shape *shape, const uint32_t words[4])
{
    const size_t len = shape->text.len, count = shape->count;
    for (int i = 0; i < 4; i++) {
        const struct value value = {VALUE_WORD, words[i]};
        if (!add_value(shape, &value)) {
            shape->text.len = len;
            shape->count = count;
            return false;
        }
    }
    return true;
}

/* Appends what stands at `text` to the shape if it is a value; its length, or 0. */
static size_t add_any_value(struct shape *shape, const char *start, const char *text)
{
    struct value value;
    uint32_t words[4];
    size_t len = take_value(start, text, &value);
    if (len > 0)
        return add_value(shape, &value) ? len : 0;
    if (text - start < 5 || memcmp(text - 5, "host ", 5) != 0)
        return 0;
    len = take_words(text, words);
    return len > 0 && add_words(shape, words) ? len : 0;
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
    rc = buffer_reserve(&shape->text, 8 * most + 8, error); /* "::" is four words */
    while (rc == 0 && *text) {
        if (*text >= VALUE_ADDRESS && *text <= VALUE_WORD)
            return 0;
        const size_t len = add_any_value(shape, start, text);
        if (len == 0)
            shape->text.data[shape->text.len++] = (uint8_t)*text;
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

/* A value as filters have it; the words of an address one after the other. */
static int write_value(struct buffer *out, enum value_kind kind, uint32_t n, bool more,
                       struct lcap_error *error)
{
    if (kind == VALUE_PORT)
        return buffer_printf(out, error, "%u", n);
    if (kind == VALUE_WORD)
        return buffer_printf(out, error, "%x:%x%s", n >> 16, n & 0xFFFF, more ? ":" : "");
    return buffer_printf(out, error, "%u.%u.%u.%u", n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255);
}

/* The text of the shape with stand-ins. */
static int write_text(struct filter_templates *t, bool second, struct lcap_error *error)
{
    const struct buffer *shape = &t->shape.text;
    int words = 0, rc = LCAP_OK;
    buffer_clear(&t->text);
    for (size_t at = sizeof(uint16_t); rc == 0 && at < shape->len; at++) {
        const uint8_t byte = shape->data[at];
        if (byte < VALUE_ADDRESS || byte > VALUE_WORD) {
            rc = buffer_append(&t->text, &byte, 1, error);
            continue;
        }
        const uint8_t number = shape->data[++at];
        const enum value_kind kind = (enum value_kind)byte;
        uint32_t n = number == ZERO_WORD ? 0 : stand_in(kind, number - 'A', second).number;
        words = kind == VALUE_WORD ? (words + 1) % 4 : 0;
        rc = write_value(&t->text, kind, n, words != 0, error);
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
