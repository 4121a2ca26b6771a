/*
 * The result of a command: described once by the code that knows it, and printed
 * for people and programs by report/.
 *
 * A description is a run of items: leaves, objects that open and close, tables,
 * lines of text, and the place where the findings go. The key of an item is its
 * name in JSON, its title is for people: without a key an item is not in JSON,
 * without a title it is not shown. Keys and titles are constants; the texts of
 * leaves, lines and findings are copied. The rows of a table are not stored but
 * requested when they are printed, because there may be millions; their source
 * outlives the description.
 */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/findings.h"
#include <labelcap/error.h>
#include <labelcap/finding.h>
#include <labelcap/result.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The kind determines how a value is written, and its unit. */
enum result_kind {
    RESULT_NOTHING,
    RESULT_TRUTH,
    RESULT_COUNT,
    RESULT_SIGNED,    /* an integer that may be below 0 */
    RESULT_REAL,      /* finite; for people with one decimal, and then not below 0 */
    RESULT_SHARE,     /* of 1; for people in percent */
    RESULT_NUMBER,    /* an integer that identifies something, such as a line */
    RESULT_TIME,      /* nanoseconds since the epoch; for people as ISO 8601 */
    RESULT_DURATION,  /* nanoseconds; for people in seconds */
    RESULT_SAMPLE_ID, /* text in JSON, because many readers take numbers for doubles */
    RESULT_TEXT,      /* any bytes */
};

struct result_value {
    enum result_kind kind;
    size_t text_len;
    union {
        uint64_t u;  /* of TRUTH (0 or 1), COUNT, NUMBER, DURATION, SAMPLE_ID */
        int64_t i;   /* of SIGNED, TIME */
        double real; /* of REAL, SHARE */
        const char *text;
    } as;
};

static inline struct result_value result_unsigned(enum result_kind kind, uint64_t value)
{
    return (struct result_value){.kind = kind, .as.u = value};
}

static inline struct result_value result_nothing(void)
{
    return result_unsigned(RESULT_NOTHING, 0);
}

static inline struct result_value result_truth(bool truth)
{
    return result_unsigned(RESULT_TRUTH, truth);
}

static inline struct result_value result_count(uint64_t count)
{
    return result_unsigned(RESULT_COUNT, count);
}

static inline struct result_value result_signed(int64_t value)
{
    return (struct result_value){.kind = RESULT_SIGNED, .as.i = value};
}

static inline struct result_value result_real(double value)
{
    return (struct result_value){.kind = RESULT_REAL, .as.real = value};
}

static inline struct result_value result_share(double share)
{
    return (struct result_value){.kind = RESULT_SHARE, .as.real = share};
}

static inline struct result_value result_number(uint64_t number)
{
    return result_unsigned(RESULT_NUMBER, number);
}

static inline struct result_value result_time(int64_t ns)
{
    return (struct result_value){.kind = RESULT_TIME, .as.i = ns};
}

static inline struct result_value result_duration(uint64_t ns)
{
    return result_unsigned(RESULT_DURATION, ns);
}

static inline struct result_value result_sample_id(uint64_t id)
{
    return result_unsigned(RESULT_SAMPLE_ID, id);
}

static inline struct result_value result_text(const char *text, size_t len)
{
    return (struct result_value){.kind = RESULT_TEXT, .text_len = len, .as.text = text};
}

static inline struct result_value result_string(const char *text)
{
    return result_text(text, strlen(text));
}

/*
 * A column. Columns that are shown have places from 1: the first one is at the
 * left, and the last to be left out if a line has no room for all.
 */
struct result_column {
    const char *key;
    const char *title;
    enum result_kind kind; /* of its values; some may be NOTHING */
    uint8_t place;         /* 0: not shown */
    uint8_t least;         /* of TEXT: the width to which it may be cut; 0: a few */
};

#define RESULT_MAX_COLUMNS 20

/* A row being filled: a value for each column, in the same order. */
struct result_row {
    struct result_value cells[RESULT_MAX_COLUMNS];
    size_t count;
    char text[256]; /* the text of result_row_printf() */
    size_t text_len;
};

/* The text of the value is a view that is valid until the next row is made. */
void result_row_add(struct result_row *row, struct result_value value);
/* Adds a text that the row stores, cut if there is no room. */
void result_row_printf(struct result_row *row, const char *format, ...) LCAP_PRINTF(2, 3);

struct result_table {
    const struct result_column *columns;
    size_t column_count;
    size_t row_count;
    void (*fill_row)(const void *owner, size_t index, struct result_row *row);
    const void *owner;
};

/* The columns of a table, and how many there are. */
#define RESULT_COLUMNS(COLUMNS) (COLUMNS), sizeof(COLUMNS) / sizeof *(COLUMNS)

static inline void result_make_row(const struct result_table *table, size_t index,
                                   struct result_row *row)
{
    row->count = row->text_len = 0;
    table->fill_row(table->owner, index, row);
}

enum result_item_kind {
    RESULT_LEAF,
    RESULT_LINE, /* text for people: after its title, or a paragraph without one */
    RESULT_OPEN,
    RESULT_CLOSE,
    RESULT_ROWS,
    RESULT_FINDINGS,
};

/*
 * How a table is drawn where there can be pictures; everywhere else it is a table. Its first
 * column names what the values belong to.
 */
enum result_plot {
    RESULT_PLOT_NONE,
    RESULT_PLOT_BARS,  /* a bar for each share, or else for each count */
    RESULT_PLOT_BOXES, /* a box from the columns p5, p25, median, p75 and p95, all on one scale */
    RESULT_PLOT_HEAT,  /* a field for each row, as dark as its first count: by its first column, and
                          by its second one or from its second to its third, which are times */
};

struct result_item {
    enum result_item_kind kind;
    const char *key, *title;
    struct result_value value; /* of a leaf or line */
    struct result_table table;
    enum result_plot plot;
};

struct result {
    struct result_item *items;
    size_t item_count, item_capacity;
    struct findings findings;
    struct arena texts;
    struct lcap_error *error;
    int status; /* 0, or the code of the first failure, which sticks */
};

/* `error` receives the first failure, and must exist as long as items are added. */
void result_begin(struct result *result, struct lcap_error *error);

void result_add(struct result *result, const char *key, const char *title,
                struct result_value value);
/* For programs alone. */
static inline void result_add_count(struct result *result, const char *key, uint64_t count)
{
    result_add(result, key, NULL, result_count(count));
}

void result_say(struct result *result, const char *title, const char *format, ...)
    LCAP_PRINTF(3, 4);
/* An object always has a key. */
void result_open(struct result *result, const char *key, const char *title);
void result_close(struct result *result);
void result_add_table(struct result *result, const char *key, const char *title,
                      const struct result_table *table);
void result_add_plot(struct result *result, const char *key, const char *title,
                     enum result_plot plot, const struct result_table *table);

/* The place of the findings, in JSON a list of strings: all that are added, before or after. */
void result_place_findings(struct result *result, const char *key, const char *title);
void result_add_finding(struct result *result, const struct lcap_finding *finding);
/* The same, of the whole result; its text is made from the format. */
void result_find(struct result *result, enum lcap_severity severity, uint64_t count,
                 const char *format, ...) LCAP_PRINTF(4, 5);

void result_release(struct result *result);

/* The same for programs. */
struct lcap_result {
    struct result description;
    void *found; /* what it describes */
    void (*release)(void *found);
    struct buffer json; /* empty until it is asked for */
};

#endif
