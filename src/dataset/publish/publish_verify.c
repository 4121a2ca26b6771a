/* Checks a published set. */
#include "dataset/publish/publish_verify.h"

#include "base/io/file.h"
#include "base/io/tempfile.h"
#include "base/text/text.h"
#include "dataset/publish/publish_directory.h"
#include "dataset/publish/publish_partition.h"
#include "dataset/publish/publish_tree.h"
#include "dataset/publish/publish_walk.h"
#include <labelcap/label.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct verifying {
    struct publish_verification *result;
    const struct publish_makers *makers;
    const struct input_options *input;
    struct publish_tree tree;
    struct publish_metadata metadata;
    struct publish_provenance provenance;
    struct publish_set set;
    struct challenge_packets challenge;
    char *again; /* a temporary directory, for what is made again */
};

/* What is wrong with the set is a finding; what is wrong with the run is an error. */
static int settle(struct verifying *v, const char *name, int rc, struct lcap_error *fault,
                  struct lcap_error *error)
{
    if (rc >= 0)
        return rc;
    if (rc == LCAP_ERR_MEMORY)
        return lcap_error_set(error, rc, "%s", fault->text);
    return publish_tree_complain(&v->tree, name, error, "%s", fault->text);
}

static bool is_sound(const struct verifying *v)
{
    return v->result->findings.count == 0;
}

/* ---- texts ---- */

static int read_texts(struct verifying *v, struct lcap_error *error)
{
    struct lcap_error fault = {0};
    char *metadata = file_join(v->tree.directory, PUBLISH_METADATA, error);
    char *provenance = file_join(v->tree.directory, PUBLISH_PROVENANCE, error);
    char *lists = file_join(v->tree.directory, PUBLISH_SPLITS, error);
    int rc = metadata && provenance && lists ? LCAP_OK : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = publish_metadata_read(&v->metadata, NULL, metadata, &fault);
    rc = settle(v, PUBLISH_METADATA, rc, &fault, error);
    fault.code = 0;
    if (rc == LCAP_OK)
        rc = publish_provenance_read(&v->provenance, provenance, &fault);
    rc = settle(v, PUBLISH_PROVENANCE, rc, &fault, error);
    fault.code = 0;
    v->set.has_lists = publish_provenance_option(&v->provenance, "--splits") != NULL;
    v->set.has_challenge = publish_listing_find(&v->tree.listing, PUBLISH_CHALLENGE) != NULL;
    if (rc == LCAP_OK && v->set.has_lists)
        rc = split_lists_read(&v->set.lists, lists, &fault);
    rc = settle(v, PUBLISH_SPLITS, rc, &fault, error);
    free(metadata);
    free(provenance);
    free(lists);
    return rc;
}

/* ---- data ---- */

/* Matters that are in the data must be among those that were allowed. */
static int check_matters(struct verifying *v, const struct cleaner *cleaner, const char *name,
                         struct lcap_error *error)
{
    const char *words = publish_provenance_option(&v->provenance, "--allow");
    matter_set allowed = 0;
    int rc = LCAP_OK;
    if (matter_set_read(words, matter_bit(MATTER_COUNT) - 1, &allowed, NULL) < 0)
        return publish_tree_complain(&v->tree, PUBLISH_PROVENANCE, error,
                                     "names unknown words for --allow");
    for (int i = 0; i < MATTER_COUNT && rc == LCAP_OK; i++)
        if (cleaner->found[i] > 0 && !(allowed & matter_bit(i)))
            rc = publish_tree_complain(&v->tree, name, error,
                                       "has %s, which " PUBLISH_PROVENANCE " does not allow (%s)",
                                       matter_description(i), matter_name(i));
    return rc;
}

static int check_walk(struct verifying *v, const struct publish_walk *walk, const char *name,
                      struct lcap_error *error)
{
    int rc = check_matters(v, &walk->cleaner, name, error);
    if (rc == LCAP_OK && walk->leaked > 0)
        rc = publish_tree_complain(&v->tree, name, error, "has packets of the challenge");
    if (rc == LCAP_OK && walk->unlisted > 0)
        rc = publish_tree_complain(&v->tree, name, error, "has samples that are in no list");
    if (rc == LCAP_OK && walk->unlabelled > 0)
        rc = publish_tree_complain(&v->tree, name, error, "has packets without a label");
    if (rc == LCAP_OK && walk->told > 0)
        rc = publish_tree_complain(&v->tree, name, error, "has packets with metadata");
    return rc;
}

