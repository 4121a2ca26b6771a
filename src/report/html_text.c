/* Escapes text for HTML. */
#include "report/html_text.h"

#include "base/text/text.h"
#include "report/text_value.h"
#include <string.h>

static const char *entity_of(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

int html_append(struct buffer *out, const char *text, size_t len, struct lcap_error *error)
{
    size_t done = 0;
    int rc = LCAP_OK;
    for (size_t i = 0; i < len && rc == LCAP_OK; i++) {
        const char *entity = entity_of(text[i]);
        if (!entity)
            continue;
        rc = buffer_append(out, text + done, i - done, error);
        if (rc == LCAP_OK)
            rc = buffer_append_text(out, entity, error);
        done = i + 1;
    }
    return rc == LCAP_OK ? buffer_append(out, text + done, len - done, error) : rc;
}

int html_append_string(struct buffer *out, const char *text, struct lcap_error *error)
{
    return html_append(out, text, strlen(text), error);
}

/* Numbers and times have nothing to escape. */
int html_append_value(struct buffer *out, const struct result_value *value,
                      struct lcap_error *error)
{
    if (value->kind == RESULT_TEXT) {
        char excerpt[EXCERPT_TEXT];
        text_excerpt(value->as.text, value->text_len, excerpt);
        return html_append_string(out, excerpt, error);
    }
    int rc = text_value_append(out, value, error);
    const char *unit = text_value_unit(value->kind);
    if (rc == LCAP_OK && *unit && value->kind != RESULT_NOTHING)
        rc = buffer_printf(out, error, " %s", unit);
    return rc;
}
