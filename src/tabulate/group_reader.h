/* One stream of packets through an extractor, and what became of its inputs. */
#ifndef TABULATE_GROUP_READER_H
#define TABULATE_GROUP_READER_H

#include "cmd/flows_plan.h"
#include "dataset/pass.h"
#include "tabulate/row_sink.h"
#include <labelcap/flow.h>

/* What became of one input. */
struct flows_input {
    bool opened;
    bool empty;              /* of no bytes, or without any interface */
    int status;              /* 0, or the code of `error` */
    struct lcap_error error; /* damage, or why it is no capture */
    uint64_t packets;
    uint64_t pcapml_times; /* packets with pcapml's timestamps */
};

struct flows_result {
    struct flows_input *inputs; /* one for each source of the stream */
    struct lcap_flow_counts counts;
    uint64_t rows; /* handed on */
};

/*
 * Reads all sources of the stream. What is wrong with one of them (damage, no
 * capture) is noted in its struct flows_input, and the next is read; what is
 * returned ends the run. May be called from several threads; `watcher` may be NULL.
 */
int flows_stream_run(const struct flows_plan *plan, const struct flows_stream *stream,
                     flows_rows_taker *take, void *context, pass_watcher *watcher,
                     struct flows_result *result, struct lcap_error *error);
void flows_result_release(struct flows_result *result);

#endif
