/* Times as tables of flows write them. */
#ifndef DATASET_RULE_TABLES_TABLE_TIMES_H
#define DATASET_RULE_TABLES_TABLE_TIMES_H

#include <labelcap/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_time_options {
    int64_t unit_ns;    /* of times that are numbers */
    bool has_zone;      /* where times without a zone are from */
    int64_t zone_ns;    /* what their clocks are ahead of UTC */
    const char *format; /* of strptime(); a fraction may follow; NULL: the known forms */
};

/*
 * A time before it is known in which order the table writes day and month. `ns`
 * lacks day and month if they were written as FIRST/SECOND/YEAR.
 */
struct table_time {
    int64_t ns;
    int64_t coarse_ns;     /* the unit of its last digit */
    uint8_t first, second; /* 0: the day is known */
    uint8_t hour;
    bool has_half; /* AM or PM was written, or the form has no hour of 12 */
};

/* What the times of a table have in common. */
struct table_time_survey {
    int64_t finest_ns; /* 0: no time yet */
    bool day_first, month_first;
    bool full_clock; /* hours of 0 or above 12 without AM or PM */
};

/* Reads "1421927414.5", "2011/08/10 09:46:53.047277", "03/07/2017 8:55 PM", ISO 8601, … */
int table_time_read(const struct table_time_options *options, const char *text, size_t len,
                    struct table_time *time, struct lcap_error *error);

void table_time_survey_add(struct table_time_survey *survey, const struct table_time *time);

/*
 * The moment, once all times of the table have been seen. An error where it stays
 * open which half of the day, or which day is meant.
 */
int table_time_settle(const struct table_time_survey *survey, const struct table_time *time,
                      int64_t *ns, struct lcap_error *error);

/* "Z", "+02:00", "-0330": what clocks there are ahead of UTC. */
int table_zone_read(const char *text, int64_t *ns, struct lcap_error *error);

#endif
