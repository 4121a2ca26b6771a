/* Reads what people say about a published set. */
#include "dataset/publish/publish_metadata.h"

#include "base/text/json.h"
#include "base/text/text.h"
#include "base/text/utc.h"
#include "dataset/publish/metadata_lines.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD_NAME(FIELD, NAME) NAME,
static const char *const names[] = {PUBLISH_FIELDS(FIELD_NAME)};

/* ---- checks ---- */

static int wrong(enum publish_field field, const char *value, const char *expected,
                 struct lcap_error *error)
{
    char found[EXCERPT_TEXT];
    text_excerpt(value, strlen(value), found);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: expected %s, found '%s'", names[field],
                          expected, found);
}

static bool is_url(const char *text)
{
    const bool has_scheme =
        strncmp(text, "https://", strlen("https://")) == 0 || strncmp(text, "http://", 7) == 0;
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f || strchr("\"<>\\^`{|}", *at))
            return false;
    return has_scheme && strlen(text) > strlen("https://");
}

/* An identifier of SPDX is a letter or digit, then these and dots, hyphens and plus signs. */
static bool is_license(const char *text)
{
    static const char known[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const size_t plain = strspn(text, known);
    return is_url(text) ||
           (plain > 0 && text[plain + strspn(text + plain, "abcdefghijklmnopqrstuvwxyz"
                                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                           "0123456789.-+")] == '\0');
}

/* Whether it is a day, YYYY-MM-DD, of the calendar. */
static bool is_date(const char *text)
{
    int year, month, day, end = 0;
    if (strlen(text) != strlen("2026-11-30") || strspn(text, "0123456789-") != strlen(text) ||
        sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end])
        return false;
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    utc_to_seconds(&tm);
    return tm.tm_year == year - 1900 && tm.tm_mon == month - 1 && tm.tm_mday == day;
}

/* DOI Handbook, 2.2: a prefix 10.NNNN, a slash, a suffix. */
static bool is_doi(const char *text)
{
    const char *slash = strchr(text, '/');
    bool visible = slash && slash[1];
    for (const char *at = text; *at; at++)
        visible = visible && (unsigned char)*at > ' ' && (unsigned char)*at < 0x7f;
    return visible && strncmp(text, "10.", 3) == 0;
}

static bool has_creator(const char *text)
{
    const char *name;
    size_t len;
    return publish_next_creator(&text, &name, &len);
}

static int check_value(enum publish_field field, const char *value, struct lcap_error *error)
{
    if (field == PUBLISH_LICENSE && !is_license(value))
        return wrong(field, value, "an SPDX identifier such as CC-BY-4.0, or a URL", error);
    if (field == PUBLISH_URL && !is_url(value))
        return wrong(field, value, "a URL such as https://example.org/set", error);
    if (field == PUBLISH_DATE && !is_date(value))
        return wrong(field, value, "a date such as 2026-11-30", error);
    if (field == PUBLISH_DOI && !is_doi(value))
        return wrong(field, value, "a DOI such as 10.1234/set", error);
    if (field == PUBLISH_CREATOR && !has_creator(value))
        return wrong(field, value, "names, separated by semicolons", error);
    if (text_utf8_valid_length(value, strlen(value)) < strlen(value))
        return wrong(field, value, "UTF-8", error);
    return value[0] ? LCAP_OK : wrong(field, value, "some text", error);
}

static int check(const struct publish_metadata *metadata, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (int i = 0; i < PUBLISH_FIELD_COUNT && rc == LCAP_OK; i++) {
        if (metadata->values[i])
            rc = check_value(i, metadata->values[i], error);
        else if (i <= PUBLISH_DATE)
            rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                "the data set has no %s: name it with --%s, or in the file of "
                                "--metadata",
                                names[i], names[i]);
    }
    return rc;
}

/* ---- reading ---- */

