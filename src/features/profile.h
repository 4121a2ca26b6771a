/*
 * A profile: constant tables of columns, and what fills the rows that they point
 * into. An engine makes rows from packets: the flow engine for flows of the
 * assembler, another one for each compat mode.
 */
#ifndef FEATURES_PROFILE_H
#define FEATURES_PROFILE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/sample_registry.h"
#include "flow/assembler.h"
#include "flow/flow_share.h"
#include "table/dialect.h"
#include <labelcap/flow.h>
#include <labelcap/label.h>
#include <math.h>
#include <string.h>

/*
 * For a sink that needs only some of a row: rows are pressed into bytes in the threads
 * that make them, several at once, and taken in order, never two at once.
 */
struct row_press {
    int (*press)(void *context, const struct lcap_flow_row *row, struct buffer *out,
                 struct lcap_error *error);
    int (*take)(void *context, const void *bytes, size_t len, struct lcap_error *error);
    void *context;
};

/* What an engine knows about its surroundings; all of it outlives the engine. */
struct engine_setup {
    const struct lcap_flow_options *options;
    const struct lcap_profile *profile;
    const struct sample_registry *samples; /* metadata in UTF-8 */
    lcap_flow_sink *sink;
    void *sink_context;
    const struct row_press *press; /* in place of the sink, where there are threads; or NULL */
    struct flow_share share;       /* only its flows; not for engines of compat modes */
    struct lcap_flow_counts *counts;
    struct unknown_types *unknown;
};

/* Where the rows of an extractor go. */
struct row_target {
    lcap_flow_sink *sink;
    void *context;
    const struct row_press *press; /* or NULL; outlives the extractor */
};

/* As lcap_extractor_new(), for the flows of a share. */
int extractor_new_sharing(struct lcap_extractor **extractor,
                          const struct lcap_flow_options *options, const struct row_target *target,
                          struct flow_share share, struct lcap_error *error);

/* A packet of which only this is known: it is in a flow of another share, or in none. */
struct passing_packet {
    struct lcap_packet packet; /* its time */
    enum lcap_skip skip;
    uint16_t unknown_type; /* as in struct header_parser */
};

/* As lcap_extractor_packet(); `label` may be NULL, and is not looked for in the packet. */
int extractor_packet_of(struct lcap_extractor *extractor, const struct lcap_packet *packet,
                        const struct lcap_label *label, struct lcap_error *error);
int extractor_pass(struct lcap_extractor *extractor, const struct passing_packet *passing,
                   const struct lcap_label *label, struct lcap_error *error);

/* Every engine begins with this. */
struct engine {
    struct engine_setup setup;
};

/*
 * `packet` counts the packet itself: in counts->in_flows, or in counts->skipped
 * with its reason. `finish` ends all flows and prepares the engine for another
 * stream. `pass` counts likewise a packet whose bytes are not there; NULL: the engine
 * has no shares. Rows go to row_emit().
 */
struct engine_class {
    int (*create)(struct engine **engine, const struct engine_setup *setup,
                  struct lcap_error *error);
    int (*packet)(struct engine *engine, const struct lcap_packet *packet, uint32_t sample,
                  struct lcap_error *error);
    int (*pass)(struct engine *engine, const struct passing_packet *passing, uint32_t sample,
                struct lcap_error *error);
    int (*finish)(struct engine *engine, struct lcap_error *error);
    void (*free)(struct engine *engine);
};

extern const struct engine_class flow_engine;

/* The sources of a row. */
struct row_facts {
    const struct flow *flow;
    const struct lcap_flow_options *options;
    struct sample sample; /* from flow_sample() */
    const char *metadata; /* of the sample, or else that of the options; or NULL */
    struct arena *text;   /* for the text of cells; lives until the row is written */
};

/*
 * How a profile measures the flows of the flow engine: like struct flow_measure,
 * whose comments apply here, too; `flip` and `release` may be NULL.
 *
 * `row` fills the row of the profile, `row_size` zeroed bytes that consist of
 * struct lcap_cell, to which the columns point by offset; and in `summary` what
 * only the profile knows: packets, bytes, bidirectional. The engine has filled in
 * the rest.
 */
struct profile_measure {
    size_t state_size;
    int (*packet)(const struct lcap_flow_options *options, struct flow *flow,
                  const struct flow_packet *packet, struct lcap_error *error);
    void (*flip)(struct flow *flow);
    void (*release)(struct flow *flow);
    size_t row_size;
    int (*row)(const struct row_facts *facts, void *row, struct lcap_flow_row *summary,
               struct lcap_error *error);
};

