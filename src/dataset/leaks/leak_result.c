/* Rows for fields, and for what lists share. */
#include "dataset/leaks/leak_result.h"

#include "dataset/result_file.h"

static struct result_value share_of(uint64_t part, uint64_t whole)
{
    return whole ? result_share((double)part / (double)whole) : result_nothing();
}

/* ---- fields ---- */

static struct result_value accuracy(const struct leak_report *report, enum leak_split split,
                                    size_t field)
{
    const struct field_score *score = &report->trials[split].scores[field];
    return share_of(score->correct, score->scored);
}

static void fill_field(const void *owner, size_t index, struct result_row *row)
{
    const struct leak_report *report = owner;
    const struct leak_trial *trial = &report->trials[LEAK_AT_HAND];
    const struct field_score *score = &trial->scores[index];
    result_row_add(row, result_string(leak_field_key((enum leak_field)index)));
    result_row_add(row, result_string(leak_field_title((enum leak_field)index)));
    result_row_add(row, result_count(score->packets));
    result_row_add(row, share_of(score->packets, trial->all.packets[LEAK_TEST]));
    result_row_add(row, result_share(score->sampled));
    result_row_add(row, accuracy(report, LEAK_AT_HAND, index));
    result_row_add(row, share_of(score->majority, score->scored));
    result_row_add(row, result_share(leak_trial_gain(trial, (enum leak_field)index)));
    for (int split = LEAK_BY_PACKET; split < LEAK_SPLITS; split++)
        result_row_add(row, accuracy(report, (enum leak_split)split, index));
}

#define FIELD_COLUMNS(CORRECT, GUESS, LEAK, SHARE)                                                 \
    {"field", NULL, RESULT_TEXT, 0, 0}, {NULL, "field", RESULT_TEXT, 1, 0},                        \
        {"packets", NULL, RESULT_COUNT, 0, 0}, {"share", "have it", RESULT_SHARE, SHARE, 0},       \
        {"sampled", NULL, RESULT_SHARE, 0, 0}, {"accuracy", "correct", RESULT_SHARE, CORRECT, 0},  \
        {"majority", "guess", RESULT_SHARE, GUESS, 0},                                             \
    {                                                                                              \
        "leak", "leak", RESULT_SHARE, LEAK, 0                                                      \
    }

static const struct result_column field_columns[] = {
    FIELD_COLUMNS(2, 3, 4, 5),
    {"by_packet", NULL, RESULT_SHARE, 0, 0},
    {"by_flow", NULL, RESULT_SHARE, 0, 0},
    {"by_file", NULL, RESULT_SHARE, 0, 0},
};

static const struct result_column compared_columns[] = {
    FIELD_COLUMNS(2, 3, 7, 8),
    {"by_packet", "packet", RESULT_SHARE, 4, 0},
    {"by_flow", "flow", RESULT_SHARE, 5, 0},
    {"by_file", "file", RESULT_SHARE, 6, 0},
};

static struct result_table field_rows(const struct leak_report *report)
{
    return (struct result_table){report->options.compare_splits ? compared_columns : field_columns,
                                 sizeof field_columns / sizeof *field_columns, LEAK_FIELDS,
                                 fill_field, report};
}

static void describe_fields(const struct leak_report *report, struct result *result)
{
    const struct result_table fields = field_rows(report);
    result_add_table(result, "fields",
                     report->options.compare_splits
                         ? "Labels of test packets that a table of one field, learned from "
                           "train, gets right; and in splits by packet, flow and file"
                         : "Labels of test packets that a table of one field, learned from "
                           "train, gets right",
                     &fields);
}

/* ---- splits ---- */

static const struct result_column split_columns[] = {
    {"split", NULL, RESULT_TEXT, 0, 0},
    {NULL, "split", RESULT_TEXT, 1, 0},
    {"train_packets", "to learn", RESULT_COUNT, 3, 0},
    {"test_packets", "to test", RESULT_COUNT, 4, 0},
    {"majority_label", "most frequent label", RESULT_TEXT, 5, 16},
    {"majority", "guess", RESULT_SHARE, 2, 0},
};

