/* Columns, tags and times of one record. */
#include "label/rule_record.h"

#include "base/memory.h"
#include "base/text/text.h"
#include "capture/libpcap/filter.h"
#include "capture/linktype.h"
#include "label/rule_filter.h"
#include "label/rule_kinds.h"
#include "label/rule_label.h"
#include <inttypes.h>
#include <string.h>
#include <strings.h>

int making_at_place(const struct making *m, size_t column, size_t offset, int rc,
                    struct lcap_error *error)
{
    if (rc == LCAP_ERR_ARGUMENT)
        rc = LCAP_ERR_RULES;
    if (!error || rc != LCAP_ERR_RULES)
        return rc;
    uint32_t line, at;
    csv_field_place(m->record, &m->record->fields[column], offset, &line, &at);
    lcap_error_prefix(error, "%s:%" PRIu32 ":%" PRIu32 ": ", csv_reader_name(m->loader->csv), line,
                      at);
    error->code = rc;
    return rc;
}

int making_keep_text(struct lcap_rules *rules, const char *text, size_t len, const char **kept,
                     struct lcap_error *error)
{
    uint32_t id = 0;
    int rc = intern_add(rules->texts, text, len, &id, error);
    if (rc == 0)
        *kept = intern_get(rules->texts, id, &len);
    return rc;
}

