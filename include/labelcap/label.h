/*
 * Labels: the comment of a packet that says to which sample it belongs, the rules
 * file that decides which packet gets which, and the labeller that gives each
 * packet its sample.
 *
 * sample    the packets with one sampleID
 * metadata  a text: what the sample is, and what a classifier is to predict
 * label     both, as the comment of a packet: `sampleID,metadata`
 * class     all samples with the same metadata
 *
 * Threads: after loading, several threads may read rules at once; a labeller
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
 * `s=ID,key=value,…`, whose metadata is what follows the first comma. Fields `d=`,
 * `dir=` and `dst=` at the end are facts of the packet, which pcapml adds: they do not
 * belong to the metadata.
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

/* Not the number of a file: for a stream that is not one of them. */
#define LCAP_NO_FILE UINT32_MAX

struct lcap_rules;
struct lcap_rule;

/*
 * Reads a rules file (CSV: traffic_filter,metadata[,hash_key]; see the manual
 * page labelcap-rules(5)). `files` are the inputs that FILE rules may name;
 * `rules` keeps no pointer to them. The first error ends the reading, with the text
 * "PATH:LINE:COLUMN: reason"; an invalid rule is never skipped. The syntax of
 * filters is checked here; no name in a filter is ever looked up in the network.
 * "-" is standard input.
 * LCAP_ERR_RULES: the file is invalid. LCAP_ERR_IO: it cannot be read.
 */
LCAP_API LCAP_MUST_USE int lcap_rules_load(struct lcap_rules **rules, const char *path,
                                           const struct lcap_file *files, size_t file_count,
                                           struct lcap_error *error);
/*
 * Moves the time windows of all rules, for rules whose times are of another zone or
 * clock than those of the captures. Before a labeller is made of them.
 */
LCAP_API void lcap_rules_shift(struct lcap_rules *rules, int64_t ns);
LCAP_API size_t lcap_rules_count(const struct lcap_rules *rules);
/* `index` must be below the count. Valid as long as the rules, like everything that follows. */
LCAP_API const struct lcap_rule *lcap_rules_get(const struct lcap_rules *rules, size_t index);
/* The name of the file in messages: its path, or "standard input". */
LCAP_API const char *lcap_rules_path(const struct lcap_rules *rules);
/* Whether a FILE part names this file, by its index. */
LCAP_API bool lcap_rules_name_file(const struct lcap_rules *rules, uint32_t file);
/*
 * Warnings of loading: shadowed rules, FILE rules that name no input, one sample
 * with two labels. The place is the line. NULL after the last one.
 */
LCAP_API const struct lcap_finding *lcap_rules_finding(const struct lcap_rules *rules,
                                                       size_t index);
LCAP_API void lcap_rules_free(struct lcap_rules *rules);

/* The line where the record of the rule begins, from 1. */
LCAP_API uint64_t lcap_rule_line(const struct lcap_rule *rule);
/* The column traffic_filter as written. Text is NUL-terminated UTF-8. */
LCAP_API const char *lcap_rule_text(const struct lcap_rule *rule);
/* What follows FILE:, BPF: and COMMENT:, or NULL without them. */
LCAP_API const char *lcap_rule_file(const struct lcap_rule *rule);
LCAP_API const char *lcap_rule_filter(const struct lcap_rule *rule);
LCAP_API const char *lcap_rule_comment(const struct lcap_rule *rule);
/*
 * Whether the rule has TS_START or TS_END; a packet without a time never matches
 * such a rule. The first and the last nanosecond that match: INT64_MIN without
 * TS_START, INT64_MAX without TS_END.
 */
LCAP_API bool lcap_rule_window(const struct lcap_rule *rule, int64_t *start_ns, int64_t *end_ns);
LCAP_API const char *lcap_rule_metadata(const struct lcap_rule *rule);
/* NULL without one. */
LCAP_API const char *lcap_rule_hash_key(const struct lcap_rule *rule);
/* Whether all packets of the rule form one sample; if so, *sample_id is its ID. */
LCAP_API bool lcap_rule_sample_id(const struct lcap_rule *rule, uint64_t *sample_id);
/* Whether the rule cannot label any packet; lcap_rules_finding() says why. */
LCAP_API bool lcap_rule_is_idle(const struct lcap_rule *rule);

/* The sample of a packet, and its label. */
struct lcap_sample {
    uint64_t id;
    const char *metadata; /* NUL-terminated, as is the comment */
    size_t metadata_len;
    const char *comment; /* the label: "sampleID,metadata" */
    size_t comment_len;
    uint32_t rule; /* index of the rule that labels the packet */
};