static void fill_split(const void *owner, size_t index, struct result_row *row)
{
    static const char *const keys[LEAK_SPLITS] = {"lists", "by_packet", "by_flow", "by_file"};
    static const char *const titles[LEAK_SPLITS] = {"lists", "by packet", "by flow", "by file"};
    const struct leak_report *report = owner;
    const struct leak_trial *trial = &report->trials[index];
    const uint64_t tests = trial->all.packets[LEAK_TEST];
    size_t len = 0;
    const char *label = tests ? intern_get(report->labels, trial->majority_label, &len) : NULL;
    result_row_add(row, result_string(keys[index]));
    result_row_add(row, result_string(titles[index]));
    result_row_add(row, result_count(trial->all.packets[LEAK_LEARN]));
    result_row_add(row, result_count(tests));
    result_row_add(row, label ? result_text(label, len) : result_nothing());
    result_row_add(row, share_of(leak_trial_majority(trial), tests));
}

static void describe_splits(const struct leak_report *report, struct result *result)
{
    const struct result_table splits = {RESULT_COLUMNS(split_columns), leak_report_splits(report),
                                        fill_split, report};
    result_add_table(result, "splits", "Splits", &splits);
}

/* ---- what lists share ---- */

static const struct result_column shared_columns[] = {
    {"kind", NULL, RESULT_TEXT, 0, 0},          {NULL, "shared", RESULT_TEXT, 1, 0},
    {"first_list", "by", RESULT_TEXT, 2, 0},    {"second_list", "and", RESULT_TEXT, 3, 0},
    {"first_values", NULL, RESULT_COUNT, 0, 0}, {"second_values", NULL, RESULT_COUNT, 0, 0},
    {"shared", "number", RESULT_COUNT, 4, 0},   {"packets", "packets", RESULT_COUNT, 5, 0},
    {"share", "share", RESULT_SHARE, 6, 0},     {"sampled", NULL, RESULT_SHARE, 0, 0},
    {"file", "first in", RESULT_TEXT, 9, 12},   {"packet", "first", RESULT_NUMBER, 7, 0},
    {"other_file", NULL, RESULT_TEXT, 0, 0},    {"other_packet", "as in", RESULT_NUMBER, 8, 0},
};

/* The input of a packet by its number among all. */
static const struct leak_input *input_of(const struct leak_report *report, uint64_t packet)
{
    size_t i = report->input_count - 1;
    while (report->inputs[i].before >= packet)
        i--;
    return &report->inputs[i];
}

static void add_place(const struct leak_report *report, uint64_t packet, struct result_row *row)
{
    const struct leak_input *input = packet ? input_of(report, packet) : NULL;
    result_row_add(row, input ? result_string(input->name) : result_nothing());
    result_row_add(row, input ? result_number(packet - input->before) : result_nothing());
}

static void fill_shared(const void *owner, size_t index, struct result_row *row)
{
    static const char *const keys[LEAK_SHARED_KINDS] = {
        [LEAK_SHARED_FLOW] = "flow",         [LEAK_SHARED_ADDRESS] = "address",
        [LEAK_SHARED_PAYLOAD] = "payload",   [LEAK_SHARED_SERVER_NAME] = "tls_server_name",
        [LEAK_SHARED_DNS_NAME] = "dns_name", [LEAK_SHARED_PACKET] = "packet",
        [LEAK_SHARED_TIME] = "time",
    };
    const struct leak_report *report = owner;
    const struct leak_shared *shared = &report->shared[index];
    const struct shared_values *found = &shared->found;
    /* A packet has two addresses, and would count twice. */
    const bool has_packets = shared->kind != LEAK_SHARED_ADDRESS;
    result_row_add(row, result_string(keys[shared->kind]));
    result_row_add(row, result_string(leak_shared_title(shared->kind)));
    result_row_add(row, result_string(leak_list_name(report, shared->lists[0])));
    result_row_add(row, result_string(leak_list_name(report, shared->lists[1])));
    result_row_add(row, result_count(found->values[0]));
    result_row_add(row, result_count(found->values[1]));
    result_row_add(row, result_count(found->shared));
    result_row_add(row, has_packets ? result_count(found->packets) : result_nothing());
    result_row_add(row, has_packets ? result_share(leak_shared_share(report, shared))
                                    : result_nothing());
    result_row_add(row, result_share(found->sampled));
    add_place(report, found->places.first[1], row);
    add_place(report, found->places.first[0], row);
}

