/* Packets to samples: the label of the first rule that matches, and what is counted of rules. */
#include "rules_fixture.h"

#include "base/linktype_numbers.h"
#include "label/labeller/labeller_sums.h"
#include "label/labeller/sample_counts.h"

static const struct lcap_file files[] = {{"in/a.pcap", "a.pcap"}, {"in/b.pcap", "b.pcap"}};

/* What a packet of `len` zeros is given. */
static const struct lcap_sample *label(struct lcap_labeller *labeller, uint32_t file, uint32_t len)
{
    static const uint8_t zeros[64];
    static const struct lcap_interface interface = {.linktype = LINKTYPE_ETHERNET};
    struct lcap_packet packet = {.interface = &interface, .data = zeros, .caplen = len, .len = len};
    const struct lcap_sample *sample;
    int rc = lcap_labeller_label(labeller, file, &packet, &sample, NULL);
    assert_int_equal(rc, sample != NULL);
    return sample;
}

static void assert_sample(const struct lcap_sample *sample, uint32_t rule, uint64_t id,
                          const char *comment)
{
    assert_non_null(sample);
    assert_int_equal(sample->rule, rule);
    assert_true(sample->id == id);
    assert_string_equal(sample->comment, comment);
    assert_int_equal(sample->comment_len, strlen(comment));
    assert_string_equal(sample->metadata, strchr(comment, ',') + 1);
    assert_int_equal(sample->metadata_len, strlen(sample->metadata));
}

/* Two rules of one sample, with metadata that differ; what matches nothing is in between. */
static void labels_and_counts(void **state)
{
    (void)state;
    struct lcap_rules *rules = load("FILE:b.pcap,\"dns, b\",\nBPF:len = 60,web,group1\n"
                                    "BPF:len = 61,mail,group1\nBPF:len = 62,,\n",
                                    files, 2);
    struct lcap_labeller *labeller = NULL;
    assert_int_equal(lcap_labeller_new(&labeller, rules, NULL), 0);
    assert_int_equal(lcap_labeller_samples(labeller), 0);
    static const char record[] = "FILE:b.pcap,\"dns, b\",";
    const uint64_t group1 = 6848942292823701314u, dns = lcap_sample_id(record, strlen(record));
    char dns_label[64];
    snprintf(dns_label, sizeof dns_label, "%llu,dns, b", (unsigned long long)dns);
    for (int i = 0; i < 2; i++) {
        assert_sample(label(labeller, 0, 60), 1, group1, "6848942292823701314,web");
        assert_sample(label(labeller, 0, 60), 1, group1, "6848942292823701314,web");
        assert_sample(label(labeller, 1, 60), 0, dns, dns_label);
        assert_null(label(labeller, 0, 50));
        assert_sample(label(labeller, LCAP_NO_FILE, 61), 2, group1, "6848942292823701314,mail");
        assert_null(label(labeller, LCAP_NO_FILE, 50));
        assert_sample(label(labeller, LCAP_NO_FILE, 61), 2, group1, "6848942292823701314,mail");
    }
    assert_int_equal(lcap_labeller_packets(labeller, 0), 2);
    assert_int_equal(lcap_labeller_packets(labeller, 1), 4);
    assert_int_equal(lcap_labeller_packets(labeller, 2), 4);
    assert_int_equal(lcap_labeller_packets(labeller, 3), 0);
    assert_int_equal(lcap_labeller_samples(labeller), 2);
    const uint64_t empty = lcap_sample_id("BPF:len = 62,,", 14);
    char empty_label[32];
    snprintf(empty_label, sizeof empty_label, "%llu,", (unsigned long long)empty);
    assert_sample(label(labeller, 0, 62), 3, empty, empty_label);
    assert_int_equal(lcap_labeller_samples(labeller), 3);
    assert_null(lcap_labeller_finding(labeller, 0));
    lcap_labeller_free(labeller);
    lcap_labeller_free(NULL);
    lcap_rules_free(rules);
}

static void refused_filters_are_told(void **state)
{
    (void)state;
    struct lcap_rules *rules = load("BPF:ip or len = 60,a,\nBPF:type mgt,b,\n", files, 2);
    struct lcap_labeller *labeller = NULL;
    assert_int_equal(lcap_labeller_new(&labeller, rules, NULL), 0);
    assert_non_null(label(labeller, 0, 60));
    assert_string_equal(lcap_labeller_finding(labeller, 0)->place, "2");
    assert_null(lcap_labeller_finding(labeller, 1));
    lcap_labeller_free(labeller);
    lcap_rules_free(rules);
}

