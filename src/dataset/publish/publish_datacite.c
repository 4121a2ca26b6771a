/*
 * datacite.json: what DataCite needs to register a DOI, in the JSON of its schema 4.5
 * (https://schema.datacite.org/meta/kernel-4.5/).
 */
#include "base/text/json.h"
#include "dataset/publish/publish_set.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(struct json_writer *json, const char *key, const char *text)
{
    json_text(json, key, text, strlen(text));
}

/* An array with one object, which stays open. */
static void open_only(struct json_writer *json, const char *key)
{
    json_open_array(json, key);
    json_open_object(json, NULL);
}

static void close_only(struct json_writer *json)
{
    json_close_object(json);
    json_close_array(json);
}

static void put_creators(struct json_writer *json, const char *creators)
{
    const char *name;
    size_t len;
    json_open_array(json, "creators");
    while (publish_next_creator(&creators, &name, &len)) {
        json_open_object(json, NULL);
        json_text(json, "name", name, len);
        json_close_object(json);
    }
    json_close_array(json);
}

static void put_types(struct json_writer *json)
{
    json_open_object(json, "types");
    put(json, "resourceTypeGeneral", "Dataset");
    put(json, "resourceType", "Labelled packet captures");
    json_close_object(json);
}

static int put_rights(struct json_writer *json, const struct publish_metadata *metadata,
                      struct lcap_error *error)
{
    struct buffer url = {0};
    const int rc = publish_append_license_url(metadata, &url, error);
    open_only(json, "rightsList");
    put(json, "rights", metadata->values[PUBLISH_LICENSE]);
    json_text(json, "rightsUri", (const char *)url.data, url.len);
    if (!publish_license_is_url(metadata)) {
        put(json, "rightsIdentifier", metadata->values[PUBLISH_LICENSE]);
        put(json, "rightsIdentifierScheme", "SPDX");
    }
    close_only(json);
    buffer_release(&url);
    return rc;
}

/* The first creator publishes where nobody else is named. */
static void put_publisher(struct json_writer *json, const char *const *values)
{
    const char *name = values[PUBLISH_PUBLISHER], *creators = values[PUBLISH_CREATOR];
    size_t len = name ? strlen(name) : 0;
    if (!name)
        publish_next_creator(&creators, &name, &len);
    json_open_object(json, "publisher");
    json_text(json, "name", name, len);
    json_close_object(json);
}

static void put_extent(struct json_writer *json, const struct publish_set *set)
{
    char size[64];
    const struct publish_file *data = publish_listing_find(&set->listing, PUBLISH_DATA);
    json_open_array(json, "sizes");
    snprintf(size, sizeof size, "%" PRIu64 " packets", set->data.all.packets);
    put(json, NULL, size);
    snprintf(size, sizeof size, "%" PRIu64 " bytes", data ? data->size : 0);
    put(json, NULL, size);
    json_close_array(json);
    json_open_array(json, "formats");
    put(json, NULL, "pcapng");
    put(json, NULL, "text/csv");
    put(json, NULL, "application/vnd.apache.parquet");
    json_close_array(json);
}

static void put_texts(struct json_writer *json, const char *const *values)
{
    open_only(json, "titles");
    put(json, "title", values[PUBLISH_NAME]);
    close_only(json);
    open_only(json, "descriptions");
    put(json, "description", values[PUBLISH_DESCRIPTION]);
    put(json, "descriptionType", "Abstract");
    close_only(json);
    open_only(json, "dates");
    put(json, "date", values[PUBLISH_DATE]);
    put(json, "dateType", "Issued");
    close_only(json);
}

int publish_datacite(const struct publish_set *set, struct buffer *out, struct lcap_error *error)
{
    const char *const *values = set->metadata->values;
    struct json_writer json;
    json_begin(&json, out, error);
    json_open_object(&json, NULL);
    put(&json, "schemaVersion", "http://datacite.org/schema/kernel-4");
    if (values[PUBLISH_DOI])
        put(&json, "doi", values[PUBLISH_DOI]);
    put(&json, "url", values[PUBLISH_URL]);
    put_creators(&json, values[PUBLISH_CREATOR]);
    put_texts(&json, values);
    put_publisher(&json, values);
    json_text(&json, "publicationYear", values[PUBLISH_DATE], strlen("2026"));
    put_types(&json);
    const int rc = put_rights(&json, set->metadata, error);
    put(&json, "version", values[PUBLISH_VERSION]);
    put_extent(&json, set);
    json_close_object(&json);
    return rc < 0 ? rc : json_end(&json);
}
