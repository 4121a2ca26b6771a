/* Files of samples and their labels. */
#include "dataset/score/label_list.h"

#include "base/text/csv.h"
#include "base/text/text.h"
#include "dataset/sample_id_file.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SAMPLE_ID, LABEL, PROBABILITY };

/* Columns: of a truth, of predictions. */
enum { TWO = 2, WITH_PROBABILITY = 3 };

struct label_list {
    struct csv_reader *reader;
    struct csv_record record;
    enum label_list_kind kind;
    size_t columns; /* of the first record; 0 before it */
    size_t split;   /* the column of that name; 0: there is none */
    label_line_taker *take;
    void *context;
};

/* An error in a field: what was expected there. */
static int wrong_field(const struct label_list *list, const struct csv_field *field,
                       const char *expected, struct lcap_error *error)
{
    char found[EXCERPT_TEXT];
    text_excerpt(field->text, field->len, found);
    return lcap_error_set(error, LCAP_ERR_FORMAT, "%s:%u:%u: expected %s, found '%s'",
                          csv_reader_name(list->reader), field->line, field->column, expected,
                          found);
}

/* The first record may have decided. */
static const char *expected_columns(const struct label_list *list)
{
    if (list->columns > TWO && list->kind == LABEL_LIST_TRUTH)
        return "as many columns as in the header";
    if (list->columns == TWO || list->kind == LABEL_LIST_TRUTH)
        return "2 columns (sample_id,label)";
    return list->columns == WITH_PROBABILITY ? "3 columns (sample_id,label,probability)"
                                             : "2 or 3 columns (sample_id,label,probability)";
}

static int wrong_count(const struct label_list *list, struct lcap_error *error)
{
    const int rc = lcap_error_set(error, LCAP_ERR_FORMAT, "%s:%u:1: expected %s, found %zu",
                                  csv_reader_name(list->reader), list->record.line,
                                  expected_columns(list), list->record.count);
    if (list->record.count == 1 && error)
        csv_suggest_commas(&list->record.fields[0], error);
    return rc;
}

/* How many columns the first record may have. */
static size_t most_columns(const struct label_list *list)
{
    uint64_t id;
    const struct csv_field *first = &list->record.fields[SAMPLE_ID];
    if (list->kind == LABEL_LIST_PREDICTIONS)
        return WITH_PROBABILITY;
    return text_to_u64(first->text, first->len, &id) ? TWO : SIZE_MAX;
}

/* The first record decides how many columns there are. */
static int check_count(struct label_list *list, struct lcap_error *error)
{
    const size_t count = list->record.count;
    const size_t least = list->columns ? list->columns : TWO;
    const size_t most = list->columns ? list->columns : most_columns(list);
    if (count < least || count > most)
        return wrong_count(list, error);
    list->columns = count;
    return LCAP_OK;
}

static int take_header(struct label_list *list, struct lcap_error *error)
{
    const struct csv_field *fields = list->record.fields;
    if (strcasecmp(fields[LABEL].text, "label") != 0 &&
        strcasecmp(fields[LABEL].text, "metadata") != 0)
        return wrong_field(list, &fields[LABEL], "the column 'label' or 'metadata'", error);
    if (list->kind == LABEL_LIST_PREDICTIONS && list->columns > PROBABILITY &&
        strcasecmp(fields[PROBABILITY].text, "probability") != 0)
        return wrong_field(list, &fields[PROBABILITY], "the column 'probability'", error);
    for (size_t i = TWO; i < list->columns && list->split == 0; i++)
        list->split = strcasecmp(fields[i].text, "split") == 0 ? i : 0;
    return LCAP_OK;
}

static int take_probability(const struct label_list *list, double *probability,
                            struct lcap_error *error)
{
    const struct csv_field *field = &list->record.fields[PROBABILITY];
    char *end;
    *probability = strtod(field->text, &end);
    const bool is_decimal = field->len > 0 && !field->text[strspn(field->text, "0123456789.eE+-")];
    return is_decimal && !*end && *probability >= 0 && *probability <= 1
               ? LCAP_OK
               : wrong_field(list, field, "a probability from 0 to 1", error);
}

static int take_line(struct label_list *list, struct label_line *line, struct lcap_error *error)
{
    const struct csv_field *fields = list->record.fields;
    if (fields[LABEL].len == 0)
        return wrong_field(list, &fields[LABEL], "a label", error);
    line->label = fields[LABEL].text;
    line->label_len = fields[LABEL].len;
    line->probability = -1;
    line->split = list->split > 0 ? fields[list->split].text : NULL;
    line->line = fields[SAMPLE_ID].line;
    int rc = LCAP_OK;
    if (list->kind == LABEL_LIST_PREDICTIONS && list->columns > PROBABILITY)
        rc = take_probability(list, &line->probability, error);
    if (rc == 0 && (rc = list->take(list->context, line, error)) < 0)
        lcap_error_prefix(error, "%s:%u:%u: ", csv_reader_name(list->reader), line->line,
                          fields[SAMPLE_ID].column);
    return rc;
}

static int take_record(struct label_list *list, struct lcap_error *error)
{
    struct label_line line;
    const bool is_first = list->columns == 0;
    int rc = check_count(list, error);
    if (rc < 0)
        return rc;
    rc = sample_id_take(list->reader, &list->record, is_first, &line.sample_id, error);
    if (rc == 0)
        return take_header(list, error);
    return rc == 1 ? take_line(list, &line, error) : rc;
}

int label_list_read(const char *path, enum label_list_kind kind, label_line_taker *take,
                    void *context, struct lcap_error *error)
{
    struct label_list list = {.kind = kind, .take = take, .context = context};
    int rc = csv_reader_open(&list.reader, path, error);
    while (rc >= 0 && (rc = csv_reader_next(list.reader, &list.record, error)) == 1)
        rc = take_record(&list, error);
    csv_reader_free(list.reader);
    return rc;
}
