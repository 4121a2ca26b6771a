/* The canonical texts of EACH samples: what is hashed behind the text of their rule. */
#ifndef LABEL_LABELLER_SAMPLE_TEXT_H
#define LABEL_LABELLER_SAMPLE_TEXT_H

#include "base/buffer.h"
#include "flow/flow.h"
#include "label/subject.h"

/*
 * Appends, with a newline before each, the lines that the kind asks for:
 *
 *     flow PROTO LOW-ADDRESS LOW-PORT HIGH-ADDRESS HIGH-PORT TIME
 *     host ADDRESS
 *     window START SECONDS
 *     file PATH
 *     packet NUMBER PATH
 *
 * The subject suits the kind. `flow` and the time of its first packet matter only with
 * EACH:flow, `path` only with EACH:file and EACH:packet.
 */
int sample_text_append(struct buffer *out, const struct rule_kind *kind,
                       const struct subject *subject, const struct flow *flow, int64_t flow_time_ns,
                       const char *path, struct lcap_error *error);

#endif