static void describe_shared(const struct leak_report *report, struct result *result)
{
    const struct result_table shared = {RESULT_COLUMNS(shared_columns), report->shared_count,
                                        fill_shared, report};
    result_add_table(result, "shared",
                     "What the lists share, and the packets of the second list that have it",
                     &shared);
}

/* ---- flows under two labels ---- */

static const struct result_column conflict_columns[] = {
    {"file", "file", RESULT_TEXT, 1, 12},
    {"packet", "packet", RESULT_NUMBER, 2, 0},
    {"other_file", "file of the other", RESULT_TEXT, 3, 12},
    {"other_packet", "other packet", RESULT_NUMBER, 4, 0},
};

static void fill_conflict(const void *owner, size_t index, struct result_row *row)
{
    const struct leak_report *report = owner;
    const uint64_t *first = report->overlaps[LEAK_SHARED_FLOW].conflict.first;
    (void)index;
    add_place(report, first[1], row);
    add_place(report, first[0], row);
}

static void describe_conflicts(const struct leak_report *report, struct result *result)
{
    const uint64_t flows = report->overlaps[LEAK_SHARED_FLOW].conflicts;
    const struct result_table first = {RESULT_COLUMNS(conflict_columns), flows > 0, fill_conflict,
                                       report};
    result_add(result, "flows_of_two_labels", "Flows under two labels", result_count(flows));
    result_add_table(result, "first_flow_of_two_labels",
                     flows ? "The first flow under two labels" : NULL, &first);
}

/* ---- the whole ---- */

static bool is_sampled(const struct leak_report *report)
{
    for (size_t split = 0; split < leak_report_splits(report); split++)
        for (int field = 0; field < LEAK_FIELDS; field++)
            if (report->trials[split].scores[field].sampled < 1)
                return true;
    for (size_t i = 0; i < report->shared_count; i++)
        if (report->shared[i].found.sampled < 1)
            return true;
    return false;
}

static void describe_worst(const struct leak_report *report, struct result *result)
{
    const char *what;
    const double worst = leak_report_worst(report, &what);
    result_add(result, "worst", "Largest leak", result_share(worst));
    result_add(result, "worst_kind", what ? "By" : NULL,
               what ? result_string(what) : result_nothing());
    if (is_sampled(report))
        result_say(result, "Memory",
                   "some values were left out by their hash; see \"sampled\" in "
                   "JSON, or allow more with --memory");
}

void leak_describe(const struct leak_report *report, struct result *result)
{
    result_open(result, "leaks", "Leaks");
    result_add(result, "held_out", report->held_out ? "Held out for the test" : NULL,
               report->held_out ? result_string(report->held_out) : result_nothing());
    result_add_count(result, "train", report->in_list[LEAK_TRAIN]);
    result_add_count(result, "validation", report->in_list[LEAK_VALIDATION]);
    result_add_count(result, "test", report->in_list[LEAK_HELD_OUT]);
    describe_worst(report, result);
    describe_conflicts(report, result);
    describe_splits(report, result);
    describe_fields(report, result);
    describe_shared(report, result);
    result_close(result);
}

int leak_write_table(const struct leak_report *report, const char *path,
                     const struct output_options *options, struct lcap_error *error)
{
    const struct result_table fields = field_rows(report);
    return result_file_write(&fields, "leaks", path, options, error);
}
