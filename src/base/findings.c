/* Findings in the order in which they were made. */
#include "base/findings.h"

#include "base/error_words.h"
#include "base/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text that is NULL stays NULL. */
static int copy_text(struct arena *texts, const char *text, const char **copy,
                     struct lcap_error *error)
{
    *copy = NULL;
    if (!text)
        return LCAP_OK;
    const size_t size = strlen(text) + 1;
    char *kept = arena_take(texts, size, error);
    if (!kept)
        return LCAP_ERR_MEMORY;
    *copy = memcpy(kept, text, size);
    return LCAP_OK;
}

int findings_add(struct findings *findings, const struct lcap_finding *finding,
                 struct lcap_error *error)
{
    struct lcap_finding copy = *finding;
    int rc = memory_grow((void **)&findings->items, &findings->capacity, findings->count + 1,
                         sizeof *findings->items, error);
    if (rc == 0)
        rc = copy_text(&findings->texts, finding->place, &copy.place, error);
    if (rc == 0)
        rc = copy_text(&findings->texts, finding->text, &copy.text, error);
    if (rc == 0)
        findings->items[findings->count++] = copy;
    return rc;
}

int findings_say(struct findings *findings, const struct lcap_finding *finding,
                 struct lcap_error *error, const char *format, va_list args)
{
    char text[LCAP_ERROR_TEXT], room[LCAP_ERROR_TEXT];
    struct lcap_finding said = *finding;
    vsnprintf(text, sizeof text, error_words(format, room), args);
    said.text = text;
    return findings_add(findings, &said, error);
}

const struct lcap_finding *findings_get(const struct findings *findings, size_t index)
{
    return index < findings->count ? &findings->items[index] : NULL;
}

const char *findings_severity(enum lcap_severity severity)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[severity];
}

bool findings_have_error(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->items[i].severity == LCAP_SEVERITY_ERROR)
            return true;
    return false;
}

void findings_release(struct findings *findings)
{
    free(findings->items);
    arena_release(&findings->texts);
    *findings = (struct findings){0};
}
