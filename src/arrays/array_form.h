/*
 * A form: what a model reads of the packets of a row. Each is a constant in a file of
 * its own, forms/form_NAME.c, and a line in ARRAY_FORMS.
 */
#ifndef ARRAYS_ARRAY_FORM_H
#define ARRAYS_ARRAY_FORM_H

#include "arrays/array_mask.h"
#include "arrays/array_row.h"
#include "base/arena.h"
#include <labelcap/error.h>
#include <labelcap/row.h>

enum array_per { ARRAY_PER_FLOW, ARRAY_PER_SAMPLE, ARRAY_PER_PACKET };
enum array_part { ARRAY_L2, ARRAY_L3, ARRAY_L4, ARRAY_PAYLOAD };

enum { ARRAY_DIMENSIONS = 2, ARRAY_COLUMN_NAME = 32 };

/* The numbers of a row: of NumPy's type `type`, such as "|u1". */
struct array_shape {
    const char *type;
    unsigned item_size;
    unsigned dimensions; /* 0: one number */
    uint64_t extents[ARRAY_DIMENSIONS];
};

/* The bytes of a row of that shape. */
static inline uint64_t array_shape_bytes(const struct array_shape *shape)
{
    uint64_t bytes = shape->item_size;
    for (unsigned i = 0; i < shape->dimensions; i++)
        bytes *= shape->extents[i];
    return bytes;
}

/* What the user wants, completed by the form. */
struct array_settings {
    const struct array_form *form;
    enum array_per per;
    enum array_part part;
    uint32_t packets;     /* of a row */
    uint32_t bytes;       /* of a packet, or of its payload */
    unsigned headers;     /* of nprint: a set of bits */
    unsigned series;      /* a set of bits: see array_items.h */
    uint64_t min_packets; /* of a flow or sample with a row */
    bool inner_tunnels;
    bool compat;
    struct array_mask mask;
    struct array_shape shape; /* of X */
};

struct array_form {
    const char *name;
    enum array_per per; /* unless the user says otherwise */
    const char *mask;   /* fields that are masked, unless the user says which; or NULL */
    bool has_compat;    /* what its original program does can be asked for */
    /* Checks the settings, fills in those that are 0, and sets the shape. */
    int (*settle)(struct array_settings *settings, struct lcap_error *error);
    /* Whether the packet has a place in a row; NULL: every one with IP has. */
    bool (*takes)(const struct array_settings *settings, const struct array_packet *packet);
    /* Where the part of the packet ends that the form reads; beyond it nothing is kept. */
    uint32_t (*reach)(const struct array_settings *settings, const struct array_packet *packet);

    /* Of a form of numbers: writes all of the X of a row. Several threads may run it at once. */
    void (*fill)(const struct array_settings *settings, const struct array_row *row, uint8_t *out);
    /* The name of a number of a packet; NULL: they have none. */
    void (*name_column)(const struct array_settings *settings, uint64_t index,
                        char out[ARRAY_COLUMN_NAME]);

    /* Of a form of text, which has no `fill`: the columns that come first in its tables, among
     * them one of the label. */
    const struct lcap_column *columns;
    size_t column_count;
    const char *const *arrow_types; /* of the columns in Arrow; NULL: by their kinds */
    bool numbers_labels;            /* one has the number of the label, as labels come */
    bool compat_is_arrow;           /* its original reads nothing but Arrow, and these columns */
    /* Sets a cell for each, with texts from the arena. Several threads may run it at once. */
    int (*cells)(const struct array_settings *settings, const struct array_row *row,
                 struct arena *texts, struct lcap_cell *cells, struct lcap_error *error);
};

#define ARRAY_FORMS(FORM)                                                                          \
    FORM(bytes)                                                                                    \
    FORM(yatc)                                                                                     \
    FORM(netmamba)                                                                                 \
    FORM(nprint)                                                                                   \
    FORM(etbert)                                                                                   \
    FORM(pcapencoder)                                                                              \
    FORM(trafficformer)                                                                            \
    FORM(netfound)

#define ARRAY_FORM_DECLARE(NAME) extern const struct array_form form_##NAME;
ARRAY_FORMS(ARRAY_FORM_DECLARE)

/* All forms and their names, with NULL at the end; and that of a name, or NULL. */
extern const struct array_form *const array_forms[];
extern const char *const array_form_names[];
const struct array_form *array_form_find(const char *name);

#endif
