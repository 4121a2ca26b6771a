/* Puts the files of this folder where Wireshark and tshark of one user find them. */
#include "wireshark/wireshark_install.h"

#include "base/buffer.h"
#include "base/io/file.h"
#include "base/io/output.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The files, which the linker has put into the program under these names. */
#define EMBEDDED(NAME)                                                                             \
    extern const char _binary_##NAME##_start[]; /* NOLINT(bugprone-reserved-identifier) */         \
    extern const char _binary_##NAME##_end[];   /* NOLINT(bugprone-reserved-identifier) */
EMBEDDED(labelcap_lua)
EMBEDDED(profile_colorfilters)
EMBEDDED(profile_dfilter_buttons)
EMBEDDED(profile_preferences)

/* Below the home directory, unless Wireshark is told otherwise (its User's Guide, appendix B). */
#define PLUGINS ".local/lib/wireshark/plugins"
#define PROFILE "profiles/labelcap/"

#define CONTENT(NAME) .start = _binary_##NAME##_start, .end = _binary_##NAME##_end

static const struct wireshark_file {
    const char *name;
    const char *start, *end;
    bool plugin;     /* in the folder of plugins; else in that of profiles */
    bool takes_keys; /* the preference for --keys follows */
} files[] = {
    {.name = "labelcap.lua", CONTENT(labelcap_lua), .plugin = true},
    {.name = PROFILE "colorfilters", CONTENT(profile_colorfilters)},
    {.name = PROFILE "dfilter_buttons", CONTENT(profile_dfilter_buttons)},
    {.name = PROFILE "preferences", CONTENT(profile_preferences), .takes_keys = true},
};
#define FILES (sizeof files / sizeof *files)

/* The folder that Wireshark looks in: of configuration if `plugin` is false. */
static int user_folder(bool plugin, struct buffer *folder, struct lcap_error *error)
{
    const char *home = getenv("HOME");
    const char *config = getenv("WIRESHARK_CONFIG_DIR");
    const char *xdg = getenv("XDG_CONFIG_HOME");
    if (!plugin && config && *config)
        return buffer_printf(folder, error, "%s", config);
    if (!plugin && xdg && *xdg)
        return buffer_printf(folder, error, "%s/wireshark", xdg);
    if (!home || !*home)
        return lcap_error_set(error, LCAP_ERR_IO,
                              "HOME is not set: the folders of Wireshark are not known");
    return buffer_printf(folder, error, "%s/%s", home, plugin ? PLUGINS : ".config/wireshark");
}

static int path_of(const struct wireshark_file *file, struct buffer *path, struct lcap_error *error)
{
    buffer_clear(path);
    int rc = user_folder(file->plugin, path, error);
    if (rc == LCAP_OK)
        rc = buffer_printf(path, error, "/%s", file->name);
    return rc ? rc : buffer_append(path, "", 1, error);
}

static int content_of(const struct wireshark_file *file, const char *keys, struct buffer *content,
                      struct lcap_error *error)
{
    buffer_clear(content);
    int rc = buffer_append(content, file->start, (size_t)(file->end - file->start), error);
    if (rc == LCAP_OK && keys && file->takes_keys)
        rc = buffer_printf(content, error, "labelcap.keys: %s\n", keys);
    return rc;
}

enum there { THERE_NOT, THERE_SAME, THERE_CHANGED };

/* One byte more than expected is read, to see a file that goes on. */
static enum there what_is_there(const char *path, const struct buffer *content)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not wait */
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? THERE_NOT : THERE_CHANGED;
    char *found = malloc(content->len + 1);
    const ssize_t len = found ? file_read(fd, found, content->len + 1) : -1;
    const bool same =
        len == (ssize_t)content->len && memcmp(found, content->data, content->len) == 0;
    free(found);
    close(fd);
    return same ? THERE_SAME : THERE_CHANGED;
}

static int make_folders(char *path, struct lcap_error *error)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        const bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
        const int rc =
            made ? LCAP_OK : lcap_error_set_errno(error, errno, "%s: cannot make the folder", path);
        *slash = '/';
        if (!made)
            return rc;
    }
    return LCAP_OK;
}

