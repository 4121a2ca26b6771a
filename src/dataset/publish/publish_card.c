/*
 * README.md: a card for Hugging Face (https://huggingface.co/docs/hub/datasets-cards), YAML
 * between two lines of hyphens, and a datasheet of what can be computed.
 *
 * Texts of users and of captures are in YAML as strings of JSON, which are strings of YAML
 * 1.2; in Markdown, everything that could be markup is escaped.
 */
#include "base/text/json.h"
#include "base/text/text.h"
#include "dataset/publish/publish_set.h"
#include "dataset/survey_classes.h"
#include <ctype.h>
#include <inttypes.h>
#include <labelcap/capture.h>
#include <stdlib.h>
#include <string.h>

/* A card that is being written; the first failure sticks. */
struct card {
    const struct publish_set *set;
    struct buffer *out;
    struct lcap_error *error;
    int status;
};

static void say(struct card *card, const char *text)
{
    if (card->status == LCAP_OK)
        card->status = buffer_append_text(card->out, text, card->error);
}

static void say_count(struct card *card, uint64_t count)
{
    char text[GROUPED_TEXT];
    say(card, text_grouped(count, text));
}

/* ---- texts of others ---- */

static void say_in_yaml(struct card *card, const char *text)
{
    struct json_writer json;
    json_begin(&json, card->out, card->error);
    json_text(&json, NULL, text, strlen(text));
    if (card->status == LCAP_OK)
        card->status = json.status;
}

/*
 * Whether a character may be markup: CommonMark allows a backslash before any of these. Some
 * are only at the beginning of a line: of a list, or of a line under a title.
 */
static bool is_markup(char c, bool begins_line)
{
    return c && (strchr("\\`*_{}[]<>()#!|~&$", c) || (begins_line && strchr("-+=.", c)));
}

/* On one line. What acts on a terminal, or turns text around, is shown as an escape. */
static void say_in_markdown(struct card *card, const char *text, size_t len)
{
    struct buffer plain = {0};
    if (card->status == LCAP_OK)
        card->status = text_append_message(&plain, text, len, card->error);
    bool begins_line = true; /* so far, nothing but digits */
    for (size_t i = 0; i < plain.len && card->status == LCAP_OK; i++) {
        const char c = (char)plain.data[i];
        if (is_markup(c, begins_line))
            say(card, "\\");
        begins_line = begins_line && isdigit((unsigned char)c);
        if (card->status == LCAP_OK)
            card->status = buffer_append(card->out, &c, 1, card->error);
    }
    buffer_release(&plain);
}

/* ---- YAML ---- */

/* Hugging Face knows SPDX identifiers in small letters. */
static void say_license(struct card *card)
{
    const char *license = card->set->metadata->values[PUBLISH_LICENSE];
    if (publish_license_is_url(card->set->metadata)) {
        say(card, "license: other\nlicense_link: ");
        say_in_yaml(card, license);
    } else {
        say(card, "license: ");
        if (card->status == LCAP_OK)
            card->status = text_append_lower(card->out, license, strlen(license), card->error);
    }
    say(card, "\n");
}

static const char *size_category(uint64_t samples)
{
    static const char *const categories[] = {"n<1K",     "1K<n<10K",   "10K<n<100K", "100K<n<1M",
                                             "1M<n<10M", "10M<n<100M", "100M<n<1B",  "1B<n<10B"};
    size_t i = 0;
    for (uint64_t limit = 1000; samples >= limit && i + 1 < sizeof categories / sizeof *categories;
         limit *= 10)
        i++;
    return categories[i];
}

/* Names of splits are words. */
static void say_split_name(struct card *card, const char *list)
{
    for (const char *at = list; *at && card->status == LCAP_OK; at++) {
        const char c = isalnum((unsigned char)*at) ? *at : '_';
        card->status = buffer_append(card->out, &c, 1, card->error);
    }
}

static void say_data_file(struct card *card, const char *split, const char *path)
{
    say(card, "      - split: ");
    say_split_name(card, split);
    say(card, "\n        path: ");
    say_in_yaml(card, path);
    say(card, "\n");
}

static void say_list(struct card *card, const char *list)
{
    struct buffer path = {0};
    if (card->status == LCAP_OK)
        card->status = publish_append_list_path(list, &path, card->error);
    if (card->status == LCAP_OK)
        card->status = buffer_append(&path, "", 1, card->error);
    if (card->status == LCAP_OK)
        say_data_file(card, list, (const char *)path.data);
    buffer_release(&path);
}

