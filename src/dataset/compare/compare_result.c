/* Describes how two labellings differ. */
#include "dataset/compare/compare_result.h"

#include "dataset/pass_results.h"
#include "dataset/result_file.h"

static const struct result_column label_columns[] = {
    {"label", "label", RESULT_TEXT, 1, CONFUSION_LABEL_LEAST},
    {"truth", "truth", RESULT_COUNT, 5, 0},
    {"test", "test", RESULT_COUNT, 6, 0},
    {"agreed", "agreed", RESULT_COUNT, 7, 0},
    {"precision", "precision", RESULT_SHARE, 2, 0},
    {"recall", "recall", RESULT_SHARE, 3, 0},
    {"f1", "F1", RESULT_SHARE, 4, 0},
    {"missing", "missing", RESULT_COUNT, 8, 0},
    {"unlabelled", "unlabelled", RESULT_COUNT, 9, 0},
    {"additional", "additional", RESULT_COUNT, 10, 0},
};

static void fill_label(const void *owner, size_t index, struct result_row *row)
{
    const struct compare_pass_result *found = owner;
    const struct confusion_label *label = &found->confusion.by_label[index];
    confusion_fill_label(&found->confusion, index, row);
    result_row_add(row, result_count(label->unlabelled));
    result_row_add(row, result_count(label->additional));
}

static const struct result_column cell_columns[] = {
    {"truth", "label in truth", RESULT_TEXT, 1, CONFUSION_LABEL_LEAST},
    {"test", "label in test", RESULT_TEXT, 2, CONFUSION_LABEL_LEAST},
    {"packets", "packets", RESULT_COUNT, 3, 0},
};

static void fill_cell(const void *owner, size_t index, struct result_row *row)
{
    const struct compare_pass_result *found = owner;
    confusion_fill_cell(&found->confusion, index, row);
}

/* ---- the whole ---- */

static void describe_packets(const struct compare_pass_result *found, struct result *result)
{
    result_add(result, "truth_file", "Truth", result_string(found->names[0]));
    result_add(result, "test_file", "Test", result_string(found->names[1]));
    result_add(result, "truth_packets", "Packets in truth", result_count(found->packets[0]));
    result_add(result, "test_packets", "Packets in test", result_count(found->packets[1]));
    result_add(result, "matched", "Packets in both", result_count(found->confusion.matched));
    result_add(result, "agreed", "With the same label", result_count(found->confusion.agreed));
    result_add(result, "missing", "Only in truth",
               result_count(found->packets[0] - found->confusion.matched));
    result_add(result, "additional", "Only in test",
               result_count(found->packets[1] - found->confusion.matched));
}

static void describe_findings(const struct compare_pass_result *found, struct result *result)
{
    result_place_findings(result, "findings", "Findings");
    if (found->inputs.damaged)
        result_find(result, LCAP_SEVERITY_ERROR, found->inputs.damaged,
                    "an input is damaged: the figures cover what comes before the damage");
    if (found->confusion.matched == 0 && found->packets[0] > 0 && found->packets[1] > 0)
        result_find(result, LCAP_SEVERITY_WARNING, 1,
                    "no packet is in both files; packets match by their bytes, lengths, link "
                    "type and exact time");
}

static struct result_table label_rows(const struct compare_pass_result *found)
{
    return (struct result_table){RESULT_COLUMNS(label_columns), found->confusion.label_count,
                                 fill_label, found};
}

void compare_describe(const struct compare_pass_result *found, struct result *result)
{
    const struct result_table labels = label_rows(found);
    const struct result_table cells = {RESULT_COLUMNS(cell_columns), found->confusion.matched_cells,
                                       fill_cell, found};
    describe_packets(found, result);
    inputs_describe(&found->inputs, result);
    result_add_table(result, "labels", "Labels", &labels);
    result_add_table(result, "confusion", "Packets in both, by both labels (none: no label)",
                     &cells);
    describe_findings(found, result);
}

int compare_write_table(const struct compare_pass_result *found, const char *path,
                        const struct output_options *options, struct lcap_error *error)
{
    const struct result_table labels = label_rows(found);
    return result_file_write(&labels, "labels", path, options, error);
}
