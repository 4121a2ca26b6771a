/*
 * The interfaces of the section that an encoder writes, and which of them each
 * interface of the current reader became.
 *
 * Interfaces of different sections or readers with equal descriptions are merged.
 * Within one section they stay separate, because the capturing program
 * distinguished them: the n-th of them becomes the n-th equal one written.
 */
#ifndef CAPTURE_INTERFACE_TABLE_H
#define CAPTURE_INTERFACE_TABLE_H

#include "base/buffer.h"
#include "base/idmap.h"
#include "base/intern.h"
#include <labelcap/capture.h>

/* What one interface of the reader became. */
struct interface_target {
    bool known;
    bool
        swaps_header; /* the link-layer headers of its packets are converted from host byte order */
    uint32_t id;      /* in the section being written */
};

/* How the interfaces of a table are written. */
struct interface_style {
    bool big_endian;
    bool no_time_units; /* without if_tsresol and if_tsoffset */
    uint32_t snaplen;   /* that of all interfaces */
};

/* How often a description occurred in a section of a reader. */
struct interface_meetings {
    uint32_t section;
    uint32_t count;
};

struct interface_table {
    struct intern *descriptions; /* every distinct interface block, without its snap length */
    struct interface_meetings *meetings; /* by the number of the description */
    size_t meeting_count;
    size_t meeting_capacity;
    struct idmap ids; /* by description and number among equals: its id in the section written */
    uint32_t section; /* of the reader; counted over all readers */
    struct interface_target *targets; /* by the number in the reader */
    size_t target_count;
    size_t target_capacity;
    struct buffer block; /* under construction */
};

int interface_table_init(struct interface_table *table, struct lcap_error *error);
void interface_table_release(struct interface_table *table);

/* Another section of the same reader. */
static inline void interface_table_section(struct interface_table *table)
{
    table->section++;
}

/* Another reader: numbers restart. */
static inline void interface_table_source(struct interface_table *table)
{
    table->target_count = 0;
    interface_table_section(table);
}

/* The target of a number, or NULL if it has not been described. */
static inline const struct interface_target *
interface_table_find(const struct interface_table *table, uint32_t number)
{
    if (number >= table->target_count || !table->targets[number].known)
        return NULL;
    return &table->targets[number];
}

/*
 * Describes an interface: appends its block to `head` unless it is merged. Snap
 * lengths do not tell interfaces apart: all have the same in the section written.
 */
int interface_table_add(struct interface_table *table, const struct lcap_interface *interface,
                        const struct interface_style *style, struct buffer *head,
                        struct lcap_losses *losses, struct lcap_error *error);

#endif
