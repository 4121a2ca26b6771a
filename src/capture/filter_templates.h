/*
 * Compiles many filters that differ only in addresses and ports: libpcap compiles
 * each shape twice, with values that occur nowhere else, and the values of other
 * filters take their places. A filter gets the program that libpcap itself would
 * make.
 */
#ifndef CAPTURE_FILTER_TEMPLATES_H
#define CAPTURE_FILTER_TEMPLATES_H

#include "capture/filter.h"

struct filter_templates;

int filter_templates_new(struct filter_templates **templates, struct lcap_error *error);

/* As filter_compile() and filter_check(). */
int filter_templates_compile(struct filter_templates *templates, struct filter_program *program,
                             const char *text, uint16_t linktype, struct lcap_error *error);
int filter_templates_check(struct filter_templates *templates, struct filter_program *ethernet,
                           const char *text, struct lcap_error *error);
void filter_templates_free(struct filter_templates *templates);

#endif
