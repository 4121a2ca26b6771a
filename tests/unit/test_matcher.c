/*
 * The matcher against the plain loop: every rule in file order, its file, its
 * window, then its filter by libpcap, compiled and run without labelcap.
 */
#include "rules_fixture.h"

#include "base/buffer.h"
#include "capture/libpcap/filter.h"
#include "label/matching/matcher.h"
#include "random_traffic.h"
#include <pcap/pcap.h>

#define FILES 3
#define NS    1000000000

static const struct lcap_file files[FILES] = {
    {"in/a.pcap", "a.pcap"}, {"in/b.pcap", "b.pcap"}, {"in/c.pcap", "c.pcap"}};
static const uint16_t linktypes[] = {LINKTYPE_ETHERNET, LINKTYPE_RAW, LINKTYPE_LINUX_SLL,
                                     LINKTYPE_NULL, LINKTYPE_PFLOG};
#define LINKTYPES (sizeof linktypes / sizeof *linktypes)

/* As tcpdump compiles for a capture file of this link type. */
static bool oracle_compile(struct bpf_program *code, const char *text, uint16_t linktype)
{
    char message[PCAP_ERRBUF_SIZE];
    const uint32_t header[6] = {0xA1B2C3D4, HOST_BIG_ENDIAN ? 0x20004 : 0x40002, 0, 0, 262144,
                                linktype};
    FILE *file = fopen("empty.pcap", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(header, sizeof header, 1, file), 1);
    assert_int_equal(fclose(file), 0);
    pcap_t *handle = pcap_open_offline("empty.pcap", message);
    assert_non_null(handle);
    int rc = pcap_compile(handle, code, text, 1, PCAP_NETMASK_UNKNOWN);
    pcap_close(handle);
    unlink("empty.pcap");
    return rc == 0;
}

struct oracle {
    const struct lcap_rules *rules;
    struct bpf_program *programs[LINKTYPES]; /* no instructions: refused */
};

static void oracle_init(struct oracle *o, const struct lcap_rules *rules)
{
    o->rules = rules;
    for (size_t l = 0; l < LINKTYPES; l++) {
        o->programs[l] = calloc(lcap_rules_count(rules), sizeof *o->programs[l]);
        assert_non_null(o->programs[l]);
        for (size_t i = 0; i < lcap_rules_count(rules); i++) {
            const char *text = lcap_rules_get(rules, i)->bpf;
            if (text)
                oracle_compile(&o->programs[l][i], text, linktypes[l]);
        }
    }
}

static void oracle_release(struct oracle *o)
{
    for (size_t l = 0; l < LINKTYPES; l++) {
        for (size_t i = 0; i < lcap_rules_count(o->rules); i++)
            pcap_freecode(&o->programs[l][i]);
        free(o->programs[l]);
    }
}

static uint32_t oracle_match(const struct oracle *o, size_t linktype, uint32_t file,
                             const struct lcap_packet *packet)
{
    struct pcap_pkthdr header = {.caplen = packet->caplen, .len = packet->len};
    for (uint32_t i = 0; i < lcap_rules_count(o->rules); i++) {
        const struct lcap_rule *rule = lcap_rules_get(o->rules, i);
        const struct bpf_program *code = &o->programs[linktype][i];
        if (rule->file_index != ANY_FILE && rule->file_index != file)
            continue;
        if (rule->has_window && (!packet->has_time || packet->time_ns < rule->start_ns ||
                                 packet->time_ns > rule->end_ns))
            continue;
        if (rule->bpf && (!code->bf_insns || !pcap_offline_filter(code, &header, packet->data)))
            continue;
        return i;
    }
    return NO_RULE;
}

static bool is_filter(const char *text)
{
    struct filter_program program;
    int rc = filter_check(&program, text, NULL);
    filter_release(&program);
    return rc == 0;
}

/* A rule with any of its tags; what fits no link type would be refused at loading. */
static void print_rule(struct random *r, struct buffer *out, uint32_t number)
{
    struct random_text filter;
    uint32_t tags = random_below(r, 16);
    bool has_file = tags <= 1, has_filter = tags == 1 || tags >= 3;
    bool has_start = tags == 2 || tags >= 11, has_end = has_start && random_below(r, 4);
    uint32_t start = random_below(r, 100);
    buffer_append_text(out, "\"", NULL);
    if (has_file)
        buffer_printf(out, NULL, "FILE:%s", files[random_below(r, FILES)].below);
    if (has_filter) {
        do
            random_filter(r, &filter);
        while (!is_filter(filter.text));
        buffer_printf(out, NULL, "%sBPF:%s", has_file ? "|" : "", filter.text);
    }
    if (has_start)
        buffer_printf(out, NULL, "%sTS_START:%u.%09u", has_file || has_filter ? "|" : "", start,
                      random_below(r, NS));
    if (has_end)
        buffer_printf(out, NULL, "|TS_END:%u", start + 1 + random_below(r, 20));
    buffer_printf(out, NULL, "\",label%u,\n", number);
}

