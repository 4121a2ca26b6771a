/* Checks what the command line of `flows` says, and works out what is to be done. */
#include "cmd/flows_plan.h"

#include "base/file.h"
#include "base/intern.h"
#include "base/memory.h"
#include "base/tempfile.h"
#include "base/text.h"
#include "cmd/command.h"
#include "cmd/inputs.h"
#include "features/profile.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* More threads than that only wait for each other. */
enum { MOST_JOBS = 256 };

static int usage(struct lcap_error *error, const char *text)
{
    lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s", text);
    return COMMAND_USAGE;
}

static int choose_profile(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const char *name = args->profile ? args->profile : lcap_profile_name(lcap_profile_at(0));
    const struct lcap_profile *profile = lcap_profile_find(name);
    if (!profile) {
        lcap_error_set(error, LCAP_ERR_ARGUMENT,
                       "no profile is called '%s' (labelcap flows --list-profiles)", name);
        return COMMAND_USAGE;
    }
    size_t columns;
    if (args->compat && !lcap_profile_columns(profile, true, &columns)) {
        lcap_error_set(error, LCAP_ERR_ARGUMENT,
                       "--compat needs a --profile that is named after another tool");
        return COMMAND_USAGE;
    }
    plan->options = lcap_flow_defaults(profile, args->compat);
    return LCAP_OK;
}

static int check_conflicts(const struct flows_args *args, struct lcap_error *error)
{
    if (args->unidirectional && args->bidirectional)
        return usage(error, "--unidirectional and --bidirectional contradict each other");
    if (args->columns && args->drop)
        return usage(error, "--columns and --drop: one of them is enough");
    if (args->per_input + args->per_sample + args->per_label + args->per_protocol > 1)
        return usage(error, "only one --per-… option can be followed");
    if (args->jobs == 0 || args->jobs > MOST_JOBS)
        return usage(error, "--jobs: expected 1 to 256");
    if (args->label &&
        text_utf8_valid_length(args->label, strlen(args->label)) != strlen(args->label))
        return usage(error, "--label: expected UTF-8");
    if (args->jobs > 1 && args->join)
        return usage(error, "--jobs works on inputs at once, but --join makes them one capture");
    if (args->jobs > 1 && args->max_flows_in_memory)
        return usage(error,
                     "--max-flows-in-memory bounds one flow table: not together with --jobs");
    if (args->join && (args->per_input || args->merge))
        return usage(error, "--join makes the inputs one capture: no --per-input and no --merge");
    if (args->packets > UINT16_MAX || args->payload > UINT16_MAX)
        return usage(error, "--packets and --payload: at most 65535");
    return LCAP_OK;
}

/* What memory cannot hold lies beside the output. */
static int choose_tmpdir(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const bool to_stdout = !args->output || strcmp(args->output, "-") == 0;
    const char *directory = args->tmpdir;
    if (!directory && to_stdout)
        directory = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    if (!directory && plan->layout != LAYOUT_ONE)
        directory = args->output;
    plan->tmpdir = directory ? memory_copy_text(directory, strlen(directory), error)
                             : tempfile_directory_of(args->output, error);
    plan->options.tmpdir = plan->tmpdir;
    return plan->tmpdir ? LCAP_OK : LCAP_ERR_MEMORY;
}

static void fill_options(struct flows_plan *plan)
{
    const struct flows_args *args = &plan->args;
    struct lcap_flow_options *options = &plan->options;
    if (args->unidirectional || args->bidirectional)
        options->unidirectional = args->unidirectional;
    if (args->idle_ns != TIMEOUT_OF_PROFILE)
        options->idle_ns = args->idle_ns;
    if (args->active_ns != TIMEOUT_OF_PROFILE)
        options->active_ns = args->active_ns;
    options->inner_tunnels = args->tunnels == TUNNELS_INNER;
    options->detail = args->detail;
    options->max_flows = args->max_flows_in_memory;
    options->sequence_packets = (uint32_t)args->packets;
    options->payload_bytes = (uint32_t)args->payload;
    options->label = args->label;
    options->memory = args->memory;
}

