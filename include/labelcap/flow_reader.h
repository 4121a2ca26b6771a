/*
 * Reads the flows of captures: what the command flows does, with the rows for a program.
 *
 *     struct lcap_flow_reader *flows = NULL;
 *     int rc = lcap_flow_reader_open(&flows, &run, &options, &error);
 *     if (rc == 0)
 *         rc = lcap_flow_reader_run(flows, take_row, context, &error);
 *     lcap_flow_reader_free(flows);
 *
 * Threads: a reader belongs to one thread at a time. With `threads` above 1 in its struct
 * lcap_run, the sink may be called by another thread, but never by two at once.
 */
#ifndef LABELCAP_FLOW_READER_H
#define LABELCAP_FLOW_READER_H

#include <labelcap/error.h>
#include <labelcap/flow.h>
#include <labelcap/run.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lcap_flow_reader_options {
    size_t size;                          /* of this struct */
    const struct lcap_flow_options *flow; /* NULL: the default profile with its defaults */
    const char *columns;        /* only these, in this order, separated by commas; or NULL */
    const char *drop;           /* all except these; or NULL */
    bool join;                  /* the inputs are one capture */
    char unused[7];             /* padding in 0.4.0, so of any value */
    const uint64_t *sample_ids; /* only flows of these samples; NULL: all flows */
    size_t sample_id_count;
};

struct lcap_flow_reader;

/* Lists the inputs of the run and chooses the columns. The texts in `run` and in `options->flow`
 * are borrowed. LCAP_ERR_ARGUMENT: a column is unknown. */
LCAP_API LCAP_MUST_USE int lcap_flow_reader_open(struct lcap_flow_reader **reader,
                                                 const struct lcap_run *run,
                                                 const struct lcap_flow_reader_options *options,
                                                 struct lcap_error *error);

/* The columns of the rows. */
LCAP_API size_t lcap_flow_reader_columns(const struct lcap_flow_reader *reader);
LCAP_API const struct lcap_column *lcap_flow_reader_column(const struct lcap_flow_reader *reader,
                                                           size_t index);

/* Reads the inputs, and passes on a row for each flow, in the order of the inputs. */
LCAP_API LCAP_MUST_USE int lcap_flow_reader_run(struct lcap_flow_reader *reader,
                                                lcap_flow_sink *sink, void *context,
                                                struct lcap_error *error);
LCAP_API void lcap_flow_reader_free(struct lcap_flow_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
