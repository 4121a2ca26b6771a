/* NetFlowMeter's configuration file. */
#include "tabulate/flows/flows_config.h"

#include "base/number/number.h"
#include "base/text/text.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Far more than any file holds, and exact as a double. */
#define MOST_ROWS ((uint64_t)1 << 50)

static const char *const settings[] = {
    /* taken */
    "pcap_file_address", "output_file_address", "label", "number_of_threads", "max_flow_duration",
    "activity_timeout", "floating_point_unit", "max_rows_number", "features_ignore_list",
    /* of its own batches: ignored */
    "feature_extractor_min_flows", "writer_min_rows", "read_packets_count_value_log_info",
    "check_flows_ending_min_flows", "capturer_updating_flows_min_value", "protocols",
    "interface_name", "batch_address", "batch_address_output", "vxlan_ip",
    "continues_batch_address", "continues_pcap_prefix", "continues_batch_mode",
    "number_of_pcap_files", NULL};

static int check_names(const struct flows_config *config, struct lcap_error *error)
{
    const char *name;
    for (size_t i = 0; (name = json_document_name(config->document, i)); i++) {
        size_t known = 0;
        while (settings[known] && strcmp(settings[known], name) != 0)
            known++;
        if (!settings[known])
            return lcap_error_set(error, LCAP_ERR_FORMAT, "%s: unknown setting \"%s\"",
                                  config->path, name);
    }
    return LCAP_OK;
}

static int take_text(const struct flows_config *config, const char *name, const char **member,
                     struct lcap_error *error)
{
    const char *text;
    const int rc = json_document_text(config->document, name, &text, error);
    if (rc == 1 && !*member)
        *member = text;
    return rc < 0 ? rc : LCAP_OK;
}

/* Its default "./" names no file, so it is ignored. */
static int take_output(const struct flows_config *config, struct flows_request *wanted,
                       struct lcap_error *error)
{
    const char *path = NULL;
    const int rc = take_text(config, "output_file_address", &path, error);
    if (rc == LCAP_OK && path && strcmp(path, "./") != 0 && !wanted->output)
        wanted->output = path;
    return rc;
}

/* Up to `most`, which is exact as a double. */
static int take_count(const struct flows_config *config, const char *name, uint64_t most,
                      uint64_t *member, struct lcap_error *error)
{
    char expected[sizeof "a whole number from 1 to " + U64_TEXT];
    double number;
    const int rc = json_document_number(config->document, name, &number, error);
    snprintf(expected, sizeof expected, "a whole number from 1 to %" PRIu64, most);
    if (rc == 1 && !(number >= 1 && number <= (double)most && number == floor(number)))
        return json_document_wrong(config->document, name, expected, error);
    if (rc == 1 && *member == 0)
        *member = (uint64_t)number;
    return rc < 0 ? rc : LCAP_OK;
}

static int take_number_format(const struct flows_config *config, struct flows_request *wanted,
                              struct lcap_error *error)
{
    static const char name[] = "floating_point_unit";
    struct number_format format;
    const char *text = NULL;
    const int rc = take_text(config, name, &text, error);
    if (rc == LCAP_OK && text && number_format_parse(text, &format, NULL) < 0)
        return json_document_wrong(config->document, name, "a number format such as .4f", error);
    if (rc == LCAP_OK && !wanted->number_format)
        wanted->number_format = text;
    return rc;
}

static int take_seconds(const struct flows_config *config, const char *name, int64_t *member,
                        bool *given, struct lcap_error *error)
{
    double number;
    const int rc = json_document_number(config->document, name, &number, error);
    if (rc == 1 && !(number >= 0 && number <= 9e9))
        return json_document_wrong(config->document, name, "seconds from 0 to 9000000000", error);
    if (rc == 1 && !*given)
        *member = (int64_t)(number * NS_PER_SECOND);
    *given |= rc == 1;
    return rc < 0 ? rc : LCAP_OK;
}

static int take_ignored(struct flows_config *config, struct flows_request *wanted,
                        struct lcap_error *error)
{
    const char *name;
    int rc = 0;
    for (size_t i = 0;
         (rc = json_document_item(config->document, "features_ignore_list", i, &name, error)) == 1;
         i++)
        if (buffer_printf(&config->drop, error, "%s%s", i ? "," : "", name) < 0)
            return LCAP_ERR_MEMORY;
    if (rc == 0 && config->drop.len)
        rc = buffer_append(&config->drop, "", 1, error);
    if (rc == 0 && config->drop.len && !wanted->drop && !wanted->columns) {
        wanted->drop = (const char *)config->drop.data;
        wanted->drop_of_config = true;
    }
    return rc;
}

int flows_config_apply(struct flows_config *config, struct flows_request *wanted,
                       struct lcap_error *error)
{
    config->path = wanted->config;
    int rc = json_document_load(&config->document, wanted->config, error);
    if (rc == 0)
        rc = check_names(config, error);
    if (rc == 0)
        rc = take_text(config, "pcap_file_address", &config->input, error);
    if (rc == 0)
        rc = take_output(config, wanted, error);
    if (rc == 0)
        rc = take_text(config, "label", &wanted->label, error);
    if (rc == 0)
        rc = take_number_format(config, wanted, error);
    if (rc == 0)
        rc = take_count(config, "number_of_threads", FLOWS_MOST_THREADS, &wanted->threads, error);
    if (rc == 0 && !wanted->xlsx_split)
        rc = take_count(config, "max_rows_number", MOST_ROWS, &wanted->rows_per_file, error);
    if (rc == 0)
        rc = take_seconds(config, "activity_timeout", &wanted->idle_ns, &wanted->idle_ns_given,
                          error);
    if (rc == 0)
        rc = take_seconds(config, "max_flow_duration", &wanted->active_ns, &wanted->active_ns_given,
                          error);
    if (rc == 0)
        rc = take_ignored(config, wanted, error);
    return rc;
}

void flows_config_release(struct flows_config *config)
{
    json_document_free(config->document);
    buffer_release(&config->drop);
}