static struct lcap_rules *random_rules(struct random *r, uint32_t count)
{
    struct lcap_rules *rules = NULL;
    struct lcap_error error = {0};
    struct buffer text = {0};
    for (uint32_t i = 0; i < count; i++)
        print_rule(r, &text, i);
    load_bytes(&rules, (char *)text.data, text.len, files, FILES, &error);
    assert_string_equal(error.text, "");
    buffer_release(&text);
    return rules;
}

/* In a block of its own, so that sanitizers see a read past its end. */
static uint8_t *random_data(struct random *r, uint16_t linktype, struct lcap_packet *packet)
{
    struct random_packet bytes;
    random_packet(r, linktype, &bytes);
    packet->len = bytes.len;
    packet->caplen = random_below(r, 5) ? bytes.len : random_below(r, bytes.len + 1);
    packet->has_time = random_below(r, 20) != 0;
    packet->time_ns = INT64_MIN;
    if (packet->has_time) /* often at the edges of windows: whole seconds, and one less */
        packet->time_ns = (int64_t)random_below(r, 130) * NS +
                          (random_below(r, 2) ? random_below(r, NS) : -(int64_t)random_below(r, 2));
    uint8_t *data = malloc(packet->caplen ? packet->caplen : 1);
    assert_non_null(data);
    memcpy(data, bytes.data, packet->caplen);
    packet->data = data;
    return data;
}

static const char *text_of(const struct oracle *o, uint32_t rule)
{
    return rule == NO_RULE ? "none" : lcap_rules_get(o->rules, rule)->text;
}

/* A matcher of all rules, with what it needs. */
struct whole {
    struct matcher *matcher;
    struct rule_programs *programs;
    struct match_memo *memo;
    uint32_t *members;
    uint32_t *sets;
};

static struct whole make_whole(const struct lcap_rules *rules)
{
    const size_t count = lcap_rules_count(rules);
    struct whole whole = {.members = calloc(count, sizeof *whole.members),
                          .memo = calloc(1, sizeof *whole.memo),
                          .sets = calloc(1, sizeof *whole.sets)};
    assert_non_null(whole.members);
    assert_non_null(whole.memo);
    assert_non_null(whole.sets);
    for (size_t i = 0; i < count; i++)
        whole.members[i] = (uint32_t)i;
    assert_int_equal(rule_programs_new(&whole.programs, rules, NULL), 0);
    assert_int_equal(
        matcher_new(&whole.matcher, rules, whole.programs, whole.sets, whole.members, count, NULL),
        0);
    return whole;
}

static void free_whole(struct whole *whole)
{
    matcher_free(whole->matcher);
    match_memo_release(whole->memo);
    free(whole->memo);
    free(whole->sets);
    rule_programs_free(whole->programs);
    free(whole->members);
}

static void compare_one(struct random *r, const struct whole *whole, const struct oracle *oracle,
                        uint64_t *matched)
{
    size_t l = random_below(r, 3) ? 0 : random_below(r, LINKTYPES);
    struct lcap_interface interface = {.linktype = linktypes[l]};
    struct lcap_packet packet = {.interface = &interface};
    uint32_t file = random_below(r, FILES + 1), rule;
    uint8_t *data = random_data(r, linktypes[l], &packet);
    if (file == FILES)
        file = LCAP_NO_FILE;
    uint32_t expected = oracle_match(oracle, l, file, &packet);
    struct lcap_error error = {0};
    int rc = matcher_match(whole->matcher, whole->memo, file, &packet, 1, &rule, &error);
    assert_string_equal(error.text, "");
    if (rule != expected)
        fail_msg("link type %u, %u of %u bytes: rule %u (%s), should be %u (%s)", linktypes[l],
                 packet.caplen, packet.len, rule, text_of(oracle, rule), expected,
                 text_of(oracle, expected));
    assert_int_equal(rc, 0);
    *matched += expected != NO_RULE;
    free(data);
}

static void indexed_matching_is_plain_matching(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 2, 3, 5, 10, 30, 100, 300};
    struct random r = {.state = 20170704};
    uint64_t packets = 0, matched = 0;
    for (int round = 0; round < 120; round++) {
        struct lcap_rules *rules = random_rules(&r, counts[round % 8]);
        struct whole whole = make_whole(rules);
        struct oracle oracle;
        oracle_init(&oracle, rules);
        for (int i = 0; i < 1500; i++, packets++)
            compare_one(&r, &whole, &oracle, &matched);
        free_whole(&whole);
        oracle_release(&oracle);
        lcap_rules_free(rules);
    }
    /* The pools are such that both outcomes are common. */
    assert_in_range(matched, packets / 4, packets - packets / 20);
}