static int choose_protocols(struct flows_plan *plan, struct lcap_error *error)
{
    static const struct {
        const char *name;
        unsigned bit;
    } protocols[] = {{"tcp", PROTOCOL_TCP}, {"udp", PROTOCOL_UDP}, {"icmp", PROTOCOL_ICMP},
                     {"arp", PROTOCOL_ARP}, {"dns", PROTOCOL_DNS}, {"all", PROTOCOL_ALL}};
    const char *at = plan->args.protocols ? plan->args.protocols : "all";
    while (*at) {
        const size_t len = strcspn(at, ",");
        unsigned bit = 0;
        for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
            if (strlen(protocols[i].name) == len && strncasecmp(protocols[i].name, at, len) == 0)
                bit = protocols[i].bit;
        if (!bit) {
            lcap_error_set(error, LCAP_ERR_ARGUMENT,
                           "--protocols: expected tcp, udp, icmp, arp, dns or all, found '%.*s'",
                           (int)len, at);
            return COMMAND_USAGE;
        }
        plan->protocols |= bit;
        at += len + (at[len] == ',');
    }
    return plan->protocols ? LCAP_OK : usage(error, "--protocols: expected at least one");
}

static enum flows_layout layout_of(const struct flows_args *args)
{
    if (args->per_input)
        return LAYOUT_INPUT;
    if (args->per_sample)
        return LAYOUT_SAMPLE;
    if (args->per_protocol)
        return LAYOUT_PROTOCOL;
    return args->per_label ? LAYOUT_LABEL : LAYOUT_ONE;
}

/* pcap2json's rows are JSON: no table has cells for them. */
static bool rows_are_json(const struct flows_plan *plan)
{
    size_t count;
    const struct lcap_column *columns =
        lcap_profile_columns(plan->options.profile, plan->options.compat, &count);
    return count == 1 && columns->kind == LCAP_CELL_JSON;
}

static enum table_format choose_format(const struct flows_plan *plan)
{
    const struct flows_args *args = &plan->args;
    if (args->format != TABLE_FORMATS)
        return (enum table_format)args->format;
    const bool json = rows_are_json(plan);
    if (json && args->compat)
        return TABLE_JSONL; /* whatever the name: that is what pcap2json writes */
    if (plan->layout != LAYOUT_ONE)
        return json ? TABLE_JSON : TABLE_CSV;
    const enum table_format named =
        args->output ? table_format_of_name(args->output) : TABLE_FORMATS;
    if (named != TABLE_FORMATS)
        return named;
    return json ? TABLE_JSONL : TABLE_CSV;
}

static int choose_schema(struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    int rc = flows_columns_choose(&plan->columns, &plan->options, args, error);
    if (rc == LCAP_OK)
        rc = flows_columns_brief(&plan->brief, &plan->columns, args->columns != NULL, error);
    if (rc < 0)
        return rc;
    plan->schema = (struct table_schema){
        .columns = plan->columns.wanted,
        .cells = plan->columns.cells,
        .count = plan->columns.count,
        .format = choose_format(plan),
    };
    if (args->compat)
        plan->schema.dialect = &plan->options.profile->compat_dialect;
    plan->preview = plan->schema;
    plan->preview.columns = plan->brief.wanted;
    plan->preview.cells = plan->brief.cells;
    plan->preview.count = plan->brief.count;
    plan->preview.format = rows_are_json(plan) ? TABLE_JSONL : TABLE_TEXT;
    const char *spec = args->number_format;
    if (!spec && plan->schema.dialect)
        spec = plan->schema.dialect->number_format;
    if (spec)
        rc = number_format_parse(spec, &plan->schema.number_format, error);
    plan->preview.number_format = plan->schema.number_format;
    return rc;
}

