/*
 * croissant.json: the data set in the words of Croissant 1.1
 * (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html). Its reference
 * implementation refuses some of what the specification prints: schema.org has to begin
 * with https, and cr:Split is the type of a record set, not of a field.
 */
#include "base/text/json.h"
#include "base/text/text.h"
#include "dataset/publish/publish_set.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(struct json_writer *json, const char *key, const char *text)
{
    json_text(json, key, text, strlen(text));
}

/* {"@id": text} */
static void put_reference(struct json_writer *json, const char *key, const char *text)
{
    json_open_object(json, key);
    put(json, "@id", text);
    json_close_object(json);
}

/* ---- the context: appendix 1 of the specification ---- */

static const struct {
    const char *key, *value;
} context[] = {
    {"@language", "en"},
    {"@vocab", "https://schema.org/"},
    {"sc", "https://schema.org/"},
    {"cr", "http://mlcommons.org/croissant/"},
    {"rai", "http://mlcommons.org/croissant/RAI/"},
    {"dct", "http://purl.org/dc/terms/"},
    {"prov", "http://www.w3.org/ns/prov#"},
    {"citeAs", "cr:citeAs"},
    {"column", "cr:column"},
    {"conformsTo", "dct:conformsTo"},
    {"containedIn", "cr:containedIn"},
    {"data", NULL},
    {"dataType", NULL},
    {"equivalentProperty", "cr:equivalentProperty"},
    {"examples", NULL},
    {"extract", "cr:extract"},
    {"field", "cr:field"},
    {"fileProperty", "cr:fileProperty"},
    {"fileObject", "cr:fileObject"},
    {"fileSet", "cr:fileSet"},
    {"format", "cr:format"},
    {"includes", "cr:includes"},
    {"isLiveDataset", "cr:isLiveDataset"},
    {"jsonPath", "cr:jsonPath"},
    {"key", "cr:key"},
    {"md5", "cr:md5"},
    {"parentField", "cr:parentField"},
    {"path", "cr:path"},
    {"recordSet", "cr:recordSet"},
    {"references", "cr:references"},
    {"regex", "cr:regex"},
    {"repeated", "cr:repeated"},
    {"replace", "cr:replace"},
    {"samplingRate", "cr:samplingRate"},
    {"separator", "cr:separator"},
    {"source", "cr:source"},
    {"subField", "cr:subField"},
    {"transform", "cr:transform"},
};

/* The terms whose values are not plain: JSON, or names of types. */
static void put_typed_term(struct json_writer *json, const char *term)
{
    char id[32];
    snprintf(id, sizeof id, "cr:%s", term);
    json_open_object(json, term);
    put(json, "@id", id);
    put(json, "@type", strcmp(term, "dataType") == 0 ? "@vocab" : "@json");
    json_close_object(json);
}

static void put_context(struct json_writer *json)
{
    json_open_object(json, "@context");
    for (size_t i = 0; i < sizeof context / sizeof *context; i++)
        if (context[i].value)
            put(json, context[i].key, context[i].value);
        else
            put_typed_term(json, context[i].key);
    json_close_object(json);
}

/* ---- what people say ---- */

static void put_creators(struct json_writer *json, const char *creators)
{
    const char *name;
    size_t len;
    json_open_array(json, "creator");
    while (publish_next_creator(&creators, &name, &len)) {
        json_open_object(json, NULL);
        put(json, "@type", "Person");
        json_text(json, "name", name, len);
        json_close_object(json);
    }
    json_close_array(json);
}

static int put_metadata(struct json_writer *json, const struct publish_metadata *metadata,
                        struct lcap_error *error)
{
    const char *const *values = metadata->values;
    struct buffer license = {0}, citation = {0};
    int rc = publish_append_license_url(metadata, &license, error);
    if (rc == LCAP_OK)
        rc = publish_append_citation(metadata, &citation, error);
    put(json, "name", values[PUBLISH_NAME]);
    put(json, "description", values[PUBLISH_DESCRIPTION]);
    json_text(json, "license", (const char *)license.data, license.len);
    put(json, "url", values[PUBLISH_URL]);
    put_creators(json, values[PUBLISH_CREATOR]);
    put(json, "datePublished", values[PUBLISH_DATE]);
    put(json, "version", values[PUBLISH_VERSION]);
    json_text(json, "citeAs", (const char *)citation.data, citation.len);
    if (values[PUBLISH_PUBLISHER]) {
        json_open_object(json, "publisher");
        put(json, "@type", "Organization");
        put(json, "name", values[PUBLISH_PUBLISHER]);
        json_close_object(json);
    }
    buffer_release(&license);
    buffer_release(&citation);
    return rc;
}