static int walk_data(struct verifying *v, bool is_challenge, struct lcap_error *error)
{
    static const struct cleaner_options keep_all;
    const char *name = is_challenge ? PUBLISH_CHALLENGE : PUBLISH_DATA;
    struct publish_walk walk = {
        .set = &v->set, .is_challenge = is_challenge, .challenge = &v->challenge};
    struct lcap_error fault = {0};
    char *path = file_join(v->tree.directory, name, error);
    cleaner_init(&walk.cleaner, &keep_all);
    int rc = path ? publish_walk_run(&walk, path, v->input, &fault) : LCAP_ERR_MEMORY;
    rc = settle(v, name, rc, &fault, error);
    if (rc == LCAP_OK)
        rc = check_walk(v, &walk, name, error);
    publish_walk_release(&walk);
    free(path);
    return rc;
}

/* An ID that both data sets have would give the answer away. */
static int check_ids(struct verifying *v, struct lcap_error *error)
{
    const struct idmap *ids = &v->set.challenge.registry.numbers;
    for (size_t i = 0; i < ids->count; i++)
        if (idmap_find(&v->set.data.registry.numbers, ids->ids[i]) != IDMAP_NONE)
            return publish_tree_complain(&v->tree, PUBLISH_CHALLENGE_SAMPLES, error,
                                         "has a sampleID of a labelled sample");
    return LCAP_OK;
}

static int read_data(struct verifying *v, struct lcap_error *error)
{
    int rc = hash_random_key(v->challenge.key, HASH_KEY_LEN, error);
    if (rc == LCAP_OK && v->set.has_challenge)
        rc = walk_data(v, true, error);
    if (rc == LCAP_OK)
        rc = walk_data(v, false, error);
    return rc == LCAP_OK && v->set.has_challenge ? check_ids(v, error) : rc;
}

/* ---- rules that would tell the answers ---- */

struct trial {
    struct lcap_labeller *labeller;
    uint64_t labelled;
};

/* As if nobody had labelled the packet. */
static int try_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct trial *trial = context;
    const struct lcap_sample *sample;
    if (block->kind != LCAP_BLOCK_PACKET)
        return LCAP_OK;
    struct lcap_packet packet = block->packet;
    packet.options = NULL;
    packet.options_len = 0;
    packet.comment = NULL;
    packet.comment_len = 0;
    const int rc = lcap_labeller_label(trial->labeller, 0, &packet, &sample, error);
    trial->labelled += rc == 1;
    return rc < 0 ? rc : LCAP_OK;
}

static int try_challenge(const struct verifying *v, struct trial *trial, struct lcap_error *error)
{
    struct input_pass input;
    char *path = file_join(v->tree.directory, PUBLISH_CHALLENGE, error);
    int rc = path ? input_pass_open(&input, path, false, v->input, error) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = input_pass_walk(&input, try_block, trial, error);
    if (path)
        input_pass_close(&input);
    free(path);
    return rc;
}

static int try_rules(struct verifying *v, struct lcap_error *error)
{
    const struct lcap_file file = {"-", "-"}; /* nobody knows from which files the packets are */
    struct trial trial = {.labelled = 0};
    struct lcap_rules *rules = NULL;
    struct lcap_error fault = {0};
    char *path = file_join(v->tree.directory, PUBLISH_RULES, error);
    int rc = path ? lcap_rules_load(&rules, path, &file, 1, &fault) : LCAP_ERR_MEMORY;
    if (rc == LCAP_OK)
        rc = lcap_labeller_new(&trial.labeller, rules, &fault);
    if (rc == LCAP_OK)
        rc = try_challenge(v, &trial, &fault);
    rc = settle(v, PUBLISH_RULES, rc, &fault, error);
    if (rc == LCAP_OK && trial.labelled > 0)
        rc = publish_tree_complain(&v->tree, PUBLISH_RULES, error,
                                   "labels packets of the challenge");
    lcap_labeller_free(trial.labeller);
    lcap_rules_free(rules);
    free(path);
    return rc;
}

/* ---- everything again ---- */

