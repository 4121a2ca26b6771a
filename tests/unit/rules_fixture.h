/* For tests of rules files: a directory of their own, in which the file is called rules.csv. */
#ifndef TESTS_RULES_FIXTURE_H
#define TESTS_RULES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <labelcap/label.h>

static char rules_directory[] = "/tmp/labelcap-test-rules-XXXXXX";

static inline int enter_directory(void **state)
{
    (void)state;
    return mkdtemp(rules_directory) ? chdir(rules_directory) : -1;
}

static inline int leave_directory(void **state)
{
    (void)state;
    unlink("rules.csv");
    return chdir("/") || rmdir(rules_directory);
}

static inline int load_bytes(struct lcap_rules **rules, const char *text, size_t len,
                             const struct lcap_file *files, size_t file_count,
                             struct lcap_error *error)
{
    FILE *file = fopen("rules.csv", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    return lcap_rules_load(rules, "rules.csv", files, file_count, error);
}

/* Loads what must be right. */
static inline struct lcap_rules *load(const char *text, const struct lcap_file *files,
                                      size_t file_count)
{
    struct lcap_rules *rules = NULL;
    struct lcap_error error = {0};
    int rc = load_bytes(&rules, text, strlen(text), files, file_count, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
    return rules;
}

/* "PLACE: text" */
static inline const char *told(const struct lcap_finding *finding)
{
    static char text[2048];
    assert_non_null(finding);
    assert_int_equal(finding->severity, LCAP_SEVERITY_WARNING);
    snprintf(text, sizeof text, "%s: %s", finding->place, finding->text);
    return text;
}

#endif
