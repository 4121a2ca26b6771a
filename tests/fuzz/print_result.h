/* Results in both forms that commands print: as text, and as JSON that others can read. */
#ifndef FUZZ_PRINT_RESULT_H
#define FUZZ_PRINT_RESULT_H

#include "base/buffer.h"
#include "base/result.h"
#include "report/report_json.h"
#include "report/report_text.h"
#include "scratch_folder.h"
#include <jansson.h>

static inline void take_piece(void *buffer, const void *bytes, size_t len)
{
    require(buffer_append(buffer, bytes, len, NULL) == 0);
}

/* Appends what --json prints, and releases the result. */
static inline void append_json(struct result *result, struct buffer *json)
{
    const struct report_sink sink = {take_piece, json};
    require(report_json(result, &sink, NULL) == 0);
    result_release(result);
}

/* Releases the result. */
static inline void print_result(struct result *result)
{
    struct buffer text = {0}, json = {0};
    const struct report_sink text_sink = {take_piece, &text}, json_sink = {take_piece, &json};
    require(report_text(result, 80, &text_sink, NULL) == 0);
    require(report_json(result, &json_sink, NULL) == 0);
    json_t *read = json_loadb((const char *)json.data, json.len,
                              JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    require(json_is_object(read));
    json_decref(read);
    buffer_release(&text);
    buffer_release(&json);
    result_release(result);
}

#endif
