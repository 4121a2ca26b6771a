/*
 * Findings: what is worth telling of something that was read, and is no error.
 *
 * A finding is a borrowed view: whoever hands it out says how long it is valid.
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
    const char *place; /* in what was asked about ("12", a line of a rules file); NULL: all of it */
    uint64_t count;    /* how often it was found, at least 1 */
    const char *text;  /* UTF-8, one line, no full stop; says neither place nor severity */
};

#ifdef __cplusplus
}
#endif

#endif
