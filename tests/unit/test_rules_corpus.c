/* The rules files of ../shared/captures/rules: right ones load, wrong ones say what libpcap said.
 */
#include "rules_fixture.h"

#define LINE_MAX_LEN 1024

static char corpus[4096];

static int find_corpus(void **state)
{
    const char *shared = getenv("LABELCAP_SHARED");
    char path[4000];
    snprintf(path, sizeof path, "%s/captures/rules", shared ? shared : "../shared");
    if (!realpath(path, corpus))
        corpus[0] = '\0';
    return enter_directory(state);
}

static FILE *open_in_corpus(const char *name)
{
    if (corpus[0] == '\0') {
        print_message("no captures/rules in $LABELCAP_SHARED or ../shared\n");
        skip();
    }
    char path[sizeof corpus + 64];
    snprintf(path, sizeof path, "%s/%s", corpus, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

/* What the rules' own grammar says where libpcap has no say, or says yes; NULL: right. */
static const char *own_verdict(int line)
{
    switch (line) {
    case 14:
        return "rules.csv:1:1: BPF: expected a filter after it";
    case 15:
        return "rules.csv:1:13: TS_END 10 is before TS_START 20";
    case 16:
        return "rules.csv:1:10: \"abc\" is not a time: expected seconds since 1970 or "
               "YYYY-MM-DDThh:mm:ss with a zone";
    case 17:
        return "rules.csv:1:10: \"-5\" is not a time: expected seconds since 1970 or "
               "YYYY-MM-DDThh:mm:ss with a zone";
    case 19:
        return "rules.csv:1:1: FOO: is not a tag; expected FILE:, BPF:, COMMENT:, TS_START:, "
               "TS_END:, SCOPE: or EACH:";
    case 20:
        return "rules.csv:1:18: expected 2 or 3 columns (traffic_filter,metadata,hash_key), found "
               "5";
    case 21:
        return "rules.csv:1:8: expected 2 or 3 columns (traffic_filter,metadata,hash_key), found 1";
    case 22:
        return "rules.csv:1:1: the quote opened here is never closed";
    default:
        return NULL;
    }
}

/* One row of bad-filters.expected.tsv: line, yes/no/-, libpcap's message, the rule itself. */
static void judge_row(char *row)
{
    char *rest = row;
    int line = atoi(strsep(&rest, "\t"));
    const char *compiles = strsep(&rest, "\t");
    const char *message = strsep(&rest, "\t");
    assert_non_null(rest);
    struct lcap_rules *rules = NULL;
    struct lcap_error error = {0};
    int rc = load_bytes(&rules, rest, strlen(rest), NULL, 0, &error);
    if (strcmp(compiles, "no") == 0) {
        assert_int_equal(rc, LCAP_ERR_RULES);
        assert_memory_equal(error.text, "rules.csv:1:5: filter \"", 23);
        assert_non_null(strstr(error.text, message));
    } else if (own_verdict(line)) {
        assert_int_equal(rc, LCAP_ERR_RULES);
        assert_string_equal(error.text, own_verdict(line));
    } else {
        assert_string_equal(error.text, "");
        assert_int_equal(rc, 0);
    }
    lcap_rules_free(rules);
}

static void bad_filters(void **state)
{
    (void)state;
    FILE *file = open_in_corpus("bad-filters.expected.tsv");
    char row[LINE_MAX_LEN];
    int judged = 0;
    while (fgets(row, sizeof row, file)) {
        if (row[0] == '#')
            continue;
        judge_row(row);
        judged++;
    }
    fclose(file);
    assert_int_equal(judged, 21);
}

static void right_files(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t rules;
    } files[] = {
        {"r1-erspan.csv", 8},       {"r2-qinq-pppoe.csv", 7},   {"r3-mixed-test.csv", 11},
        {"r4-quic-session.csv", 9}, {"r5-skype.csv", 10},       {"r6-kakaotalk-sll.csv", 8},
        {"r7-ns-window.csv", 7},    {"r8-stun-multiif.csv", 9}, {"r9-multi-linktype.csv", 5},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        fclose(open_in_corpus(files[i].name));
        char path[sizeof corpus + 64];
        snprintf(path, sizeof path, "%s/%s", corpus, files[i].name);
        struct lcap_rules *rules = NULL;
        struct lcap_error error = {0};
        int rc = lcap_rules_load(&rules, path, NULL, 0, &error);
        assert_string_equal(error.text, "");
        assert_int_equal(rc, 0);
        assert_int_equal(lcap_rules_count(rules), files[i].rules);
        for (size_t j = 0; lcap_rules_finding(rules, j); j++)
            assert_non_null(
                strstr(told(lcap_rules_finding(rules, j)), ": one sample, two labels: "));
        lcap_rules_free(rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_filters),
        cmocka_unit_test(right_files),
    };
    return cmocka_run_group_tests(tests, find_corpus, leave_directory);
}
