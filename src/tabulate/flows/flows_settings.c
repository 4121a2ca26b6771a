/* One table for writing and reading settings. */
#include "tabulate/flows/flows_settings.h"

#include "base/text/text.h"
#include "table/table.h"
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

enum setting_kind { SETTING_TEXT, SETTING_NUMBER, SETTING_TIME, SETTING_CHOICE, SETTING_FLAG };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t at;
};

#define SETTING(KIND, FIELD)                                                                       \
    {                                                                                              \
#FIELD, SETTING_##KIND, offsetof(struct flows_request, FIELD)                              \
    }

static const struct setting settings[] = {
    SETTING(TEXT, profile),
    SETTING(TEXT, columns),
    SETTING(TEXT, drop),
    SETTING(TEXT, number_format),
    SETTING(TEXT, label),
    SETTING(TEXT, classes),
    SETTING(TEXT, name),
    SETTING(TEXT, protocols),
    SETTING(CHOICE, format),
    SETTING(CHOICE, tunnels),
    SETTING(TIME, idle_ns),
    SETTING(TIME, active_ns),
    SETTING(NUMBER, packets),
    SETTING(NUMBER, payload),
    SETTING(NUMBER, max_flows),
    SETTING(NUMBER, max_flows_in_memory),
    SETTING(NUMBER, rows_per_file),
    SETTING(FLAG, format_given),
    SETTING(FLAG, idle_ns_given),
    SETTING(FLAG, active_ns_given),
    SETTING(FLAG, compat),
    SETTING(FLAG, detail),
    SETTING(FLAG, unidirectional),
    SETTING(FLAG, bidirectional),
    SETTING(FLAG, join),
    SETTING(FLAG, per_input),
    SETTING(FLAG, per_sample),
    SETTING(FLAG, per_label),
    SETTING(FLAG, per_protocol),
    SETTING(FLAG, merge),
    SETTING(FLAG, append),
    SETTING(FLAG, xlsx_split),
    SETTING(FLAG, csv_safe),
};

enum { SETTINGS = sizeof settings / sizeof *settings };

static uint64_t number_of(const struct setting *setting, const void *field)
{
    switch (setting->kind) {
    case SETTING_CHOICE:
        return (uint64_t) * (const int *)field;
    case SETTING_TIME:
        return (uint64_t) * (const int64_t *)field;
    case SETTING_FLAG:
        return *(const bool *)field;
    case SETTING_NUMBER:
    case SETTING_TEXT:
        break;
    }
    return *(const uint64_t *)field;
}

static int append(const struct setting *setting, const void *field, struct buffer *out,
                  struct lcap_error *error)
{
    if (setting->kind == SETTING_TEXT) {
        const char *text = *(const char *const *)field;
        return text ? buffer_printf(out, error, "%s=%s%c", setting->name, text, '\0') : LCAP_OK;
    }
    const uint64_t number = number_of(setting, field);
    return number ? buffer_printf(out, error, "%s=%" PRIu64 "%c", setting->name, number, '\0')
                  : LCAP_OK;
}

int flows_settings_append(const struct flows_request *wanted, struct buffer *out,
                          struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < SETTINGS && rc == LCAP_OK; i++)
        rc = append(&settings[i], (const char *)wanted + settings[i].at, out, error);
    return rc;
}

static bool set_number(const struct setting *setting, void *field, const char *text)
{
    uint64_t number;
    if (!text_to_u64(text, strlen(text), &number))
        return false;
    switch (setting->kind) {
    case SETTING_CHOICE:
        *(int *)field = (int)number;
        return number < TABLE_FORMAT_COUNT; /* there are fewer tunnels */
    case SETTING_TIME:
        *(int64_t *)field = (int64_t)number;
        return number <= INT64_MAX;
    case SETTING_FLAG:
        *(bool *)field = number != 0;
        return true;
    case SETTING_NUMBER:
    case SETTING_TEXT:
        break;
    }
    *(uint64_t *)field = number;
    return true;
}

static bool set(struct flows_request *wanted, const char *text)
{
    const char *value = strchr(text, '=');
    for (size_t i = 0; value && i < SETTINGS; i++) {
        const struct setting *setting = &settings[i];
        void *field = (char *)wanted + setting->at;
        if (strlen(setting->name) != (size_t)(value - text) ||
            memcmp(setting->name, text, (size_t)(value - text)) != 0)
            continue;
        if (setting->kind != SETTING_TEXT)
            return set_number(setting, field, value + 1);
        *(const char **)field = value + 1;
        return true;
    }
    return false;
}

bool flows_settings_take(struct flows_request *wanted, const char *bytes, size_t len)
{
    const char *end = bytes + len;
    bool good = len == 0 || end[-1] == '\0';
    for (const char *at = bytes; good && at < end; at += strlen(at) + 1)
        good = set(wanted, at);
    return good && wanted->packets <= UINT16_MAX && wanted->payload <= UINT16_MAX;
}