/* Without lists, everything is for training, as Hugging Face has it. */
static void say_configs(struct card *card)
{
    const struct publish_set *set = card->set;
    say(card, "configs:\n  - config_name: default\n    default: true\n    data_files:\n");
    for (size_t i = 0; i < set->lists.folder.count; i++)
        if (strcmp(set->lists.folder.names[i], SPLIT_CHALLENGE) != 0)
            say_list(card, set->lists.folder.names[i]);
    if (!set->has_lists)
        say_data_file(card, "train", PUBLISH_SAMPLES);
    say(card, "  - config_name: samples\n    data_files:\n");
    say_data_file(card, "train", PUBLISH_PARQUET);
    if (set->has_challenge) {
        say(card, "  - config_name: challenge\n    data_files:\n");
        say_data_file(card, "test", PUBLISH_CHALLENGE_SAMPLES);
    }
}

/* CSV has sampleIDs as text: readers that take them for doubles lose digits. */
static void say_features(struct card *card, const char *config, const char *id_type, bool all)
{
    static const char *const others[][2] = {{"split", "string"},
                                            {"packets", "uint64"},
                                            {"bytes", "uint64"},
                                            {"first_ns", "int64"},
                                            {"last_ns", "int64"}};
    say(card, "  - config_name: ");
    say(card, config);
    say(card, "\n    features:\n      - name: sample_id\n        dtype: ");
    say(card, id_type);
    say(card, "\n      - name: metadata\n        dtype: string\n");
    for (size_t i = 0; all && i < sizeof others / sizeof *others; i++) {
        say(card, "      - name: ");
        say(card, others[i][0]);
        say(card, "\n        dtype: ");
        say(card, others[i][1]);
        say(card, "\n");
    }
}

static void say_yaml(struct card *card)
{
    const struct publish_set *set = card->set;
    say(card, "---\npretty_name: ");
    say_in_yaml(card, set->metadata->values[PUBLISH_NAME]);
    say(card, "\n");
    say_license(card);
    say(card, "task_categories:\n  - tabular-classification\nsize_categories:\n  - ");
    say(card, size_category(sample_registry_count(&set->data.registry)));
    say(card, "\ntags:\n  - network-traffic\n  - pcapng\n  - labelcap\n");
    say_configs(card);
    say(card, "dataset_info:\n");
    say_features(card, "default", "string", !set->has_lists);
    say_features(card, "samples", "uint64", true);
    if (set->has_challenge)
        say_features(card, "challenge", "string", true);
    say(card, "---\n\n");
}

/* ---- Markdown ---- */

static void say_field(struct card *card, const char *title, const char *value)
{
    if (!value)
        return;
    say(card, "- ");
    say(card, title);
    say(card, ": ");
    say_in_markdown(card, value, strlen(value));
    say(card, "\n");
}

static void say_times(struct card *card, const struct tally *tally)
{
    char first[TIME_TEXT], last[TIME_TEXT];
    if (!tally_has_time(tally))
        return;
    text_from_time(tally->first_ns, first);
    text_from_time(tally->last_ns, last);
    say(card, "| Time | ");
    say(card, first);
    say(card, " to ");
    say(card, last);
    say(card, " |\n");
}

static void say_row(struct card *card, const char *title, uint64_t count)
{
    say(card, "| ");
    say(card, title);
    say(card, " | ");
    say_count(card, count);
    say(card, " |\n");
}

static void say_composition(struct card *card)
{
    const struct survey *data = &card->set->data;
    say(card, "## Composition\n\n| | |\n|---|---|\n");
    say_row(card, "Samples", sample_registry_count(&data->registry));
    say_row(card, "Packets", data->all.packets);
    say_row(card, "Bytes on the wire", data->all.bytes);
    say_row(card, "Bytes captured", data->all.captured);
    say_times(card, &data->all);
    if (card->set->has_challenge)
        say_row(card, "Samples of the challenge",
                sample_registry_count(&card->set->challenge.registry));
}

static void say_lists(struct card *card)
{
    const struct split_folder *folder = &card->set->lists.folder;
    if (!card->set->has_lists)
        return;
    say(card, "\n| List | Samples |\n|---|---:|\n");
    for (size_t i = 0; i < folder->count; i++) {
        say(card, "| ");
        say_in_markdown(card, folder->names[i], strlen(folder->names[i]));
        say(card, " | ");
        say_count(card, publish_set_samples_of(card->set, folder->names[i]));
        say(card, " |\n");
    }
}

/* Longer tables are in the file of samples. */
#define MOST_LABELS 100

