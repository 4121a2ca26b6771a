/*
 * What labelcap refuses in a filter before libpcap sees it: names that libpcap
 * would look up in the network or in files of the system, and sizes that it is
 * not made for.
 */
#ifndef CAPTURE_FILTER_NAMES_H
#define CAPTURE_FILTER_NAMES_H

#include <labelcap/error.h>
#include <stddef.h>

/* libpcap keeps one error text of 256 bytes; no filter that people write comes near. */
#define FILTER_MAX_LENGTH (64u << 10)

/*
 * Primitives joined by and/or. libpcap's code generator takes time that grows
 * with their square (1,000 ports: some seconds) and a stack that grows with
 * them (1,000 ports: 1 MiB of the 8 there usually are).
 */
#define FILTER_MAX_TERMS 1000

/* Parentheses within parentheses; libpcap's own parser ends at 10,000 tokens that are still open.
 */
#define FILTER_MAX_DEPTH 1000

/*
 * 0, or LCAP_ERR_RULES; *terms is how many primitives the filter joins. Names
 * of ports and protocols pass: they come from the tables /etc/services and
 * /etc/protocols. Host, network and ethers names do not.
 */
int filter_names_check(const char *text, size_t *terms, struct lcap_error *error);

#endif
