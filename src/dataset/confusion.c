/* Confusion matrices. */
#include "dataset/confusion.h"

#include "base/memory.h"
#include <stdlib.h>

int confusion_init(struct confusion *confusion, struct lcap_error *error)
{
    *confusion = (struct confusion){.labels = NULL};
    return intern_new(&confusion->labels, error);
}

void confusion_release(struct confusion *confusion)
{
    intern_free(confusion->labels);
    idmap_release(&confusion->cell_numbers);
    free(confusion->cells);
    free(confusion->by_label);
}

int confusion_add(struct confusion *confusion, uint32_t truth, uint32_t test, uint64_t count,
                  struct lcap_error *error)
{
    uint32_t number;
    int rc = idmap_add(&confusion->cell_numbers, (uint64_t)truth << 32 | test, &number, error);
    if (rc == 0 && number == confusion->cell_count) {
        rc = memory_grow((void **)&confusion->cells, &confusion->cell_capacity,
                         confusion->cell_count + 1, sizeof *confusion->cells, error);
        if (rc == 0)
            confusion->cells[confusion->cell_count++] = (struct confusion_cell){truth, test, 0};
    }
    if (rc == 0)
        confusion->cells[number].count += count;
    return rc;
}

/* ---- the sums ---- */

/* By text; no label comes last. */
static int compare_texts(const struct confusion *confusion, uint32_t a, uint32_t b)
{
    if (a >= CONFUSION_UNLABELLED || b >= CONFUSION_UNLABELLED)
        return (a > b) - (a < b);
    return intern_compare(confusion->labels, a, b);
}

static int compare_labels(const void *a, const void *b, void *confusion)
{
    const struct confusion_label *x = a, *y = b;
    return compare_texts(confusion, x->metadata, y->metadata);
}

static bool is_matched(const struct confusion_cell *cell)
{
    return cell->truth != CONFUSION_ABSENT && cell->test != CONFUSION_ABSENT;
}

static int compare_cells(const void *a, const void *b, void *confusion)
{
    const struct confusion_cell *x = a, *y = b;
    if (is_matched(x) != is_matched(y))
        return is_matched(x) ? -1 : 1;
    const int order = compare_texts(confusion, x->truth, y->truth);
    return order ? order : compare_texts(confusion, x->test, y->test);
}

static void add_cell(struct confusion *confusion, const struct confusion_cell *cell)
{
    const bool in_truth = cell->truth < CONFUSION_UNLABELLED;
    const bool in_test = cell->test < CONFUSION_UNLABELLED;
    struct confusion_label *truth = in_truth ? &confusion->by_label[cell->truth] : NULL;
    struct confusion_label *test = in_test ? &confusion->by_label[cell->test] : NULL;
    if (is_matched(cell)) {
        confusion->matched += cell->count;
        confusion->matched_cells++;
    }
    if (cell->truth == cell->test)
        confusion->agreed += cell->count;
    if (truth) {
        truth->truth += cell->count;
        truth->agreed += cell->truth == cell->test ? cell->count : 0;
        truth->missing += cell->test == CONFUSION_ABSENT ? cell->count : 0;
        truth->unlabelled += cell->test == CONFUSION_UNLABELLED ? cell->count : 0;
    }
    if (test) {
        test->test += cell->count;
        test->additional += cell->truth == CONFUSION_ABSENT ? cell->count : 0;
    }
}

int confusion_add_up(struct confusion *confusion, struct lcap_error *error)
{
    confusion->label_count = intern_count(confusion->labels);
    confusion->by_label =
        memory_new(confusion->label_count + 1, sizeof *confusion->by_label, error);
    if (!confusion->by_label)
        return LCAP_ERR_MEMORY;
    for (size_t i = 0; i < confusion->label_count; i++)
        confusion->by_label[i].metadata = (uint32_t)i;
    for (size_t i = 0; i < confusion->cell_count; i++)
        add_cell(confusion, &confusion->cells[i]);
    qsort_r(confusion->by_label, confusion->label_count, sizeof *confusion->by_label,
            compare_labels, confusion);
    if (confusion->cell_count > 0)
        qsort_r(confusion->cells, confusion->cell_count, sizeof *confusion->cells, compare_cells,
                confusion);
    return LCAP_OK;
}

/* ---- measures ---- */

static double share_of(uint64_t part, uint64_t whole)
{
    return whole == 0 ? -1 : (double)part / (double)whole;
}

double confusion_precision(const struct confusion_label *label)
{
    return share_of(label->agreed, label->test);
}

double confusion_recall(const struct confusion_label *label)
{
    return share_of(label->agreed, label->truth);
}

double confusion_f1(const struct confusion_label *label)
{
    return share_of(2 * label->agreed, label->truth + label->test);
}

/* ---- results ---- */

/* Nothing stands for no label. */
static struct result_value label_value(const struct confusion *confusion, uint32_t metadata)
{
    size_t len;
    if (metadata >= CONFUSION_UNLABELLED)
        return result_nothing();
    const char *text = intern_get(confusion->labels, metadata, &len);
    return result_text(text, len);
}

static struct result_value share_value(double share)
{
    return share < 0 ? result_nothing() : result_share(share);
}

void confusion_fill_label(const struct confusion *confusion, size_t index, struct result_row *row)
{
    const struct confusion_label *label = &confusion->by_label[index];
    result_row_add(row, label_value(confusion, label->metadata));
    result_row_add(row, result_count(label->truth));
    result_row_add(row, result_count(label->test));
    result_row_add(row, result_count(label->agreed));
    result_row_add(row, share_value(confusion_precision(label)));
    result_row_add(row, share_value(confusion_recall(label)));
    result_row_add(row, share_value(confusion_f1(label)));
    result_row_add(row, result_count(label->missing));
}

void confusion_fill_cell(const struct confusion *confusion, size_t index, struct result_row *row)
{
    const struct confusion_cell *cell = &confusion->cells[index];
    result_row_add(row, label_value(confusion, cell->truth));
    result_row_add(row, label_value(confusion, cell->test));
    result_row_add(row, result_count(cell->count));
}
