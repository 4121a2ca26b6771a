/* What loading finds odd: shadowed rules, against a plain check of every moment; two labels. */
#include "rules_fixture.h"

#include "label/rule.h"

#include <time.h>

static const struct lcap_file inputs[] = {{.path = "a", .below = "a"}, {.path = "b", .below = "b"}};
#define INPUTS 2

static void assert_warnings(const char *text, const char *const *expected)
{
    struct lcap_rules *rules = load(text, inputs, INPUTS);
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_string_equal(told(lcap_rules_finding(rules, i)), expected[i]);
    }
    assert_null(lcap_rules_finding(rules, i));
    lcap_rules_free(rules);
}

#define WARNINGS(text, ...) assert_warnings(text, (const char *const[]){__VA_ARGS__, NULL})
#define BY(line)            "shadowed by line " line ", which takes every packet it could label"
#define BY_BOTH(start, end)                                                                        \
    "shadowed by earlier lines, which take every packet it could label: line " start               \
    " at its start, line " end " at its end"

static void shadowed(void **state)
{
    (void)state;
    WARNINGS("BPF:tcp,x\nBPF:tcp,y\n", "2: " BY("1"));
    WARNINGS("BPF:tcp,x\nBPF:udp,y\nBPF: tcp ,z\n", "3: " BY("1"));
    WARNINGS("BPF:tcp,x\nBPF:tcp|FILE:a|TS_START:5,y\n", "2: " BY("1"));
    WARNINGS("FILE:a,x\nBPF:tcp|FILE:./a,y\n", "2: " BY("1"));
    WARNINGS("TS_START:1|TS_END:9,x\nBPF:tcp|TS_START:1|TS_END:9.999999999,y\n", "2: " BY("1"));
    WARNINGS("TS_END:9,x\nFILE:b|TS_END:3,y\nBPF:tcp|TS_START:2|TS_END:2,z\n", "2: " BY("1"),
             "3: " BY("1"));
    /* Piece by piece: by one group, and by rules of several. */
    WARNINGS("BPF:tcp|TS_END:9,x\nBPF:tcp|TS_START:10,y\nBPF:tcp|TS_START:5|TS_END:15,z\n",
             "3: " BY_BOTH("1", "2"));
    WARNINGS("TS_END:9,x\nBPF:tcp|TS_START:10|TS_END:12,y\nFILE:a|TS_START:13,z\n"
             "BPF:tcp|FILE:a|TS_START:5,w\n",
             "4: " BY_BOTH("1", "3"));
}

static void shadowed_flows_and_each(void **state)
{
    (void)state;
    WARNINGS("BPF:tcp,x\nBPF:tcp|EACH:flow,y\n", "2: " BY("1"));
    WARNINGS("EACH:flow:9,x\nBPF:tcp|EACH:flow:9,y\n", "2: " BY("1"));
    WARNINGS("SCOPE:flow,x\nBPF:tcp|SCOPE:flow|EACH:flow,y\n", "2: " BY("1"));
    WARNINGS("BPF:tcp|SCOPE:flow,x\nBPF:tcp|SCOPE:flow:60|TS_END:5,y\n", "2: " BY("1"));
    WARNINGS("BPF:len > 0|TS_END:5,w\nTS_END:5,w2\nEACH:packet,v\nTS_START:6,x\nFILE:a,y\n"
             "BPF:tcp,u\n"
             "BPF:greater 0|EACH:host:192.0.2.0/24,t\n",
             NULL);
    WARNINGS("FILE:a,w\nBPF:tcp|SCOPE:flow|FILE:a,x\n", NULL);
    /* A packet may lack the flow, the host or the window. */
    WARNINGS("EACH:flow,x\nBPF:tcp,y\n", NULL);
    WARNINGS("EACH:host:192.0.2.0/24,x\nEACH:host:192.0.2.0/25,y\nBPF:tcp,z\n", NULL);
    WARNINGS("EACH:window:5,x\nBPF:tcp,y\n", NULL);
    /* A flow may begin with another packet. */
    WARNINGS("BPF:tcp|SCOPE:flow,x\nBPF:tcp,y\n", NULL);
    WARNINGS("BPF:tcp,x\nBPF:tcp|SCOPE:flow,y\n", NULL);
    WARNINGS("BPF:tcp|SCOPE:flow:5,x\nBPF:tcp|SCOPE:flow,y\n", NULL);
    WARNINGS("TS_END:9,x\nBPF:tcp|SCOPE:flow|TS_END:5,y\n", NULL);
    WARNINGS(
        "BPF:tcp,w\nEACH:flow,v\nTS_START:1|TS_END:9,y\nBPF:tcp|TS_START:2|TS_END:3|SCOPE:flow,z\n",
        NULL);
    WARNINGS("BPF:len < 99,w\nBPF:udp|EACH:file,x\nBPF:ip,z\n", NULL);
}