static bool has_column(const struct flows_plan *plan, const char *name)
{
    size_t count;
    const struct lcap_column *columns =
        lcap_profile_columns(plan->options.profile, plan->options.compat, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i].name, name) == 0)
            return true;
    return false;
}

/* Options that only some profiles know would otherwise do nothing, without a word. */
static int check_profile(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    if (args->packets && !has_column(plan, "packet_lengths"))
        return usage(error, "--packets is for the profile labelcap");
    if (args->payload && !has_column(plan, "payload"))
        return usage(error, "--payload is for the profile labelcap");
    if (args->detail && !rows_are_json(plan))
        return usage(error, "--detail is for the profile pcap2json");
    if ((args->columns || args->drop || args->merge) && rows_are_json(plan))
        return usage(error, "the rows of pcap2json are JSON: they have no columns to choose");
    return LCAP_OK;
}

/* Such as flows.xlsx.gz: a table of text under that name would only surprise. */
static bool asks_for_packed_binary(const char *path)
{
    static const char *const endings[] = {".gz", ".zst"};
    char inner[PATH_MAX];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t len = strlen(path), ending = strlen(endings[i]);
        if (len < ending || len >= sizeof inner || strcmp(path + len - ending, endings[i]) != 0)
            continue;
        memcpy(inner, path, len - ending);
        inner[len - ending] = '\0';
        const enum table_format format = table_format_of_name(inner);
        return format == TABLE_XLSX || format == TABLE_SQLITE;
    }
    return false;
}

static int check_output(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const enum table_format format = plan->schema.format;
    const bool to_stdout = !args->output || strcmp(args->output, "-") == 0;
    if (plan->layout != LAYOUT_ONE && to_stdout)
        return usage(error, "--per-… options need a directory for the files (-o DIR)");
    if (args->classes && args->name && plan->layout == LAYOUT_ONE)
        return usage(error, "--name is for the files of --per-… options");
    if (to_stdout && (format == TABLE_XLSX || format == TABLE_SQLITE))
        return usage(error, "xlsx and sqlite need a file (-o FILE)");
    if (rows_are_json(plan) && format != TABLE_JSON && format != TABLE_JSONL)
        return usage(error, "the rows of pcap2json are JSON: --format json or jsonl");
    if (args->rows_per_file && (to_stdout || plan->layout != LAYOUT_ONE))
        return usage(error, "--rows-per-file needs one file (-o FILE), without --per-… options");
    if (args->append && format != TABLE_SQLITE)
        return usage(error, "--append is for sqlite");
    if (args->xlsx_split && format != TABLE_XLSX)
        return usage(error, "--xlsx-split is for xlsx");
    if (args->preview && plan->writes && to_stdout)
        return usage(error,
                     "the preview goes to standard output: the table needs a file (-o FILE)");
    if (args->format == TABLE_FORMATS && !to_stdout && asks_for_packed_binary(args->output))
        return usage(error, "xlsx and sqlite are not compressed again: leave out .gz and .zst");
    return LCAP_OK;
}

