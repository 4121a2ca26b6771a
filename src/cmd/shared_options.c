/* Choices that several commands offer. */
#include "cmd/shared_options.h"

#include "cmd/talk.h"

const char *const pcapml_times_choices[] = {"auto", "yes", "no", NULL};

const char *const time_unit_choices[] = {"file", "ns", NULL};

int shared_shard_parse(void *shard, const char *text, struct lcap_error *error)
{
    return shard_parse(shard, text, error);
}

int shared_quiet_obey(void *nothing, const char *none, struct lcap_error *error)
{
    (void)nothing, (void)none, (void)error;
    talk_be_quiet();
    return LCAP_OK;
}
