/* What scapy 2.5.0 calls Raw in a packet of IPv4: what no layer that it knows has taken. */
#ifndef ARRAYS_FORMS_SCAPY_RAW_H
#define ARRAYS_FORMS_SCAPY_RAW_H

#include "arrays/array_row.h"

/* Where that begins, with the padding behind it; `captured`: there is none. */
uint32_t scapy_raw_begin(const struct array_packet *packet);

#endif