static void say_label(struct card *card, const struct survey_class *class)
{
    char shown[EXCERPT_TEXT];
    size_t len;
    const char *text = intern_get(card->set->data.registry.texts, class->metadata, &len);
    text_excerpt(text, len, shown);
    say(card, "| ");
    say_in_markdown(card, shown, strlen(shown));
    say(card, " | ");
    say_count(card, class->samples);
    say(card, " | ");
    say_count(card, class->tally.packets);
    say(card, " | ");
    say_count(card, class->tally.bytes);
    say(card, " |\n");
}

static void say_labels(struct card *card)
{
    struct survey_class *classes = NULL;
    size_t count = 0;
    if (card->status == LCAP_OK)
        card->status = survey_classes(&card->set->data, &classes, &count, card->error);
    say(card, "\n## Labels\n\n| Label | Samples | Packets | Bytes |\n|---|---:|---:|---:|\n");
    for (size_t i = 0; i < count && i < MOST_LABELS; i++)
        say_label(card, &classes[i]);
    if (count > MOST_LABELS) {
        say(card, "\n… and ");
        say_count(card, count - MOST_LABELS);
        say(card, " more, in `" PUBLISH_SAMPLES "`.\n");
    }
    free(classes);
}

static void say_provenance(struct card *card)
{
    const struct publish_provenance *provenance = card->set->provenance;
    say(card, "\n## How it was made\n\nPublished by labelcap ");
    say_in_markdown(card, provenance->labelcap, strlen(provenance->labelcap));
    say(card, ".");
    for (size_t i = 0; i < provenance->counts[PROVENANCE_OPTIONS]; i++) {
        const char *option = provenance->texts[PROVENANCE_OPTIONS][i];
        say(card, i == 0 ? " Options: " : ", ");
        say_in_markdown(card, option, strlen(option));
    }
    say(card, provenance->counts[PROVENANCE_OPTIONS] ? ".\n" : "\n");
    say(card, "Inputs, rules and library versions are in `" PUBLISH_PROVENANCE "`.\n");
}

static void say_use(struct card *card)
{
    say(card, "\n## Use\n\n"
              "`" PUBLISH_DATA "` is pcapng in blocked gzip: tcpdump, tshark and Wireshark read "
              "it (after\n`zcat`, where needed). The first comment of each packet is "
              "`sampleID,metadata`. `" PUBLISH_CATALOGUE
              "`\nsays where each sample is, and `labelcap select` uses it.\n"
              "`labelcap publish --verify DIR` checks everything that is here.\n\n"
              "sampleIDs are numbers below 2^64. Read them as text from CSV and JSON: many "
              "readers take\nthem for doubles and lose digits. In Parquet they are UINT64.\n");
    if (card->set->has_challenge)
        say(card, "\n`" PUBLISH_CHALLENGE "` holds the samples of the challenge without labels: "
                  "predict them,\nand send the predictions to those who have the answers.\n");
}

static void say_citation(struct card *card)
{
    struct buffer citation = {0};
    if (card->status == LCAP_OK)
        card->status = publish_append_citation(card->set->metadata, &citation, card->error);
    say(card, "\n## Citation\n\n");
    say_in_markdown(card, (const char *)citation.data, citation.len);
    say(card, "\n");
    buffer_release(&citation);
}

static void say_markdown(struct card *card)
{
    const char *const *values = card->set->metadata->values;
    say(card, "# ");
    say_in_markdown(card, values[PUBLISH_NAME], strlen(values[PUBLISH_NAME]));
    say(card, "\n\n");
    say_in_markdown(card, values[PUBLISH_DESCRIPTION], strlen(values[PUBLISH_DESCRIPTION]));
    say(card, "\n\n");
    say_field(card, "Version", values[PUBLISH_VERSION]);
    say_field(card, "Date", values[PUBLISH_DATE]);
    say_field(card, "Created by", values[PUBLISH_CREATOR]);
    say_field(card, "Published by", values[PUBLISH_PUBLISHER]);
    say_field(card, "Licence", values[PUBLISH_LICENSE]);
    say_field(card, "Home", values[PUBLISH_URL]);
    say_field(card, "DOI", values[PUBLISH_DOI]);
    say(card, "\n");
    say_composition(card);
    say_lists(card);
    say_labels(card);
    say_provenance(card);
    say_use(card);
    say_citation(card);
}

int publish_card(const struct publish_set *set, struct buffer *out, struct lcap_error *error)
{
    struct card card = {.set = set, .out = out, .error = error};
    say_yaml(&card);
    say_markdown(&card);
    return card.status;
}
