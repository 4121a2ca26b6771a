/* Names in TLS and DNS, and the timestamp of TCP: in packets as they should be, cut and spoilt. */
#include "hex_bytes.h"
#include "packet/tcp_options.h"
#include "packet/tls_hello.h"

/* A record of 75 bytes with a ClientHello of 71: no session, two cipher suites; an empty extension
 * 23, and server_name, the last one: "a.example". */
#define RANDOM "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff "
#define BEFORE "16 0301 004b 01 000047 0303 " RANDOM "00 0004 1301 1302 01 00 "
#define NAME   "612e6578616d706c65"
#define SERVER "0000 000e 000c 00 0009 " NAME
#define WHOLE  BEFORE "0016 0017 0000 " SERVER

enum { NAME_LEN = 9 };

static struct packet_headers with_payload(uint8_t protocol, const struct bytes *payload)
{
    return (struct packet_headers){
        .family = FAMILY_IPV4,
        .protocol = protocol,
        .destination_port = 53,
        .has_transport = true,
        .payload = payload->len ? payload->data : NULL,
        .payload_captured = payload->len,
        .payload_len = payload->len,
    };
}

/* Whether there is a name, which has to lie in the payload; *name is freed, NULL without one. */
static bool host_of(const struct bytes *payload, char **name)
{
    const struct packet_headers headers = with_payload(IP_PROTOCOL_TCP, payload);
    const char *at;
    size_t len;
    *name = NULL;
    if (!tls_hello_server_name(&headers, &at, &len))
        return false;
    assert_in_range((uintptr_t)at, (uintptr_t)payload->data,
                    (uintptr_t)payload->data + payload->len - len);
    assert_in_range(len, 1, 255);
    *name = strndup(at, len);
    return true;
}

static void assert_host(const char *hex, const char *expected)
{
    struct bytes payload = from_hex(hex);
    char *name;
    assert_int_equal(host_of(&payload, &name), expected != NULL);
    if (expected)
        assert_string_equal(name, expected);
    free(name);
    free(payload.data);
}

static void hellos(void **state)
{
    (void)state;
    assert_host(WHOLE, "a.example");
    assert_host(WHOLE "16 0301", "a.example");
    /* The record, the hello or the extensions go on in the next segment. */
    assert_host("16 0301 4000 01 003ffc 0303 " RANDOM "00 0004 1301 1302 01 00 2000 " SERVER,
                "a.example");
    /* A session, more compression methods, another name before. */
    assert_host("16 0301 0060 01 00005c 0303 " RANDOM "02 abcd 0002 1301 02 0001 0017 "
                "0000 0013 0011 07 0002 7878 00 0009 " NAME,
                "a.example");
}

static void no_hellos(void **state)
{
    (void)state;
    /* What follows differs from this in one byte. */
    assert_host("16 0301 004b 01 000047 0303 " RANDOM "00 0002 1301 01 00 0012 " SERVER,
                "a.example");
    assert_host("", NULL);
    assert_host(BEFORE, NULL);
    assert_host(BEFORE "0004 0017 0000", NULL);
    assert_host(
        "17" /* data */ "0301 004b 01 000047 0303 " RANDOM "00 0002 1301 01 00 0012 " SERVER, NULL);
    assert_host("16 0301 004b 02" /* of a server */ "000047 0303 " RANDOM
                "00 0002 1301 01 00 0012 " SERVER,
                NULL);
    assert_host("16 0201 004b 01 000047 0303 " RANDOM "00 0002 1301 01 00 0012 " SERVER, NULL);
    assert_host("16 0301 004b 01 000047 0203 " RANDOM "00 0002 1301 01 00 0012 " SERVER, NULL);
}

