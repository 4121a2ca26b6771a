/*
 * BPF filters by libpcap: text → program for a LINKTYPE, never with a network
 * look-up. The only file of labelcap besides live.c that knows libpcap.
 */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include <labelcap/capture.h>

/* One instruction, the classic BPF machine (McCanne, Jacobson, 1993); as struct bpf_insn. */
struct filter_insn {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
};

struct filter_program {
    struct filter_insn *insns;
    uint32_t count;
};

/*
 * Compiles `text` for packets of `linktype`. On a refusal returns
 * LCAP_ERR_RULES with libpcap's message alone as the text. A host, network or
 * ethers NAME is refused before libpcap sees it: names are not looked up.
 */
int filter_compile(struct filter_program *program, const char *text, uint16_t linktype,
                   struct lcap_error *error);

/*
 * Whether `text` is a filter at all: compiles for Ethernet or, failing that,
 * for any of the other usual link types. The error text is the message for
 * Ethernet. *ethernet is the program for Ethernet, empty where there is none.
 */
int filter_check(struct filter_program *ethernet, const char *text, struct lcap_error *error);

/* Runs a program over a packet: true = it matches. */
bool filter_matches(const struct filter_program *program, const struct lcap_packet *packet);

void filter_release(struct filter_program *program);

#endif
