/*
 * Findings: noteworthy facts about something that was read.
 *
 * A finding is a borrowed view; whoever returns it says how long it is valid. It is a
 * result, which may grow.
 *
 * Threads: several may read a finding as long as it is valid.
 */
#ifndef LABELCAP_FINDING_H
#define LABELCAP_FINDING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lcap_severity {
    LCAP_SEVERITY_NOTE,    /* nothing is wrong */
    LCAP_SEVERITY_WARNING, /* probably not what was meant */
    LCAP_SEVERITY_ERROR,   /* wrong */
};

struct lcap_finding {
    enum lcap_severity severity;
    const char *place; /* in the thing examined, such as "12", a line of rules; NULL: all of it */
    uint64_t count;    /* how often it was found, at least 1 */
    const char *text;  /* UTF-8, one line, no full stop; without place and severity */
};

#ifdef __cplusplus
}
#endif

#endif