static int make_folders(struct verifying *v, struct lcap_error *error)
{
    static const char *const folders[] = {"data", PUBLISH_SPLITS, SPLIT_CHALLENGE};
    struct publish_directory again = {.building = v->again};
    int rc = LCAP_OK;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && rc == LCAP_OK; i++)
        rc = publish_directory_make(&again, folders[i], error);
    return rc;
}

static int begin_again(struct verifying *v, struct lcap_error *error)
{
    const int rc = tempfile_create_directory(tempfile_default_directory(), &v->again, error);
    return rc == LCAP_OK ? make_folders(v, error) : rc;
}

/* Files whose bytes do not depend on versions of libraries or of labelcap. */
static bool is_stable(const char *name)
{
    return strcmp(name, PUBLISH_SAMPLES) == 0 || strcmp(name, PUBLISH_CHALLENGE_SAMPLES) == 0 ||
           strncmp(name, PUBLISH_SPLITS "/", strlen(PUBLISH_SPLITS "/")) == 0;
}

/* Files for people and programs that nothing else is known of. */
static bool may_hold_a_challenge(const struct verifying *v, const char *name)
{
    return v->set.has_challenge &&
           (strcmp(name, PUBLISH_FLOWS) == 0 || strcmp(name, PUBLISH_REPORT) == 0);
}

static int compare_file(struct verifying *v, const struct publish_file *made,
                        struct lcap_error *error)
{
    const struct publish_file *there = publish_listing_find(&v->tree.listing, made->name);
    if (there && strcmp(there->sha256, made->sha256) == 0)
        return LCAP_OK;
    if (there && v->result->other_build && may_hold_a_challenge(v, made->name))
        return publish_tree_complain(&v->tree, made->name, error,
                                     "this build makes other bytes of the data, so it cannot tell "
                                     "that nothing of the challenge is there: verify with the "
                                     "versions that " PUBLISH_PROVENANCE " names");
    if (there && v->result->other_build && !is_stable(made->name))
        return LCAP_OK;
    return publish_tree_complain(&v->tree, made->name, error,
                                 there ? "is not what follows from the data" : "is missing");
}

/* A file that would not be made: the tree knows only names that a set may have. */
static int check_no_more(struct verifying *v, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (size_t i = 0; i < v->tree.listing.count && rc == LCAP_OK; i++)
        if (!publish_listing_find(&v->set.listing, v->tree.listing.files[i].name))
            rc = publish_tree_complain(&v->tree, v->tree.listing.files[i].name, error,
                                       "does not follow from the data");
    return rc;
}

/* Those that provenance.json names; if it names none that is there, there is one too many. */
static struct publish_makers makers_of(const struct verifying *v)
{
    struct publish_makers makers = *v->makers;
    if (!publish_provenance_option(&v->provenance, "--flows"))
        makers.flows = NULL;
    if (!publish_provenance_option(&v->provenance, "--report"))
        makers.report = NULL;
    return makers;
}

static int check_partition(struct verifying *v, struct lcap_error *error)
{
    struct lcap_error fault = {0};
    if (!publish_listing_find(&v->tree.listing, PUBLISH_PARTITION))
        return LCAP_OK;
    char *path = file_join(v->tree.directory, PUBLISH_PARTITION, error);
    const int rc = path ? publish_partition_check(&v->set, path, &fault) : LCAP_ERR_MEMORY;
    free(path);
    return settle(v, PUBLISH_PARTITION, rc, &fault, error);
}

static int describe_again(struct verifying *v, struct lcap_error *error)
{
    struct lcap_error fault = {0};
    v->set.source = v->tree.directory;
    v->set.target = v->again;
    v->set.metadata = &v->metadata;
    v->set.provenance = &v->provenance;
    v->set.makers = makers_of(v);
    v->set.input =
        (struct input_options){.threads = v->input->threads, .watcher = v->input->watcher};
    int rc = publish_set_describe(&v->set, &fault);
    rc = settle(v, NULL, rc, &fault, error);
    for (size_t i = 0; i < v->set.listing.count && rc == LCAP_OK; i++)
        rc = compare_file(v, &v->set.listing.files[i], error);
    return rc == LCAP_OK ? check_no_more(v, error) : rc;
}

/* ---- the run ---- */

