/* Labels live packets: captures, rotates files and finishes them properly. */
#include "dataset/labelling/label_live.h"

#include "base/buffer.h"
#include "base/io/tempfile.h"
#include "base/memory.h"
#include "capture/capture_name.h"
#include "dataset/labelling/label_findings.h"
#include "dataset/labelling/label_pass_internal.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How often the blocks written so far are passed to the system. */
#define FLUSH_SECONDS 1.0

struct label_live {
    struct label_pass *pass;
    const struct label_live_options *options;
    struct live *device;
    struct lcap_error failure; /* of the device */
    struct buffer path;        /* of the file being written */
    unsigned file_number;
    uint64_t bytes_before; /* pass->written_bytes when it was begun */
    double started, file_started, flushed;
};

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void warn(const struct label_live *live, const char *text)
{
    if (live->options->warn)
        live->options->warn(live->options->context, text);
}

/* ---- rotation of files ---- */

static bool rotates(const struct label_live_options *options)
{
    return options->rotate_seconds > 0 || options->rotate_size > 0;
}

/* "out.pcapng" → "out-00001.pcapng" when files rotate. */
static int make_path(struct label_live *live, struct lcap_error *error)
{
    const char *output = live->pass->options.output;
    size_t stem = capture_name_stem(output);
    buffer_clear(&live->path);
    int rc = buffer_append(&live->path, output, stem, error);
    if (rc == 0 && rotates(live->options))
        rc = buffer_printf(&live->path, error, "-%05u", ++live->file_number);
    return rc == 0 ? buffer_append(&live->path, output + stem, strlen(output + stem) + 1, error)
                   : rc;
}

static void pass_by(const struct label_live *live)
{
    char text[LCAP_ERROR_TEXT];
    snprintf(text, sizeof text, "%s: already exists, skipped", (const char *)live->path.data);
    warn(live, text);
}

/* The path of the first file was free at the start; a later one that is taken is skipped. */
static int choose_path(struct label_live *live, struct lcap_error *error)
{
    int rc = make_path(live, error);
    while (rc == 0 && live->file_number > 1 && !live->pass->options.placing.overwrite &&
           access((const char *)live->path.data, F_OK) == 0) {
        pass_by(live);
        rc = make_path(live, error);
    }
    return rc;
}

/* Whether `name` is a result of make_path() for the name `output` and any number. */
static bool is_rotated_name(const char *name, const char *output)
{
    size_t stem = capture_name_stem(output);
    if (strncmp(name, output, stem) != 0 || name[stem] != '-')
        return false;
    size_t digits = strspn(name + stem + 1, "0123456789");
    return digits >= 5 && strcmp(name + stem + 1 + digits, output + stem) == 0;
}

/* Rotated files of an earlier run would stop this one sooner or later: better at once. */
static int check_rotated_names(const struct label_live *live, struct lcap_error *error)
{
    const struct label_pass_options *writing = &live->pass->options;
    if (!rotates(live->options) || writing->placing.overwrite || !writing->output)
        return LCAP_OK;
    const char *slash = strrchr(writing->output, '/');
    char *path = tempfile_directory_of(writing->output, error);
    DIR *directory = path ? opendir(path) : NULL;
    int rc = path ? LCAP_OK : LCAP_ERR_MEMORY;
    const struct dirent *entry;
    while (rc == 0 && directory && (entry = readdir(directory)))
        if (is_rotated_name(entry->d_name, slash ? slash + 1 : writing->output))
            rc = lcap_error_set(error, LCAP_ERR_IO,
                                "%s: rotated files already exist, such as %s (use -f to "
                                "replace them)",
                                writing->output, entry->d_name);
    if (directory)
        closedir(directory);
    free(path);
    return rc;
}

static int begin_file(struct label_live *live, struct lcap_error *error)
{
    live->file_started = live->flushed = seconds_now();
    live->bytes_before = live->pass->written_bytes;
    int rc = live->pass->options.dry_run ? LCAP_OK : choose_path(live, error);
    if (rc == 0)
        rc = label_pass_open(live->pass, (const char *)live->path.data, error);
    return rc == 0 ? label_pass_block(live->pass, live_interface(live->device), error) : rc;
}