/* ---- where it comes from ---- */

/* "SHA256  NAME", or without a name. */
static void put_input(struct json_writer *json, const char *input)
{
    char id[sizeof "urn:sha256:" + HASH_SHA256_TEXT];
    const char *name = strstr(input, "  ");
    snprintf(id, sizeof id, "urn:sha256:%.64s", input);
    json_open_object(json, NULL);
    put(json, "@id", id);
    put(json, "prov:label", name ? name + 2 : "a labelled capture");
    json_close_object(json);
}

static void put_provenance(struct json_writer *json, const struct publish_provenance *provenance)
{
    char label[64];
    snprintf(label, sizeof label, "labelcap %.32s publish", provenance->labelcap);
    json_open_array(json, "prov:wasDerivedFrom");
    for (size_t i = 0; i < provenance->counts[PROVENANCE_INPUTS]; i++)
        put_input(json, provenance->texts[PROVENANCE_INPUTS][i]);
    json_close_array(json);
    json_open_object(json, "prov:wasGeneratedBy");
    put(json, "@type", "prov:Activity");
    put(json, "prov:label", label);
    json_close_object(json);
}

/* ---- files ---- */

static const char *encoding_of(const char *name)
{
    static const char *const encodings[][2] = {
        {".pcapng.gz", "application/gzip"},
        {".sqlite", "application/vnd.sqlite3"},
        {".csv", "text/csv"},
        {".parquet", "application/vnd.apache.parquet"},
        {".json", "application/json"},
        {".html", "text/html"},
    };
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        if (text_ends_in(name, strlen(name), encodings[i][0]))
            return encodings[i][1];
    return "application/octet-stream";
}

static void put_file(struct json_writer *json, const struct publish_file *file)
{
    char size[32];
    snprintf(size, sizeof size, "%" PRIu64 " B", file->size);
    json_open_object(json, NULL);
    put(json, "@type", "cr:FileObject");
    put(json, "@id", file->name);
    put(json, "name", file->name);
    put(json, "contentUrl", file->name);
    put(json, "contentSize", size);
    put(json, "encodingFormat", encoding_of(file->name));
    put(json, "sha256", file->sha256);
    json_close_object(json);
}

static void put_files(struct json_writer *json, const struct publish_set *set)
{
    json_open_array(json, "distribution");
    for (size_t i = 0; i < set->listing.count; i++)
        put_file(json, &set->listing.files[i]);
    json_close_array(json);
}

/* ---- records ---- */

static void put_name(struct json_writer *json, const char *type, const char *name)
{
    put(json, "@type", type);
    put(json, "@id", name);
    put(json, "name", name);
}

/* The splits that Croissant has a name for; NULL for others. */
static const char *split_url(const char *list)
{
    if (strcmp(list, "train") == 0)
        return "cr:TrainingSplit";
    if (strcmp(list, "validation") == 0)
        return "cr:ValidationSplit";
    return strcmp(list, "test") == 0 ? "cr:TestSplit" : NULL;
}

/* Whether each list of labelled samples is a split that Croissant knows. */
static bool has_known_splits(const struct publish_set *set)
{
    bool known = set->has_lists;
    for (size_t i = 0; known && i < set->lists.folder.count; i++)
        known = split_url(set->lists.folder.names[i]) ||
                strcmp(set->lists.folder.names[i], SPLIT_CHALLENGE) == 0;
    return known;
}

static void put_plain_field(struct json_writer *json, const char *id, const char *type)
{
    json_open_object(json, NULL);
    put_name(json, "cr:Field", id);
    put(json, "dataType", type);
    json_close_object(json);
}

