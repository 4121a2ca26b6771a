/* Rules files: what the rules become, and the exact message for every sort of wrong rule. */
#include "rules_fixture.h"

#include "label/comment.h"
#include "label/rule.h"

#define SECOND 1000000000

static const struct lcap_file inputs[] = {
    {.path = "data/web/a.pcap", .below = "web/a.pcap"},
    {.path = "data/dns/a.pcap", .below = "dns/a.pcap"},
    {.path = "data/dns/b.pcap", .below = "dns/b.pcap"},
    {.path = "c.pcap", .below = "c.pcap"},
    {.path = "/abs/x:y.pcap", .below = "x:y.pcap"},
    {.path = "one/d.pcap", .below = "d.pcap"},
    {.path = "two/d.pcap", .below = "d.pcap"},
    {.path = "three/d.pcap", .below = "d.pcap"},
    {.path = "four/d.pcap", .below = "d.pcap"},
};
#define INPUTS (sizeof inputs / sizeof *inputs)

static void assert_window(const struct lcap_rule *rule, bool has_window, int64_t first,
                          int64_t last)
{
    int64_t start_ns, end_ns;
    assert_int_equal(lcap_rule_window(rule, &start_ns, &end_ns), has_window);
    assert_true(start_ns == first && end_ns == last);
}

static void assert_sample_id(const struct lcap_rule *rule, uint64_t expected)
{
    uint64_t sample_id;
    assert_true(lcap_rule_sample_id(rule, &sample_id));
    assert_true(sample_id == expected);
}

static void all_parts(void **state)
{
    (void)state;
    struct lcap_rules *rules = load("# a comment\n"
                                    "BPF:tcp port 80|TS_START:5|TS_END:9|FILE:c.pcap,web,key\n"
                                    "\n"
                                    "BPF:udp, spaced ,\n",
                                    inputs, INPUTS);
    assert_int_equal(lcap_rules_count(rules), 2);
    assert_string_equal(lcap_rules_path(rules), "rules.csv");
    const struct lcap_rule *rule = lcap_rules_get(rules, 0);
    assert_int_equal(lcap_rule_line(rule), 2);
    assert_string_equal(lcap_rule_text(rule), "BPF:tcp port 80|TS_START:5|TS_END:9|FILE:c.pcap");
    assert_string_equal(lcap_rule_filter(rule), "tcp port 80");
    assert_string_equal(lcap_rule_file(rule), "c.pcap");
    assert_int_equal(rule->file_index, 3);
    assert_window(rule, true, 5LL * SECOND, 10LL * SECOND - 1);
    assert_string_equal(lcap_rule_metadata(rule), "web");
    assert_string_equal(lcap_rule_hash_key(rule), "key");
    assert_sample_id(rule, lcap_sample_id("key", 3));
    assert_false(lcap_rule_is_idle(rule));
    rule = lcap_rules_get(rules, 1);
    assert_int_equal(lcap_rule_line(rule), 4);
    assert_null(lcap_rule_file(rule));
    assert_int_equal(rule->file_index, ANY_FILE);
    assert_window(rule, false, INT64_MIN, INT64_MAX);
    assert_string_equal(lcap_rule_metadata(rule), " spaced ");
    assert_null(lcap_rule_hash_key(rule));
    assert_null(lcap_rules_finding(rules, 0));
    for (uint32_t i = 0; i <= INPUTS; i++)
        assert_int_equal(lcap_rules_name_file(rules, i), i == 3);
    assert_false(lcap_rules_name_file(rules, LCAP_NO_FILE));
    lcap_rules_free(rules);
    lcap_rules_free(NULL);
}

