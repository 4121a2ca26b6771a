/* BPF filters: libpcap compiles and runs them, after the checks of filter_names. */
#include "capture/libpcap/filter.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "capture/display_filter.h"
#include "capture/filter_names.h"
#include "capture/libpcap/pcap_library.h"
#include "capture/linktype.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct filter_insn) == sizeof(struct bpf_insn) &&
                   offsetof(struct filter_insn, jt) == offsetof(struct bpf_insn, jt) &&
                   offsetof(struct filter_insn, jf) == offsetof(struct bpf_insn, jf) &&
                   offsetof(struct filter_insn, k) == offsetof(struct bpf_insn, k),
               "an instruction is laid out as libpcap's");

#define MAX_SNAPLEN 262144 /* libpcap's MAXIMUM_SNAPLEN */

/*
 * The time of libpcap's optimizer grows with the cube of the program size: 2,000
 * instructions (60 hosts joined by 'or') take some 20 ms, 20,000 half a minute.
 * Longer programs are not optimized.
 */
#define OPTIMISABLE_INSNS 2000

/* So many terms never have that many instructions: a term has 10 to 120. */
#define SURELY_OPTIMISABLE_TERMS 10

/*
 * A libpcap handle with only a link type. It is that of a capture file, so that
 * libpcap itself converts the LINKTYPE to its DLT and knows that there is no
 * interface: on a dead handle, "inbound" would compile to loads of metadata that
 * only the kernel has.
 */
static int open_linktype(pcap_t **handle, uint16_t linktype, struct lcap_error *error)
{
    uint8_t header[24] = {0}; /* draft-ietf-opsawg-pcap, section 4 */
    char message[PCAP_ERRBUF_SIZE];
    store32(header, 0xA1B2C3D4, HOST_BIG_ENDIAN);
    store16(header + 4, 2, HOST_BIG_ENDIAN);
    store16(header + 6, 4, HOST_BIG_ENDIAN);
    store32(header + 16, MAX_SNAPLEN, HOST_BIG_ENDIAN);
    store32(header + 20, linktype, HOST_BIG_ENDIAN);
    int rc = pcap_library_load(error);
    if (rc < 0)
        return rc;
    FILE *file = fmemopen(header, sizeof header, "rb");
    if (!file)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for a filter");
    errno = 0;
    *handle = libpcap.pcap_fopen_offline(file, message);
    if (*handle)
        return LCAP_OK;
    const int code = errno == ENOMEM ? LCAP_ERR_MEMORY : LCAP_ERR_RULES;
    fclose(file);
    return lcap_error_set(error, code, "%s", message);
}

/* libpcap has no code for a lack of memory, and several texts. */
static int refusal(pcap_t *handle, int errnum, struct lcap_error *error)
{
    if (errnum == ENOMEM)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory for a filter");
    const char *message = libpcap.pcap_geterr(handle);
    size_t len = strlen(message);
    while (len > 0 && message[len - 1] == '\n')
        len--;
    unsigned low, high;
    if (sscanf(message, "unknown port '%5u-%5u'", &low, &high) == 2)
        return lcap_error_set(error, LCAP_ERR_RULES, "%.*s; did you mean portrange %u-%u?",
                              (int)len, message, low, high);
    return lcap_error_set(error, LCAP_ERR_RULES, "%.*s", (int)len, message);
}

static int compile(struct bpf_program *code, pcap_t *handle, const char *text, bool optimise,
                   struct lcap_error *error)
{
    errno = 0;
    if (libpcap.pcap_compile(handle, code, text, optimise, PCAP_NETMASK_UNKNOWN) < 0)
        return refusal(handle, errno, error);
    return LCAP_OK;
}

