/*
 * The result of a run: what a command prints with --json, and its findings.
 *
 * Threads: a result belongs to one thread at a time.
 */
#ifndef LABELCAP_RESULT_H
#define LABELCAP_RESULT_H

#include <labelcap/error.h>
#include <labelcap/finding.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lcap_result;

/*
 * The whole result as one JSON object, as the manual page of the command describes it:
 * UTF-8, NUL-terminated, valid as long as the result. sampleIDs are strings.
 */
LCAP_API LCAP_MUST_USE int lcap_result_json(struct lcap_result *result, const char **text,
                                            size_t *len, struct lcap_error *error);

/* What the user should know of; NULL after the last one. Valid as long as the result. */
LCAP_API const struct lcap_finding *lcap_result_finding(const struct lcap_result *result,
                                                        size_t index);
LCAP_API void lcap_result_free(struct lcap_result *result);

#ifdef __cplusplus
}
#endif

#endif