static void sample_ids(void **state)
{
    (void)state;
    /* Line end, byte order mark and place in the file do not change a sampleID. */
    static const char plain[] = "facebook-handshake-1.pcap,facebook\n"
                                "BPF:tcp,web,group1\nBPF:udp,dns,group1\n";
    static const char windows_like[] = "\xEF\xBB\xBF"
                                       "facebook-handshake-1.pcap,facebook\r\n"
                                       "BPF:tcp,web,group1\r\nBPF:udp,dns,group1";
    static const char with_header[] = "filename,label\nfacebook-handshake-1.pcap,facebook\n#\n"
                                      "BPF:tcp,web,group1\nBPF:udp,dns,group1\n";
    static const char *const files[] = {plain, windows_like, with_header};
    static const struct lcap_file file = {.path = "facebook-handshake-1.pcap",
                                          .below = "facebook-handshake-1.pcap"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct lcap_rules *rules = load(files[i], &file, 1);
        assert_int_equal(lcap_rules_count(rules), 3);
        assert_sample_id(lcap_rules_get(rules, 0), 10501508303324602647u);
        assert_sample_id(lcap_rules_get(rules, 1), 6848942292823701314u);
        assert_sample_id(lcap_rules_get(rules, 2), 6848942292823701314u);
        lcap_rules_free(rules);
    }
}

static void record_bytes_make_the_id(void **state)
{
    (void)state;
    /* As the record stands there: quotes count, an empty third column counts. */
    static const char *const records[] = {"\"BPF:tcp\",\"a\"", "BPF:tcp,a,", "BPF:tcp,a",
                                          "\"BPF:tcp\",\"a\nb\""};
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct lcap_rules *rules = load(records[i], NULL, 0);
        assert_sample_id(lcap_rules_get(rules, 0), lcap_sample_id(records[i], strlen(records[i])));
        lcap_rules_free(rules);
    }
}

static void bars_inside_filters(void **state)
{
    (void)state;
    static const struct {
        const char *column, *bpf;
        bool has_window;
    } cases[] = {
        {"BPF:tcp[tcpflags] & (tcp-syn|tcp-ack) != 0", "tcp[tcpflags] & (tcp-syn|tcp-ack) != 0",
         false},
        {"BPF:tcp[tcpflags] & (tcp-syn|tcp-ack) != 0|TS_START:10|TS_END:20",
         "tcp[tcpflags] & (tcp-syn|tcp-ack) != 0", true},
        {"BPF:tcp port 80 || udp port 53", "tcp port 80 || udp port 53", false},
        {"BPF:ip6 host 2001:db8::1 or udp", "ip6 host 2001:db8::1 or udp", false},
        {"BPF:ether host 00:11:22:33:44:55|TS_START:1", "ether host 00:11:22:33:44:55", true},
        {"  TS_START: 1  |  BPF:  tcp or udp  ", "tcp or udp", true},
        {"\"TS_START:1\n|BPF:ip[6:2] & 0x1fff != 0\"", "ip[6:2] & 0x1fff != 0", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "%s,x\n", cases[i].column);
        struct lcap_rules *rules = load(text, NULL, 0);
        assert_string_equal(lcap_rule_filter(lcap_rules_get(rules, 0)), cases[i].bpf);
        assert_int_equal(lcap_rules_get(rules, 0)->has_window, cases[i].has_window);
        lcap_rules_free(rules);
    }
}

static void windows(void **state)
{
    (void)state;
    static const struct {
        const char *column;
        int64_t start_ns, end_ns;
    } cases[] = {
        {"TS_START:5", 5LL * SECOND, INT64_MAX},
        {"TS_END:5", INT64_MIN, 6LL * SECOND - 1},
        {"TS_END:5.0", INT64_MIN, 5LL * SECOND},
        {"TS_END:5.25|TS_START:5.25", 5250000000, 5250000000},
        {"TS_START:5|TS_END:5", 5LL * SECOND, 6LL * SECOND - 1},
        {"TS_START:5.5|TS_END:5", 5500000000, 6LL * SECOND - 1},
        {"TS_START:2017-07-04T09:17:52.838272-03:00|TS_END:2017-07-04T12:17:53Z",
         1499170672838272000, 1499170673999999999},
        {"TS_START:1969-12-31T23:59:59Z|TS_END:1969-12-31T23:59:59Z", -1000000000, -1},
        {"TS_END:18446744074", INT64_MIN, INT64_MAX},
        {"TS_END:9223372036", INT64_MIN, INT64_MAX},
        {"TS_END:9223372035", INT64_MIN, 9223372035999999999},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "%s,x\n", cases[i].column);
        struct lcap_rules *rules = load(text, NULL, 0);
        assert_window(lcap_rules_get(rules, 0), true, cases[i].start_ns, cases[i].end_ns);
        lcap_rules_free(rules);
    }
}

