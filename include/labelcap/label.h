/*
 * Labels: the comment `sampleID,metadata` of a packet, the rules file that decides
 * which packet gets which label, and the matcher that finds the first rule in
 * file order that matches a packet.
 *
 * Threads: after loading, several threads may read rules at once; a matcher
 * belongs to one thread at a time.
 */
#ifndef LABELCAP_LABEL_H
#define LABELCAP_LABEL_H

#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <labelcap/finding.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The longest comment that a pcapng option holds, in bytes. */
#define LCAP_MAX_COMMENT 65535

struct lcap_label {
    uint64_t sample_id;
    const char *metadata; /* not terminated; points into the comment */
    size_t metadata_len;
};

enum lcap_comment_kind {
    LCAP_COMMENT_FOREIGN,  /* not a label */
    LCAP_COMMENT_LABEL,    /* a label */
    LCAP_COMMENT_OVERFLOW, /* not a label: it has the form of one, but its number is 2^64 or more */
};

/*
 * Parses a comment of `len` bytes. A label is 1 to 20 digits of a value below 2^64, a
 * comma, and metadata (which may contain commas); or the keyed form
 * `s=ID,key=value,…`, whose metadata is what follows the first comma.
 * `label` is set only for LCAP_COMMENT_LABEL.
 */
LCAP_API enum lcap_comment_kind lcap_comment_parse(const char *comment, size_t len,
                                                   struct lcap_label *label);

/* Whether the first comment of the packet is a label; if so, fills `label`. */
LCAP_API bool lcap_packet_label(const struct lcap_packet *packet, struct lcap_label *label);

/*
 * The sampleID of a hash_key or of a line of rules: SipHash-2-4 (Aumasson and
 * Bernstein, 2012) of the bytes under the public key "labelcap.sid.v01", with the
 * eight output bytes read as a little-endian integer.
 */
LCAP_API uint64_t lcap_sample_id(const void *bytes, size_t len);

/* An input file, as FILE rules may name it. */
struct lcap_file {
    const char *path;  /* as walked or given on the command line */
    const char *below; /* below the directory given; equals path for a file given itself */
};

#define LCAP_NO_FILE  UINT32_MAX       /* the rule names a file that is not among the inputs */
#define LCAP_ANY_FILE (UINT32_MAX - 1) /* the rule has no FILE part */
#define LCAP_NO_RULE  UINT32_MAX

/* One rule. All text is NUL-terminated and owned by the rules. */
struct lcap_rule {
    uint64_t line;        /* where its record begins in the rules file, from 1 */
    const char *text;     /* the traffic_filter column as it stands there */
    const char *file;     /* FILE:, or NULL */
    const char *bpf;      /* BPF:, or NULL */
    uint32_t filter;      /* number of bpf among the distinct ones */
    int64_t start_ns;     /* first nanosecond that matches; INT64_MIN without TS_START */
    int64_t end_ns;       /* last nanosecond that matches; INT64_MAX without TS_END */
    bool has_window;      /* has TS_START or TS_END: then a packet without time never matches */
    bool shadowed;        /* earlier rules take every packet that it could label */
    uint32_t file_index;  /* into the files given at loading, LCAP_NO_FILE or LCAP_ANY_FILE */
    const char *metadata; /* UTF-8 */
    const char *hash_key; /* or NULL */
    uint64_t sample_id;
    const char *comment; /* the label: "sampleID,metadata" */
    size_t comment_len;
};

struct lcap_rules;

/*
 * Reads a rules file (CSV: traffic_filter,metadata[,hash_key]; see the manual
 * page labelcap-rules(5)). `files` are the inputs that FILE rules may name;
 * `rules` keeps no pointer to them. The first error ends the reading, with the text
 * "PATH:LINE:COLUMN: reason"; an invalid rule is never skipped. The syntax of
 * filters is checked here; no name in a filter is ever looked up in the network.
 * "-" is standard input.
 * LCAP_ERR_RULES: the file is invalid. LCAP_ERR_IO: it cannot be read.
 */
LCAP_API int lcap_rules_load(struct lcap_rules **rules, const char *path,
                             const struct lcap_file *files, size_t file_count,
                             struct lcap_error *error);
LCAP_API size_t lcap_rules_count(const struct lcap_rules *rules);
/* `index` must be below the count. Valid as long as the rules, like everything that follows. */
LCAP_API const struct lcap_rule *lcap_rules_get(const struct lcap_rules *rules, size_t index);
/* The name of the file in messages: its path, or "standard input". */
LCAP_API const char *lcap_rules_path(const struct lcap_rules *rules);
/*
 * What loading found odd, though not wrong: shadowed rules, FILE rules that
 * name no input, one sample with two labels. The place is the line. NULL after
 * the last one.
 */
LCAP_API const struct lcap_finding *lcap_rules_finding(const struct lcap_rules *rules,
                                                       size_t index);
LCAP_API void lcap_rules_free(struct lcap_rules *rules);

struct lcap_matcher;

/* `rules` must outlive the matcher. */
LCAP_API int lcap_matcher_new(struct lcap_matcher **matcher, const struct lcap_rules *rules,
                              struct lcap_error *error);

/*
 * Finds the rule that labels this packet of file `file` (an index into the files
 * given at loading; LCAP_NO_FILE for a stream that is not a file). Returns 1 and
 * its index in *rule, 0 if no rule does, or a negative code. The cost hardly
 * depends on the number of rules. The first packet of each link type compiles the
 * filters for it. `packet` need not come from a reader, but needs the link type of
 * its interface, data, lengths and time.
 */
LCAP_API int lcap_matcher_match(struct lcap_matcher *matcher, uint32_t file,
                                const struct lcap_packet *packet, uint32_t *rule,
                                struct lcap_error *error);

/*
 * After the run: 0, or LCAP_ERR_RULES if a filter could not be compiled for any
 * of the link types that its packets had.
 */
LCAP_API int lcap_matcher_finish(struct lcap_matcher *matcher, struct lcap_error *error);

/*
 * Filters that libpcap refused for some, but not all, link types seen so far,
 * with libpcap's message. The place is the line of the first rule that has the
 * filter, the count that of the rules that have it. NULL after the last one.
 * Valid until the next packet is matched.
 */
LCAP_API const struct lcap_finding *lcap_matcher_finding(const struct lcap_matcher *matcher,
                                                         size_t index);
LCAP_API void lcap_matcher_free(struct lcap_matcher *matcher);

#ifdef __cplusplus
}
#endif

#endif
