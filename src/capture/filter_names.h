/*
 * What labelcap refuses in a filter before libpcap sees it: names that libpcap
 * would look up in the network or in files of the system, and sizes that it cannot
 * handle well.
 */
#ifndef CAPTURE_FILTER_NAMES_H
#define CAPTURE_FILTER_NAMES_H

#include <labelcap/error.h>
#include <stddef.h>

/* Filters written by people are far shorter. */
#define FILTER_MAX_LENGTH (64u << 10)

/*
 * Primitives joined by and/or. The time of libpcap's code generator grows with
 * their square (1,000 ports: some seconds), and its stack grows with them (1,000
 * ports: 1 MiB of the usual 8).
 */
#define FILTER_MAX_TERMS 1000

/* Nested parentheses; libpcap's own parser fails at 10,000 open tokens. */
#define FILTER_MAX_DEPTH 1000

/*
 * Returns 0 or LCAP_ERR_RULES; *terms is the number of primitives that the filter
 * joins. Names of ports and protocols are allowed: they come from /etc/services and
 * /etc/protocols. Host, network and Ethernet host names are not.
 */
int filter_names_check(const char *text, size_t *terms, struct lcap_error *error);

#endif