static int check_names(const struct json_document *file, const char *path, struct lcap_error *error)
{
    char found[EXCERPT_TEXT];
    const char *name;
    for (size_t i = 0; (name = json_document_name(file, i)); i++) {
        int field = 0;
        while (field < PUBLISH_FIELD_COUNT && strcmp(names[field], name) != 0)
            field++;
        if (field < PUBLISH_FIELD_COUNT)
            continue;
        text_excerpt(name, strlen(name), found);
        return lcap_error_set(error, LCAP_ERR_FORMAT,
                              "%s: expected name, description, license, creator, url, date, "
                              "version, publisher, doi, citation; found '%s'",
                              path, found);
    }
    return LCAP_OK;
}

static int load_file(struct publish_metadata *metadata, const char *path, struct lcap_error *error)
{
    struct buffer json = {0};
    if (!metadata_lines_are_in(path))
        return json_document_load(&metadata->file, path, error);
    int rc = metadata_lines_read(path, &json, error);
    if (rc == LCAP_OK)
        rc = json_document_parse(&metadata->file, path, &json, error);
    buffer_release(&json);
    return rc;
}

static int read_file(struct publish_metadata *metadata, const char *path, struct lcap_error *error)
{
    int rc = load_file(metadata, path, error);
    if (rc == LCAP_OK)
        rc = check_names(metadata->file, path, error);
    for (int i = 0; i < PUBLISH_FIELD_COUNT && rc >= 0; i++)
        rc = json_document_text(metadata->file, names[i], &metadata->values[i], error);
    return rc < 0 ? rc : LCAP_OK;
}

int publish_metadata_read(struct publish_metadata *metadata,
                          const char *const given[PUBLISH_FIELD_COUNT], const char *path,
                          struct lcap_error *error)
{
    *metadata = (struct publish_metadata){.file = NULL};
    int rc = path ? read_file(metadata, path, error) : LCAP_OK;
    for (int i = 0; i < PUBLISH_FIELD_COUNT; i++)
        if (given && given[i])
            metadata->values[i] = given[i];
    if (!metadata->values[PUBLISH_VERSION])
        metadata->values[PUBLISH_VERSION] = "1.0.0";
    return rc == LCAP_OK ? check(metadata, error) : rc;
}

void publish_metadata_release(struct publish_metadata *metadata)
{
    json_document_free(metadata->file);
    metadata->file = NULL;
}

/* ---- writing ---- */

int publish_metadata_write(const struct publish_metadata *metadata, struct buffer *out,
                           struct lcap_error *error)
{
    struct json_writer json;
    json_begin(&json, out, error);
    json_open_object(&json, NULL);
    for (int i = 0; i < PUBLISH_FIELD_COUNT; i++)
        if (metadata->values[i])
            json_text(&json, names[i], metadata->values[i], strlen(metadata->values[i]));
    json_close_object(&json);
    return json_end(&json);
}

bool publish_next_creator(const char **at, const char **name, size_t *len)
{
    for (*len = 0; **at && *len == 0;) {
        *name = *at + strspn(*at, " ");
        *at = *name + strcspn(*name, ";");
        *len = (size_t)(*at - *name);
        while (*len > 0 && (*name)[*len - 1] == ' ')
            --*len;
        *at += **at == ';';
    }
    return *len > 0;
}

bool publish_license_is_url(const struct publish_metadata *metadata)
{
    return is_url(metadata->values[PUBLISH_LICENSE]);
}

int publish_append_license_url(const struct publish_metadata *metadata, struct buffer *out,
                               struct lcap_error *error)
{
    const char *license = metadata->values[PUBLISH_LICENSE];
    return is_url(license)
               ? buffer_append_text(out, license, error)
               : buffer_printf(out, error, "https://spdx.org/licenses/%s.html", license);
}

int publish_append_citation(const struct publish_metadata *metadata, struct buffer *out,
                            struct lcap_error *error)
{
    const char *const *values = metadata->values;
    if (values[PUBLISH_CITATION])
        return buffer_append_text(out, values[PUBLISH_CITATION], error);
    return buffer_printf(out, error, "%s (%.4s): %s, version %s. %s%s", values[PUBLISH_CREATOR],
                         values[PUBLISH_DATE], values[PUBLISH_NAME], values[PUBLISH_VERSION],
                         values[PUBLISH_DOI] ? "https://doi.org/" : "",
                         values[PUBLISH_DOI] ? values[PUBLISH_DOI] : values[PUBLISH_URL]);
}
