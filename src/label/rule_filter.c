/* Splits the column traffic_filter at its tags. */
#include "label/rule_filter.h"

#include "base/text/spelling.h"
#include "base/text/text.h"
#include <ctype.h>
#include <string.h>

#define TAGS_EXPECTED "expected FILE:, BPF:, COMMENT:, TS_START:, TS_END:, SCOPE: or EACH:"

static const struct {
    const char *name;
    const char *value; /* what must follow it */
} tags[RULE_TAGS] = {
    [RULE_FILE] = {"FILE", "a path"},
    [RULE_BPF] = {"BPF", "a filter"},
    [RULE_COMMENT] = {"COMMENT", "a pattern"},
    [RULE_START] = {"TS_START", "a time"},
    [RULE_END] = {"TS_END", "a time"},
    [RULE_SCOPE] = {"SCOPE", "flow"},
    [RULE_EACH] = {"EACH", "flow, host, window, file or packet"},
};

/* Longer words are not mistyped tags. */
#define WORD_MAX 16

static const char *tag_meant(const char *word, size_t len)
{
    struct spelling spelling = {.word = word, .len = len};
    for (int tag = 0; tag < RULE_TAGS; tag++)
        spelling_try(&spelling, tags[tag].name);
    return spelling.meant;
}

/* The length of a word followed by a colon; 0 if there is none. */
static size_t word_before_colon(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && n < WORD_MAX && (isalnum((unsigned char)text[n]) || text[n] == '_'))
        n++;
    return n < len && text[n] == ':' ? n : 0;
}

/* `lacks` is the message for text that does not begin with a word and a colon. */
static int wrong_tag(const char *text, size_t len, const char *lacks, struct lcap_error *error)
{
    size_t word = word_before_colon(text, len);
    if (word == 0) {
        char quoted[EXCERPT_TEXT];
        text_excerpt(text, len, quoted);
        return lcap_error_set(error, LCAP_ERR_RULES, "\"%s\" %s; " TAGS_EXPECTED, quoted, lacks);
    }
    const char *meant = tag_meant(text, word);
    return lcap_error_set(error, LCAP_ERR_RULES, "%.*s: is not a tag; " TAGS_EXPECTED "%s%s%s",
                          (int)word, text, meant ? "; did you mean " : "", meant ? meant : "",
                          meant ? ":?" : "");
}

/* Names of columns are single words; names of captures usually have a point. */
static bool is_single_word(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && (isalpha((unsigned char)text[n]) || text[n] == '_'))
        n++;
    return n == len;
}

int rule_filter_no_tag(const char *text, size_t len, bool first, struct lcap_error *error)
{
    return wrong_tag(text, len,
                     first && is_single_word(text, len)
                         ? "has no tag, names no input file, and begins no header "
                           "(traffic_filter,metadata or filename,label)"
                         : "has no tag and names no input file",
                     error);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t skip_spaces(const char *text, size_t at, size_t end)
{
    while (at < end && is_space(text[at]))
        at++;
    return at;
}

/* The tag at text[at..end), or RULE_TAGS; *value_at is after its colon. */
static enum rule_tag tag_at(const char *text, size_t at, size_t end, size_t *value_at)
{
    for (int tag = 0; tag < RULE_TAGS; tag++) {
        size_t len = strlen(tags[tag].name);
        if (end - at > len && memcmp(text + at, tags[tag].name, len) == 0 &&
            text[at + len] == ':') {
            *value_at = at + len + 1;
            return (enum rule_tag)tag;
        }
    }
    return RULE_TAGS;
}

const char *rule_filter_tag(const char *text, size_t len)
{
    size_t value_at;
    enum rule_tag tag = tag_at(text, skip_spaces(text, 0, len), len, &value_at);
    return tag == RULE_TAGS ? NULL : tags[tag].name;
}

/* The end of the part that begins at `at`: a '|' followed by a tag, or the end of the column. */
static size_t find_part_end(const char *text, size_t at, size_t len)
{
    size_t value_at;
    for (; at < len; at++)
        if (text[at] == '|' &&
            tag_at(text, skip_spaces(text, at + 1, len), len, &value_at) != RULE_TAGS)
            break;
    return at;
}

static struct rule_part trimmed(const char *text, size_t tag_at, size_t at, size_t end)
{
    at = skip_spaces(text, at, end);
    while (end > at && is_space(text[end - 1]))
        end--;
    return (struct rule_part){.text = text + at, .len = end - at, .tag_at = tag_at, .text_at = at};
}

/* The place of another part; NULL if there is no more room for it. */
static struct rule_part *place_of(struct rule_filter *filter, enum rule_tag tag)
{
    struct rule_part *part = &filter->parts[tag];
    const struct rule_part *last = tag == RULE_EACH ? part + EACH_MOST - 1 : part;
    while (part <= last && part->text)
        part++;
    return part <= last ? part : NULL;
}

static int take_part(const char *text, size_t begin, size_t end, struct rule_filter *filter,
                     size_t *at, struct lcap_error *error)
{
    size_t value_at;
    *at = skip_spaces(text, begin, end);
    enum rule_tag tag = tag_at(text, *at, end, &value_at);
    if (tag == RULE_TAGS)
        return wrong_tag(text + *at, end - *at, "has no tag", error);
    struct rule_part *place = place_of(filter, tag);
    if (!place)
        return lcap_error_set(error, LCAP_ERR_RULES, "%s: occurs %s in one rule%s", tags[tag].name,
                              tag == RULE_EACH ? "too often" : "twice",
                              tag == RULE_BPF ? "; alternatives are joined by or in one filter"
                                              : "");
    struct rule_part part = trimmed(text, *at, value_at, end);
    if (part.len == 0)
        return lcap_error_set(error, LCAP_ERR_RULES, "%s: expected %s after it", tags[tag].name,
                              tags[tag].value);
    *place = part;
    return LCAP_OK;
}

int rule_filter_split(const char *text, size_t len, struct rule_filter *filter, size_t *at,
                      struct lcap_error *error)
{
    *filter = (struct rule_filter){0};
    struct rule_part whole = trimmed(text, 0, 0, len);
    *at = 0;
    if (whole.len == 0)
        return lcap_error_set(error, LCAP_ERR_RULES, "the traffic_filter is empty; " TAGS_EXPECTED);
    size_t value_at, end = find_part_end(text, 0, len);
    if (end == len && tag_at(text, whole.text_at, len, &value_at) == RULE_TAGS) {
        filter->untagged = true;
        filter->parts[RULE_FILE] = whole;
        return LCAP_OK;
    }
    int rc = take_part(text, 0, end, filter, at, error);
    while (rc == 0 && end < len) {
        size_t begin = end + 1;
        end = find_part_end(text, begin, len);
        rc = take_part(text, begin, end, filter, at, error);
    }
    return rc;
}
