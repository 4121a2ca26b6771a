/* Completes and checks what a user wants of arrays. */
#include "arrays/array_settings.h"

#include "arrays/array_items.h"
#include "arrays/forms/nprint_headers.h"
#include "base/error_words.h"
#include <string.h>

const char *const array_per_names[] = {"flow", "sample", "packet", NULL};
const char *const array_part_names[] = {"l2", "l3", "l4", "payload", NULL};

/* A row that is larger leaves no room for others. */
#define MOST_ROW_BYTES (UINT64_C(1) << 26)

/* ---- names ---- */

static int find_name(const char *const *names, const char *text, size_t len)
{
    for (int i = 0; names[i]; i++)
        if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0)
            return i;
    return -1;
}

static int unknown_name(const char *what, const char *const *names, const char *text, size_t len,
                        struct lcap_error *error)
{
    char known[256] = "", room[LCAP_ERROR_TEXT];
    for (size_t i = 0; names[i]; i++) {
        strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, names[i], sizeof known - strlen(known) - 1);
    }
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: expected one of %s, found '%.*s'",
                          error_words(what, room), known, (int)len, text);
}

/* The number of a name; `text` NULL: 0. */
static int take_name(const char *what, const char *const *names, const char *text, int *number,
                     struct lcap_error *error)
{
    *number = text ? find_name(names, text, strlen(text)) : 0;
    return *number >= 0 ? LCAP_OK : unknown_name(what, names, text, strlen(text), error);
}

/* A set of bits of the names in a list with commas; `text` NULL or "none": none. */
static int take_list(const char *what, const char *const *names, const char *text, unsigned *set,
                     struct lcap_error *error)
{
    *set = 0;
    if (!text || strcmp(text, "none") == 0)
        return LCAP_OK;
    while (true) {
        const size_t len = strcspn(text, ",");
        const int number = find_name(names, text, len);
        if (number < 0)
            return unknown_name(what, names, text, len, error);
        *set |= 1u << number;
        if (text[len] == '\0')
            return LCAP_OK;
        text += len + 1;
    }
}

/* A list of fields, among them "random"; the fields may be those of the form. */
static int take_mask(struct array_settings *settings, const char *text, struct lcap_error *error)
{
    const char *names[MASK_FIELDS + 2];
    memcpy(names, mask_field_names, sizeof mask_field_names);
    names[MASK_FIELDS] = "random";
    names[MASK_FIELDS + 1] = NULL;
    unsigned fields = 0, usual = 0;
    int rc = take_list("--mask", names, settings->form->mask, &usual, error);
    if (rc == LCAP_OK)
        rc = take_list("--mask", names, text ? text : settings->form->mask, &fields, error);
    if (rc < 0)
        return rc;
    settings->mask.random = fields & 1u << MASK_FIELDS;
    fields &= ~(1u << MASK_FIELDS);
    usual &= ~(1u << MASK_FIELDS);
    settings->mask.fields = fields == 0 && settings->mask.random ? usual : fields;
    if (settings->mask.random && settings->mask.fields == 0)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--mask random: name the fields, too, such as ip,ports,random");
    return LCAP_OK;
}

static int take_form(struct array_settings *settings, const char *name, struct lcap_error *error)
{
    const char *names[16] = {NULL};
    settings->form = name ? array_form_find(name) : &form_bytes;
    if (settings->form)
        return LCAP_OK;
    for (size_t i = 0; array_forms[i]; i++)
        names[i] = array_forms[i]->name;
    return unknown_name("--form", names, name, strlen(name), error);
}

/* ---- the whole ---- */

static int take_names(struct array_settings *settings, const struct lcap_array_options *options,
                      struct lcap_error *error)
{
    int per = 0, part = ARRAY_L3;
    int rc = take_form(settings, options->form, error);
    if (rc == LCAP_OK)
        rc = take_name("--per", array_per_names, options->per, &per, error);
    if (rc == LCAP_OK && options->part)
        rc = take_name("--part", array_part_names, options->part, &part, error);
    if (rc == LCAP_OK)
        rc = take_list("--headers", nprint_header_names, options->headers, &settings->headers,
                       error);
    if (rc == LCAP_OK)
        rc = take_list("--series", array_series_names, options->series, &settings->series, error);
    if (rc == LCAP_OK)
        rc = take_mask(settings, options->mask, error);
    if (rc < 0)
        return rc;
    settings->per = options->per ? (enum array_per)per : settings->form->per;
    settings->part = (enum array_part)part;
    return LCAP_OK;
}

static int check_options(const struct array_settings *settings,
                         const struct lcap_array_options *options, struct lcap_error *error)
{
    if (options->packets > UINT16_MAX || options->bytes > UINT16_MAX)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "a row has at most 65,535 packets of 65,535 bytes");
    if (options->part && settings->form != &form_bytes)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--part cannot be used with --form %s",
                              settings->form->name);
    if (options->headers && settings->form != &form_nprint)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--headers needs --form nprint");
    if (options->inner_tunnels && settings->part == ARRAY_L2)
        return lcap_error_set(
            error, LCAP_ERR_ARGUMENT,
            "--tunnels inner cannot be used with --part l2, which begins outside");
    if (options->compat && !settings->form->has_compat)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--compat cannot be used with --form %s",
                              settings->form->name);
    if (options->packets > 1 && settings->per == ARRAY_PER_PACKET)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--packets: a row of --per packet has one packet");
    if (options->seed > 0 && !settings->mask.random)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "--seed needs --mask random");
    if (options->min_packets > 0 && settings->per == ARRAY_PER_PACKET)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "--min-packets cannot be used with a row for each packet");
    return LCAP_OK;
}

int array_settings_make(struct array_settings *settings, const struct lcap_array_options *options,
                        struct lcap_error *error)
{
    *settings = (struct array_settings){
        .packets = options->packets,
        .bytes = options->bytes,
        .min_packets = options->min_packets,
        .inner_tunnels = options->inner_tunnels,
        .compat = options->compat,
    };
    array_mask_seed(&settings->mask, options->seed);
    int rc = take_names(settings, options, error);
    if (rc == LCAP_OK)
        rc = check_options(settings, options, error);
    if (rc == LCAP_OK)
        rc = settings->form->settle(settings, error);
    if (rc == LCAP_OK && array_shape_bytes(&settings->shape) > MOST_ROW_BYTES)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "a row would have more than 64 MiB: choose fewer packets or bytes");
    return rc;
}
