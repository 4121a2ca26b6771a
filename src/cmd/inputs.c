/* Lists the inputs of a command. */
#include "cmd/inputs.h"

#include "base/text/text.h"
#include "base/thread.h"
#include "cmd/progress.h"
#include "cmd/talk.h"
#include "commandline/command.h"
#include "dataset/pass_results.h"

static void warn_of_repeats(const struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        if (sources->items[i].repeats != SOURCE_NONE)
            talk_warning("%s: is the same file as %s; its packets are read twice",
                         sources->items[i].path, sources->items[sources->items[i].repeats].path);
}

static void tell_left_out(const struct sources *sources)
{
    char names[COUNTED_TEXT], links[COUNTED_TEXT];
    if (sources->repeated)
        talk_note("%s left out: other names of files that are read",
                  text_counted(sources->repeated, "file", names));
    if (sources->skipped_links)
        talk_warning("%s left out: not to %s, such as %s",
                     text_counted(sources->skipped_links, "link", links),
                     sources->skipped_links == 1 ? "a regular file" : "regular files",
                     sources->skipped_link);
}

void inputs_tell_list(const struct sources *sources)
{
    warn_of_repeats(sources);
    tell_left_out(sources);
}

void inputs_announce(const struct sources *sources)
{
    inputs_tell_list(sources);
    progress_of_sources(sources);
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
        inputs_announce(sources);
    return rc;
}

struct input_options inputs_options(const struct reading_args *reading)
{
    return (struct input_options){
        .pcapml_times = (enum lcap_pcapml_times)reading->pcapml_times,
        .set_linktype = reading->linktype_given,
        .linktype = reading->linktype,
        .nanoseconds = reading->time_unit == TIME_UNIT_NS,
        .threads = reading->threads > 0 ? (unsigned)reading->threads : thread_usual_count(),
        .watcher = {progress_show, NULL},
        .listener = inputs_tell,
    };
}

static void tell_times(const char *name, const struct lcap_odd_times *odd)
{
    char packets[COUNTED_TEXT];
    if (odd->pcapml)
        talk_note("%s: %s with pcapml timestamps, read as seconds and microseconds", name,
                  text_counted(odd->pcapml, "packet", packets));
    if (odd->contradicting)
        talk_warning("%s: %s with a timestamp unlike those of the same interface (see "
                     "--pcapml-times)",
                     name, text_counted(odd->contradicting, "packet", packets));
    if (odd->nanoseconds)
        talk_warning("%s: %s with a timestamp that looks like nanoseconds, though the file has "
                     "microseconds (see --time-unit)",
                     name, text_counted(odd->nanoseconds, "packet", packets));
    if (odd->held)
        talk_warning("%s: %s with a time outside 1677 to 2262, held at these limits", name,
                     text_counted(odd->held, "packet", packets));
}

void inputs_tell(void *nobody, const struct input_outcome *outcome)
{
    (void)nobody;
    if (outcome->status == LCAP_ERR_DAMAGED)
        talk_error(&outcome->error);
    if (outcome->empty)
        talk_warning("%s: is empty", outcome->name);
    if (input_looks_like_raw_ip(outcome))
        talk_warning("%s: the packets look like raw IP, not like Ethernet as the file says "
                     "(--linktype RAW reads them)",
                     outcome->name);
    tell_times(outcome->name, &outcome->odd_times);
}

int inputs_status(int rc, const struct input_counts *counts)
{
    return rc == LCAP_OK && counts->damaged ? COMMAND_TOLD : rc;
}
