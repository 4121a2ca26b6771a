/*
 * Fuzz target: any bytes as a table of flows, in a layout that the first byte
 * chooses. What is written is a rules file that loads.
 */
#include "dataset/rule_tables/table_rules.h"

#include <labelcap/label.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

static int open_memory(const char *name, char path[32])
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    require(fd >= 0);
    snprintf(path, 32, "/dev/fd/%d", fd);
    return fd;
}

/* The rules that were written, but those whose protocol a filter cannot name. */
static void check_rules(const char *path, const struct table_rules_result *done)
{
    struct lcap_rules *rules = NULL;
    struct lcap_error error = {0};
    if (lcap_rules_load(&rules, path, NULL, 0, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    require(lcap_rules_count(rules) == done->rules);
    lcap_rules_free(rules);
}

static void check_figures(const struct table_rules_result *done)
{
    const struct table_flows *flows = &done->flows;
    require(done->rules + done->repeated + flows->left_out == flows->rows);
    for (size_t i = 0; i < flows->count; i++)
        require(flows->items[i].start_ns <= flows->items[i].end_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char columns[] = "start=s,end=e,duration=d,source=a,source_port=ap,destination=b,"
                                  "destination_port=bp,protocol=p,label=l";
    char table[32], output[32];
    const uint8_t choice = size > 0 ? data[0] : 0;
    const char *layout = table_layout_names[choice % 6];
    const struct table_rules_options options = {
        .table = {.layout = layout ? table_layout_find(layout) : NULL,
                  .columns = layout ? NULL : columns,
                  .time = {.unit_ns = 1000000000, .has_zone = true, .zone_ns = 7200000000000},
                  .tolerance_ns = choice & 0x80 ? 0 : -1},
        .directed = choice & 0x40,
    };
    const int in = open_memory("table", table), out = open_memory("rules", output);
    struct table_rules_result done;
    struct lcap_error error = {0};
    require(size == 0 || write(in, data + 1, size - 1) == (ssize_t)(size - 1));
    require(lseek(in, 0, SEEK_SET) == 0);
    const int rc = table_rules_write(table, output, &options, &done, &error);
    require(rc == 0 ? error.text[0] == '\0' : error.text[0] != '\0');
    if (rc == 0) {
        check_figures(&done);
        require(lseek(out, 0, SEEK_SET) == 0);
        check_rules(output, &done);
    }
    table_rules_release(&done);
    close(in);
    close(out);
    return 0;
}