static void put_splits(struct json_writer *json, const struct publish_set *set)
{
    json_open_object(json, NULL);
    put_name(json, "cr:RecordSet", "split_names");
    put(json, "dataType", "cr:Split");
    put_reference(json, "key", "split_names/name");
    json_open_array(json, "field");
    put_plain_field(json, "split_names/name", "sc:Text");
    put_plain_field(json, "split_names/url", "sc:URL");
    json_close_array(json);
    json_open_array(json, "data");
    for (size_t i = 0; i < set->lists.folder.count; i++) {
        const char *list = set->lists.folder.names[i];
        if (!split_url(list))
            continue;
        json_open_object(json, NULL);
        put(json, "split_names/name", list);
        put(json, "split_names/url", split_url(list));
        json_close_object(json);
    }
    json_close_array(json);
    json_close_object(json);
}

static const struct {
    const char *name, *type, *description;
} fields[] = {
    {"sample_id", "sc:Text", "The sampleID, a number below 2^64 as text"},
    {"metadata", "sc:Text", "The label of the sample"},
    {"split", "sc:Text", "The list that the sample is in"},
    {"packets", "sc:Integer", "The number of its packets"},
    {"bytes", "sc:Integer", "Their bytes on the wire"},
    {"first_ns", "sc:Integer", "The time of its first packet in nanoseconds since 1970 UTC"},
    {"last_ns", "sc:Integer", "The time of its last packet in nanoseconds since 1970 UTC"},
};

enum { FIELD_SPLIT = 2, FIELDS = sizeof fields / sizeof *fields };

static void put_field(struct json_writer *json, size_t field, const char *records, const char *file,
                      bool refers)
{
    char id[64];
    snprintf(id, sizeof id, "%s/%s", records, fields[field].name);
    json_open_object(json, NULL);
    put_name(json, "cr:Field", id);
    put(json, "description", fields[field].description);
    put(json, "dataType", fields[field].type);
    json_open_object(json, "source");
    put_reference(json, "fileObject", file);
    json_open_object(json, "extract");
    put(json, "column", fields[field].name);
    json_close_object(json);
    json_close_object(json);
    if (refers) {
        json_open_object(json, "references");
        put_reference(json, "field", "split_names/name");
        json_close_object(json);
    }
    json_close_object(json);
}

/* `has_split`: not if no sample is in a list. `refers`: to the names of splits. */
static void put_samples(struct json_writer *json, const char *records, const char *file,
                        bool has_split, bool refers)
{
    char key[64];
    snprintf(key, sizeof key, "%s/sample_id", records);
    json_open_object(json, NULL);
    put_name(json, "cr:RecordSet", records);
    put_reference(json, "key", key);
    json_open_array(json, "field");
    for (size_t i = 0; i < FIELDS; i++)
        if (i != FIELD_SPLIT || has_split)
            put_field(json, i, records, file, i == FIELD_SPLIT && refers);
    json_close_array(json);
    json_close_object(json);
}

static void put_records(struct json_writer *json, const struct publish_set *set)
{
    const bool known = has_known_splits(set);
    json_open_array(json, "recordSet");
    if (known)
        put_splits(json, set);
    put_samples(json, "samples", PUBLISH_SAMPLES, set->has_lists, known);
    if (set->has_challenge)
        put_samples(json, "challenge", PUBLISH_CHALLENGE_SAMPLES, true, false);
    json_close_array(json);
}

int publish_croissant(const struct publish_set *set, struct buffer *out, struct lcap_error *error)
{
    struct json_writer json;
    json_begin(&json, out, error);
    json_open_object(&json, NULL);
    put_context(&json);
    put(&json, "@type", "sc:Dataset");
    put(&json, "conformsTo", "http://mlcommons.org/croissant/1.1");
    const int rc = put_metadata(&json, set->metadata, error);
    put_provenance(&json, set->provenance);
    put_files(&json, set);
    put_records(&json, set);
    json_close_object(&json);
    return rc < 0 ? rc : json_end(&json);
}
