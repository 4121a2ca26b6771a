/* Compares options with those in an older partition.json. */
#include "dataset/partition/extension_options.h"

#include "base/error_words.h"
#include "base/io/file.h"
#include "base/text/json_reader.h"
#include "dataset/partition/partition_json.h"
#include "dataset/partition/partition_lists.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Two descriptions of lists, or the same part of both. */
struct both {
    struct json_document *old, *ours;
};

static void release(struct both *both)
{
    json_document_free(both->old);
    json_document_free(both->ours);
}

static const char *shown(const struct buffer *value)
{
    return strcmp((const char *)value->data, "null") == 0 ? "none" : (const char *)value->data;
}

/* What only one of them says is of another version. */
static int compare(const struct both *both, const char *key, const char *option,
                   const struct partition *p, struct lcap_error *error)
{
    struct buffer old = {0}, ours = {0};
    char room[LCAP_ERROR_TEXT];
    int rc = json_document_append(both->old, key, &old, error);
    if (rc == 1)
        rc = json_document_append(both->ours, key, &ours, error);
    if (rc == 1 && strcmp((const char *)old.data, (const char *)ours.data) != 0)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s: these lists were made with %s %s, not %s: give the options "
                            "that made them, or make new lists without --extend",
                            p->options->extend, error_words(option, room), shown(&old),
                            shown(&ours));
    buffer_release(&old);
    buffer_release(&ours);
    return rc < 0 ? rc : LCAP_OK;
}

static int compare_options(const struct both *all, const struct partition *p,
                           struct lcap_error *error)
{
    static const struct {
        const char *key, *option;
    } options[] = {
        {"method", "the method (--exact, --by)"},
        {"group", "--group"},
        {"local", "--local"},
        {"stratify", "--stratify"},
        {"seed", "--seed"},
        {"gap_seconds", "--gap"},
        {"balance_train", "--balance-train"},
    };
    struct both both = {NULL, NULL};
    int rc = json_document_object(all->old, "options", 0, &both.old, error);
    if (rc == 1)
        rc = json_document_object(all->ours, "options", 0, &both.ours, error);
    for (size_t i = 0; i < sizeof options / sizeof *options && both.ours && rc >= 0; i++)
        rc = compare(&both, options[i].key, options[i].option, p, error);
    release(&both);
    return rc < 0 ? rc : LCAP_OK;
}

/* Whatever the old one says: a list of the same name, or none. */
static int find_ours(const struct both *all, const char *name, struct json_document **ours,
                     struct lcap_error *error)
{
    const char *other = NULL;
    int rc;
    for (size_t i = 0; (rc = json_document_object(all->ours, "lists", i, ours, error)) == 1; i++) {
        rc = json_document_text(*ours, "name", &other, error);
        if (rc == 1 && strcmp(other, name) == 0)
            return LCAP_OK;
        json_document_free(*ours);
        *ours = NULL;
    }
    return rc;
}

static int compare_list(const struct both *all, struct json_document *old,
                        const struct partition *p, struct lcap_error *error)
{
    struct both both = {.old = old};
    const char *name = NULL;
    char option[64];
    int rc = json_document_text(old, "name", &name, error);
    if (rc == 1)
        rc = find_ours(all, name, &both.ours, error);
    snprintf(option, sizeof option, "--%.40s", name ? name : "");
    if (rc == LCAP_OK && both.ours)
        rc = compare(&both, "percent", option, p, error);
    json_document_free(both.ours);
    return rc < 0 ? rc : LCAP_OK;
}

static int compare_lists(const struct both *all, const struct partition *p,
                         struct lcap_error *error)
{
    struct json_document *old;
    int rc = LCAP_OK;
    for (size_t i = 0;
         rc == LCAP_OK && (rc = json_document_object(all->old, "lists", i, &old, error)) == 1;
         i++) {
        rc = compare_list(all, old, p, error);
        json_document_free(old);
    }
    return rc;
}

static int compare_all(const struct partition *p, const char *path, struct lcap_error *error)
{
    struct both all = {NULL, NULL};
    struct buffer text = {0};
    int rc = json_document_load(&all.old, path, error);
    if (rc == LCAP_OK)
        rc = partition_json_append_options(p, &text, error);
    if (rc == LCAP_OK)
        rc = json_document_parse(&all.ours, PARTITION_FACTS, &text, error);
    if (rc == LCAP_OK)
        rc = compare_lists(&all, p, error);
    if (rc == LCAP_OK)
        rc = compare_options(&all, p, error);
    buffer_release(&text);
    release(&all);
    return rc;
}

int extension_options_check(const struct partition *p, struct lcap_error *error)
{
    char *path = file_join(p->options->extend, PARTITION_FACTS, error);
    int rc = path ? LCAP_OK : LCAP_ERR_MEMORY;
    if (path && access(path, F_OK) == 0)
        rc = compare_all(p, path, error);
    free(path);
    return rc;
}