static void names_that_are_none(void **state)
{
    (void)state;
    assert_host(BEFORE "000a 0000 0006 0004 00 0001 61", "a");
    assert_host(BEFORE "000c 0000 0005 0003 00 0000", NULL);    /* empty */
    assert_host(BEFORE "000c 0000 0006 0004 00 0001 20", NULL); /* a space */
    assert_host(BEFORE "000c 0000 0006 0004 00 0001 7f", NULL); /* a control character */
    assert_host(BEFORE "000c 0000 0006 0004 01 0001 61", NULL); /* no host */
    assert_host(BEFORE "000c 0000 0006 0004 00 0002 61", NULL); /* longer than its list */
    assert_host(BEFORE "000c 0000 0004 0004 00 0001 61", NULL); /* than its extension */
    assert_host(BEFORE "0005 0000 0006 0004 00 0001 61", NULL); /* than all extensions */
    assert_host("16 0301 0030 01 000047 0303 " RANDOM "00 0002 1301 01 00 0012 " SERVER, NULL);
    assert_host("16 0301 004b 01 000030 0303 " RANDOM "00 0002 1301 01 00 0012 " SERVER, NULL);
}

/* Every prefix in memory of exactly its size. */
static void hellos_cut_short(void **state)
{
    (void)state;
    struct bytes whole = from_hex(WHOLE);
    for (uint32_t len = 0; len < whole.len; len++) {
        struct bytes cut = {malloc(len ? len : 1), len};
        char *name;
        assert_non_null(cut.data);
        memcpy(cut.data, whole.data, len);
        assert_false(host_of(&cut, &name));
        free(cut.data);
    }
    free(whole.data);
}

