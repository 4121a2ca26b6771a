/*
 * Compiles many filters that differ only in addresses and ports: libpcap compiles
 * each shape twice, with values that occur nowhere else, and the values of other
 * filters take their places. A filter gets the program that libpcap itself would
 * make.
 */
#ifndef CAPTURE_FILTER_TEMPLATES_H
#define CAPTURE_FILTER_TEMPLATES_H

#include "capture/libpcap/filter.h"

struct filter_templates;

int filter_templates_new(struct filter_templates **templates, struct lcap_error *error);

/*
 * Returns 1 with the program of a filter for `linktype`, which is cheap enough to be
 * made again when it is needed again; 0 if there is no template for it: then
 * filter_compile() makes it.
 */
int filter_templates_make(struct filter_templates *templates, struct filter_program *program,
                          const char *text, uint16_t linktype, struct lcap_error *error);
void filter_templates_free(struct filter_templates *templates);

#endif
