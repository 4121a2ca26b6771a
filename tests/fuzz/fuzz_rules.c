/* Fuzz target: any bytes as a rules file. */
#include "label/comment.h"
#include "label/rules_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct lcap_file inputs[] = {
    {.path = "in/web/a.pcap", .below = "web/a.pcap"},
    {.path = "in/dns/a.pcap", .below = "dns/a.pcap"},
    {.path = "b.pcap", .below = "b.pcap"},
};
#define INPUTS (sizeof inputs / sizeof *inputs)

static void require(bool good)
{
    if (!good)
        abort();
}

static void check_comment(const struct lcap_rule *rule)
{
    struct lcap_label label;
    size_t len = comment_length(rule->sample_id, rule->metadata_len);
    require(len <= LCAP_MAX_COMMENT && strlen(rule->metadata) == rule->metadata_len);
    char *comment = malloc(len + 1);
    require(comment);
    comment_write(rule->sample_id, rule->metadata, rule->metadata_len, comment);
    require(strlen(comment) == len);
    require(lcap_comment_parse(comment, len, &label) == LCAP_COMMENT_LABEL);
    require(label.sample_id == rule->sample_id);
    require(strcmp(label.metadata, rule->metadata) == 0);
    free(comment);
}

static void check_rule(const struct lcap_rules *rules, const struct lcap_rule *rule)
{
    check_comment(rule);
    require(rule->kind < rules->kind_count);
    require((rules->kinds[rule->kind].kind.each != 0) == (rule->source != NULL));
    require(rule->start_ns <= rule->end_ns);
    require(rule->has_window || (rule->start_ns == INT64_MIN && rule->end_ns == INT64_MAX));
    require(rule->file_index < INPUTS + rules->file_set_count || rule->file_index == LCAP_NO_FILE ||
            rule->file_index == ANY_FILE);
    require((rule->file_index == ANY_FILE) == (rule->file == NULL));
    require(rule->filter != NO_FILTER || rule->file || rule->has_window ||
            rule->kind != PLAIN_KIND);
}

static void check_rules(const struct lcap_rules *rules)
{
    require(lcap_rules_count(rules) > 0);
    for (size_t i = 0; i < lcap_rules_count(rules); i++)
        check_rule(rules, lcap_rules_get(rules, i));
    const struct lcap_finding *finding;
    for (size_t i = 0; (finding = lcap_rules_finding(rules, i)); i++)
        require(strtoul(finding->place, NULL, 10) > 0 && finding->text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32];
    int fd = memfd_create("rules", MFD_CLOEXEC);
    require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct lcap_rules *rules = NULL;
    struct lcap_error error = {0};
    if (lcap_rules_load(&rules, path, inputs, INPUTS, &error) == 0)
        check_rules(rules);
    else
        require(!rules && strncmp(error.text, path, strlen(path)) == 0);
    lcap_rules_free(rules);
    close(fd);
    return 0;
}