/* The first directory in `below`, or none where the file lies in DIR itself. */
static size_t class_len(const struct source *source)
{
    const char *slash = strchr(source->below, '/');
    return slash ? (size_t)(slash - source->below) : 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_class(struct flows_plan *plan, const char *name, struct lcap_error *error)
{
    int rc = memory_grow((void **)&plan->classes, &plan->class_capacity, plan->class_count + 1,
                         sizeof *plan->classes, error);
    char *copy = rc == LCAP_OK ? memory_copy_text(name, strlen(name), error) : NULL;
    if (!copy)
        return LCAP_ERR_MEMORY;
    plan->classes[plan->class_count++] = copy;
    return LCAP_OK;
}

static bool is_directory_in(DIR *parent, const char *name)
{
    struct stat st;
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           fstatat(dirfd(parent), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Every directory in --classes, also one without captures: compat mode numbers them. */
static int find_classes(struct flows_plan *plan, struct lcap_error *error)
{
    const char *path = plan->args.classes;
    DIR *parent = opendir(path);
    const struct dirent *entry;
    int rc = LCAP_OK;
    if (!parent)
        return lcap_error_set_errno(error, errno, "%s: cannot open the directory of classes", path);
    while (rc == LCAP_OK && (entry = readdir(parent)))
        if (is_directory_in(parent, entry->d_name))
            rc = add_class(plan, entry->d_name, error);
    closedir(parent);
    if (rc == LCAP_OK && plan->class_count == 0)
        rc = lcap_error_set(error, LCAP_ERR_ARGUMENT,
                            "%s: no directory lies in it that could be a class", path);
    if (rc == LCAP_OK)
        qsort(plan->classes, plan->class_count, sizeof *plan->classes, compare_names);
    return rc;
}

/* pcap2json has a file for each class, and none for what lies beside them. */
static int check_classes(const struct flows_plan *plan, struct lcap_error *error)
{
    for (size_t i = 0; plan->args.compat && i < plan->sources.count; i++)
        if (class_len(&plan->sources.items[i]) == 0)
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "%s: lies in no directory that is a class",
                                  plan->sources.items[i].path);
    return LCAP_OK;
}

static struct flows_stream stream_of(const struct flows_plan *plan, size_t source)
{
    struct flows_stream stream = {.first = source, .count = 1, .label = plan->args.label};
    const size_t len = plan->args.classes ? class_len(&plan->sources.items[source]) : 0;
    for (size_t i = 0; len && i < plan->class_count; i++)
        if (strlen(plan->classes[i]) == len &&
            memcmp(plan->classes[i], plan->sources.items[source].below, len) == 0) {
            stream.label = plan->classes[i];
            stream.class_number = i;
        }
    return stream;
}

/* The path below the directory that was given, or the bare name of a file that was. */
static const char *short_name(const struct source *source)
{
    const char *slash = strrchr(source->path, '/');
    if (source->walked)
        return source->below;
    return slash ? slash + 1 : source->path;
}

/* Streams whose short names are equal go by their paths. */
static int name_streams(struct flows_plan *plan, struct lcap_error *error)
{
    struct intern *names = NULL;
    uint32_t *uses = memory_new(plan->stream_count, sizeof *uses, error);
    uint32_t *numbers = memory_new(plan->stream_count, sizeof *numbers, error);
    int rc = uses && numbers ? intern_new(&names, error) : LCAP_ERR_MEMORY;
    for (size_t i = 0; i < plan->stream_count && rc == LCAP_OK; i++) {
        const char *name = short_name(&plan->sources.items[plan->streams[i].first]);
        rc = intern_add(names, name, strlen(name), &numbers[i], error);
        if (rc == LCAP_OK)
            uses[numbers[i]]++;
    }
    for (size_t i = 0; i < plan->stream_count && rc == LCAP_OK; i++) {
        const struct source *source = &plan->sources.items[plan->streams[i].first];
        plan->streams[i].name = uses[numbers[i]] > 1 ? source->path : short_name(source);
    }
    intern_free(names);
    free(uses);
    free(numbers);
    return rc;
}

static int make_streams(struct flows_plan *plan, struct lcap_error *error)
{
    const size_t sources = plan->sources.count;
    plan->stream_count = plan->args.join && sources ? 1 : sources;
    plan->streams = memory_new(plan->stream_count, sizeof *plan->streams, error);
    if (!plan->streams)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < plan->stream_count; i++)
        plan->streams[i] = stream_of(plan, i);
    if (plan->args.join && sources)
        plan->streams[0].count = sources;
    return name_streams(plan, error);
}

/* Whether both names stand for one file, or will. */
static bool is_same_output(const char *a, const char *b)
{
    return a && b && (strcmp(a, b) == 0 || file_same(a, b));
}

/* No output may replace another one, nor a capture that is read. */
static int check_files(const struct flows_plan *plan, struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const char *const files[] = {plan->writes ? (args->output ? args->output : "-") : NULL,
                                 args->report, args->stats_json, args->log_file};
    enum { FILES = sizeof files / sizeof *files };
    for (size_t i = 0; i < FILES; i++)
        for (size_t j = i + 1; j < FILES; j++)
            if (is_same_output(files[i], files[j])) {
                lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s is to be written twice", files[i]);
                return COMMAND_USAGE;
            }
    for (size_t i = 0; i < plan->sources.count; i++)
        for (size_t j = 1; j < FILES; j++)
            if (files[j] && file_same(files[j], plan->sources.items[i].path))
                return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                      "%s is an input: it would be written over", files[j]);
    return LCAP_OK;
}

