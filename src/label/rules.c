/* The rules file: read record by record, then checked as a whole. */
#include "base/memory.h"
#include "base/number/number.h"
#include "label/rule_kinds.h"
#include "label/rule_label.h"
#include "label/rule_record.h"
#include "label/rule_windows.h"
#include "label/rules_internal.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rule_warning_add(struct findings *findings, uint64_t line, uint64_t count, const char *text,
                     struct lcap_error *error)
{
    char place[U64_TEXT];
    number_from_unsigned(line, place);
    const struct lcap_finding finding = {LCAP_SEVERITY_WARNING, place, count, text};
    return findings_add(findings, &finding, error);
}

int rules_warn(struct lcap_rules *rules, struct lcap_error *error, uint64_t line,
               const char *format, ...)
{
    char place[U64_TEXT];
    number_from_unsigned(line, place);
    const struct lcap_finding finding = {LCAP_SEVERITY_WARNING, place, 1, NULL};
    va_list args;
    va_start(args, format);
    const int rc = findings_say(&rules->findings, &finding, error, format, args);
    va_end(args);
    return rc;
}

static int open_loader(struct rule_loader *loader, const char *path, const struct lcap_file *files,
                       size_t file_count, struct lcap_error *error)
{
    struct lcap_rules *rules = memory_new(1, sizeof *rules, error);
    loader->rules = rules;
    int rc = rules ? csv_reader_open(&loader->csv, path, error) : LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = intern_new(&rules->texts, error);
    if (rc == 0)
        rc = intern_new(&rules->filter_texts, error);
    if (rc == 0)
        rc = filter_templates_new(&loader->templates, error);
    if (rc == 0)
        rc = rule_samples_init(&loader->samples, error);
    if (rc == 0)
        rc = rule_kinds_init(loader, error);
    if (rc == 0)
        rc = label_spellings_init(&loader->labels, error);
    if (rc == 0)
        rules->named = memory_new(file_count, sizeof *rules->named, error);
    if (rc == 0 && !rules->named)
        rc = LCAP_ERR_MEMORY;
    if (rc == 0)
        rc = rule_files_new(&loader->files, files, file_count, error);
    if (rc == 0)
        rc = file_patterns_new(&loader->patterns, files, file_count, error);
    if (rc == 0)
        rc = intern_new(&loader->pattern_texts, error);
    if (rc < 0)
        return rc;
    rules->file_count = file_count;
    loader->inputs = files;
    const char *name = csv_reader_name(loader->csv);
    rules->path = memory_copy_text(name, strlen(name), error);
    return rules->path ? LCAP_OK : LCAP_ERR_MEMORY;
}

static void close_loader(struct rule_loader *loader)
{
    csv_reader_free(loader->csv);
    rule_files_free(loader->files);
    file_patterns_free(loader->patterns);
    intern_free(loader->pattern_texts);
    rule_samples_release(&loader->samples);
    label_spellings_release(&loader->labels);
    filter_templates_free(loader->templates);
    intern_free(loader->kinds);
    buffer_release(&loader->text);
    lcap_rules_free(loader->rules);
}

static int read_records(struct rule_loader *loader, struct lcap_error *error)
{
    struct csv_record record;
    int rc = csv_reader_next(loader->csv, &record, error);
    if (rc == 1 && rule_record_is_header(loader, &record))
        rc = csv_reader_next(loader->csv, &record, error);
    while (rc == 1) {
        rc = rule_record_add(loader, &record, error);
        if (rc == 0)
            rc = csv_reader_next(loader->csv, &record, error);
    }
    if (rc == 0 && loader->rules->count == 0)
        rc = lcap_error_set(error, LCAP_ERR_RULES,
                            "%s: no rules; expected lines of traffic_filter,metadata,hash_key",
                            loader->rules->path);
    return rc;
}

int lcap_rules_load(struct lcap_rules **rules, const char *path, const struct lcap_file *files,
                    size_t file_count, struct lcap_error *error)
{
    struct rule_loader loader = {0};
    int rc = open_loader(&loader, path, files, file_count, error);
    if (rc == 0)
        rc = read_records(&loader, error);
    if (rc == LCAP_ERR_FORMAT) { /* invalid CSV makes the rules invalid */
        rc = LCAP_ERR_RULES;
        if (error)
            error->code = rc;
    }
    if (rc == 0)
        rc = rule_label_warn(&loader, error);
    if (rc == 0)
        rc = rule_windows_warn(loader.rules, error);
    if (rc == 0) {
        *rules = loader.rules;
        loader.rules = NULL;
    }
    close_loader(&loader);
    return rc;
}

/* A bound that is infinite stays so, and one that moves out of the range of times becomes so. */
static int64_t shifted(int64_t bound_ns, int64_t ns)
{
    int64_t sum;
    if (bound_ns == INT64_MIN || bound_ns == INT64_MAX)
        return bound_ns;
    return !__builtin_add_overflow(bound_ns, ns, &sum) ? sum : ns < 0 ? INT64_MIN : INT64_MAX;
}

void lcap_rules_shift(struct lcap_rules *rules, int64_t ns)
{
    for (size_t i = 0; i < rules->count; i++) {
        struct lcap_rule *rule = &rules->items[i];
        rule->start_ns = shifted(rule->start_ns, ns);
        rule->end_ns = shifted(rule->end_ns, ns);
    }
}

size_t lcap_rules_count(const struct lcap_rules *rules)
{
    return rules->count;
}

const struct lcap_rule *lcap_rules_get(const struct lcap_rules *rules, size_t index)
{
    return &rules->items[index];
}

bool lcap_rules_name_file(const struct lcap_rules *rules, uint32_t file)
{
    return file < rules->file_count && rules->named[file];
}

const char *lcap_rules_path(const struct lcap_rules *rules)
{
    return rules->path;
}

const struct lcap_finding *lcap_rules_finding(const struct lcap_rules *rules, size_t index)
{
    return findings_get(&rules->findings, index);
}

void lcap_rules_free(struct lcap_rules *rules)
{
    if (!rules)
        return;
    findings_release(&rules->findings);
    for (size_t i = 0; i < rules->filter_count; i++)
        filter_release(&rules->filters[i].ethernet);
    for (size_t i = 0; i < rules->file_set_count; i++)
        free(rules->file_sets[i].files);
    free(rules->file_sets);
    free(rules->filters);
    intern_free(rules->texts);
    intern_free(rules->filter_texts);
    arena_release(&rules->columns);
    free(rules->items);
    free(rules->kinds);
    free(rules->file_names);
    free(rules->named);
    free(rules->path);
    free(rules);
}
