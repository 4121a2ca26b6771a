/* Kinds by their bytes, and the names of inputs that some of them need. */
#include "label/rule_kinds.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "label/file_name.h"
#include <string.h>

static int add_kind(struct rule_loader *loader, const struct rule_kind *kind, uint32_t *number,
                    struct lcap_error *error)
{
    struct lcap_rules *rules = loader->rules;
    int rc = intern_add(loader->kinds, kind, sizeof *kind, number, error);
    if (rc < 0 || *number < rules->kind_count)
        return rc;
    rc = memory_grow((void **)&rules->kinds, &rules->kinds_capacity, rules->kind_count + 1,
                     sizeof *rules->kinds, error);
    if (rc == 0)
        rules->kinds[rules->kind_count++] = (struct distinct_kind){*kind, *number};
    return rc;
}

int rule_kinds_init(struct rule_loader *loader, struct lcap_error *error)
{
    const struct rule_kind plain = {0};
    uint32_t number;
    int rc = intern_new(&loader->kinds, error);
    return rc == 0 ? add_kind(loader, &plain, &number, error) : rc;
}

/* ---- names of inputs ---- */

static int same_name(const char *name, const char *first, const char *second,
                     struct lcap_error *error)
{
    char texts[3][EXCERPT_TEXT];
    text_excerpt(name, strlen(name), texts[0]);
    text_excerpt(first, strlen(first), texts[1]);
    text_excerpt(second, strlen(second), texts[2]);
    return lcap_error_set(error, LCAP_ERR_RULES,
                          "EACH:file and EACH:packet need inputs of different names, but %s and %s "
                          "are both called \"%s\"; give the directory above them instead",
                          texts[1], texts[2], texts[0]);
}

/* Keeps the names in the order of the inputs. */
static int keep_names(struct rule_loader *loader, struct intern *names, struct lcap_error *error)
{
    struct lcap_rules *rules = loader->rules;
    int rc = LCAP_OK;
    for (size_t i = 0; rc == 0 && i < rules->file_count; i++) {
        const char *name = file_name_of(&loader->inputs[i]);
        uint32_t number, text;
        rc = intern_add(names, name, strlen(name), &number, error);
        if (rc == 0 && number < i)
            return same_name(name, loader->inputs[number].path, loader->inputs[i].path, error);
        if (rc == 0)
            rc = intern_add(rules->texts, name, strlen(name), &text, error);
        if (rc == 0)
            rules->file_names[i] = intern_get(rules->texts, text, NULL);
    }
    return rc;
}

static int name_files(struct rule_loader *loader, struct lcap_error *error)
{
    struct lcap_rules *rules = loader->rules;
    struct intern *names = NULL;
    if (rules->file_names)
        return LCAP_OK;
    rules->file_names = memory_new(rules->file_count, sizeof *rules->file_names, error);
    int rc = rules->file_names ? intern_new(&names, error) : LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = keep_names(loader, names, error);
    intern_free(names);
    return rc;
}

int rule_kinds_add(struct rule_loader *loader, const struct rule_kind *kind, uint32_t *number,
                   struct lcap_error *error)
{
    const struct rule_kind base = {.scope_ns = kind->scope_ns};
    uint32_t without_each;
    int rc = LCAP_OK;
    if (kind_needs_file(kind))
        rc = name_files(loader, error);
    if (rc == 0)
        rc = add_kind(loader, &base, &without_each, error);
    if (rc == 0)
        rc = add_kind(loader, kind, number, error);
    if (rc == 0)
        loader->rules->kinds[*number].without_each = without_each;
    return rc;
}

int rule_kinds_hashed(const struct rule_kind *kind, const char *source, size_t len,
                      struct buffer *text, struct lcap_error *error)
{
    buffer_clear(text);
    int rc = buffer_append(text, source, len, error);
    for (unsigned each = EACH_FLOW; rc == 0 && each <= EACH_PACKET; each <<= 1)
        if (kind_has(kind, (enum each)each))
            rc = buffer_printf(text, error, "\n%s", each_word((enum each)each));
    return rc;
}