static int list_inputs(struct flows_plan *plan, const char *const *operands, size_t count,
                       struct lcap_error *error)
{
    const struct flows_args *args = &plan->args;
    const char *single = args->classes ? args->classes : plan->config.input;
    if (args->classes && count)
        return usage(error, "--classes DIR names the input: no others besides");
    if (!single && count == 0)
        return usage(error, "no INPUT given");
    if (count == 0) {
        operands = &single;
        count = 1;
    }
    const char *output = plan->layout == LAYOUT_ONE ? args->output : NULL;
    int rc = inputs_list(&plan->sources, operands, count, output, error);
    if (rc == LCAP_OK && args->classes)
        rc = find_classes(plan, error);
    if (rc == LCAP_OK && args->classes)
        rc = check_classes(plan, error);
    if (rc == LCAP_OK)
        rc = make_streams(plan, error);
    return rc == LCAP_OK ? check_files(plan, error) : rc;
}

int flows_plan_init(struct flows_plan *plan, const struct flows_args *args,
                    const char *const *operands, size_t count, struct lcap_error *error)
{
    *plan = (struct flows_plan){.args = *args};
    int rc = args->config ? flows_config_apply(&plan->config, &plan->args, error) : LCAP_OK;
    if (plan->args.jobs == JOBS_UNSET)
        plan->args.jobs = 1;
    if (rc == LCAP_OK)
        rc = check_conflicts(&plan->args, error);
    if (rc == LCAP_OK)
        rc = choose_profile(plan, error);
    if (rc == LCAP_OK)
        rc = choose_protocols(plan, error);
    if (rc != LCAP_OK)
        return rc;
    /* With classes and a directory to write to, a file for each class is what is wanted. */
    plan->layout = layout_of(&plan->args);
    if (plan->args.classes && plan->args.name && plan->layout == LAYOUT_ONE)
        plan->layout = LAYOUT_LABEL;
    plan->writes = plan->args.output || plan->args.preview == 0;
    fill_options(plan);
    rc = check_profile(plan, error);
    if (rc == LCAP_OK)
        rc = choose_tmpdir(plan, error);
    if (rc == LCAP_OK)
        rc = choose_schema(plan, error);
    if (rc == LCAP_ERR_ARGUMENT)
        rc = COMMAND_USAGE;
    if (rc == LCAP_OK)
        rc = check_output(plan, error);
    if (rc == LCAP_OK)
        rc = list_inputs(plan, operands, count, error);
    return rc;
}

struct lcap_flow_options flows_plan_options(const struct flows_plan *plan,
                                            const struct flows_stream *stream)
{
    struct lcap_flow_options options = plan->options;
    options.label = stream->label;
    return options;
}

void flows_plan_release(struct flows_plan *plan)
{
    flows_columns_release(&plan->columns);
    flows_columns_release(&plan->brief);
    flows_config_release(&plan->config);
    sources_release(&plan->sources);
    for (size_t i = 0; i < plan->class_count; i++)
        free(plan->classes[i]);
    free(plan->classes);
    free(plan->streams);
    free(plan->tmpdir);
}
