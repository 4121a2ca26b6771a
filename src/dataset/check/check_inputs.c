/* Collects the paths in source comments. */
#include "dataset/check/check_inputs.h"

#include "base/memory.h"
#include "dataset/labelling/source_comment.h"
#include <stdlib.h>
#include <string.h>

int check_inputs_note(void *paths, const struct lcap_block *block, struct lcap_error *error)
{
    const char *path;
    size_t len;
    uint32_t number;
    if (block->kind != LCAP_BLOCK_PACKET || !source_comment_find(&block->packet, &path, &len))
        return LCAP_OK;
    return intern_add(paths, path, len, &number, error);
}

static int read_source(struct check_inputs *inputs, const struct source *source,
                       const struct input_options *options, struct lcap_error *error)
{
    struct input_pass input;
    if (!source->has_size || strcmp(source->path, "-") == 0)
        return LCAP_OK;
    int rc = input_pass_open(&input, source->path, source->walked, options, error);
    input.phase = "pass 1 of 2: read the sources";
    if (rc == 0)
        rc = input_pass_walk(&input, check_inputs_note, inputs->paths, error);
    input_pass_close(&input);
    return rc;
}

/* As if all were found in the current directory: a source is the path below the one given. */
static int list_file(struct check_inputs *inputs, uint32_t number, struct lcap_error *error)
{
    static const char here[] = "./";
    size_t len;
    const char *path = intern_get(inputs->paths, number, &len);
    char *walked = arena_take(&inputs->walked, strlen(here) + len + 1, error);
    if (!walked)
        return LCAP_ERR_MEMORY;
    memcpy(walked, here, strlen(here));
    memcpy(walked + strlen(here), path, len + 1);
    inputs->files[number] = (struct lcap_file){walked, walked + strlen(here)};
    return LCAP_OK;
}

static int list_files(struct check_inputs *inputs, struct lcap_error *error)
{
    const size_t count = intern_count(inputs->paths);
    inputs->files = memory_new(count, sizeof *inputs->files, error);
    int rc = inputs->files ? LCAP_OK : LCAP_ERR_MEMORY;
    for (uint32_t i = 0; rc == 0 && i < count; i++)
        rc = list_file(inputs, i, error);
    return rc;
}

int check_inputs_find(struct check_inputs *inputs, const struct sources *sources,
                      const struct input_options *options, struct lcap_error *error)
{
    int rc = intern_new(&inputs->paths, error);
    for (size_t i = 0; rc == 0 && i < sources->count; i++)
        rc = read_source(inputs, &sources->items[i], options, error);
    return rc == 0 ? list_files(inputs, error) : rc;
}

int check_inputs_set(struct check_inputs *inputs, const struct intern *paths,
                     struct lcap_error *error)
{
    int rc = intern_new(&inputs->paths, error);
    for (uint32_t i = 0; rc == 0 && i < intern_count(paths); i++) {
        size_t len;
        uint32_t number;
        const char *path = intern_get(paths, i, &len);
        rc = intern_add(inputs->paths, path, len, &number, error);
    }
    return rc == 0 ? list_files(inputs, error) : rc;
}

size_t check_inputs_count(const struct check_inputs *inputs)
{
    return inputs->paths ? intern_count(inputs->paths) : 0;
}

uint32_t check_inputs_of(const struct check_inputs *inputs, const struct lcap_packet *packet)
{
    const char *path;
    size_t len;
    if (!inputs->paths || !source_comment_find(packet, &path, &len))
        return LCAP_NO_FILE;
    return intern_find(inputs->paths, path, len); /* INTERN_NONE is LCAP_NO_FILE */
}

void check_inputs_release(struct check_inputs *inputs)
{
    intern_free(inputs->paths);
    free(inputs->files);
    arena_release(&inputs->walked);
}