static void files_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *column;
        uint32_t file;
    } cases[] = {
        {"FILE:data/web/a.pcap", 0}, /* the path as walked */
        {"FILE:./data//web/./a.pcap", 0},
        {"FILE:web/a.pcap", 0}, /* below the directory */
        {"FILE: dns/a.pcap ", 1},
        {"FILE:b.pcap", 2}, /* one file alone has this name */
        {"FILE:c.pcap", 3},
        {"FILE:./c.pcap", 3},
        {"FILE:/abs/x:y.pcap", 4},
        {"FILE:two/d.pcap", 6},
        {"web/a.pcap", 0}, /* without a tag */
        {"x:y.pcap", 4},
        {"FILE:abs/x:y.pcap", LCAP_NO_FILE},
        {"FILE:e.pcap", LCAP_NO_FILE},
        {"FILE:web", LCAP_NO_FILE},
        {"FILE:.", LCAP_NO_FILE},
        {"FILE:/c.pcap", LCAP_NO_FILE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "%s,x\n", cases[i].column);
        struct lcap_rules *rules = load(text, inputs, INPUTS);
        assert_int_equal(lcap_rules_get(rules, 0)->file_index, cases[i].file);
        assert_int_equal(lcap_rule_is_idle(lcap_rules_get(rules, 0)),
                         cases[i].file == LCAP_NO_FILE);
        if (cases[i].file == LCAP_NO_FILE)
            assert_non_null(lcap_rules_finding(rules, 0));
        else
            assert_null(lcap_rules_finding(rules, 0));
        lcap_rules_free(rules);
    }
}

static void headers(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "traffic_filter,metadata,hash_key\n", "#x\n\ntraffic_filter,metadata\n",
        " traffic_filter , metadata , hash_key \n", "\"filename\",\"label\"\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[200];
        snprintf(text, sizeof text, "%sBPF:tcp,x\n", lines[i]);
        struct lcap_rules *rules = load(text, NULL, 0);
        assert_int_equal(lcap_rules_count(rules), 1);
        lcap_rules_free(rules);
    }
    /* Under this one a column without a tag is a file name, known or not. */
    struct lcap_rules *rules =
        load("filename,label\nc.pcap,x\nBFP:tcp,y\nBPF:udp,z\n", inputs, INPUTS);
    assert_int_equal(lcap_rules_get(rules, 0)->file_index, 3);
    assert_string_equal(lcap_rule_file(lcap_rules_get(rules, 1)), "BFP:tcp");
    assert_int_equal(lcap_rules_get(rules, 1)->file_index, LCAP_NO_FILE);
    assert_string_equal(lcap_rule_filter(lcap_rules_get(rules, 2)), "udp");
    assert_string_equal(told(lcap_rules_finding(rules, 0)),
                        "3: no input is named \"BFP:tcp\"; the rule cannot label any packet");
    assert_null(lcap_rules_finding(rules, 1));
    lcap_rules_free(rules);
}

static void assert_wrong(const char *text, size_t len, const char *message)
{
    struct lcap_rules *rules = NULL;
    struct lcap_error error = {0};
    int rc = load_bytes(&rules, text, len, inputs, INPUTS, &error);
    assert_string_equal(error.text, message);
    assert_int_equal(rc, LCAP_ERR_RULES);
    assert_int_equal(error.code, LCAP_ERR_RULES);
    assert_null(rules);
    assert_int_equal(load_bytes(&rules, text, len, inputs, INPUTS, NULL), LCAP_ERR_RULES);
}

