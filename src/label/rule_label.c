/* The metadata of a rule, and the sampleID computed from its record. */
#include "label/rule_label.h"

#include "base/text/text.h"
#include "label/comment.h"
#include "label/rule_kinds.h"
#include <inttypes.h>
#include <stdio.h>

static const struct rule_kind *kind_of(const struct making *m)
{
    return &m->loader->rules->kinds[m->rule.kind].kind;
}

/* A sample keeps its first label; a second one from another rule is reported once. */
static int check_sample(struct making *m, const char *source, size_t len, struct lcap_error *error)
{
    const struct lcap_rule *rule = &m->rule;
    const struct sample sample = {rule->sample_id, rule->metadata, rule->metadata_len};
    struct rule_samples *samples = &m->loader->samples;
    const struct buffer *hashed = &m->loader->text;
    uint32_t number;
    int rc = rule_samples_add(samples, &sample, (const char *)hashed->data, hashed->len, rule->line,
                              &number, error);
    if (rc < 0)
        return making_at_place(m, rule->hash_key ? HASH_KEY : TRAFFIC_FILTER, 0, rc, error);
    if (rc == 0)
        return LCAP_OK;
    const struct sample first = sample_registry_get(&samples->registry, number);
    char key[EXCERPT_TEXT], here[EXCERPT_TEXT], there[EXCERPT_TEXT];
    text_excerpt(source, len, key);
    text_excerpt(sample.metadata, sample.metadata_len, here);
    text_excerpt(first.metadata, first.metadata_len, there);
    return rules_warn(m->loader->rules, error, rule->line,
                      "one sample, two labels: hash_key \"%s\" has the metadata \"%s\" here "
                      "and \"%s\" in line %" PRIu64,
                      key, here, there, samples->items[number].line);
}

/* "dns" and " DNS" would be two classes. */
int rule_label_check_spelling(struct making *m, struct lcap_error *error)
{
    const struct lcap_rule *rule = &m->rule;
    struct label_spellings *labels = &m->loader->labels;
    struct first_spelling first;
    int rc =
        label_spellings_add(labels, rule->metadata, rule->metadata_len, rule->line, &first, error);
    if (rc <= 0)
        return rc;
    size_t len;
    const char *label = intern_get(labels->exact, first.label, &len);
    char here[EXCERPT_TEXT], there[EXCERPT_TEXT];
    text_excerpt(rule->metadata, rule->metadata_len, here);
    text_excerpt(label, len, there);
    return rules_warn(m->loader->rules, error, rule->line,
                      "the label \"%s\" differs from \"%s\" in line %" PRIu64
                      " only in case or spaces; they are two classes",
                      here, there, first.line);
}

/* "web, plain" without quotes is metadata and a hash_key. */
int rule_label_check_key(struct making *m, struct lcap_error *error)
{
    const struct lcap_rule *rule = &m->rule;
    struct rule_loader *loader = m->loader;
    (void)error;
    if (rule->hash_key && rule->hash_key[0] == ' ' && rule->metadata[0] != ' ' &&
        loader->spaced_keys++ == 0)
        loader->first_spaced_line = rule->line;
    return LCAP_OK;
}

int rule_label_warn(struct rule_loader *loader, struct lcap_error *error)
{
    char text[160], more[COUNTED_TEXT] = "";
    if (loader->spaced_keys == 0)
        return LCAP_OK;
    if (loader->spaced_keys > 1)
        text_counted(loader->spaced_keys - 1, "more rule", more);
    snprintf(text, sizeof text,
             "the hash_key begins with a space: metadata with a comma needs quotes%s%s",
             *more ? "; and so for " : "", more);
    return rule_warning_add(&loader->rules->findings, loader->first_spaced_line,
                            loader->spaced_keys, text, error);
}

static int keep_source(struct making *m, const char *source, size_t len, struct lcap_error *error)
{
    m->rule.source_len = (uint32_t)len; /* of a record, too */
    return making_keep_text(m->loader->rules, source, len, &m->rule.source, error);
}

int rule_label_take_sample(struct making *m, struct lcap_error *error)
{
    const struct csv_record *record = m->record;
    struct lcap_rules *rules = m->loader->rules;
    const char *source = record->bytes;
    size_t len = record->bytes_len;
    int rc = LCAP_OK;
    if (record->count > HASH_KEY && record->fields[HASH_KEY].len > 0) {
        source = record->fields[HASH_KEY].text;
        len = record->fields[HASH_KEY].len;
        rc = making_keep_text(rules, source, len, &m->rule.hash_key, error);
    }
    const struct csv_field *metadata = &record->fields[METADATA];
    if (rc == 0)
        rc = making_keep_text(rules, metadata->text, metadata->len, &m->rule.metadata, error);
    if (rc < 0)
        return rc;
    m->rule.metadata_len = (uint32_t)metadata->len; /* of a record, which is at most 1 MiB long */
    if (kind_of(m)->each)
        rc = keep_source(m, source, len, error);
    if (rc == 0)
        rc = rule_kinds_hashed(kind_of(m), source, len, &m->loader->text, error);
    if (rc < 0)
        return rc;
    m->rule.sample_id = lcap_sample_id(m->loader->text.data, m->loader->text.len);
    return check_sample(m, source, len, error);
}

/* The sampleID with the most digits. */
static uint64_t longest_id(const struct making *m)
{
    return kind_of(m)->each ? UINT64_MAX : m->rule.sample_id;
}

/* The label must fit into a comment. */
int rule_label_check_length(struct making *m, struct lcap_error *error)
{
    const size_t len = m->rule.metadata_len;
    const size_t comment_len = comment_length(longest_id(m), len);
    if (comment_len <= LCAP_MAX_COMMENT)
        return LCAP_OK;
    int rc = lcap_error_set(error, LCAP_ERR_RULES,
                            "metadata of %zu bytes: with the sampleID the label has %zu bytes, but "
                            "a comment can hold only %d",
                            len, comment_len, LCAP_MAX_COMMENT);
    return making_at_place(m, METADATA, 0, rc, error);
}

/* A reader must find the metadata again as it stands here. */
int rule_label_check_end(struct making *m, struct lcap_error *error)
{
    const struct csv_field *metadata = &m->record->fields[METADATA];
    const size_t end = comment_read_length(metadata->text, metadata->len);
    if (end == metadata->len)
        return LCAP_OK;
    char excerpt[EXCERPT_TEXT];
    text_excerpt(metadata->text + end, metadata->len - end, excerpt);
    int rc = lcap_error_set(error, LCAP_ERR_RULES,
                            "\"%s\" at the end of the metadata would be read as a fact of the "
                            "packet: d=, dir= and dst= are pcapml's",
                            excerpt);
    return making_at_place(m, METADATA, end, rc, error);
}
