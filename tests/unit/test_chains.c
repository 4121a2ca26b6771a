/* Growing strings of bytes in bounded memory, against plain copies of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/io/chains.h"

#define MIB ((size_t)1 << 20)

static struct chains *new_chains(uint64_t memory, const char *directory)
{
    struct chains *chains = NULL;
    assert_int_equal(chains_new(&chains, memory, directory, NULL), 0);
    return chains;
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Appends `len` bytes that depend on the seed to a chain and to its copy. */
static void append(struct chains *chains, struct chain *chain, struct buffer *copy, size_t len,
                   uint32_t seed)
{
    assert_int_equal(buffer_reserve(copy, len + 1, NULL), 0);
    uint8_t *bytes = copy->data + copy->len;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(seed + i * 7 + (i >> 8));
    struct lcap_error error = {0};
    if (chains_append(chains, chain, bytes, len, &error) != 0)
        fail_msg("%s", error.text);
    copy->len += len;
    assert_int_equal(chain->len, copy->len);
}

/* Reads a chain in two ways, and compares. */
static void compare(struct chains *chains, const struct chain *chain, const struct buffer *copy)
{
    struct chain_reader reader;
    assert_int_equal(chain_reader_begin(&reader, chains, chain, NULL), 0);
    size_t at = 0, len = 0;
    const uint8_t *bytes = NULL;
    int rc;
    while ((rc = chain_reader_view(&reader, 100000, &bytes, &len, NULL)) == 1) {
        assert_in_range(len, 1, 100000);
        assert_true(len <= copy->len - at);
        assert_memory_equal(bytes, copy->data + at, len);
        at += len;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(at, copy->len);

    static uint8_t out[1000];
    assert_int_equal(chain_reader_begin(&reader, chains, chain, NULL), 0);
    uint32_t random = 99;
    for (at = 0; at < copy->len; at += len) {
        len = next_random(&random) % sizeof out + 1;
        len = len < copy->len - at ? len : copy->len - at;
        assert_int_equal(chain_reader_copy(&reader, out, len, NULL), 0);
        assert_memory_equal(out, copy->data + at, len);
    }
    assert_int_equal(chain_reader_copy(&reader, out, 1, NULL), LCAP_ERR_ARGUMENT);
}

static void empty_strings(void **state)
{
    (void)state;
    struct chains *chains = new_chains(0, "/nowhere");
    struct chain chain = {0};
    const struct buffer nothing = {0};
    compare(chains, &chain, &nothing);
    assert_int_equal(chains_append(chains, &chain, NULL, 0, NULL), 0);
    compare(chains, &chain, &nothing);
    chains_drop(chains, &chain);
    chains_free(chains);
    chains_free(NULL);
}

/* No file is made before the memory is full: one that cannot be made tells when. */
static void file_when_memory_is_full(void **state)
{
    (void)state;
    struct chains *chains = new_chains(MIB, "/nowhere/at/all");
    struct chain chain = {0};
    static uint8_t bytes[MIB];
    /* A block of 512 bytes holds 504. */
    assert_int_equal(chains_append(chains, &chain, bytes, MIB / 512 * 504, NULL), 0);
    struct lcap_error error = {0};
    assert_int_equal(chains_append(chains, &chain, bytes, 1, &error), LCAP_ERR_IO);
    assert_non_null(strstr(error.text, "/nowhere/at/all"));

    /* What is dropped is room for others. */
    chains_drop(chains, &chain);
    assert_int_equal(chains_append(chains, &chain, bytes, MIB / 512 * 504, NULL), 0);
    chains_free(chains);
}

/* One string of many times the memory. */
static void longer_than_memory(void **state)
{
    (void)state;
    struct chains *chains = new_chains(64 << 10, "/tmp");
    struct chain chain = {0};
    struct buffer copy = {0};
    for (uint32_t i = 0; copy.len < 3 * MIB; i++)
        append(chains, &chain, &copy, i % 5000, i);
    compare(chains, &chain, &copy);
    append(chains, &chain, &copy, MIB, 5);
    compare(chains, &chain, &copy);
    chains_drop(chains, &chain);
    assert_int_equal(chain.len, 0);
    chains_free(chains);
    buffer_release(&copy);
}

enum { STRINGS = 1500 };

/* More strings than blocks, growing in turns, some dropped and begun anew. */
static void many_strings(void **state)
{
    (void)state;
    static const uint64_t memories[] = {0, 128 << 10, 1 << 20, 64 << 20};
    for (size_t m = 0; m < sizeof memories / sizeof *memories; m++) {
        struct chains *chains = new_chains(memories[m], "/tmp");
        struct chain *strings = calloc(STRINGS, sizeof *strings);
        struct buffer *copies = calloc(STRINGS, sizeof *copies);
        uint32_t random = (uint32_t)m;
        for (uint32_t i = 0; i < 20000; i++) {
            /* A few of them grow far more often. */
            const uint32_t which = i % 3 == 0 ? i % 7 : next_random(&random) % STRINGS;
            const uint32_t size = next_random(&random) % 100;
            append(chains, &strings[which], &copies[which], size < 95 ? size * 4 : 3000, i);
            if (i % 401 == 0) {
                compare(chains, &strings[which], &copies[which]);
                chains_drop(chains, &strings[which]);
                buffer_clear(&copies[which]);
            }
        }
        for (size_t i = 0; i < STRINGS; i++)
            compare(chains, &strings[i], &copies[i]);
        for (size_t i = 0; i < STRINGS; i += 2)
            chains_drop(chains, &strings[i]);
        for (size_t i = 1; i < STRINGS; i += 2)
            compare(chains, &strings[i], &copies[i]);
        for (size_t i = 0; i < STRINGS; i++)
            buffer_release(&copies[i]);
        free(copies);
        free(strings);
        chains_free(chains);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_strings),
        cmocka_unit_test(file_when_memory_is_full),
        cmocka_unit_test(longer_than_memory),
        cmocka_unit_test(many_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