#define WRONG(text, message) assert_wrong(text, sizeof(text) - 1, "rules.csv:" message)
#define TAGS                 "expected FILE:, BPF:, COMMENT:, TS_START:, TS_END:, SCOPE: or EACH:"
#define TIME_FORMS           "expected seconds since 1970 or YYYY-MM-DDThh:mm:ss with a zone"
#define COLUMNS              "expected 2 or 3 columns (traffic_filter,metadata,hash_key), found "

static void wrong_columns(void **state)
{
    (void)state;
    WRONG("BPF:tcp\n", "1:8: " COLUMNS "1");
    WRONG("BPF:tcp,too,many,columns,\n", "1:18: " COLUMNS "5");
    WRONG("BPF:udp,x\n\"BPF:tcp\"\n", "2:9: " COLUMNS "1");
    WRONG("", " no rules; expected lines of traffic_filter,metadata,hash_key");
    WRONG("# BPF:tcp,x\n\n", " no rules; expected lines of traffic_filter,metadata,hash_key");
    WRONG("filename,label\n", " no rules; expected lines of traffic_filter,metadata,hash_key");
}

#define EACH "expected flow, flow:SECONDS, host:NETWORK, window:SECONDS, file or packet"
#define HOST                                                                                       \
    "host: expected an address or a network whose bits behind the prefix are 0 "                   \
    "(such as 192.0.2.0/24 or 2001:db8::/32), found "

static void wrong_each(void **state)
{
    (void)state;
    WRONG("EACH:,x\n", "1:1: EACH: expected flow, host, window, file or packet after it");
    WRONG("EACH:flows,x\n", "1:6: EACH:flows: " EACH "; did you mean flow?");
    WRONG("EACH:file:a.pcap,x\n", "1:6: EACH:file: " EACH "; did you mean file?");
    WRONG("BPF:tcp | EACH:connection,x\n", "1:16: EACH:connection: " EACH);
    WRONG("EACH:flow|EACH:flow:9,x\n", "1:16: EACH:flow occurs twice in one rule");
    WRONG("EACH:flow:0,x\n",
          "1:11: flow: expected seconds above 0 (such as 60 or 0.5), found \"0\"");
    WRONG("EACH:window:-5,x\n",
          "1:13: window: expected seconds above 0 (such as 60 or 0.5), found \"-5\"");
    WRONG("EACH:window:99999999999999,x\n",
          "1:13: window: expected seconds above 0 (such as 60 or 0.5), found \"99999999999999\"");
    WRONG("EACH:host,x\n", "1:6: " HOST "\"\"");
    WRONG("EACH:host:192.0.2.1/24,x\n", "1:11: " HOST "\"192.0.2.1/24\"");
    WRONG("EACH:host:192.0.2.0/33,x\n", "1:11: " HOST "\"192.0.2.0/33\"");
    WRONG("EACH:host:2001:db8::1/127,x\n", "1:11: " HOST "\"2001:db8::1/127\"");
    WRONG("EACH:host:example.org,x\n", "1:11: " HOST "\"example.org\"");
    WRONG("SCOPE:packet,x\n", "1:7: SCOPE:packet: expected flow or flow:SECONDS");
    WRONG("SCOPE:flow:x,x\n",
          "1:12: flow: expected seconds above 0 (such as 60 or 0.5), found \"x\"");
    WRONG("SCOPE:flow|SCOPE:flow,x\n", "1:12: SCOPE: occurs twice in one rule");
}