/* Filters of hosts, nets and ports among a few, many of them with windows. */
static struct lcap_rules *host_rules(struct random *r, uint32_t count)
{
    static const struct {
        const char *before, *behind;
    } forms[] = {
        {"host 10.0.0.", ""},        {"net 10.0.0.", "/32 and udp"},
        {"src host 2001:db8::", ""}, {"ip6 and port ", ""},
        {"tcp and dst port ", ""},   {"udp and dst host 10.0.0.1 and port ", ""},
        {"ip and ip[1] <= ", ""},    {"ip and len <= ", ""},
    };
    struct lcap_rules *rules = NULL;
    struct buffer text = {0};
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t start = random_below(r, 100), form = random_below(r, count < 135 ? 7 : 8);
        buffer_printf(&text, NULL, "BPF:%s%u%s", forms[form].before, random_below(r, 40),
                      forms[form].behind);
        if (random_below(r, 3))
            buffer_printf(&text, NULL, "|TS_START:%u|TS_END:%u", start, start + 20);
        buffer_printf(&text, NULL, ",label%u,\n", i);
    }
    assert_int_equal(load_bytes(&rules, (char *)text.data, text.len, files, FILES, NULL), 0);
    buffer_release(&text);
    return rules;
}

/* IPv4 with or without options, IPv6 or neither, with one of a few ends, cut anywhere. */
static uint8_t *host_packet(struct random *r, struct lcap_packet *packet)
{
    uint8_t bytes[74] = {[12] = 0x08, [20] = random_below(r, 9) ? 0 : 1};
    const uint32_t words = random_below(r, 4) ? 5 : 6, kind = random_below(r, 20);
    const uint32_t ports_at = kind > 6 ? 14 + 4 * words : 54;
    bytes[14] = (uint8_t)(0x40 | words);
    bytes[23] = random_below(r, 2) ? 17 : 6;
    memcpy(bytes + 26, (uint8_t[]){10, 0, 0, (uint8_t)random_below(r, 40), 10, 0, 0, 1}, 8);
    if (kind < 7) {
        memcpy(bytes + 12, (uint8_t[]){0x86, 0xDD, 0x60}, 3);
        bytes[20] = bytes[23];
        memcpy(bytes + 22, (uint8_t[]){0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0}, 8);
        memset(bytes + 30, 0, 24);
        bytes[37] = (uint8_t)random_below(r, 64);
    }
    if (kind == 19)
        bytes[13] = 6;
    memcpy(bytes + ports_at, (uint8_t[]){0, (uint8_t)random_below(r, 40), 0, 9}, 4);
    packet->len = sizeof bytes;
    packet->caplen = random_below(r, 5) ? sizeof bytes : random_below(r, sizeof bytes);
    packet->has_time = random_below(r, 20) != 0;
    packet->time_ns = (int64_t)random_below(r, 130) * NS - random_below(r, 2);
    uint8_t *data = malloc(packet->caplen ? packet->caplen : 1);
    assert_non_null(data);
    memcpy(data, bytes, packet->caplen);
    packet->data = data;
    return data;
}

static void compare_batch(struct random *r, const struct whole *whole, const struct oracle *oracle,
                          const struct lcap_interface *interface)
{
    struct lcap_packet packets[MATCH_BATCH];
    uint8_t *data[MATCH_BATCH];
    uint32_t rules[MATCH_BATCH];
    const size_t count = 1 + random_below(r, MATCH_BATCH);
    for (size_t i = 0; i < count; i++) {
        packets[i] = (struct lcap_packet){.interface = interface};
        data[i] = host_packet(r, &packets[i]);
    }
    assert_int_equal(matcher_match(whole->matcher, whole->memo, 0, packets, count, rules, NULL), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rules[i], oracle_match(oracle, 0, 0, &packets[i]));
        free(data[i]);
    }
}

/* Packets come again, at other times, so that answers are remembered. */
static void remembered_answers_are_right(void **state)
{
    (void)state;
    struct random r = {.state = 20170707};
    struct lcap_interface interface = {.linktype = LINKTYPE_ETHERNET};
    for (uint32_t count = 120; count < 150; count += 5) {
        struct lcap_rules *rules = host_rules(&r, count);
        struct whole whole = make_whole(rules);
        struct oracle oracle;
        oracle_init(&oracle, rules);
        for (int i = 0; i < 20000; i += MATCH_BATCH)
            compare_batch(&r, &whole, &oracle, &interface);
        assert_non_null(whole.memo->entries);
        free_whole(&whole);
        oracle_release(&oracle);
        lcap_rules_free(rules);
    }
}

