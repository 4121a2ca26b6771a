/* Directories that look like classes. */
#include "dataset/class_folders.h"

static size_t folder_len(const char *below)
{
    const char *slash = strchr(below, '/');
    return slash ? (size_t)(slash - below) : 0;
}

void class_folders_add(struct class_folders *folders, const struct source *source)
{
    const size_t len = source->walked ? folder_len(source->below) : 0;
    if (len == 0) {
        folders->others = true;
        return;
    }
    /* The files of a folder follow each other; the slash is compared, too. */
    if (!folders->latest || strncmp(folders->latest, source->below, len + 1) != 0)
        folders->count++;
    folders->latest = source->below;
}

void class_folders_find(const struct class_folders *folders, uint64_t labelled,
                        struct result *result)
{
    if (folders->count < 2 || folders->others || labelled > 0)
        return;
    result_find(
        result, LCAP_SEVERITY_NOTE, folders->count,
        "no packet has a label, but the captures are in %zu folders, such as %.*s: if these "
        "are classes, 'labelcap rules --from-folders DIR' writes rules for 'labelcap "
        "label', and 'labelcap flows -i DIR' takes them as metadata",
        folders->count, (int)folder_len(folders->latest), folders->latest);
}
