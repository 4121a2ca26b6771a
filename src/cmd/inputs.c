/* Lists the inputs of a command. */
#include "cmd/inputs.h"

#include "base/text/text.h"
#include "cmd/command.h"
#include "cmd/progress.h"
#include "cmd/talk.h"
#include "dataset/pass_results.h"

static void warn_of_repeats(const struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (sources->items[i].repeats != SOURCE_NONE)
            talk_warning("%s: is the same file as %s; its packets are read twice",
                         sources->items[i].path, sources->items[sources->items[i].repeats].path);
}

int inputs_list(struct sources *sources, const char *const *operands, size_t count,
                const char *output, struct lcap_error *error)
{
    int rc = output ? sources_exclude(sources, output, error) : LCAP_OK;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = sources_add(sources, operands[i], error);
    if (rc == 0)
        rc = sources_find_repeats(sources, error);
    if (rc == 0)
        warn_of_repeats(sources);
    progress_of_sources(sources);
    return rc;
}

struct input_options inputs_options(int pcapml_times)
{
    return (struct input_options){
        .pcapml_times = (enum lcap_pcapml_times)pcapml_times,
        .watcher = progress_show,
        .listener = inputs_tell,
    };
}

void inputs_tell(void *nobody, const struct input_outcome *outcome)
{
    char packets[COUNTED_TEXT];
    (void)nobody;
    if (outcome->status == LCAP_ERR_DAMAGED)
        talk_error(&outcome->error);
    if (outcome->empty)
        talk_warning("%s: is empty", outcome->name);
    if (outcome->pcapml_times)
        talk_note("%s: %s with pcapml timestamps, read as seconds and microseconds", outcome->name,
                  text_counted(outcome->pcapml_times, "packet", packets));
}

int inputs_status(int rc, const struct input_counts *counts)
{
    return rc == LCAP_OK && counts->damaged ? COMMAND_TOLD : rc;
}
