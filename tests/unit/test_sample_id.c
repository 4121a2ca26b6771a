/* sampleIDs: SipHash-2-4 itself, the vectors of the design, and the register of samples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "label/rule_samples.h"
#include <labelcap/label.h>

/* Appendix A of the SipHash paper: key 00..0f, message 00..0e; and the first of its vector file. */
static void the_papers_vectors(void **state)
{
    (void)state;
    uint8_t key[HASH_KEY_LEN], message[15];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)i;
    assert_true(hash_siphash(key, message, sizeof message) == 0xa129ca6149be45e5u);
    assert_true(hash_siphash(key, message, 0) == 0x726fdb47dd0e0e31u);
    assert_true(hash_siphash(key, message, 1) == 0x74f839c593dc67fdu);
}

static void the_designs_vectors(void **state)
{
    (void)state;
    static const char line[] = "facebook-handshake-1.pcap,facebook";
    assert_true(lcap_sample_id(line, strlen(line)) == 10501508303324602647u);
    assert_true(lcap_sample_id("group1", 6) == 6848942292823701314u);
}

static void random_keys_differ(void **state)
{
    (void)state;
    uint8_t a[HASH_KEY_LEN] = {0}, b[HASH_KEY_LEN] = {0};
    assert_int_equal(hash_random_key(a, sizeof a, NULL), 0);
    assert_int_equal(hash_random_key(b, sizeof b, NULL), 0);
    assert_memory_not_equal(a, b, sizeof a);
}

static int add(struct rule_samples *samples, uint64_t id, const char *source, uint64_t line,
               const char *metadata, uint32_t *number, struct lcap_error *error)
{
    const struct sample sample = {id, metadata, strlen(metadata)};
    return rule_samples_add(samples, &sample, source, strlen(source), line, number, error);
}

static void same_source_is_one_sample(void **state)
{
    (void)state;
    struct rule_samples samples;
    uint32_t number;
    assert_int_equal(rule_samples_init(&samples, NULL), 0);
    assert_int_equal(add(&samples, 5, "key", 2, "a", &number, NULL), 0);
    assert_int_equal(number, 0);
    assert_int_equal(add(&samples, 6, "other", 3, "b", &number, NULL), 0);
    assert_int_equal(number, 1);
    assert_int_equal(samples.items[1].line, 3);
    assert_int_equal(add(&samples, 5, "key", 4, "a", &number, NULL), 0);
    assert_int_equal(number, 0);
    assert_int_equal(samples.items[0].line, 2);
    rule_samples_release(&samples);
}

static void two_labels_are_met_once(void **state)
{
    (void)state;
    struct rule_samples samples;
    uint32_t number;
    assert_int_equal(rule_samples_init(&samples, NULL), 0);
    assert_int_equal(add(&samples, 5, "key", 2, "a", &number, NULL), 0);
    assert_int_equal(add(&samples, 5, "key", 3, "b", &number, NULL), 1);
    assert_int_equal(add(&samples, 5, "key", 4, "c", &number, NULL), 0);
    assert_int_equal(number, 0);
    assert_string_equal(sample_registry_get(&samples.registry, 0).metadata, "a");
    assert_int_equal(samples.items[0].line, 2);
    rule_samples_release(&samples);
}

/* No two texts with one hash are known, so the hash is made up here. */
static void two_sources_with_one_id(void **state)
{
    (void)state;
    struct rule_samples samples;
    struct lcap_error error = {0};
    uint32_t number;
    assert_int_equal(rule_samples_init(&samples, NULL), 0);
    assert_int_equal(add(&samples, 4, "zero", 1, "a", &number, NULL), 0);
    assert_int_equal(add(&samples, 5, "one", 2, "a", &number, NULL), 0);
    assert_int_equal(add(&samples, 5, "two", 9, "a", &number, &error), LCAP_ERR_RULES);
    assert_string_equal(
        error.text, "sampleID 5 already belongs to line 2; give one of the two another hash_key");
    rule_samples_release(&samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_papers_vectors),      cmocka_unit_test(the_designs_vectors),
        cmocka_unit_test(random_keys_differ),      cmocka_unit_test(same_source_is_one_sample),
        cmocka_unit_test(two_labels_are_met_once), cmocka_unit_test(two_sources_with_one_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
