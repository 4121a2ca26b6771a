/* A description as one JSON object. */
#ifndef REPORT_REPORT_JSON_H
#define REPORT_REPORT_JSON_H

#include "base/result.h"
#include "report/report_sink.h"

/* A failure to describe is returned first; rows are written as they are made. */
int report_json(const struct result *result, const struct report_sink *sink,
                struct lcap_error *error);

#endif
