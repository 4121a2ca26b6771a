/* Runs that publish: lcap_publish(), lcap_verify(). */
#include "base/memory.h"
#include "base/sized.h"
#include "dataset/publish/publish_pass.h"
#include "dataset/publish/publish_verify.h"
#include "dataset/runs/run.h"
#include "publishing/side_files.h"
#include <string.h>

#define ALL_MATTERS (matter_bit(MATTER_COUNT) - 1)

struct publishing {
    const char *values[PUBLISH_FIELD_COUNT];
    struct publish_pass_options options;
    struct publish_pass pass;
};

static void release_publishing(void *found)
{
    struct publishing *publishing = found;
    publish_pass_release(&publishing->pass);
}

static int take_options(struct publishing *publishing, const struct lcap_run *run,
                        const struct lcap_publish_options *how, struct lcap_error *error)
{
    const char *const values[PUBLISH_FIELD_COUNT] = {
        [PUBLISH_NAME] = how->name,       [PUBLISH_DESCRIPTION] = how->description,
        [PUBLISH_LICENSE] = how->license, [PUBLISH_CREATOR] = how->creator,
        [PUBLISH_URL] = how->url,         [PUBLISH_DATE] = how->date,
        [PUBLISH_VERSION] = how->version, [PUBLISH_PUBLISHER] = how->publisher,
        [PUBLISH_DOI] = how->doi,         [PUBLISH_CITATION] = how->citation,
    };
    memcpy(publishing->values, values, sizeof values);
    publishing->options = (struct publish_pass_options){
        .values = publishing->values,
        .metadata = how->metadata,
        .splits = how->splits,
        .rules = how->rules,
        .makers = side_files(how->flows, how->report),
        .no_payload = how->no_payload,
        .snaplen = how->snaplen,
        .placing = run_placing(run),
        .input = run_input(run),
    };
    int rc = matter_set_read(how->allow, ALL_MATTERS, &publishing->options.allow, error);
    if (rc == LCAP_OK)
        rc = matter_set_read(how->remove, MATTERS_REMOVABLE, &publishing->options.remove, error);
    return rc;
}

static int publish(struct publishing *publishing, const struct lcap_run *run,
                   struct lcap_error *error)
{
    struct publish_pass *pass = &publishing->pass;
    int rc = publish_pass_begin(pass, run->inputs[0], run->output, &publishing->options, error);
    if (rc == LCAP_OK && publish_pass_refused(pass) == 0)
        rc = publish_pass_finish(pass, error);
    publish_directory_release(&pass->directory); /* what is not published goes at once */
    return rc;
}

int lcap_publish(const struct lcap_run *run, const struct lcap_publish_options *options,
                 struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct lcap_publish_options how;
    struct result description;
    int rc = sized_take(&how, sizeof how, options, "lcap_publish_options", error);
    if (rc == LCAP_OK)
        rc = run_take(&taken, run, true, 1, 1, error);
    struct publishing *publishing = rc == LCAP_OK ? memory_new(1, sizeof *publishing, error) : NULL;
    if (!publishing)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    rc = take_options(publishing, &taken, &how, error);
    if (rc == LCAP_OK)
        rc = publish(publishing, &taken, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        publish_describe(&publishing->pass, taken.output, &description);
    return run_finish(rc, &description, publishing, release_publishing, result, error);
}

/* ---- verify ---- */

static void release_verification(void *found)
{
    publish_verify_release(found);
}

int lcap_verify(const struct lcap_run *run, struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_run taken;
    struct result description;
    int rc = run_take(&taken, run, false, 1, 1, error);
    struct publish_verification *found = rc == LCAP_OK ? memory_new(1, sizeof *found, error) : NULL;
    if (!found)
        return rc < 0 ? rc : LCAP_ERR_MEMORY;
    const struct input_options input = run_input(&taken);
    const struct publish_makers makers = side_files(true, true);
    rc = publish_verify_run(found, taken.inputs[0], &makers, &input, error);
    result_begin(&description, error);
    if (rc == LCAP_OK)
        publish_verify_describe(found, taken.inputs[0], &description);
    return run_finish(rc, &description, found, release_verification, result, error);
}
