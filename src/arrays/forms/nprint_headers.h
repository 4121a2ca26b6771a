/* The headers of nPrint and the names of their bits. */
#ifndef ARRAYS_FORMS_NPRINT_HEADERS_H
#define ARRAYS_FORMS_NPRINT_HEADERS_H

#include "arrays/array_form.h"

/* In the order of the columns. */
enum nprint_header {
    NPRINT_ETH,
    NPRINT_IPV4,
    NPRINT_IPV6,
    NPRINT_TCP,
    NPRINT_UDP,
    NPRINT_ICMP,
    NPRINT_HEADERS
};

/* 1,088 columns, as NetDiffusion has them. */
#define NPRINT_USUAL_HEADERS                                                                       \
    (1u << NPRINT_IPV4 | 1u << NPRINT_TCP | 1u << NPRINT_UDP | 1u << NPRINT_ICMP)

extern const char *const nprint_header_names[NPRINT_HEADERS + 1];
extern const uint8_t nprint_header_bytes[NPRINT_HEADERS];

/* The name of a bit of a header, such as "ipv4_ver_0". */
void nprint_bit_name(enum nprint_header header, unsigned bit, char out[ARRAY_COLUMN_NAME]);

#endif