static bool field_is(const struct csv_record *record, size_t column, const char *word)
{
    if (column >= record->count)
        return false;
    const char *text = record->fields[column].text;
    size_t len = record->fields[column].len;
    while (len > 0 && text[len - 1] == ' ')
        len--;
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

bool rule_record_is_header(struct rule_loader *loader, const struct csv_record *record)
{
    loader->file_names = (field_is(record, TRAFFIC_FILTER, "filename") ||
                          field_is(record, TRAFFIC_FILTER, "file")) &&
                         field_is(record, METADATA, "label");
    if (loader->file_names)
        return true;
    return field_is(record, TRAFFIC_FILTER, "traffic_filter") &&
           field_is(record, METADATA, "metadata");
}

static int check_columns(const struct making *m, struct lcap_error *error)
{
    size_t count = m->record->count;
    if (count == METADATA + 1 || count == COLUMNS_MAX)
        return LCAP_OK;
    /* Surplus columns begin at the fourth; a missing one belongs after the last. */
    size_t column = count > COLUMNS_MAX ? COLUMNS_MAX : count - 1;
    size_t offset = count > COLUMNS_MAX ? 0 : m->record->fields[column].len;
    int rc = lcap_error_set(error, LCAP_ERR_RULES,
                            "expected 2 or 3 columns (traffic_filter,metadata,hash_key), found %zu",
                            count);
    if (count == 1 && error)
        csv_suggest_commas(&m->record->fields[0], error);
    return making_at_place(m, column, offset, rc, error);
}

/* Finds the inputs of a new pattern. */
static int add_file_set(struct rule_loader *loader, const struct rule_part *part,
                        struct lcap_error *error)
{
    struct lcap_rules *rules = loader->rules;
    int rc = memory_grow((void **)&rules->file_sets, &rules->file_sets_capacity,
                         rules->file_set_count + 1, sizeof *rules->file_sets, error);
    if (rc < 0)
        return rc;
    struct file_set *set = &rules->file_sets[rules->file_set_count++];
    return file_patterns_find(loader->patterns, part->text, part->len, set, error);
}

/* A folder or a pattern. One that matches a single input is the same as its name. */
static int take_pattern(struct making *m, struct lcap_error *error)
{
    const struct rule_part *part = &m->filter.parts[RULE_FILE];
    struct lcap_rules *rules = m->loader->rules;
    uint32_t number = 0;
    int rc = intern_add(m->loader->pattern_texts, part->text, part->len, &number, error);
    if (rc == 0 && number == rules->file_set_count)
        rc = add_file_set(m->loader, part, error);
    if (rc < 0)
        return rc;
    const struct file_set *set = &rules->file_sets[number];
    if (set->count > 1)
        m->rule.file_index = (uint32_t)rules->file_count + number;
    else
        m->rule.file_index = set->count == 1 ? set->files[0] : LCAP_NO_FILE;
    return LCAP_OK;
}

static int warn_of_no_file(struct making *m, bool pattern, struct lcap_error *error)
{
    const struct rule_part *part = &m->filter.parts[RULE_FILE];
    const char *meant = rule_files_suggest(m->loader->files, part->text, part->len);
    char quoted[EXCERPT_TEXT], suggested[EXCERPT_TEXT];
    text_excerpt(part->text, part->len, quoted);
    text_excerpt(meant ? meant : "", meant ? strlen(meant) : 0, suggested);
    return rules_warn(m->loader->rules, error, m->record->line,
                      "no input %s \"%s\"%s; the rule cannot label any packet%s%s%s",
                      pattern ? "matches" : "is named", quoted,
                      pattern ? " below the directory given" : "", meant ? "; did you mean \"" : "",
                      suggested, meant ? "\"?" : "");
}

/* A FILE part, or a column without any tag if that is a file name. */
static int take_file(struct making *m, struct lcap_error *error)
{
    const struct rule_part *part = &m->filter.parts[RULE_FILE];
    m->rule.file_index = ANY_FILE;
    if (!part->text)
        return LCAP_OK;
    const bool pattern = file_pattern_is_one(part->text, part->len);
    m->rule.file_index = LCAP_NO_FILE;
    int rc = rule_files_find(m->loader->files, part->text, part->len, &m->rule.file_index, error);
    if (rc == 0 && m->filter.untagged && !m->loader->file_names)
        rc = rule_filter_no_tag(part->text, part->len, m->loader->rules->count == 0, error);
    if (rc == 1)
        m->loader->rules->named[m->rule.file_index] = true;
    else if (rc == 0 && pattern)
        rc = take_pattern(m, error);
    if (rc < 0)
        return making_at_place(m, TRAFFIC_FILTER, part->text_at, rc, error);
    rc = making_keep_text(m->loader->rules, part->text, part->len, &m->rule.file, error);
    return rc == 0 && m->rule.file_index == LCAP_NO_FILE ? warn_of_no_file(m, pattern, error) : rc;
}

/* Checks a new filter, and keeps its program for the matcher if a template does not make it. */
static int add_filter(struct rule_loader *loader, const struct lcap_rule *rule,
                      struct lcap_error *error)
{
    struct lcap_rules *rules = loader->rules;
    int rc = memory_grow((void **)&rules->filters, &rules->filters_capacity,
                         rules->filter_count + 1, sizeof *rules->filters, error);
    if (rc < 0)
        return rc;
    struct distinct_filter *filter = &rules->filters[rules->filter_count];
    *filter = (struct distinct_filter){.text = rule->bpf, .line = rule->line};
    if (rule->bpf)
        rc = filter_templates_make(loader->templates, &filter->ethernet, rule->bpf,
                                   LINKTYPE_ETHERNET, error);
    if (rc == 1)
        filter_release(&filter->ethernet);
    else if (rc == 0 && rule->bpf)
        rc = filter_check(&filter->ethernet, rule->bpf, error);
    rules->filter_count += rc >= 0;
    return rc < 0 ? rc : LCAP_OK;
}

/* Numbers the filter by its BPF and COMMENT parts, a NUL between them. */
static int number_filter(struct making *m, uint32_t *number, struct lcap_error *error)
{
    struct intern *texts = m->loader->rules->filter_texts;
    const struct rule_part *bpf = &m->filter.parts[RULE_BPF];
    const struct rule_part *comment = &m->filter.parts[RULE_COMMENT];
    if (!comment->text)
        return intern_add(texts, bpf->text, bpf->len, number, error);
    struct buffer key = {0};
    int rc = buffer_append(&key, bpf->text, bpf->len, error);
    if (rc == 0)
        rc = buffer_append(&key, "", 1, error);
    if (rc == 0)
        rc = buffer_append(&key, comment->text, comment->len, error);
    if (rc == 0)
        rc = intern_add(texts, key.data, key.len, number, error);
    buffer_release(&key);
    return rc;
}

static int keep_comment(struct making *m, struct lcap_error *error)
{
    const struct rule_part *part = &m->filter.parts[RULE_COMMENT];
    return part->text
               ? making_keep_text(m->loader->rules, part->text, part->len, &m->rule.comment, error)
               : LCAP_OK;
}

/* A bar that joins no tags; between numbers libpcap knows it, too. */
static void explain_bar(const struct rule_part *bpf, struct lcap_error *error)
{
    static const char syntax[] = "syntax error";
    const struct lcap_error told = *error;
    const char *found = strstr(told.text, syntax);
    if (!bpf->text || !memchr(bpf->text, '|', bpf->len) || !found || found[strlen(syntax)])
        return;
    lcap_error_clear(error);
    lcap_error_set(error, told.code, "%s; alternatives are joined by or, tags by a single |",
                   told.text);
}

static int take_filter(struct making *m, struct lcap_error *error)
{
    const struct rule_part *bpf = &m->filter.parts[RULE_BPF];
    struct lcap_rules *rules = m->loader->rules;
    m->rule.filter = NO_FILTER;
    if (!bpf->text && !m->filter.parts[RULE_COMMENT].text)
        return LCAP_OK;
    int rc = keep_comment(m, error);
    if (rc == 0)
        rc = number_filter(m, &m->rule.filter, error);
    if (rc < 0)
        return rc;
    if (bpf->text)
        m->rule.bpf = intern_get(rules->filter_texts, m->rule.filter, NULL);
    if (m->rule.filter == rules->filter_count)
        rc = add_filter(m->loader, &m->rule, error);
    if (rc == 0)
        rules->filters[m->rule.filter].rules++;
    if (rc < 0 && error) {
        char quoted[EXCERPT_TEXT];
        text_excerpt(bpf->text, bpf->len, quoted);
        explain_bar(bpf, error);
        lcap_error_prefix(error, "filter \"%s\": ", quoted);
    }
    return rc < 0 ? making_at_place(m, TRAFFIC_FILTER, bpf->text_at, rc, error) : LCAP_OK;
}

/* From 1990 to 2262: no seconds of a capture are as large as these in a smaller unit. */
static bool is_likely(uint64_t seconds)
{
    return seconds >= 631152000 && seconds <= INT64_MAX / NS_PER_SECOND;
}

static int check_unit(struct making *m, enum rule_tag tag, struct lcap_error *error)
{
    static const struct {
        const char *name;
        uint64_t per_second;
    } units[] = {{"milliseconds", 1000}, {"microseconds", 1000000}, {"nanoseconds", NS_PER_SECOND}};
    const struct rule_part *part = &m->filter.parts[tag];
    uint64_t value;
    if (!text_to_u64(part->text, part->len, &value) || value <= INT64_MAX / NS_PER_SECOND)
        return LCAP_OK;
    size_t unit = 0;
    while (unit < 3 && !is_likely(value / units[unit].per_second))
        unit++;
    if (unit == 3)
        return LCAP_OK;
    char time[TIME_TEXT];
    text_from_time((int64_t)(value / units[unit].per_second) * NS_PER_SECOND, time);
    return rules_warn(m->loader->rules, error, m->record->line,
                      "%s %" PRIu64 " is beyond 2262: expected seconds; as %s it is %s",
                      tag == RULE_START ? "TS_START" : "TS_END", value, units[unit].name, time);
}

static int take_time(struct making *m, enum rule_tag tag, int64_t *ns, bool *whole_second,
                     struct lcap_error *error)
{
    const struct rule_part *part = &m->filter.parts[tag];
    if (!part->text)
        return LCAP_OK;
    m->rule.has_window = true;
    int rc = text_to_time(part->text, part->len, ns, whole_second, error);
    if (rc == 0)
        rc = check_unit(m, tag, error);
    return rc < 0 ? making_at_place(m, TRAFFIC_FILTER, part->text_at, rc, error) : LCAP_OK;
}

static int take_window(struct making *m, struct lcap_error *error)
{
    struct lcap_rule *rule = &m->rule;
    const struct rule_part *start = &m->filter.parts[RULE_START];
    const struct rule_part *end = &m->filter.parts[RULE_END];
    bool whole_second = false;
    rule->start_ns = INT64_MIN;
    rule->end_ns = INT64_MAX;
    int rc = take_time(m, RULE_START, &rule->start_ns, &whole_second, error);
    whole_second = false;
    if (rc == 0)
        rc = take_time(m, RULE_END, &rule->end_ns, &whole_second, error);
    /* An end without a fraction includes its whole second. */
    if (whole_second && __builtin_add_overflow(rule->end_ns, NS_PER_SECOND - 1, &rule->end_ns))
        rule->end_ns = INT64_MAX;
    if (rc < 0 || rule->start_ns <= rule->end_ns)
        return rc;
    char start_text[EXCERPT_TEXT], end_text[EXCERPT_TEXT];
    text_excerpt(start->text, start->len, start_text);
    text_excerpt(end->text, end->len, end_text);
    rc = lcap_error_set(error, LCAP_ERR_RULES, "TS_END %s is before TS_START %s", end_text,
                        start_text);
    return making_at_place(m, TRAFFIC_FILTER, end->tag_at, rc, error);
}

static int take_scope(struct making *m, struct rule_kind *kind, struct lcap_error *error)
{
    const struct rule_part *part = &m->filter.parts[RULE_SCOPE];
    size_t at;
    int rc = part->text ? rule_kind_take_scope(kind, part->text, part->len, &at, error) : LCAP_OK;
    return rc < 0 ? making_at_place(m, TRAFFIC_FILTER, part->text_at + at, rc, error) : LCAP_OK;
}

static int take_each(struct making *m, struct rule_kind *kind, struct lcap_error *error)
{
    const struct rule_part *part = &m->filter.parts[RULE_EACH];
    for (int i = 0; i < EACH_MOST && part->text; i++, part++) {
        size_t at;
        int rc = rule_kind_take_each(kind, part->text, part->len, &at, error);
        if (rc < 0)
            return making_at_place(m, TRAFFIC_FILTER, part->text_at + at, rc, error);
    }
    return LCAP_OK;
}

static int take_kind(struct making *m, struct lcap_error *error)
{
    struct rule_kind kind = {0};
    int rc = take_scope(m, &kind, error);
    if (rc == 0)
        rc = take_each(m, &kind, error);
    if (rc < 0)
        return rc;
    rc = rule_kinds_add(m->loader, &kind, &m->rule.kind, error);
    return rc < 0
               ? making_at_place(m, TRAFFIC_FILTER, m->filter.parts[RULE_EACH].text_at, rc, error)
               : rc;
}

/* Somebody wrote a comma where a bar belongs. */
static int check_no_tag(const struct making *m, size_t column, struct lcap_error *error)
{
    const struct csv_field *field = &m->record->fields[column];
    const char *tag = rule_filter_tag(field->text, field->len);
    if (!tag)
        return LCAP_OK;
    int rc = lcap_error_set(error, LCAP_ERR_RULES,
                            "the %s begins with the tag %s:; tags are joined by |, not by a comma",
                            column == METADATA ? "metadata" : "hash_key", tag);
    return making_at_place(m, column, 0, rc, error);
}

static int check_tags(struct making *m, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t column = METADATA; rc == 0 && column < m->record->count; column++)
        rc = check_no_tag(m, column, error);
    return rc;
}