static void spoilt_hellos(void **state)
{
    (void)state;
    static const uint8_t bad[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
    struct bytes whole = from_hex(WHOLE);
    for (uint32_t at = 0; at < whole.len; at++)
        for (size_t i = 0; i < sizeof bad; i++) {
            const uint8_t good = whole.data[at];
            char *name;
            whole.data[at] = bad[i];
            host_of(&whole, &name);
            free(name);
            whole.data[at] = good;
        }
    free(whole.data);
}

static void hellos_are_of_tcp(void **state)
{
    (void)state;
    struct bytes payload = from_hex(WHOLE);
    struct packet_headers headers = with_payload(IP_PROTOCOL_UDP, &payload);
    const char *name;
    size_t len;
    assert_false(tls_hello_server_name(&headers, &name, &len));
    headers = with_payload(IP_PROTOCOL_TCP, &payload);
    headers.has_transport = false; /* a later fragment */
    assert_false(tls_hello_server_name(&headers, &name, &len));
    free(payload.data);
}

/* ---- DNS ---- */

#define QUERY(COUNT) "0001 0100 " COUNT " 0000 0000 0000 "

static void assert_question(uint8_t protocol, const char *hex, const char *expected)
{
    struct bytes payload = from_hex(hex);
    const struct packet_headers headers = with_payload(protocol, &payload);
    const uint8_t *name;
    size_t len;
    assert_int_equal(packet_dns_question(&headers, &name, &len), expected != NULL);
    if (expected) {
        struct bytes bytes = from_hex(expected);
        assert_int_equal(len, bytes.len);
        assert_memory_equal(name, bytes.data, len);
        free(bytes.data);
    }
    free(payload.data);
}

static void questions(void **state)
{
    (void)state;
    assert_question(IP_PROTOCOL_UDP, QUERY("0001") "01 61 02 6263 00 0001 0001",
                    "01 61 02 6263 00");
    assert_question(IP_PROTOCOL_UDP, QUERY("0001") "00 0002 0001", "00");
    assert_question(IP_PROTOCOL_TCP, "0013" QUERY("0001") "01 61 00 0001 0001", "01 61 00");
    /* The message goes on in the next segment. */
    assert_question(IP_PROTOCOL_TCP, "0400" QUERY("0001") "01 61 00", "01 61 00");
}

static void no_questions(void **state)
{
    (void)state;
    assert_question(IP_PROTOCOL_UDP, QUERY("0000") "01 61 00 0001 0001", NULL);
    assert_question(IP_PROTOCOL_UDP, QUERY("0001") "c0 0c 0001 0001 00", NULL); /* compressed */
    assert_question(IP_PROTOCOL_UDP, QUERY("0001") "41 61 00 0001 0001", NULL); /* reserved */
    assert_question(IP_PROTOCOL_UDP, QUERY("0001") "09 61 00 0001 0001", NULL); /* cut */
    assert_question(IP_PROTOCOL_TCP, "0400" QUERY("0001") "01 61", NULL);
    assert_question(IP_PROTOCOL_TCP, "0400" QUERY("0001"), NULL);
    assert_question(IP_PROTOCOL_TCP, "00", NULL);
}

/* RFC 1035, 2.3.4: names have at most 255 bytes. */
static void long_questions(void **state)
{
    (void)state;
    for (uint8_t last = 60; last <= 62; last++) {
        struct bytes payload = {calloc(1, 600), 600};
        assert_non_null(payload.data);
        payload.data[5] = 1;
        payload.data[12] = payload.data[76] = payload.data[140] = 63;
        payload.data[204] = last;
        const struct packet_headers headers = with_payload(IP_PROTOCOL_UDP, &payload);
        const uint8_t *name;
        size_t len;
        assert_int_equal(packet_dns_question(&headers, &name, &len), last < 62);
        free(payload.data);
    }
}

/* ---- TCP ---- */

/* The timestamp of a header that ends with these options; 0 without one. */
static uint32_t clock_of(const char *options, uint32_t captured)
{
    struct bytes bytes = from_hex(options);
    uint8_t *header = malloc(TCP_FIXED_LEN + (captured ? captured : bytes.len));
    assert_non_null(header);
    memset(header, 0, TCP_FIXED_LEN);
    memcpy(header + TCP_FIXED_LEN, bytes.data, captured ? captured : bytes.len);
    const struct packet_headers headers = {
        .protocol = IP_PROTOCOL_TCP,
        .has_transport = true,
        .ip = header,
        .ip_captured = TCP_FIXED_LEN + (captured ? captured : bytes.len),
        .transport_len = (uint16_t)(TCP_FIXED_LEN + bytes.len),
    };
    uint32_t value = 0;
    const bool found = tcp_options_timestamp(&headers, &value);
    assert_int_equal(found, value != 0);
    free(header);
    free(bytes.data);
    return value;
}

static void timestamps(void **state)
{
    (void)state;
    assert_int_equal(clock_of("01 01 08 0a 01020304 00000000", 0), 0x01020304);
    assert_int_equal(clock_of("02 04 05b4 04 02 08 0a 01020304 00000000", 0), 0x01020304);
    assert_int_equal(clock_of("01 01 08 0a 01020304 00000000", 8), 0x01020304);
    assert_int_equal(clock_of("01 01 08 0a 01020304 00000000", 7), 0);
    assert_int_equal(clock_of("01 01 08 0a 01020304 00000000", 3), 0);
    assert_int_equal(clock_of("00 01 08 0a 01020304 00000000", 0), 0); /* the end of the list */
    assert_int_equal(clock_of("01 01 08 09 01020304 00000000", 0), 0); /* another length */
    assert_int_equal(clock_of("02 00 08 0a 01020304 00000000", 0), 0); /* a length of nothing */
    assert_int_equal(clock_of("02 ff 08 0a 01020304 00000000", 0), 0); /* past the end */
    assert_int_equal(clock_of("01 01 01 01 01 01 01 08", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hellos),
        cmocka_unit_test(no_hellos),
        cmocka_unit_test(hellos_cut_short),
        cmocka_unit_test(spoilt_hellos),
        cmocka_unit_test(names_that_are_none),
        cmocka_unit_test(hellos_are_of_tcp),
        cmocka_unit_test(questions),
        cmocka_unit_test(no_questions),
        cmocka_unit_test(long_questions),
        cmocka_unit_test(timestamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
