/* The flows that a table names, each with the packets that it means and its label. */
#ifndef DATASET_RULE_TABLES_TABLE_FLOWS_H
#define DATASET_RULE_TABLES_TABLE_FLOWS_H

#include "base/findings.h"
#include "base/intern.h"
#include "dataset/rule_tables/table_layout.h"
#include "dataset/rule_tables/table_times.h"

/* No protocol, or no port. */
#define TABLE_ANY (-1)

/* IPPROTO_ numbers are below 256; ARP has none. */
#define TABLE_ARP 256

struct table_end {
    uint8_t family; /* 4, 6; 0: any address */
    uint8_t address[16];
    int32_t port;
};

struct table_flow {
    uint64_t line;
    struct table_end source, destination;
    int32_t protocol;
    uint32_t label; /* number in table_flows.labels */
    bool has_start, has_end, repeated;
    struct table_time start, end;
    int64_t duration_ns;      /* < 0: not known */
    int64_t start_ns, end_ns; /* of the window, tolerance included; without times all of time */
};

struct table_flows {
    struct intern *labels;
    struct table_flow *items;
    size_t count, capacity;
    uint64_t rows;     /* of the table, without its header */
    uint64_t left_out; /* of them, because they cannot be rules */
    struct table_time_survey times;
    int64_t tolerance_ns;
    struct findings findings;
};

struct table_flows_options {
    const struct table_layout *layout; /* or NULL */
    const char *columns;               /* "start=ts,label=class", or NULL */
    struct table_time_options time;
    int64_t tolerance_ns; /* < 0: how coarse the times of the table are */
};

/* Reads a table. Release the flows even after an error. */
int table_flows_read(struct table_flows *flows, const char *path,
                     const struct table_flows_options *options, struct lcap_error *error);
void table_flows_release(struct table_flows *flows);

/* Findings beyond this are counted only. */
#define TABLE_MAX_FINDINGS 1000

/* Adds a warning about a row, by the number of its line. */
int table_flows_warn(struct table_flows *flows, uint64_t line, const char *text,
                     struct lcap_error *error);

#endif
