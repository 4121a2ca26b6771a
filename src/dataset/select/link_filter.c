/* A packet filter for captures of several link types. */
#include "dataset/select/link_filter.h"

#include "base/memory.h"
#include <stdlib.h>

int link_filter_init(struct link_filter *filter, const char *text, struct lcap_error *error)
{
    struct filter_program ethernet;
    *filter = (struct link_filter){.text = text};
    int rc = filter_check(&ethernet, text, error);
    filter_release(&ethernet);
    if (rc == LCAP_ERR_RULES)
        lcap_error_prefix(error, "the filter '%.200s' does not compile: ", text);
    return rc;
}

void link_filter_release(struct link_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++)
        filter_release(&filter->programs[i].program);
    free(filter->programs);
    *filter = (struct link_filter){.text = NULL};
}

static int add(struct link_filter *filter, uint16_t linktype, struct lcap_error *error)
{
    struct lcap_error refused = {.code = 0};
    int rc = memory_grow((void **)&filter->programs, &filter->capacity, filter->count + 1,
                         sizeof *filter->programs, error);
    if (rc < 0)
        return rc;
    struct link_program *added = &filter->programs[filter->count];
    *added = (struct link_program){.linktype = linktype};
    rc = filter_compile(&added->program, filter->text, linktype, &refused);
    filter->last = filter->count++;
    if (rc < 0 && rc != LCAP_ERR_RULES)
        return lcap_error_copy(error, &refused);
    return LCAP_OK;
}

/* Makes the program for a link type the last one. */
static int find(struct link_filter *filter, uint16_t linktype, struct lcap_error *error)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->programs[i].linktype != linktype)
            continue;
        filter->last = i;
        return LCAP_OK;
    }
    return add(filter, linktype, error);
}

int link_filter_matches(struct link_filter *filter, const struct lcap_packet *packet,
                        struct lcap_error *error)
{
    const uint16_t linktype = packet->interface->linktype;
    if (filter->count == 0 || filter->programs[filter->last].linktype != linktype) {
        int rc = find(filter, linktype, error);
        if (rc < 0)
            return rc;
    }
    const struct filter_program *program = &filter->programs[filter->last].program;
    return program->count > 0 && filter_matches(program, packet);
}

void link_filter_find(const struct link_filter *filter, struct result *result)
{
    for (size_t i = 0; i < filter->count; i++)
        if (filter->programs[i].program.count == 0)
            result_find(result, LCAP_SEVERITY_WARNING, 1,
                        "the filter does not compile for link type %s, so it matches no packet "
                        "of that",
                        lcap_linktype_name(filter->programs[i].linktype));
}
