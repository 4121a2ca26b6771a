/* Counts the packets of a sample by the file they came from. */
#include "dataset/catalogue/sample_sources.h"

#include "base/memory.h"
#include "dataset/labelling/source_comment.h"
#include <stdlib.h>

int sample_sources_init(struct sample_sources *sources, struct lcap_error *error)
{
    *sources = (struct sample_sources){.capacity = 0};
    return intern_new(&sources->paths, error);
}

void sample_sources_release(struct sample_sources *sources)
{
    intern_free(sources->paths);
    idmap_release(&sources->pairs);
    free(sources->packets);
    free(sources->first);
    *sources = (struct sample_sources){.capacity = 0};
}

static int count(struct sample_sources *s, uint32_t sample, uint32_t path, struct lcap_error *error)
{
    uint32_t pair;
    const size_t known = s->pairs.count;
    int rc = idmap_add(&s->pairs, (uint64_t)sample << 32 | path, &pair, error);
    if (rc == LCAP_OK)
        rc = memory_grow((void **)&s->packets, &s->capacity, s->pairs.count, sizeof *s->packets,
                         error);
    if (rc < 0)
        return rc;
    if (pair == known)
        s->packets[pair] = 0;
    s->packets[pair]++;
    return LCAP_OK;
}

static int note_first(struct sample_sources *s, uint32_t sample, uint32_t path,
                      struct lcap_error *error)
{
    int rc = memory_grow((void **)&s->first, &s->first_capacity, (size_t)sample + 1,
                         sizeof *s->first, error);
    while (rc == LCAP_OK && s->samples <= sample)
        s->first[s->samples++] = INTERN_NONE;
    if (rc == LCAP_OK && s->first[sample] == INTERN_NONE)
        s->first[sample] = path;
    return rc;
}

int sample_sources_add(struct sample_sources *sources, uint32_t sample,
                       const struct lcap_packet *packet, struct lcap_error *error)
{
    const char *text;
    size_t len;
    uint32_t path;
    if (!source_comment_find(packet, &text, &len))
        return LCAP_OK;
    int rc = intern_add(sources->paths, text, len, &path, error);
    if (rc == LCAP_OK)
        rc = note_first(sources, sample, path, error);
    return rc == LCAP_OK ? count(sources, sample, path, error) : rc;
}

const char *sample_sources_first(const struct sample_sources *sources, uint32_t sample)
{
    if (sample >= sources->samples || sources->first[sample] == INTERN_NONE)
        return NULL;
    return intern_get(sources->paths, sources->first[sample], NULL);
}
