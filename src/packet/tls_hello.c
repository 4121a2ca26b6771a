/* Walks a ClientHello; every length is checked by a cursor. */
#include "packet/tls_hello.h"

#include "base/bytes.h"

enum {
    RECORD_HANDSHAKE = 22,
    HANDSHAKE_CLIENT_HELLO = 1,
    EXTENSION_SERVER_NAME = 0,
    NAME_HOST = 0,
    MOST_NAME = 255, /* RFC 1035, 2.3.4 */
};

/* Takes a number of `size` bytes, at most 3. */
static bool take_number(struct cursor *c, size_t size, uint32_t *number)
{
    const uint8_t *at = cursor_take(c, size);
    *number = 0;
    for (size_t i = 0; at && i < size; i++)
        *number = *number << 8 | at[i];
    return at;
}

/* Takes a vector behind a length of `size` bytes. */
static bool take_vector(struct cursor *c, size_t size, struct cursor *vector)
{
    uint32_t len;
    if (!take_number(c, size, &len))
        return false;
    vector->at = cursor_take(c, len);
    vector->left = len;
    vector->big = true;
    return vector->at;
}

static bool skip_vector(struct cursor *c, size_t size)
{
    struct cursor vector;
    return take_vector(c, size, &vector);
}

/* A length of `size` bytes, and what it covers, as far as it is captured. */
static bool enter(struct cursor *c, size_t size)
{
    uint32_t len;
    if (!take_number(c, size, &len))
        return false;
    if (c->left > len)
        c->left = len;
    return true;
}

/* Up to the extensions. */
static bool enter_hello(struct cursor *c)
{
    uint32_t type, version;
    return take_number(c, 1, &type) && type == RECORD_HANDSHAKE && take_number(c, 2, &version) &&
           version >> 8 == 3 && enter(c, 2) && take_number(c, 1, &type) &&
           type == HANDSHAKE_CLIENT_HELLO && enter(c, 3) && take_number(c, 2, &version) &&
           version >> 8 == 3 && cursor_take(c, 32) && /* random */
           skip_vector(c, 1) &&                       /* session ID */
           skip_vector(c, 2) &&                       /* cipher suites */
           skip_vector(c, 1) &&                       /* compression methods */
           enter(c, 2);
}

static bool find_extension(struct cursor *c, uint32_t wanted, struct cursor *extension)
{
    uint32_t type;
    while (take_number(c, 2, &type) && take_vector(c, 2, extension))
        if (type == wanted)
            return true;
    return false;
}

static bool is_visible(const struct cursor *name)
{
    for (size_t i = 0; i < name->left; i++)
        if (name->at[i] <= ' ' || name->at[i] > '~')
            return false;
    return name->left > 0 && name->left <= MOST_NAME;
}

/* The first host name of the list; there may be only one. */
static bool find_host_name(struct cursor *extension, struct cursor *name)
{
    struct cursor list;
    uint32_t type;
    if (!take_vector(extension, 2, &list))
        return false;
    while (take_number(&list, 1, &type) && take_vector(&list, 2, name))
        if (type == NAME_HOST)
            return is_visible(name);
    return false;
}

bool tls_hello_server_name(const struct packet_headers *headers, const char **name, size_t *len)
{
    struct cursor c = {headers->payload, headers->payload_captured, true};
    struct cursor extension, host;
    if (headers->protocol != IP_PROTOCOL_TCP || !headers->has_transport || !enter_hello(&c) ||
        !find_extension(&c, EXTENSION_SERVER_NAME, &extension) ||
        !find_host_name(&extension, &host))
        return false;
    *name = (const char *)host.at;
    *len = host.left;
    return true;
}
