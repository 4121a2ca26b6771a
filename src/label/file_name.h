/* What an input is called in sampleIDs and in comments. */
#ifndef LABEL_FILE_NAME_H
#define LABEL_FILE_NAME_H

#include <labelcap/label.h>
#include <string.h>

/* Its path below the directory given, and the bare name of a file given itself. */
static inline const char *file_name_of(const struct lcap_file *file)
{
    const char *slash = strcmp(file->path, file->below) == 0 ? strrchr(file->path, '/') : NULL;
    return slash ? slash + 1 : file->below;
}

#endif