static void not_shadowed(void **state)
{
    (void)state;
    WARNINGS("BPF:tcp|FILE:a,x\nBPF:tcp,y\n", NULL);
    WARNINGS("BPF:tcp|FILE:a,x\nBPF:tcp|FILE:b,y\n", NULL);
    WARNINGS("BPF:tcp|TS_END:9,x\nBPF:tcp|TS_END:9.999999999,y\nBPF:tcp|TS_END:10.0,z\n",
             "2: " BY("1"));
    WARNINGS("BPF:tcp|TS_END:9,x\nBPF:tcp|TS_START:11,y\nBPF:tcp|TS_START:5|TS_END:15,z\n", NULL);
    /* All time is covered, but a packet without a time is left. */
    WARNINGS("BPF:tcp|TS_END:9,x\nBPF:tcp|TS_START:10,y\nBPF:tcp,z\nBPF:tcp,w\n", "4: " BY("3"));
    /* A rule of a file that is not there takes nothing away, and is told once. */
    WARNINGS("FILE:c,x\nFILE:c,y\n", "1: no input is named \"c\"; the rule cannot label any packet",
             "2: no input is named \"c\"; the rule cannot label any packet");
}

static void two_labels(void **state)
{
    (void)state;
    WARNINGS("BPF:tcp,x,k\nBPF:udp,x,k\nBPF:icmp,y,k\nBPF:arp,z,k\n",
             "3: one sample, two labels: hash_key \"k\" has the metadata \"y\" here "
             "and \"x\" in line 1");
    WARNINGS("BPF:tcp,x\nBPF:udp,y\n", NULL);
}

/* Rules of seconds 0 to 7, two filters or none, two files or none. */
enum { FILTERS = 3, FILES = 3, SECONDS = 8, RULES = 9 };

struct small_rule {
    int filter, file, start, end; /* filter and file 0: any; start > end: no window */
};

static bool takes(const struct small_rule *rule, int filter, int file, int second)
{
    bool in_time = rule->start > rule->end || (second >= rule->start && second <= rule->end);
    return in_time && (rule->filter == 0 || rule->filter == filter) &&
           (rule->file == 0 || rule->file == file);
}

/*
 * The plain way: is there a moment (-1: a packet without time) that rule `n`
 * has and no earlier rule with its filter or none and its file or none?
 */
static bool is_shadowed(const struct small_rule *rules, int n)
{
    bool windowless = rules[n].start > rules[n].end;
    for (int second = windowless ? -1 : 0; second < SECONDS; second++) {
        bool taken = false;
        if (!takes(&rules[n], rules[n].filter, rules[n].file, second))
            continue;
        for (int i = 0; i < n; i++)
            taken |= takes(&rules[i], rules[n].filter, rules[n].file, second);
        if (!taken)
            return false;
    }
    return true;
}

static size_t write_rule(char *out, size_t size, const struct small_rule *rule)
{
    static const char *const filters[] = {"", "BPF:tcp|", "BPF:udp|"};
    static const char *const files[] = {"", "FILE:a|", "FILE:b|"};
    char line[100];
    int len = snprintf(line, sizeof line, "%s%s", filters[rule->filter], files[rule->file]);
    if (rule->start <= rule->end)
        len += snprintf(line + len, sizeof line - (size_t)len, "TS_START:%d|TS_END:%d|",
                        rule->start, rule->end);
    line[len - 1] = '\0'; /* the last bar */
    return (size_t)snprintf(out, size, "%s,x,k\n", line);
}

