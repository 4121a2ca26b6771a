/* A description as one JSON object. */
#include "report/report_json.h"

#include "base/number/number.h"
#include "base/text/json.h"
#include <string.h>

static void put_value(struct json_writer *json, const char *key, const struct result_value *value)
{
    char digits[U64_TEXT];
    switch (value->kind) {
    case RESULT_NOTHING:
        json_null(json, key);
        break;
    case RESULT_TRUTH:
        json_bool(json, key, value->as.u);
        break;
    case RESULT_COUNT:
    case RESULT_NUMBER:
    case RESULT_DURATION:
        json_u64(json, key, value->as.u);
        break;
    case RESULT_SIGNED:
    case RESULT_TIME:
        json_i64(json, key, value->as.i);
        break;
    case RESULT_REAL:
    case RESULT_SHARE:
        json_real(json, key, value->as.real);
        break;
    case RESULT_SAMPLE_ID:
        json_text(json, key, digits, number_from_unsigned(value->as.u, digits));
        break;
    case RESULT_TEXT:
        json_text(json, key, value->as.text, value->text_len);
        break;
    }
}

static void put_table(struct json_writer *json, const struct result_item *item,
                      const struct report_sink *sink)
{
    const struct result_table *table = &item->table;
    json_open_array(json, item->key);
    for (size_t i = 0; i < table->row_count; i++) {
        struct result_row row;
        result_make_row(table, i, &row);
        json_open_object(json, NULL);
        for (size_t column = 0; column < row.count; column++)
            if (table->columns[column].key)
                put_value(json, table->columns[column].key, &row.cells[column]);
        json_close_object(json);
        report_hand_on_full(sink, json->out);
    }
    json_close_array(json);
}

static void put_string(struct json_writer *json, const char *key, const char *text)
{
    json_text(json, key, text, strlen(text));
}

static void put_finding(struct json_writer *json, const struct lcap_finding *finding)
{
    json_open_object(json, NULL);
    put_string(json, "severity", findings_severity(finding->severity));
    if (finding->place)
        put_string(json, "place", finding->place);
    else
        json_null(json, "place");
    json_u64(json, "count", finding->count);
    put_string(json, "text", finding->text);
    json_close_object(json);
}

static void put_findings(struct json_writer *json, const struct result *result, const char *key)
{
    json_open_array(json, key);
    for (size_t i = 0; i < result->findings.count; i++)
        put_finding(json, &result->findings.items[i]);
    json_close_array(json);
}

static void put_item(struct json_writer *json, const struct result *result,
                     const struct result_item *item, const struct report_sink *sink)
{
    switch (item->kind) {
    case RESULT_LEAF:
        put_value(json, item->key, &item->value);
        break;
    case RESULT_OPEN:
        json_open_object(json, item->key);
        break;
    case RESULT_ROWS:
        put_table(json, item, sink);
        break;
    case RESULT_FINDINGS:
        put_findings(json, result, item->key);
        break;
    case RESULT_CLOSE:
    case RESULT_LINE:
        break;
    }
}

int report_json(const struct result *result, const struct report_sink *sink,
                struct lcap_error *error)
{
    struct buffer out = {0};
    struct json_writer json;
    int rc = result->status;
    json_begin(&json, &out, error);
    json_open_object(&json, NULL);
    for (size_t i = 0; i < result->item_count && rc == LCAP_OK; i++) {
        const struct result_item *item = &result->items[i];
        if (item->kind == RESULT_CLOSE)
            json_close_object(&json);
        else if (item->key)
            put_item(&json, result, item, sink);
    }
    json_close_object(&json);
    if (rc == LCAP_OK)
        rc = json_end(&json);
    if (rc == LCAP_OK)
        report_hand_on(sink, &out);
    buffer_release(&out);
    return rc;
}

/* ---- for programs ---- */

struct json_taking {
    struct buffer *json;
    struct lcap_error *error;
    int status;
};

static void take_piece(void *context, const void *bytes, size_t len)
{
    struct json_taking *taking = context;
    if (taking->status == LCAP_OK)
        taking->status = buffer_append(taking->json, bytes, len, taking->error);
}

static int print(struct lcap_result *result, struct lcap_error *error)
{
    struct json_taking taking = {&result->json, error, LCAP_OK};
    const struct report_sink sink = {take_piece, &taking};
    int rc = report_json(&result->description, &sink, error);
    if (rc == LCAP_OK)
        rc = taking.status;
    return rc == LCAP_OK ? buffer_append(&result->json, "", 1, error) : rc;
}

int lcap_result_json(struct lcap_result *result, const char **text, size_t *len,
                     struct lcap_error *error)
{
    const int rc = result->json.len == 0 ? print(result, error) : LCAP_OK;
    if (rc < 0) {
        buffer_clear(&result->json);
        return rc;
    }
    *text = (const char *)result->json.data;
    *len = result->json.len - 1;
    return LCAP_OK;
}