/* Each packet counts, also those behind one of the same sample. */
static void packets_of_too_many_samples_are_counted(void **state)
{
    (void)state;
    struct lcap_rules *rules = load("EACH:file,x,k\n", files, 2);
    struct lcap_labeller *labeller = NULL;
    assert_int_equal(lcap_labeller_new(&labeller, rules, NULL), 0);
    for (uint64_t id = 1; id < MOST_REMEMBERED; id++)
        assert_int_equal(labeller_add_sample(labeller, 0, id, 1, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_non_null(label(labeller, 0, 60));
    for (int i = 0; i < 3; i++)
        assert_non_null(label(labeller, 1, 60));
    assert_int_equal(lcap_labeller_samples(labeller), MOST_REMEMBERED);
    assert_int_equal(lcap_labeller_counts(labeller)->uncounted, 3);
    assert_int_equal(labeller_add_sample(labeller, 0, 7, 1, NULL), 0);
    assert_int_equal(labeller_add_sample(labeller, 0, MOST_REMEMBERED, 5, NULL), 0);
    assert_int_equal(lcap_labeller_counts(labeller)->uncounted, 8);
    lcap_labeller_free(labeller);
    lcap_rules_free(rules);
}

/* A fragment of 8 bytes of a UDP datagram over raw IPv4, `at` * 8 bytes behind its beginning. */
static int label_fragment(struct lcap_labeller *labeller, uint8_t at, bool more,
                          const struct lcap_sample **sample)
{
    static const struct lcap_interface interface = {.linktype = LINKTYPE_RAW};
    const uint8_t data[] = {
        0x45, 0,  0, 28, 0, 7, more ? 0x20 : 0, at, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0, 53,
        0,    99, 0, 24, 0, 0};
    const struct lcap_packet packet = {.interface = &interface,
                                       .data = data,
                                       .caplen = sizeof data,
                                       .len = sizeof data,
                                       .has_time = true,
                                       .time_ns = 5};
    return lcap_labeller_label(labeller, 0, &packet, sample, NULL);
}

/* Two later fragments wait; the first one settles them, in the order in which they came. */
static void fragments_wait(void **state)
{
    (void)state;
    struct lcap_rules *rules = load("EACH:flow,x,k\n", files, 2);
    static const char hashed[] = "k\nflow 17 192.0.2.1 53 192.0.2.2 99 5";
    struct lcap_labeller *labeller = NULL;
    const struct lcap_sample *sample;
    uint64_t id, number;
    assert_false(lcap_rule_sample_id(lcap_rules_get(rules, 0), &id));
    id = lcap_sample_id(hashed, strlen(hashed));
    assert_int_equal(lcap_labeller_new(&labeller, rules, NULL), 0);
    assert_int_equal(label_fragment(labeller, 2, false, &sample), LCAP_LABEL_WAITS);
    assert_null(sample);
    assert_int_equal(lcap_labeller_settled(labeller, &number, &sample, NULL), 0);
    assert_int_equal(label_fragment(labeller, 1, true, &sample), LCAP_LABEL_WAITS);
    assert_int_equal(label_fragment(labeller, 0, true, &sample), 1);
    assert_true(sample->id == id);
    for (uint64_t i = 0; i < 2; i++) {
        assert_int_equal(lcap_labeller_settled(labeller, &number, &sample, NULL), 1);
        assert_int_equal(number, i);
        assert_true(sample->id == id);
    }
    assert_int_equal(lcap_labeller_settled(labeller, &number, &sample, NULL), 0);
    assert_int_equal(lcap_labeller_rule_samples(labeller, 0), 1);
    assert_int_equal(lcap_labeller_packets(labeller, 0), 3);
    lcap_labeller_free(labeller);
    lcap_rules_free(rules);
}

/* What waits when the stream ends gets no label; the next stream has flows of its own. */
static void streams_end(void **state)
{
    (void)state;
    struct lcap_rules *rules = load("EACH:flow,x,k\n", files, 2);
    struct lcap_labeller *labeller = NULL;
    const struct lcap_sample *sample;
    uint64_t number;
    assert_int_equal(lcap_labeller_new(&labeller, rules, NULL), 0);
    assert_int_equal(label_fragment(labeller, 0, true, &sample), 1);
    assert_int_equal(lcap_labeller_finish(labeller, NULL), 0);
    assert_int_equal(label_fragment(labeller, 0, true, &sample), 1);
    assert_int_equal(lcap_labeller_counts(labeller)->cut_flows, 1);
    assert_int_equal(lcap_labeller_finish(labeller, NULL), 0);
    lcap_labeller_free(labeller);
    assert_int_equal(lcap_labeller_new(&labeller, rules, NULL), 0);
    assert_int_equal(label_fragment(labeller, 2, false, &sample), LCAP_LABEL_WAITS);
    assert_int_equal(lcap_labeller_end_waits(labeller, NULL), 0);
    assert_int_equal(lcap_labeller_settled(labeller, &number, &sample, NULL), 1);
    assert_null(sample);
    assert_int_equal(lcap_labeller_counts(labeller)->lost_fragments, 1);
    lcap_labeller_free(labeller);
    lcap_rules_free(rules);
}

static void samples_of_files_need_files(void **state)
{
    (void)state;
    struct lcap_rules *rules = load("BPF:udp,x,\nEACH:file,y,\n", NULL, 0);
    struct lcap_labeller *labeller = NULL;
    struct lcap_error error = {0};
    assert_int_equal(lcap_labeller_new(&labeller, rules, &error), LCAP_ERR_RULES);
    assert_string_equal(error.text, "rules.csv:2: EACH:file and EACH:packet need input files; "
                                    "there are none in a live capture or an empty folder");
    lcap_rules_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_and_counts),
        cmocka_unit_test(refused_filters_are_told),
        cmocka_unit_test(packets_of_too_many_samples_are_counted),
        cmocka_unit_test(fragments_wait),
        cmocka_unit_test(streams_end),
        cmocka_unit_test(samples_of_files_need_files),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