static int write_file(const char *path, const struct buffer *content, struct lcap_error *error)
{
    const struct output_options options = {.overwrite = true};
    struct output *out;
    int rc = output_open(&out, path, &options, error);
    if (rc != LCAP_OK)
        return rc;
    output_write(out, content->data, content->len);
    return output_close(out, error);
}

/* What is done with one file: its path, what it is to hold, and what is there. */
typedef int file_step(char *path, const struct buffer *content, enum there there,
                      const struct wireshark_options *options, struct lcap_error *error);

static void tell(const struct wireshark_options *options, const char *path,
                 enum wireshark_event event)
{
    if (options->tell)
        options->tell(options->context, path, event);
}

static int refuse_changed(char *path, const struct buffer *content, enum there there,
                          const struct wireshark_options *options, struct lcap_error *error)
{
    (void)content;
    if (there != THERE_CHANGED || options->force)
        return LCAP_OK;
    return lcap_error_set(
        error, LCAP_ERR_IO,
        "%s: holds something else (other --keys, or changes of yours); -f replaces it", path);
}

static int install(char *path, const struct buffer *content, enum there there,
                   const struct wireshark_options *options, struct lcap_error *error)
{
    if (there == THERE_SAME) {
        tell(options, path, WIRESHARK_PRESENT);
        return LCAP_OK;
    }
    int rc = make_folders(path, error);
    if (rc == LCAP_OK)
        rc = write_file(path, content, error);
    if (rc == LCAP_OK)
        tell(options, path, WIRESHARK_INSTALLED);
    return rc;
}

static int uninstall(char *path, const struct buffer *content, enum there there,
                     const struct wireshark_options *options, struct lcap_error *error)
{
    (void)content;
    if (there == THERE_NOT)
        return LCAP_OK;
    if (there == THERE_CHANGED && !options->force) {
        tell(options, path, WIRESHARK_KEPT);
        return LCAP_OK;
    }
    if (unlink(path) != 0)
        return lcap_error_set_errno(error, errno, "%s: cannot be removed", path);
    tell(options, path, WIRESHARK_REMOVED);
    return LCAP_OK;
}

/* Removes the folder of the profile if nothing else is in it. */
static int remove_profile(struct lcap_error *error)
{
    struct buffer path = {0};
    int rc = user_folder(false, &path, error);
    if (rc == LCAP_OK)
        rc = buffer_append(&path, "/" PROFILE, sizeof "/" PROFILE, error);
    if (rc == LCAP_OK)
        rmdir((char *)path.data);
    buffer_release(&path);
    return rc;
}

static int for_each_file(file_step *step, const struct wireshark_options *options,
                         struct lcap_error *error)
{
    struct buffer path = {0}, content = {0};
    int rc = LCAP_OK;
    for (size_t i = 0; i < FILES && rc == LCAP_OK; i++) {
        rc = path_of(&files[i], &path, error);
        if (rc == LCAP_OK)
            rc = content_of(&files[i], options->keys, &content, error);
        if (rc == LCAP_OK)
            rc = step((char *)path.data, &content, what_is_there((char *)path.data, &content),
                      options, error);
    }
    buffer_release(&path);
    buffer_release(&content);
    return rc;
}

int wireshark_check_keys(const char *keys, struct lcap_error *error)
{
    return keys && strpbrk(keys, "\r\n")
               ? lcap_error_set(error, LCAP_ERR_ARGUMENT, "a name holds a line end")
               : LCAP_OK;
}

int wireshark_install(const struct wireshark_options *options, struct lcap_error *error)
{
    int rc = wireshark_check_keys(options->keys, error);
    if (rc == LCAP_OK)
        rc = for_each_file(refuse_changed, options, error);
    return rc == LCAP_OK ? for_each_file(install, options, error) : rc;
}

int wireshark_uninstall(const struct wireshark_options *options, struct lcap_error *error)
{
    const int rc = for_each_file(uninstall, options, error);
    return rc == LCAP_OK ? remove_profile(error) : rc;
}
