/* One input of a pass, from its first to its last block. */
#include "dataset/input_pass.h"

#include <string.h>

/* Keeps what is wrong with the input as its outcome, and hands on any other error. */
static int sort_out(struct input_pass *pass, int rc, struct lcap_error *error)
{
    struct input_outcome *outcome = &pass->outcome;
    if (rc == LCAP_ERR_DAMAGED || (rc == LCAP_ERR_FORMAT && !pass->reader)) {
        outcome->status = rc;
        return LCAP_OK;
    }
    if (rc < 0)
        lcap_error_set(error, rc, "%s", outcome->error.text);
    return rc;
}

int input_pass_open(struct input_pass *pass, const char *path, const struct input_options *options,
                    struct lcap_error *error)
{
    *pass = (struct input_pass){.options = options};
    pass->outcome.name = strcmp(path, "-") == 0 ? "standard input" : path;
    int rc = lcap_reader_open(&pass->reader, path, &options->reader, &pass->outcome.error);
    pass->outcome.opened = rc == LCAP_OK;
    return sort_out(pass, rc, error);
}

static int walk(struct input_pass *pass, pass_function *function, void *context)
{
    enum { BLOCKS_BETWEEN_LOOKS = 1 << 14 };
    pass_watcher *watcher = pass->options->watcher;
    struct lcap_error *error = &pass->outcome.error;
    const struct lcap_block *block;
    uint64_t blocks = 0;
    int rc;
    while ((rc = lcap_reader_next(pass->reader, &block, error)) == 1) {
        pass->outcome.packets += block->kind == LCAP_BLOCK_PACKET;
        rc = function(context, block, error);
        if (rc != 0)
            return rc;
        if (++blocks % BLOCKS_BETWEEN_LOOKS == 0 && watcher)
            watcher(pass->reader);
    }
    return rc;
}

int input_pass_walk(struct input_pass *pass, pass_function *function, void *context,
                    struct lcap_error *error)
{
    if (!pass->reader)
        return LCAP_OK;
    int rc = walk(pass, function, context);
    pass->outcome.empty = rc == LCAP_OK && lcap_reader_interfaces(pass->reader) == 0;
    pass->outcome.pcapml_times = lcap_reader_pcapml_times(pass->reader);
    return sort_out(pass, rc, error);
}

int input_pass_rewind(struct input_pass *pass, struct lcap_error *error)
{
    const struct input_outcome fresh = {.name = pass->outcome.name, .opened = true};
    pass->outcome = fresh;
    return sort_out(pass, lcap_reader_rewind(pass->reader, &pass->outcome.error), error);
}

int input_outcome_settle(const struct input_outcome *outcome, bool may_skip,
                         struct input_counts *counts, struct lcap_error *error)
{
    if (outcome->status == LCAP_ERR_FORMAT && !may_skip)
        return lcap_error_set(error, LCAP_ERR_FORMAT, "%s", outcome->error.text);
    counts->read += outcome->opened;
    counts->skipped += outcome->status == LCAP_ERR_FORMAT;
    counts->damaged += outcome->status == LCAP_ERR_DAMAGED;
    return LCAP_OK;
}

int input_pass_settle(const struct input_pass *pass, bool may_skip, struct input_counts *counts,
                      struct lcap_error *error)
{
    int rc = input_outcome_settle(&pass->outcome, may_skip, counts, error);
    if (rc == LCAP_OK && pass->options->listener)
        pass->options->listener(pass->options->context, &pass->outcome);
    return rc;
}

void input_pass_close(struct input_pass *pass)
{
    lcap_reader_free(pass->reader);
    pass->reader = NULL;
}