static int split_filter(struct making *m, struct lcap_error *error)
{
    const struct csv_field *column = &m->record->fields[TRAFFIC_FILTER];
    size_t at = 0;
    int rc = rule_filter_split(column->text, column->len, &m->filter, &at, error);
    if (rc < 0)
        return making_at_place(m, TRAFFIC_FILTER, at, rc, error);
    m->rule.line = m->record->line;
    char *text = arena_take(&m->loader->rules->columns, column->len + 1, error);
    m->rule.text = text;
    if (!text)
        return LCAP_ERR_MEMORY;
    memcpy(text, column->text, column->len + 1);
    return LCAP_OK;
}

int rule_record_add(struct rule_loader *loader, const struct csv_record *record,
                    struct lcap_error *error)
{
    static int (*const steps[])(struct making *, struct lcap_error *) = {
        check_tags,
        split_filter,
        take_file,
        take_filter,
        take_window,
        take_kind,
        rule_label_take_sample,
        rule_label_check_length,
        rule_label_check_end,
        rule_label_check_spelling,
        rule_label_check_key,
    };
    struct lcap_rules *rules = loader->rules;
    struct making m = {.loader = loader, .record = record};
    int rc = check_columns(&m, error);
    for (size_t i = 0; rc == 0 && i < sizeof steps / sizeof *steps; i++)
        rc = steps[i](&m, error);
    if (rc == 0 && rules->count >= NO_RULE)
        rc = lcap_error_set(error, LCAP_ERR_RULES, "more than 2^32 rules");
    if (rc == 0)
        rc = memory_grow((void **)&rules->items, &rules->capacity, rules->count + 1,
                         sizeof *rules->items, error);
    if (rc == 0)
        rules->items[rules->count++] = m.rule;
    return rc;
}