static void wrong_tags(void **state)
{
    (void)state;
    WRONG(",x\n", "1:1: the traffic_filter is empty; " TAGS);
    WRONG("\"  \",x\n", "1:2: the traffic_filter is empty; " TAGS);
    WRONG("BFP:tcp,x\n", "1:1: BFP: is not a tag; " TAGS "; did you mean BPF:?");
    WRONG("bpf:tcp,x\n", "1:1: bpf: is not a tag; " TAGS "; did you mean BPF:?");
    WRONG("TSSTART:5,x\n", "1:1: TSSTART: is not a tag; " TAGS "; did you mean TS_START:?");
    WRONG("TS_EDN:5,x\n", "1:1: TS_EDN: is not a tag; " TAGS "; did you mean TS_END:?");
    WRONG("FILES:x,x\n", "1:1: FILES: is not a tag; " TAGS "; did you mean FILE:?");
    WRONG("FOO:bar,x\n", "1:1: FOO: is not a tag; " TAGS);
    WRONG("  FOO:bar|BPF:tcp,x\n", "1:3: FOO: is not a tag; " TAGS);
    WRONG("unknown.pcap,x\n", "1:1: \"unknown.pcap\" has no tag and names no input file; " TAGS);
    WRONG("c.pcap|BPF:tcp,x\n", "1:1: \"c.pcap\" has no tag; " TAGS);
    WRONG("\"bad\x1b[31m\",x\n", "1:2: \"bad\\x1b[31m\" has no tag and names no input file; " TAGS);
    WRONG("|BPF:tcp,x\n", "1:1: \"\" has no tag; " TAGS);
    WRONG("BPF:tcp|BPF:udp,x\n",
          "1:9: BPF: occurs twice in one rule; alternatives are joined by or in one filter");
    WRONG("TS_START:1 | TS_END:2 | TS_START:3,x\n", "1:25: TS_START: occurs twice in one rule");
    WRONG("FILE:c.pcap|FILE:c.pcap,x\n", "1:13: FILE: occurs twice in one rule");
    WRONG("BPF:,x\n", "1:1: BPF: expected a filter after it");
    WRONG("BPF:tcp| FILE: ,x\n", "1:10: FILE: expected a path after it");
    WRONG("TS_END:|BPF:tcp,x\n", "1:1: TS_END: expected a time after it");
    WRONG("BPF:tcp|TS_START:,x\n", "1:9: TS_START: expected a time after it");
}

static void wrong_times(void **state)
{
    (void)state;
    WRONG("TS_START:abc,x\n", "1:10: \"abc\" is not a time: " TIME_FORMS);
    WRONG("BPF:tcp|TS_END: -5 ,x\n", "1:17: \"-5\" is not a time: " TIME_FORMS);
    WRONG("TS_START:5.1234567891,x\n", "1:10: \"5.1234567891\" is not a time: "
                                       "more than nine decimal places");
    WRONG("TS_START:2017-07-04T09:17:52,x\n",
          "1:10: \"2017-07-04T09:17:52\" is not a time: "
          "the zone is missing (Z, or an offset such as -03:00)");
    WRONG("TS_START:20|TS_END:10,x\n", "1:13: TS_END 10 is before TS_START 20");
    WRONG("BPF:udp,a\nTS_END:5|TS_START:9,x\n", "2:1: TS_END 5 is before TS_START 9");
    WRONG("TS_START:5.5|TS_END:5.4,x\n", "1:14: TS_END 5.4 is before TS_START 5.5");
    WRONG("TS_START:18446744074|TS_END:7,x\n", "1:22: TS_END 7 is before TS_START 18446744074");
    /* The columns of a quoted field: behind a doubled quote, in its second line. */
    WRONG("\"BPF:tcp|TS_END:a\"\"b\",x\n", "1:17: \"a\"b\" is not a time: " TIME_FORMS);
    WRONG("\"BPF:tcp\n|TS_START:abc\",x\n", "2:11: \"abc\" is not a time: " TIME_FORMS);
}

static void wrong_filters(void **state)
{
    (void)state;
    WRONG("BPF:tcp port 99999,x\n",
          "1:5: filter \"tcp port 99999\": illegal port number 99999 > 65535");
    WRONG("TS_START:1|BPF: host 999.1.1.1,x\n",
          "1:17: filter \"host 999.1.1.1\": invalid IPv4 address '999.1.1.1'");
    WRONG("BPF:host 10.0.0.1 and,x\n", "1:5: filter \"host 10.0.0.1 and\": "
                                       "can't parse filter expression: syntax error");
}

