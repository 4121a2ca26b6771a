/* labelcap wireshark: installs the fields and the profile, or removes them. */
#include "cmd/shared_options.h"
#include "cmd/talk.h"
#include "wireshark/wireshark_install.h"

struct wireshark_args {
    const char *keys;
    bool install, uninstall, force;
};

#define ARGS struct wireshark_args

static const struct option_row rows[] = {
    {0, "install", NULL, ARG_FLAG(install), "install the fields and the profile for this user"},
    {0, "uninstall", NULL, ARG_FLAG(uninstall), "remove them"},
    {0, "keys", "NAMES", ARG_TEXT(keys),
     "make fields of these names in metadata like 'os=linux', such as os,app"},
    {'f', "force", NULL, ARG_FLAG(force), "replace or remove files that have been changed, too"},
    ROW_QUIET,
    {0},
};

static const struct option_relation relations[] = {
    {NULL, NEEDS, "install|uninstall", NULL},
    {"install", EXCLUDES, "uninstall", NULL},
    {"keys", EXCLUDES, "uninstall", NULL},
    {0},
};

static int check_wireshark(const void *given, const char *const *operands, size_t count,
                           struct lcap_error *error)
{
    const struct wireshark_args *args = given;
    (void)operands;
    (void)count;
    const int rc = wireshark_check_keys(args->keys, error);
    return rc == LCAP_OK ? rc : lcap_error_prefix(error, "--keys: ");
}

static void tell(void *nobody, const char *path, enum wireshark_event event)
{
    (void)nobody;
    switch (event) {
    case WIRESHARK_PRESENT:
        talk_note("%s: is there already", path);
        break;
    case WIRESHARK_INSTALLED:
        talk_note("%s: installed", path);
        break;
    case WIRESHARK_REMOVED:
        talk_note("%s: removed", path);
        break;
    case WIRESHARK_KEPT:
        talk_warning("%s: has been changed and stays; -f removes it, too", path);
        break;
    }
}

static int run_wireshark(const void *given, const char *const *operands, size_t count,
                         struct lcap_error *error)
{
    const struct wireshark_args *args = given;
    const struct wireshark_options options = {
        .keys = args->keys, .force = args->force, .tell = tell};
    (void)operands;
    (void)count;
    if (args->uninstall)
        return wireshark_uninstall(&options, error);
    const int rc = wireshark_install(&options, error);
    if (rc == LCAP_OK)
        talk_note("choose the profile 'labelcap' in Wireshark, or tshark -C labelcap");
    return rc;
}

const struct command cmd_wireshark = {
    .name = "wireshark",
    .summary = "install fields, columns and colours for Wireshark and tshark",
    .usage = "labelcap wireshark --install [OPTION...]\n"
             "       labelcap wireshark --uninstall [OPTION...]",
    .details = "The fields labelcap.sample_id, labelcap.label and others work in display filters; "
               "the profile 'labelcap' shows them as columns, and colours the labels.",
    .example = "labelcap wireshark --install --keys os,app",
    .options = rows,
    .relations = relations,
    .args_size = sizeof(struct wireshark_args),
    .check = check_wireshark,
    .run = run_wireshark,
};
