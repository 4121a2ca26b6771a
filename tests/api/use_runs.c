/*
 * Labels and sorts captures with the installed library as the commands do, and prints the
 * result of the labelling and the flows, which it also writes: use_runs RULES OUTPUT INPUT...
 */
#include <labelcap/flow_reader.h>
#include <labelcap/run.h>

#include <stdio.h>
#include <string.h>

static bool count_looks(void *context, const struct lcap_progress *progress)
{
    int *looks = context;
    *looks += progress->name != NULL;
    return true;
}

static int print_result(struct lcap_result *result, struct lcap_error *error)
{
    const char *text;
    size_t len;
    const int rc = lcap_result_json(result, &text, &len, error);
    if (rc == 0 && strlen(text) == len)
        puts(text);
    return rc;
}

static int label(const struct lcap_run *run, const char *rules, struct lcap_error *error)
{
    const struct lcap_label_options options = {
        .size = sizeof options, .rules = rules, .sort = true};
    struct lcap_result *result = NULL;
    int rc = lcap_label(run, &options, &result, error);
    if (rc == 0)
        rc = print_result(result, error);
    lcap_result_free(result);
    return rc;
}

static int add_packets(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    unsigned long *packets = context;
    (void)error;
    *packets += (unsigned long)row->row.cells[0].value.u;
    return 0;
}

static int count_packets(const struct lcap_run *run, struct lcap_error *error)
{
    const struct lcap_flow_reader_options options = {.size = sizeof options, .columns = "packets"};
    struct lcap_flow_reader *flows = NULL;
    unsigned long packets = 0;
    int rc = lcap_flow_reader_open(&flows, run, &options, error);
    if (rc == 0 && lcap_flow_reader_columns(flows) == 1)
        rc = lcap_flow_reader_run(flows, add_packets, &packets, error);
    if (rc == 0)
        printf("%lu packets by %s\n", packets, lcap_flow_reader_column(flows, 0)->name);
    lcap_flow_reader_free(flows);
    return rc;
}

/* Into the file OUTPUT.csv. */
static int write_flows(const struct lcap_run *run, struct lcap_error *error)
{
    const struct lcap_flows_options options = {.size = sizeof options, .columns = "packets"};
    char table[4096];
    struct lcap_run writing = *run;
    struct lcap_result *result = NULL;
    snprintf(table, sizeof table, "%s.csv", run->output);
    writing.output = table;
    const int rc = lcap_flows(&writing, &options, &result, error);
    lcap_result_free(result);
    return rc;
}

int main(int argc, char **argv)
{
    struct lcap_error error = {0};
    int looks = 0;
    if (argc < 4)
        return 2;
    const struct lcap_run run = {.size = sizeof run,
                                 .inputs = (const char *const *)&argv[3],
                                 .input_count = (size_t)argc - 3,
                                 .output = argv[2],
                                 .watcher = {count_looks, &looks}};
    int rc = label(&run, argv[1], &error);
    if (rc == 0)
        rc = count_packets(&run, &error);
    if (rc == 0)
        rc = write_flows(&run, &error);
    if (rc < 0)
        fprintf(stderr, "%s\n", error.text);
    return rc < 0 || looks == 0;
}
