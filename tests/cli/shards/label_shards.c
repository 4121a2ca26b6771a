/* Labels by the library in shards and merges them: label_shards RULES INPUT SHARDS OUTPUT PART...
 */
#include <labelcap/run.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const struct lcap_error *error)
{
    fprintf(stderr, "%d: %s\n", error->code, error->text);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    const char *const *inputs = (const char *const *)&argv[2];
    struct lcap_run run = {
        .size = sizeof run, .inputs = inputs, .input_count = 1, .output = argv[4], .no_sync = true};
    struct lcap_label_options options = {
        .size = sizeof options, .rules = argv[1], .shards = (uint32_t)atoi(argv[3])};
    struct lcap_result *result = NULL;
    struct lcap_error error = {0};
    for (; options.shard < options.shards; options.shard++) {
        if (lcap_label(&run, &options, &result, &error) < 0)
            return fail(&error);
        lcap_result_free(result);
    }
    run.inputs = (const char *const *)&argv[5];
    run.input_count = (size_t)(argc - 5);
    const char *text;
    size_t len;
    if (lcap_merge(&run, &result, &error) < 0 || lcap_result_json(result, &text, &len, &error) < 0)
        return fail(&error);
    fputs(text, stdout);
    lcap_result_free(result);
    options.shard = options.shards;
    return lcap_label(&run, &options, &result, &error) == LCAP_ERR_ARGUMENT ? 0 : 3;
}