/* What a step finds wrong makes the next ones pointless. */
static int verify(struct verifying *v, struct lcap_error *error)
{
    int rc = publish_tree_check_sums(&v->tree, error);
    if (rc == LCAP_OK && is_sound(v))
        rc = read_texts(v, error);
    v->result->other_build = !publish_provenance_is_ours(&v->provenance);
    if (rc == LCAP_OK && is_sound(v))
        rc = read_data(v, error);
    if (rc == LCAP_OK && is_sound(v) && v->set.has_challenge &&
        publish_listing_find(&v->tree.listing, PUBLISH_RULES))
        rc = try_rules(v, error);
    if (rc == LCAP_OK && is_sound(v))
        rc = check_partition(v, error);
    if (rc == LCAP_OK && is_sound(v))
        rc = begin_again(v, error);
    return rc == LCAP_OK && is_sound(v) ? describe_again(v, error) : rc;
}

static void take_results(struct verifying *v)
{
    struct publish_verification *result = v->result;
    result->errors = result->findings.count;
    result->files = v->tree.listing.count;
    result->packets = v->set.data.all.packets;
    result->samples = sample_registry_count(&v->set.data.registry);
    result->challenge_samples = sample_registry_count(&v->set.challenge.registry);
}

static bool has_file(const char *directory, const char *name)
{
    char *path = file_join(directory, name, NULL);
    struct stat st;
    const bool has = path && lstat(path, &st) == 0;
    free(path);
    return has;
}

/* A folder of somebody else would have as many findings as files. */
static int check_is_published(const char *directory, struct lcap_error *error)
{
    if (!has_file(directory, ".") || has_file(directory, PUBLISH_SUMS) ||
        has_file(directory, PUBLISH_PROVENANCE))
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_FORMAT,
                          "%s: expected a published data set, found neither " PUBLISH_SUMS
                          " nor " PUBLISH_PROVENANCE "; 'labelcap publish -o' makes one",
                          directory);
}

int publish_verify_run(struct publish_verification *verification, const char *directory,
                       const struct publish_makers *makers, const struct input_options *input,
                       struct lcap_error *error)
{
    struct verifying v = {
        .result = verification, .makers = makers, .input = input, .provenance = {.labelcap = ""}};
    *verification = (struct publish_verification){.errors = 0};
    int rc = publish_set_init(&v.set, error);
    if (rc == LCAP_OK)
        rc = check_is_published(directory, error);
    if (rc == LCAP_OK)
        rc = publish_tree_read(&v.tree, directory, &verification->findings, error);
    if (rc == LCAP_OK)
        rc = verify(&v, error);
    if (rc == LCAP_OK)
        take_results(&v);
    if (v.again)
        tempfile_remove(v.again);
    free(v.again);
    idmap_release(&v.challenge.digests);
    publish_set_release(&v.set);
    publish_provenance_release(&v.provenance);
    publish_metadata_release(&v.metadata);
    publish_tree_release(&v.tree);
    return rc;
}

void publish_verify_release(struct publish_verification *verification)
{
    findings_release(&verification->findings);
}

void publish_verify_describe(const struct publish_verification *verification, const char *directory,
                             struct result *result)
{
    char files[COUNTED_TEXT], samples[COUNTED_TEXT];
    const struct lcap_finding *finding;
    result_add(result, "sound", NULL, result_truth(verification->errors == 0));
    result_add_count(result, "errors", verification->errors);
    result_add_count(result, "files", verification->files);
    result_add_count(result, "packets", verification->packets);
    result_add_count(result, "samples", verification->samples);
    result_add_count(result, "challenge_samples", verification->challenge_samples);
    result_place_findings(result, "findings", NULL);
    for (size_t i = 0; (finding = findings_get(&verification->findings, i)); i++)
        result_add_finding(result, finding);
    if (verification->errors == 0 && verification->other_build)
        result_find(result, LCAP_SEVERITY_NOTE, 1,
                    "was made by another version of labelcap or its libraries: of the files that "
                    "follow from the data, only tables of samples in CSV and lists are compared");
    if (verification->errors == 0)
        result_say(result, NULL, "%s is as it was published: %s, %s", directory,
                   text_counted(verification->files, "file", files),
                   text_counted(verification->samples, "sample", samples));
    else
        result_say(result, NULL, "%s is not as it was published", directory);
}
