/* Makes names of directories from labels. */
#include "arrays/outputs/class_names.h"

#include "base/memory.h"
#include "base/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of 255 bytes, the longest name; the rest is for a number. */
enum { MOST_NAME = 200 };

int class_names_init(struct class_names *classes, struct lcap_error *error)
{
    *classes = (struct class_names){.taken = NULL};
    return intern_new(&classes->taken, error);
}

void class_names_release(struct class_names *classes)
{
    for (size_t i = 0; i < classes->count; i++)
        free(classes->names[i]);
    free(classes->names);
    intern_free(classes->taken);
}

static int make_room(struct class_names *classes, uint32_t label, struct lcap_error *error)
{
    const int rc = memory_grow((void **)&classes->names, &classes->capacity, (size_t)label + 1,
                               sizeof *classes->names, error);
    while (rc == LCAP_OK && classes->count <= label)
        classes->names[classes->count++] = NULL;
    return rc;
}

/* Neither hidden, nor an option, a formula or a device, and never empty. */
static bool needs_prefix(const char *text, size_t len)
{
    return len == 0 || strchr(".-=+@~", text[0]) || text_is_device_name(text, len);
}

static int make_name(struct buffer *name, const char *text, size_t len, unsigned repeat,
                     struct lcap_error *error)
{
    buffer_clear(name);
    int rc = needs_prefix(text, len) ? buffer_append(name, "_", 1, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = text_append_file_name(name, text, len, MOST_NAME, error);
    if (rc == LCAP_OK && repeat > 1)
        rc = buffer_printf(name, error, "-%u", repeat);
    return rc;
}

/* Returns 1 if it was not there yet. */
static int take_name(struct class_names *classes, const struct buffer *name,
                     struct lcap_error *error)
{
    struct buffer folded = {0};
    const size_t known = intern_count(classes->taken);
    uint32_t number = 0;
    int rc = text_append_lower(&folded, (const char *)name->data, name->len, error);
    if (rc == LCAP_OK)
        rc = intern_add(classes->taken, folded.data, folded.len, &number, error);
    buffer_release(&folded);
    return rc < 0 ? rc : number == known;
}

static int find_new(struct class_names *classes, uint32_t label, const char *text, size_t len,
                    struct lcap_error *error)
{
    struct buffer name = {0};
    int rc = 0;
    for (unsigned repeat = 1; rc == 0; repeat++) {
        rc = make_name(&name, text, len, repeat, error);
        if (rc == LCAP_OK)
            rc = take_name(classes, &name, error);
    }
    if (rc == 1)
        classes->names[label] = memory_copy_text((const char *)name.data, name.len, error);
    buffer_release(&name);
    return rc < 0 || classes->names[label] ? rc : LCAP_ERR_MEMORY;
}

int class_names_find(struct class_names *classes, uint32_t label, const char *text, size_t len,
                     const char **name, struct lcap_error *error)
{
    int rc = make_room(classes, label, error);
    if (rc == LCAP_OK && !classes->names[label])
        rc = find_new(classes, label, text, len, error);
    if (rc >= 0)
        *name = classes->names[label];
    return rc;
}