/* Optimizes only what is short enough for the optimizer. */
static int generate(struct bpf_program *code, pcap_t *handle, const char *text, size_t terms,
                    struct lcap_error *error)
{
    if (terms > SURELY_OPTIMISABLE_TERMS) {
        int rc = compile(code, handle, text, false, error);
        if (rc < 0 || code->bf_len > OPTIMISABLE_INSNS)
            return rc;
        libpcap.pcap_freecode(code);
    }
    return compile(code, handle, text, true, error);
}

static int take_code(struct filter_program *program, const struct bpf_program *code,
                     struct lcap_error *error)
{
    program->insns = memory_new(code->bf_len, sizeof *program->insns, error);
    if (!program->insns)
        return LCAP_ERR_MEMORY;
    memcpy(program->insns, code->bf_insns, code->bf_len * sizeof *program->insns);
    program->count = code->bf_len;
    return LCAP_OK;
}

int filter_compile(struct filter_program *program, const char *text, uint16_t linktype,
                   struct lcap_error *error)
{
    struct bpf_program code = {0};
    pcap_t *handle = NULL;
    *program = (struct filter_program){0};
    size_t terms;
    int rc = filter_names_check(text, &terms, error);
    if (rc < 0)
        return rc;
    rc = open_linktype(&handle, linktype, error);
    if (rc < 0)
        return rc;
    rc = generate(&code, handle, text, terms, error);
    if (rc == 0)
        rc = take_code(program, &code, error);
    libpcap.pcap_freecode(&code);
    libpcap.pcap_close(handle);
    return rc;
}

/* Says what is wrong, and the capture filter that was probably meant if there is one. */
static int explain_display_filter(const char *text, struct lcap_error *error)
{
    const struct lcap_error told = *error;
    struct filter_program program;
    struct buffer meant = {0};
    int rc = display_filter_translate(text, &meant, NULL);
    const bool known =
        rc == 0 && meant.len > 1 &&
        filter_compile(&program, (const char *)meant.data, LINKTYPE_ETHERNET, NULL) == 0;
    if (known)
        filter_release(&program);
    lcap_error_clear(error);
    lcap_error_set(error, told.code,
                   "%s; display filters of Wireshark are not capture filters%s%s%s", told.text,
                   known ? ": did you mean \"" : "", known ? (const char *)meant.data : "",
                   known ? "\"?" : " (pcap-filter(7))");
    buffer_release(&meant);
    return told.code;
}

int filter_check(struct filter_program *ethernet, const char *text, struct lcap_error *error)
{
    /* Other link types that carry IP, and those with their own primitives. */
    static const uint16_t linktypes[] = {
        LINKTYPE_ETHERNET, LINKTYPE_RAW,    LINKTYPE_LINUX_SLL,  LINKTYPE_LINUX_SLL2,
        LINKTYPE_NULL,     LINKTYPE_PPP,    LINKTYPE_IEEE802_11, LINKTYPE_IEEE802_11_RADIOTAP,
        LINKTYPE_PFLOG,    LINKTYPE_SUNATM, LINKTYPE_MTP2,       LINKTYPE_MTP2_WITH_PHDR,
    };
    struct lcap_error others = {0};
    int rc = filter_compile(ethernet, text, LINKTYPE_ETHERNET, error);
    for (size_t i = 0; rc == LCAP_ERR_RULES && i < sizeof linktypes / sizeof *linktypes; i++) {
        struct filter_program program;
        const int other = filter_compile(&program, text, linktypes[i], &others);
        if (other != LCAP_ERR_RULES) {
            rc = other;
            if (error)
                *error = others;
        }
        lcap_error_clear(&others);
        filter_release(&program);
    }
    if (rc == LCAP_ERR_RULES && error && display_filter_is_one(text))
        return explain_display_filter(text, error);
    return rc;
}

bool filter_matches(const struct filter_program *program, const struct lcap_packet *packet)
{
    return libpcap.bpf_filter((const struct bpf_insn *)program->insns, packet->data, packet->len,
                              packet->caplen) != 0;
}

void filter_release(struct filter_program *program)
{
    free(program->insns);
    *program = (struct filter_program){0};
}