/* What a packet of zeros of this link type gets. */
static uint32_t match_zeros(const struct whole *whole, uint32_t file, uint16_t linktype)
{
    static const uint8_t zeros[64];
    struct lcap_interface interface = {.linktype = linktype};
    struct lcap_packet packet = {.interface = &interface, .data = zeros, .caplen = 64, .len = 64};
    struct lcap_error error = {0};
    uint32_t rule;
    int rc = matcher_match(whole->matcher, whole->memo, file, &packet, 1, &rule, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
    return rule;
}

static void files_have_their_own_rules(void **state)
{
    (void)state;
    struct lcap_rules *rules = load("FILE:c.pcap,c,\nFILE:b.pcap|BPF:ip,b,\nFILE:b.pcap,bb,\n"
                                    "BPF:len = 64,all,\nFILE:a.pcap,late,\n",
                                    files, FILES);
    struct whole whole = make_whole(rules);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(match_zeros(&whole, 0, LINKTYPE_ETHERNET), 3);
        assert_int_equal(match_zeros(&whole, 1, LINKTYPE_ETHERNET), 2);
        assert_int_equal(match_zeros(&whole, 2, LINKTYPE_RAW), 0);
        assert_int_equal(match_zeros(&whole, LCAP_NO_FILE, LINKTYPE_ETHERNET), 3);
    }
    free_whole(&whole);
    lcap_rules_free(rules);
}

/* A warning for each link type that does not take the filter. */
static void refusals_are_told_once(void **state)
{
    (void)state;
    struct lcap_rules *rules = load("BPF:vlan or len = 64,a,\nBPF:vlan or len = 64|TS_START:5,b,\n"
                                    "BPF:type mgt,c,\n",
                                    NULL, 0);
    struct whole whole = make_whole(rules);
    assert_int_equal(match_zeros(&whole, 0, LINKTYPE_RAW), NO_RULE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(match_zeros(&whole, 0, LINKTYPE_ETHERNET), 0);
        assert_int_equal(match_zeros(&whole, 0, LINKTYPE_RAW), NO_RULE);
        assert_int_equal(match_zeros(&whole, 0, LINKTYPE_IEEE802_11), 0);
    }
    static const char *const expected[] = {
        "1: vlan or len = 64: RAW: no VLAN support for ",
        "3: type mgt: RAW: 802.11 link-layer types supported only on 802.11",
        "3: type mgt: ETHERNET: 802.11 link-layer types supported only on 802.11",
    };
    for (size_t i = 0; i < 3; i++) {
        const struct lcap_finding *finding = rule_programs_finding(whole.programs, i);
        assert_memory_equal(told(finding), expected[i], strlen(expected[i]));
        assert_int_equal(finding->count, i == 0 ? 2 : 1);
    }
    assert_null(rule_programs_finding(whole.programs, 3));
    free_whole(&whole);
    lcap_rules_free(rules);
}

/* Not of a file that did not come, as in line 2. */
static void refusals_are_of_what_came(void **state)
{
    (void)state;
    struct lcap_rules *rules =
        load("BPF:ip,x,\nFILE:c.pcap|BPF:ifname lo,a,\nBPF:type mgt,b,\n", files, FILES);
    struct whole whole = make_whole(rules);
    match_zeros(&whole, 0, LINKTYPE_ETHERNET);
    assert_string_equal(rule_programs_finding(whole.programs, 0)->place, "3");
    assert_null(rule_programs_finding(whole.programs, 1));
    free_whole(&whole);
    lcap_rules_free(rules);
}

/* Ten thousand files with a rule each: found by number, and nothing is compiled. */
static void many_files(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    static char names[COUNT][24];
    static struct lcap_file many[COUNT];
    struct lcap_rules *rules = NULL;
    struct buffer text = {0};
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "%05d.pcap", i);
        many[i] = (struct lcap_file){names[i], names[i]};
        buffer_printf(&text, NULL, "FILE:%05d.pcap,app%d,\n", COUNT - 1 - i, i);
    }
    assert_int_equal(load_bytes(&rules, (char *)text.data, text.len, many, COUNT, NULL), 0);
    buffer_release(&text);
    struct whole whole = make_whole(rules);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(match_zeros(&whole, i, LINKTYPE_ETHERNET), COUNT - 1 - i);
    free_whole(&whole);
    lcap_rules_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexed_matching_is_plain_matching),
        cmocka_unit_test(remembered_answers_are_right),
        cmocka_unit_test(files_have_their_own_rules),
        cmocka_unit_test(refusals_are_told_once),
        cmocka_unit_test(refusals_are_of_what_came),
        cmocka_unit_test(many_files),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
