/* Builds descriptions. */
#include "base/result.h"

#include "base/memory.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void result_row_add(struct result_row *row, struct result_value value)
{
    if (row->count < RESULT_MAX_COLUMNS)
        row->cells[row->count++] = value;
}

void result_row_printf(struct result_row *row, const char *format, ...)
{
    char *text = row->text + row->text_len;
    const size_t room = sizeof row->text - row->text_len;
    va_list args;
    va_start(args, format);
    const int needed = vsnprintf(text, room, format, args);
    va_end(args);
    const size_t len = needed < 0 ? 0 : (size_t)needed < room ? (size_t)needed : room - 1;
    result_row_add(row, result_text(text, len));
    row->text_len += len;
}

void result_begin(struct result *result, struct lcap_error *error)
{
    *result = (struct result){.error = error};
}

/* The new item; NULL once something has failed. */
static struct result_item *add_item(struct result *result, enum result_item_kind kind,
                                    const char *key, const char *title)
{
    void *items = result->items;
    if (result->status < 0)
        return NULL;
    result->status = memory_grow(&items, &result->item_capacity, result->item_count + 1,
                                 sizeof *result->items, result->error);
    result->items = items;
    if (result->status < 0)
        return NULL;
    struct result_item *item = &result->items[result->item_count++];
    *item = (struct result_item){.kind = kind, .key = key, .title = title};
    return item;
}

/* Room for a text and a NUL; NULL once something has failed. */
static char *take_room(struct result *result, size_t len)
{
    char *text = arena_take(&result->texts, len + 1, result->error);
    if (!text)
        result->status = LCAP_ERR_MEMORY;
    return text;
}

static const char *keep_text(struct result *result, const char *text, size_t len)
{
    char *copy = take_room(result, len);
    if (!copy)
        return "";
    if (len > 0) /* nothing may have no address */
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

void result_add(struct result *result, const char *key, const char *title,
                struct result_value value)
{
    struct result_item *item = add_item(result, RESULT_LEAF, key, title);
    if (!item)
        return;
    if (value.kind == RESULT_TEXT)
        value.as.text = keep_text(result, value.as.text, value.text_len);
    item->value = value;
}

void result_say(struct result *result, const char *title, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    struct result_item *item = add_item(result, RESULT_LINE, NULL, title);
    char *text = item && len >= 0 ? take_room(result, (size_t)len) : NULL;
    if (!text)
        return;
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    item->value = result_text(text, (size_t)len);
}

void result_open(struct result *result, const char *key, const char *title)
{
    add_item(result, RESULT_OPEN, key, title);
}

void result_close(struct result *result)
{
    add_item(result, RESULT_CLOSE, NULL, NULL);
}

void result_add_table(struct result *result, const char *key, const char *title,
                      const struct result_table *table)
{
    result_add_plot(result, key, title, RESULT_PLOT_NONE, table);
}

void result_add_plot(struct result *result, const char *key, const char *title,
                     enum result_plot plot, const struct result_table *table)
{
    struct result_item *item = add_item(result, RESULT_ROWS, key, title);
    if (!item)
        return;
    item->table = *table;
    item->plot = plot;
}

void result_place_findings(struct result *result, const char *key, const char *title)
{
    add_item(result, RESULT_FINDINGS, key, title);
}

void result_add_finding(struct result *result, const struct lcap_finding *finding)
{
    if (result->status == LCAP_OK)
        result->status = findings_add(&result->findings, finding, result->error);
}

void result_find(struct result *result, enum lcap_severity severity, uint64_t count,
                 const char *format, ...)
{
    const struct lcap_finding finding = {.severity = severity, .count = count};
    va_list args;
    va_start(args, format);
    if (result->status == LCAP_OK)
        result->status = findings_say(&result->findings, &finding, result->error, format, args);
    va_end(args);
}

void result_release(struct result *result)
{
    free(result->items);
    findings_release(&result->findings);
    arena_release(&result->texts);
    *result = (struct result){0};
}

const struct lcap_finding *lcap_result_finding(const struct lcap_result *result, size_t index)
{
    return findings_get(&result->description.findings, index);
}

void lcap_result_free(struct lcap_result *result)
{
    if (!result)
        return;
    result_release(&result->description);
    result->release(result->found);
    buffer_release(&result->json);
    free(result->found);
    free(result);
}