struct lcap_labeller;

/* `rules` must outlive the labeller. LCAP_ERR_RULES: they name samples by inputs, but were
 * loaded without any. */
LCAP_API LCAP_MUST_USE int lcap_labeller_new(struct lcap_labeller **labeller,
                                             const struct lcap_rules *rules,
                                             struct lcap_error *error);

/* The packet waits: see lcap_labeller_settled(). */
#define LCAP_LABEL_WAITS 2

/*
 * Finds the sample of this packet of file `file` (an index into the files given at
 * loading, or LCAP_NO_FILE). Returns 1 and the sample in *sample, valid until the
 * next call; 0 and NULL if no rule labels the packet; LCAP_LABEL_WAITS and NULL; or a
 * negative code, after which only lcap_labeller_free() is allowed. The cost
 * hardly depends on the number of rules. The first packet of each link type
 * compiles the filters for it. `packet` need not come from a reader, but needs the
 * link type of its interface, data, lengths and time.
 *
 * Packets are given in the order of their capture, for rules with SCOPE:flow and
 * EACH:flow. Only with such rules does a packet wait: it is a fragment whose flow an
 * earlier fragment of its IP packet tells, which comes later, within 1 s of capture and
 * 4 MiB of packets.
 */
LCAP_API LCAP_MUST_USE int lcap_labeller_label(struct lcap_labeller *labeller, uint32_t file,
                                               const struct lcap_packet *packet,
                                               const struct lcap_sample **sample,
                                               struct lcap_error *error);

/*
 * The samples of packets whose wait is over: returns 1, in *number how many packets were
 * given before that one, and in *sample its sample, or NULL if no rule labels it. Returns 0
 * if there are no more of them, or a negative code. Call it after each of
 * lcap_labeller_label(), lcap_labeller_end_waits() and lcap_labeller_finish(); the next of these
 * calls forgets what was not fetched.
 */
LCAP_API LCAP_MUST_USE int lcap_labeller_settled(struct lcap_labeller *labeller, uint64_t *number,
                                                 const struct lcap_sample **sample,
                                                 struct lcap_error *error);

/* Ends all waits: at the end of an input after which flows go on in the next one. */
LCAP_API LCAP_MUST_USE int lcap_labeller_end_waits(struct lcap_labeller *labeller,
                                                   struct lcap_error *error);

/* Ends all waits and all flows; packets that follow begin a new stream. */
LCAP_API LCAP_MUST_USE int lcap_labeller_finish(struct lcap_labeller *labeller,
                                                struct lcap_error *error);

/*
 * Filters that libpcap refused for link types seen so far, with libpcap's message:
 * they match no packet of these link types. Those refused for the same reason are one finding:
 * the filter and the place, a line, are those of the first, the count is the number of rules
 * with such filters. NULL after the last one. Valid until the next packet.
 */
LCAP_API const struct lcap_finding *lcap_labeller_finding(const struct lcap_labeller *labeller,
                                                          size_t index);

/* Whether libpcap refused the filter of a rule for every link type seen so far. */
LCAP_API bool lcap_labeller_refused(const struct lcap_labeller *labeller, size_t rule);

/* The number of packets that a rule has labelled so far, and of the samples that they form. */
LCAP_API uint64_t lcap_labeller_packets(const struct lcap_labeller *labeller, size_t rule);
LCAP_API uint64_t lcap_labeller_rule_samples(const struct lcap_labeller *labeller, size_t rule);
/* The number of samples of all rules. */
LCAP_API uint64_t lcap_labeller_samples(const struct lcap_labeller *labeller);

/* What else happened so far. A result, which may grow. */
struct lcap_labeller_counts {
    uint64_t lost_fragments; /* in no flow, because the fragment with their ports did not come */
    uint64_t cut_flows;      /* open when their stream was finished; for each idle time-out */
    /*
     * Packets of samples that were too many to be remembered, of EACH:host, EACH:window or
     * EACH:file without EACH:flow. Unless this is 0, the numbers of samples are minimums.
     */
    uint64_t uncounted;
};
/* Valid as long as the labeller. */
LCAP_API const struct lcap_labeller_counts *
lcap_labeller_counts(const struct lcap_labeller *labeller);
LCAP_API void lcap_labeller_free(struct lcap_labeller *labeller);

#ifdef __cplusplus
}
#endif

#endif
