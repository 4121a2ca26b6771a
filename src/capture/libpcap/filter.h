/*
 * BPF filters by libpcap: compiles text to a program for a LINKTYPE, never with a
 * network look-up.
 */
#ifndef CAPTURE_LIBPCAP_FILTER_H
#define CAPTURE_LIBPCAP_FILTER_H

#include <labelcap/capture.h>

/* One instruction of the classic BPF machine (McCanne, Jacobson, 1993), like struct bpf_insn. */
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
 * Compiles `text` for packets of `linktype`. If it is refused, returns
 * LCAP_ERR_RULES with only libpcap's message as the text. Host, network and
 * Ethernet host names are refused before libpcap sees them: names are not looked
 * up.
 */
int filter_compile(struct filter_program *program, const char *text, uint16_t linktype,
                   struct lcap_error *error);

/*
 * Checks that `text` is a filter: compiles it for Ethernet or, if that fails, for
 * any of the other usual link types. The error text is the message for Ethernet.
 * *ethernet is the program for Ethernet, empty if there is none.
 */
int filter_check(struct filter_program *ethernet, const char *text, struct lcap_error *error);

/* Runs a program on a packet: true = it matches. */
bool filter_matches(const struct filter_program *program, const struct lcap_packet *packet);

void filter_release(struct filter_program *program);

#endif
