/* Writes sample files. */
#include "dataset/split/split_files.h"

#include "base/memory.h"
#include "dataset/losses.h"
#include <stdlib.h>

/* A shorter file is written as fast without a thread of its own. */
#define LONG_FILE ((uint64_t)16 << 20)

/* ---- the plan ---- */

uint32_t split_plan_part(const struct split_plan *plan, uint32_t sample)
{
    return plan->options->by_class ? plan->found.survey.registry.metadata_of[sample] : sample;
}

static const struct survey_sample *facts_of(const struct split_plan *plan, uint32_t part)
{
    return plan->classes ? &plan->classes[part] : &plan->found.survey.samples[part];
}

bool split_plan_parts_linktypes(const struct split_plan *plan, uint32_t part)
{
    return plan->options->format == LCAP_FORMAT_PCAP && facts_of(plan, part)->several_linktypes;
}

static void add_to_class(struct survey_sample *class, const struct survey_sample *sample)
{
    if (class->tally.packets == 0) {
        *class = *sample;
        return;
    }
    class->several_linktypes |= sample->several_linktypes || sample->linktype != class->linktype;
    class->needs_ns |= sample->needs_ns;
    tally_add(&class->tally, &sample->tally);
}

int split_plan_find_classes(struct split_plan *plan, struct lcap_error *error)
{
    const struct sample_registry *registry = &plan->found.survey.registry;
    plan->classes = memory_new(intern_count(registry->texts) + 1, sizeof *plan->classes, error);
    if (!plan->classes)
        return LCAP_ERR_MEMORY;
    for (uint32_t i = 0; i < sample_registry_count(registry); i++)
        add_to_class(&plan->classes[split_plan_part(plan, i)], &plan->found.survey.samples[i]);
    return LCAP_OK;
}

void split_plan_release(struct split_plan *plan)
{
    sample_directory_discard(plan->directory);
    free(plan->classes);
    split_survey_release(&plan->found);
}

/* ---- the files ---- */

static struct sample_file describe_file(const struct split_plan *plan, uint32_t part,
                                        uint16_t linktype)
{
    struct sample_file file = {
        .format = plan->options->format,
        .linktype = split_plan_parts_linktypes(plan, part) ? lcap_linktype_name(linktype) : NULL,
        .of_class = plan->options->by_class,
    };
    if (file.of_class) {
        file.metadata = intern_get(plan->found.survey.registry.texts, part, &file.metadata_len);
        return file;
    }
    const struct sample named = sample_registry_get(&plan->found.survey.registry, part);
    file.sample_id = named.id;
    file.metadata = named.metadata;
    file.metadata_len = named.metadata_len;
    return file;
}

static int open_writer(struct split_files *files, uint32_t part, struct lcap_error *error)
{
    const struct survey_sample *facts = facts_of(files->plan, part);
    const struct lcap_writer_options writing = {
        .size = sizeof writing,
        .format = files->plan->options->format,
        .pcap_times = facts->needs_ns ? LCAP_PCAP_TIMES_NANOSECONDS : LCAP_PCAP_TIMES_MICROSECONDS,
        .no_sync = true, /* all files are synced at once when they are complete */
        .threads = facts->tally.captured < LONG_FILE ? 1 : files->plan->options->input.threads,
    };
    return lcap_writer_open(&files->writer, (const char *)files->entry.path.data, &writing, error);
}

static int open_part(struct split_files *files, uint32_t part, uint16_t linktype,
                     struct lcap_error *error)
{
    const struct split_plan *plan = files->plan;
    const struct sample_file file = describe_file(plan, part, linktype);
    int rc = sample_directory_name(plan->directory, &file, &files->entry, error);
    if (rc == 0)
        rc = open_writer(files, part, error);
    if (rc < 0)
        return rc;
    lcap_writer_source(files->writer, files->input->reader);
    for (size_t i = 0; i < plan->found.kept.count && rc == 0; i++)
        rc = lcap_writer_block(files->writer, &plan->found.kept.items[i].block, error);
    files->part = part;
    files->linktype = linktype;
    files->count++;
    return rc;
}

static bool is_open(const struct split_files *files, uint32_t part, uint16_t linktype)
{
    return files->writer && files->part == part &&
           (files->linktype == linktype || !split_plan_parts_linktypes(files->plan, part));
}

int split_files_packet(struct split_files *files, uint32_t part, const struct lcap_packet *packet,
                       struct lcap_error *error)
{
    const uint16_t linktype = packet->interface->linktype;
    int rc = LCAP_OK;
    if (!is_open(files, part, linktype)) {
        rc = split_files_close(files, error);
        if (rc == 0)
            rc = open_part(files, part, linktype, error);
    }
    files->packets++;
    /* In pcap the label is in the name of the file, so it does not count as lost. */
    const struct lcap_edit edit = {.size = sizeof edit,
                                   .drop_first_comment =
                                       files->plan->options->format == LCAP_FORMAT_PCAP};
    return rc == 0 ? lcap_writer_packet(files->writer, packet, &edit, error) : rc;
}

static bool is_sample(const struct split_files *files, uint32_t number, uint64_t id)
{
    const struct sample_registry *registry = &files->plan->found.survey.registry;
    return number < sample_registry_count(registry) && sample_registry_id(registry, number) == id;
}

int split_files_block(struct split_files *files, const struct lcap_block *block,
                      struct lcap_error *error)
{
    struct lcap_label label;
    if (block->kind != LCAP_BLOCK_PACKET || !block->packet.comment ||
        !lcap_packet_label(&block->packet, &label))
        return LCAP_OK;
    if (!files->writer || !is_sample(files, files->part, label.sample_id)) {
        if (!is_sample(files, files->next, label.sample_id))
            return input_pass_changed(files->input, error);
        files->next++;
    }
    return split_files_packet(files, files->next - 1, &block->packet, error);
}

int split_files_close(struct split_files *files, struct lcap_error *error)
{
    struct lcap_writer *writer = files->writer;
    if (!writer)
        return LCAP_OK;
    losses_add(&files->losses, lcap_writer_losses(writer));
    files->writer = NULL;
    return lcap_writer_close(writer, error);
}

int split_files_settle(struct split_files *files, struct split_pass_result *result,
                       struct lcap_error *error)
{
    result->files += files->count;
    result->packets += files->packets;
    losses_add(&result->losses, &files->losses);
    files->count = files->packets = 0;
    files->losses = (struct lcap_losses){0};
    return sample_directory_take(files->plan->directory, &files->entry, error);
}

void split_files_release(struct split_files *files)
{
    lcap_writer_discard(files->writer);
    sample_entry_release(&files->entry);
}