static void wrong_files(void **state)
{
    (void)state;
    WRONG("FILE:a.pcap,x\n", "1:6: \"a.pcap\" names 2 inputs: data/web/a.pcap, data/dns/a.pcap");
    WRONG("BPF:tcp|FILE:./d.pcap,x\n", "1:14: \"./d.pcap\" names 4 inputs: one/d.pcap, "
                                       "two/d.pcap, three/d.pcap, ...");
    WRONG("a.pcap,x\n", "1:1: \"a.pcap\" names 2 inputs: data/web/a.pcap, data/dns/a.pcap");
}

static void wrong_text(void **state)
{
    (void)state;
    WRONG("BPF:udp,x\n\"BPF:tcp,unterminated quote,\n",
          "2:1: the quote opened here is never closed");
    WRONG("BPF:tcp,x\0y\n", "1:10: a NUL byte; this is not text");
    WRONG("BPF:tcp,caf\xE9\n", "1:12: byte 0xe9 is not UTF-8");
    WRONG("BPF:tcp,a \"b\"\n", "1:11: a quote inside a field that does not begin with one; "
                               "quote the whole field and double the quotes in it");
    WRONG("BPF:tcp,a\rBPF:udp,b\r",
          "1:10: a carriage return without a line feed; lines end with LF or CR LF");
}

static void metadata_at_its_limit(void **state)
{
    (void)state;
    enum { HEAD = 8, ID = 19, LIMIT = LCAP_MAX_COMMENT - ID - 1 };
    static char text[HEAD + LIMIT + 100];
    memcpy(text, "BPF:tcp,", HEAD);
    memset(text + HEAD, 'm', LIMIT);
    strcpy(text + HEAD + LIMIT, ",group1\n"); /* its sampleID has 19 digits */
    struct lcap_rules *rules = load(text, NULL, 0);
    assert_int_equal(strlen(lcap_rule_metadata(lcap_rules_get(rules, 0))), LIMIT);
    assert_int_equal(comment_length(6848942292823701314u, LIMIT), LCAP_MAX_COMMENT);
    lcap_rules_free(rules);
    strcpy(text + HEAD + LIMIT, "m,group1\n");
    assert_wrong(text, strlen(text),
                 "rules.csv:1:9: metadata of 65516 bytes: "
                 "with the sampleID the label has 65536 bytes, but a comment can hold only 65535");
    rules = load("BPF:tcp,\n", NULL, 0); /* none at all is fine */
    assert_string_equal(lcap_rule_metadata(lcap_rules_get(rules, 0)), "");
    lcap_rules_free(rules);
}

static void not_a_file(void **state)
{
    (void)state;
    struct lcap_rules *rules = NULL;
    struct lcap_error error = {0};
    assert_int_equal(lcap_rules_load(&rules, "missing.csv", NULL, 0, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "missing.csv: cannot open: No such file or directory");
    assert_null(rules);
    assert_true(lcap_rules_load(&rules, "/", NULL, 0, NULL) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_parts),
        cmocka_unit_test(sample_ids),
        cmocka_unit_test(record_bytes_make_the_id),
        cmocka_unit_test(bars_inside_filters),
        cmocka_unit_test(windows),
        cmocka_unit_test(files_by_name),
        cmocka_unit_test(headers),
        cmocka_unit_test(wrong_columns),
        cmocka_unit_test(wrong_each),
        cmocka_unit_test(wrong_tags),
        cmocka_unit_test(wrong_times),
        cmocka_unit_test(wrong_filters),
        cmocka_unit_test(wrong_files),
        cmocka_unit_test(wrong_text),
        cmocka_unit_test(metadata_at_its_limit),
        cmocka_unit_test(not_a_file),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
