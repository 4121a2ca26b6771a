/* Measures of all labels together, defined as in scikit-learn. */
#include "dataset/score/score_pass.h"

#include <math.h>

static double or_zero(double share)
{
    return share < 0 ? 0 : share;
}

static void add_label(struct score_average *sum, const struct confusion_label *label, double weight)
{
    sum->precision += weight * or_zero(confusion_precision(label));
    sum->recall += weight * or_zero(confusion_recall(label));
    sum->f1 += weight * or_zero(confusion_f1(label));
}

static void divide(struct score_average *sum, double whole)
{
    sum->precision /= whole;
    sum->recall /= whole;
    sum->f1 /= whole;
}

/* The mean recall of the labels that samples have. */
static double balanced_accuracy(const struct confusion *confusion)
{
    double sum = 0;
    size_t labels = 0;
    for (size_t i = 0; i < confusion->label_count; i++) {
        const struct confusion_label *label = &confusion->by_label[i];
        if (label->truth == 0)
            continue;
        sum += confusion_recall(label);
        labels++;
    }
    return sum / (double)labels;
}

static double difference(uint64_t a, uint64_t b)
{
    return a >= b ? (double)(a - b) : -(double)(b - a);
}

/*
 * Gorodkin, "Comparing two K-category assignments by a K-category correlation
 * coefficient", 2004. Samples without a prediction are predicted as a label of their
 * own. There are fewer than 2^32 samples, so the integers are exact. 0 where one side
 * has a single label.
 */
static double correlation(const struct score_pass_result *result)
{
    const struct confusion *confusion = &result->confusion;
    const uint64_t all = result->samples * result->samples;
    uint64_t both = 0, truth = 0, test = result->missing * result->missing;
    for (size_t i = 0; i < confusion->label_count; i++) {
        const struct confusion_label *label = &confusion->by_label[i];
        both += label->truth * label->test;
        truth += label->truth * label->truth;
        test += label->test * label->test;
    }
    const double variances = sqrt(difference(all, truth) * difference(all, test));
    return variances > 0 ? difference(confusion->agreed * result->samples, both) / variances : 0;
}

void score_measure(struct score_pass_result *result)
{
    const struct confusion *confusion = &result->confusion;
    for (size_t i = 0; i < confusion->label_count; i++) {
        const struct confusion_label *label = &confusion->by_label[i];
        add_label(&result->macro, label, 1);
        add_label(&result->weighted, label, (double)label->truth);
    }
    divide(&result->macro, (double)confusion->label_count);
    divide(&result->weighted, (double)result->samples);
    result->accuracy = (double)confusion->agreed / (double)result->samples;
    result->balanced_accuracy = balanced_accuracy(confusion);
    result->mcc = correlation(result);
}