static void random_rules(void **state)
{
    (void)state;
    unsigned found = 0;
    uint64_t random = 42;
    for (int round = 0; round < 2000; round++) {
        struct small_rule rules[RULES];
        char text[RULES * 100] = "";
        size_t used = 0;
        for (int i = 0; i < RULES; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            unsigned r = (unsigned)(random >> 33);
            rules[i] = (struct small_rule){.filter = (int)(r % FILTERS),
                                           .file = (int)(r / 3 % FILES),
                                           .start = (int)(r / 9 % SECONDS),
                                           .end = (int)(r / 72 % SECONDS)};
            /* "No part at all" is no rule. */
            if (rules[i].start > rules[i].end && rules[i].filter == 0 && rules[i].file == 0)
                rules[i].filter = 1;
            used += write_rule(text + used, sizeof text - used, &rules[i]);
        }
        struct lcap_rules *loaded = load(text, inputs, INPUTS);
        size_t warning = 0;
        for (int i = 0; i < RULES; i++) {
            if (!is_shadowed(rules, i))
                continue;
            const struct lcap_finding *finding = lcap_rules_finding(loaded, warning++);
            assert_int_equal(strtol(told(finding), NULL, 10), i + 1);
            assert_int_equal(finding->count, 1);
            assert_true(lcap_rule_is_idle(lcap_rules_get(loaded, (size_t)i)));
            found++;
        }
        assert_null(lcap_rules_finding(loaded, warning));
        lcap_rules_free(loaded);
    }
    assert_in_range(found, 1000, 2000 * RULES / 2);
}

/* 100,000 windows of one filter, each apart, nested, and in falling order: no square of that. */
static void many_windows_are_fast(void **state)
{
    (void)state;
    enum { COUNT = 100000, LINE = 64 };
    char *text = malloc(COUNT * LINE);
    assert_non_null(text);
    for (int shape = 0; shape < 3; shape++) {
        size_t used = 0;
        for (int i = 0; i < COUNT; i++) {
            int start = shape == 0 ? 2 * i : COUNT - i;
            int end = shape == 1 ? COUNT + i : start;
            used += (size_t)snprintf(text + used, LINE, "BPF:tcp|TS_START:%d|TS_END:%d,x\n", start,
                                     end);
        }
        clock_t before = clock();
        struct lcap_rules *rules = load(text, NULL, 0);
        assert_int_equal(lcap_rules_count(rules), COUNT);
        assert_null(lcap_rules_finding(rules, 0));
        assert_true(clock() - before < 5 * CLOCKS_PER_SEC);
        lcap_rules_free(rules);
    }
    free(text);
}

/* 10,000 FILE rules for 10,000 files: by hashing, not by comparing each with each. */
static void many_files_are_fast(void **state)
{
    (void)state;
    enum { COUNT = 10000, LINE = 64 };
    struct lcap_file *files = calloc(COUNT, sizeof *files);
    char(*names)[LINE] = calloc(COUNT, LINE);
    char *text = malloc(COUNT * LINE);
    assert_true(files && names && text);
    size_t used = 0;
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], LINE, "dir/%d/%d.pcap", i % 100, i);
        files[i] = (struct lcap_file){.path = names[i], .below = names[i] + 4};
        used += (size_t)snprintf(text + used, LINE, "FILE:%d.pcap,x%d\n", i, i);
    }
    clock_t before = clock();
    struct lcap_rules *rules = load(text, files, COUNT);
    assert_true(clock() - before < 2 * CLOCKS_PER_SEC);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(lcap_rules_get(rules, i)->file_index, i);
    lcap_rules_free(rules);
    free(text);
    free(names);
    free(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shadowed),
        cmocka_unit_test(shadowed_flows_and_each),
        cmocka_unit_test(not_shadowed),
        cmocka_unit_test(two_labels),
        cmocka_unit_test(random_rules),
        cmocka_unit_test(many_windows_are_fast),
        cmocka_unit_test(many_files_are_fast),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
