/* The name of the server in a TLS ClientHello. */
#ifndef PACKET_TLS_HELLO_H
#define PACKET_TLS_HELLO_H

#include "packet/packet_headers.h"

/*
 * The host name of the extension server_name (RFC 6066, 3) of a ClientHello (RFC 8446,
 * 4.1.2, and TLS 1.0 to 1.2) that begins with the payload of a TCP packet, whatever its
 * port. The hello may go on in later segments; if the extension is not whole in this
 * one, there is no name. *name is a view of the packet, of 1 to 255 visible ASCII
 * characters, not terminated.
 */
bool tls_hello_server_name(const struct packet_headers *headers, const char **name, size_t *len);

#endif