/* A device that no longer gives statistics is no reason to lose the packets. */
static int end_file(struct label_live *live, struct lcap_error *error)
{
    struct lcap_error missing = {0};
    struct live_counts counts;
    const struct lcap_block *block;
    int rc = LCAP_OK;
    if (live_statistics(live->device, &counts, &block, &missing) == 0)
        rc = label_pass_block(live->pass, block, error);
    else
        warn(live, missing.text);
    return rc == 0 ? label_pass_finish(live->pass, error) : rc;
}

static bool file_is_full(const struct label_live *live, double now)
{
    const struct label_live_options *options = live->options;
    return (options->rotate_seconds > 0 && now - live->file_started >= options->rotate_seconds) ||
           (options->rotate_size > 0 &&
            live->pass->written_bytes - live->bytes_before >= options->rotate_size);
}

static int keep_house(struct label_live *live, double now, struct lcap_error *error)
{
    int rc = LCAP_OK;
    if (file_is_full(live, now)) {
        rc = end_file(live, error);
        return rc == 0 ? begin_file(live, error) : rc;
    }
    if (now - live->flushed >= FLUSH_SECONDS) {
        live->flushed = now;
        rc = label_pass_flush(live->pass, error);
    }
    return rc;
}

/* ---- capturing ---- */

int label_live_open(struct label_live **live, struct label_pass *pass,
                    const struct label_live_options *options, struct lcap_error *error)
{
    struct label_live *l = memory_new(1, sizeof *l, error);
    if (!l)
        return LCAP_ERR_MEMORY;
    *l = (struct label_live){.pass = pass, .options = options, .started = seconds_now()};
    pass->comes_once = true;
    int rc = check_rotated_names(l, error);
    if (rc == 0)
        rc = live_open(&l->device, options->device, &options->capture, error);
    if (rc < 0)
        label_live_free(l);
    else
        *live = l;
    return rc;
}

static bool is_over(const struct label_live *live, double now)
{
    const struct label_live_options *options = live->options;
    return (options->is_stopped && options->is_stopped(options->context)) ||
           (options->count && live->pass->result.all.packets >= options->count) ||
           (options->duration > 0 && now - live->started >= options->duration);
}

/* A failure of the device ends the capture, but what was captured is good. */
static int capture(struct label_live *live, struct lcap_error *error)
{
    int rc = begin_file(live, error);
    for (double now = live->started; rc == 0 && !is_over(live, now); now = seconds_now()) {
        const struct lcap_block *block;
        int got = live_next(live->device, &block, &live->failure);
        if (got < 0)
            return LCAP_OK;
        if (got == 1)
            rc = label_pass_packet(live->pass, LCAP_NO_FILE, &block->packet, error);
        if (rc == 0)
            rc = keep_house(live, now, error);
    }
    return rc;
}

static int sum_up(struct label_live *live, struct lcap_error *error)
{
    struct label_pass_result *result = &live->pass->result;
    const struct lcap_block *block;
    result->has_counts = live_statistics(live->device, &result->counts, &block, NULL) == 0;
    int rc = label_pass_end_input(live->pass, false, error);
    return rc == 0 ? label_findings_gather(&result->findings, live->pass, error) : rc;
}

int label_live_capture(struct label_live *live, struct lcap_error *error)
{
    int rc = capture(live, error);
    if (rc == 0)
        rc = sum_up(live, error);
    return label_pass_keep(live->pass, rc, error);
}

int label_live_finish(struct label_live *live, struct lcap_error *error)
{
    return label_pass_keep(live->pass, end_file(live, error), error);
}

const struct lcap_error *label_live_failure(const struct label_live *live)
{
    return &live->failure;
}

void label_live_free(struct label_live *live)
{
    if (!live)
        return;
    live_free(live->device);
    buffer_release(&live->path);
    free(live);
}