/* A column, and where its cell lies in the profile's own row. */
struct profile_column {
    struct lcap_column column;
    size_t offset;
};

/* Another name of a column: published elsewhere, or of an earlier version. */
struct column_alias {
    const char *alias, *name;
};

/* Most columns of a preview. */
enum { PROFILE_PREVIEW_MOST = 11 };

struct lcap_profile {
    const char *name;
    const char *summary; /* one line, without a full stop */
    const char *about;   /* Markdown: terms and rules that its columns share; or NULL */
    const struct profile_column *columns;        /* end with a NULL name */
    const struct profile_column *compat_columns; /* NULL: there is no compat mode */
    const struct column_alias *aliases;          /* of columns of both; end with NULL; or NULL */
    /* Names of the columns that tell most, in this order; the compat mode has some of them. */
    const char *preview[PROFILE_PREVIEW_MOST + 1];
    const struct lcap_column *fields;      /* the contents of a JSON cell, for people; or NULL */
    const struct profile_measure *measure; /* for the flow engine */
    const struct engine_class *engine;
    const struct engine_class *compat;                  /* NULL: there is no compat mode */
    struct lcap_flow_options defaults, compat_defaults; /* `profile` is filled in */
    struct table_dialect compat_dialect;
};

extern const struct lcap_profile profile_labelcap;
extern const struct lcap_profile profile_nexusflowmeter;
extern const struct lcap_profile profile_netflowmeter;
extern const struct lcap_profile profile_pcap2json;

/* Whether this is the name of the column, or another name of it. */
bool column_has_name(const struct lcap_profile *profile, const struct lcap_column *column,
                     const char *name, size_t len);

/* Another name of the column; NULL if there is none. */
const char *column_alias_of(const struct lcap_profile *profile, const struct lcap_column *column);

/* The profile that was probably meant by an unknown name, or NULL. */
const char *profile_meant(const char *name);

/* NULL: there is none of that name (NULL: the first one); the error says so. */
const struct lcap_profile *profile_named(const char *name, struct lcap_error *error);

/* The column that was probably meant, or NULL: a slip, or else a name of another flow meter. */
const char *profile_meant_column(const struct lcap_flow_options *flow, const char *name,
                                 size_t len);

/* More columns than any profile has. */
#define ROW_MAX_CELLS 512

/* The sample of the packets of a flow; its metadata is NULL if they have no label. */
struct sample flow_sample(const struct engine_setup *setup, const struct flow *flow);

/* The summary of a flow of that sample that is the same for every profile: all but protocol,
 * volumes and duration. */
struct lcap_flow_row row_summary(const struct engine_setup *setup, const struct flow *flow,
                                 const struct sample *sample);

/* The same with protocol and duration, for flows of the assembler. */
struct lcap_flow_row row_summary_assembled(const struct engine_setup *setup,
                                           const struct flow *flow, const struct sample *sample);

/* Collects the cells to which the columns point, passes the row to the sink, and counts it. */
int row_emit(const struct engine_setup *setup, const struct profile_column *columns,
             const void *row, struct lcap_flow_row *summary, struct lcap_error *error);

/* Cells. */
static inline struct lcap_cell cell_unsigned(uint64_t value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_UNSIGNED, .value.u = value};
}

static inline struct lcap_cell cell_signed(int64_t value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_SIGNED, .value.i = value};
}

/* EMPTY for NaN: undefined values have no number. */
static inline struct lcap_cell cell_real(double value)
{
    struct lcap_cell cell = {.kind = LCAP_CELL_EMPTY};
    if (!isnan(value))
        cell = (struct lcap_cell){.kind = LCAP_CELL_REAL, .value.real = value};
    return cell;
}

static inline struct lcap_cell cell_exact(double value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_EXACT, .value.real = value};
}

static inline struct lcap_cell cell_seconds(int64_t ns)
{
    return (struct lcap_cell){.kind = LCAP_CELL_SECONDS, .value.i = ns};
}

static inline struct lcap_cell cell_bool(bool value)
{
    return (struct lcap_cell){.kind = LCAP_CELL_BOOL, .value.truth = value};
}

/* The text is not copied. */
static inline struct lcap_cell cell_text(const char *text, size_t len)
{
    return (struct lcap_cell){
        .kind = LCAP_CELL_TEXT, .text_len = (uint32_t)len, .value.text = text};
}

/* Of a terminated text. */
static inline struct lcap_cell cell_of_text(const char *text)
{
    return cell_text(text, strlen(text));
}

#endif
