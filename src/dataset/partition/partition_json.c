/* Describes a partition for those who use it, without what a challenge hides. */
#include "dataset/partition/partition_json.h"

#include "base/number/number.h"
#include "base/text/json.h"
#include "dataset/partition/partition_labels.h"
#include <labelcap/version.h>
#include <string.h>

/* Of the layout; raised when a reader of the old one could not read the new one. */
#define FORMAT_VERSION 1

const char *partition_method_name(enum partition_method method)
{
    static const char *const names[] = {"hash", "exact", "time"};
    return names[method];
}

static void text_member(struct json_writer *json, const char *key, const char *text)
{
    if (text)
        json_text(json, key, text, strlen(text));
    else
        json_null(json, key);
}

static void write_options(struct json_writer *json, const struct partition *p)
{
    const struct partition_options *options = p->options;
    char seed[U64_TEXT];
    const size_t len = number_from_unsigned(options->seed, seed);
    json_open_object(json, "options");
    text_member(json, "method", partition_method_name(options->method));
    text_member(json, "group", options->group);
    text_member(json, "local", options->local);
    text_member(json, "stratify", options->stratify);
    json_text(json, "seed", seed, len);
    json_real(json, "gap_seconds", (double)options->gap_ns / 1e9);
    json_bool(json, "balance_train", options->balance_train);
    json_bool(json, "extended", options->extend != NULL);
    json_close_object(json);
}

static void write_lists(struct json_writer *json, const struct partition *p)
{
    json_open_array(json, "lists");
    for (uint16_t i = 0; i < p->list_count; i++) {
        const struct partition_list *list = &p->lists[i];
        json_open_object(json, NULL);
        text_member(json, "name", list->name);
        if (i == p->challenge)
            json_null(json, "percent");
        else
            json_real(json, "percent", (double)list->share * 100 / SHARE_WHOLE);
        json_u64(json, "samples", list->samples);
        json_u64(json, "groups", list->groups);
        json_u64(json, "packets", list->packets);
        json_close_object(json);
    }
    json_close_array(json);
}

static void write_label(struct json_writer *json, const struct partition *p, uint32_t label)
{
    const uint64_t *counts = p->label_counts + (size_t)label * p->list_count;
    uint64_t samples = 0;
    size_t len;
    const char *text = partition_label_text(p, label, &len);
    for (uint16_t i = 0; i < p->list_count; i++)
        samples += i == p->challenge ? 0 : counts[i];
    if (samples == 0)
        return;
    json_open_object(json, NULL);
    json_text(json, "label", text, len);
    json_open_object(json, "samples");
    for (uint16_t i = 0; i < p->list_count; i++)
        if (i != p->challenge)
            json_u64(json, p->lists[i].name, counts[i]);
    json_close_object(json);
    json_close_object(json);
}

static void write_left_out(struct json_writer *json, const struct partition *p)
{
    const uint64_t *left_out = p->counts.left_out;
    json_open_object(json, "left_out");
    json_u64(json, "border", left_out[LEFT_OUT_BORDER]);
    json_u64(json, "no_time", left_out[LEFT_OUT_UNTIMED]);
    json_u64(json, "conflict", left_out[LEFT_OUT_CONFLICT]);
    json_u64(json, "balance", left_out[LEFT_OUT_BALANCE]);
    json_close_object(json);
}

static void write_all(struct json_writer *json, const struct partition *p)
{
    json_open_object(json, NULL);
    text_member(json, "format", "labelcap partition");
    json_u64(json, "format_version", FORMAT_VERSION);
    text_member(json, "labelcap", lcap_version());
    json_open_object(json, "dataset");
    text_member(json, "sha256", p->sha256);
    json_u64(json, "samples", partition_sample_count(p));
    json_u64(json, "packets", p->counts.labelled);
    json_close_object(json);
    write_options(json, p);
    json_u64(json, "groups", p->group_count);
    json_u64(json, "largest_group", p->counts.largest);
    write_lists(json, p);
    write_left_out(json, p);
    json_open_array(json, "labels");
    for (uint32_t i = 0; i < p->label_count; i++)
        write_label(json, p, i);
    json_close_array(json);
    json_close_object(json);
}

int partition_json_append_options(const struct partition *p, struct buffer *out,
                                  struct lcap_error *error)
{
    struct json_writer json;
    json_begin(&json, out, error);
    json_open_object(&json, NULL);
    write_options(&json, p);
    write_lists(&json, p);
    json_close_object(&json);
    return json_end(&json);
}

static int write_text(const struct partition *p, const struct buffer *text, const char *path,
                      struct lcap_error *error)
{
    struct output *out = NULL;
    const int rc = output_open(&out, path, &p->options->placing, error);
    if (rc < 0)
        return rc;
    output_write(out, text->data, text->len);
    return output_close(out, error);
}

int partition_json_write(const struct partition *p, const char *path, struct lcap_error *error)
{
    struct buffer text = {0};
    struct json_writer json;
    json_begin(&json, &text, error);
    write_all(&json, p);
    int rc = json_end(&json);
    if (rc == LCAP_OK)
        rc = write_text(p, &text, path, error);
    buffer_release(&text);
    return rc;
}
