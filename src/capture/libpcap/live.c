/* Live capture by libpcap. */
#include "capture/libpcap/live.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "base/text/text.h"
#include "capture/libpcap/pcap_library.h"
#include "capture/linktype.h"
#include "capture/pcapng.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long live_next() waits, so that its caller can look at clocks and signals. */
#define WAIT_MS 100

/* The counts of an Interface Statistics Block; all its options have eight bytes. */
enum { ISB_IFRECV = 4, ISB_IFDROP = 5, ISB_OSDROP = 7 };
#define ISB_OPTION_LEN (4 + 8)
#define ISB_BODY       (12 + 5 * ISB_OPTION_LEN + 4)

struct live {
    pcap_t *pcap;
    bool nanoseconds;
    uint64_t started; /* in units of the interface */
    struct lcap_interface interface;
    struct lcap_block interface_block;
    struct lcap_block packet_block;
    struct lcap_block statistics_block;
    uint8_t statistics_body[ISB_BODY];
};

/* ---- opening ---- */

static int refuse(const char *device, const char *what, struct lcap_error *error)
{
    return lcap_error_set(error, LCAP_ERR_IO, "%s: cannot capture: %s", device, what);
}

/* Where the right to capture is what is missing, how to get it; libpcap says what failed. */
static int refuse_activation(const char *device, int status, const char *detail,
                             struct lcap_error *error)
{
    const bool lacks_right =
        status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED;
    const char *what = *detail && !lacks_right ? detail : libpcap.pcap_statustostr(status);
    if (!lacks_right)
        return refuse(device, what, error);
    return lcap_error_set(error, LCAP_ERR_IO,
                          "%s: cannot capture: %s; root may, and a program with CAP_NET_RAW: "
                          "setcap cap_net_raw,cap_net_admin+ep PROGRAM",
                          device, what);
}

static int activate(struct live *live, const char *device, const struct live_options *options,
                    struct lcap_error *error)
{
    pcap_t *pcap = live->pcap;
    libpcap.pcap_set_snaplen(pcap, (int)options->snaplen);
    libpcap.pcap_set_promisc(pcap, options->promiscuous);
    libpcap.pcap_set_timeout(pcap, WAIT_MS);
    if (options->buffer_size &&
        (options->buffer_size > INT32_MAX ||
         libpcap.pcap_set_buffer_size(pcap, (int)options->buffer_size) != 0))
        return refuse(device, "the buffer size is not supported", error);
    live->nanoseconds = libpcap.pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO) == 0;
    int status = libpcap.pcap_activate(pcap);
    if (status < 0)
        return refuse_activation(device, status, libpcap.pcap_geterr(pcap), error);
    char message[PCAP_ERRBUF_SIZE];
    return libpcap.pcap_setnonblock(pcap, 1, message) == 0 ? LCAP_OK
                                                           : refuse(device, message, error);
}

/* Converts libpcap's number of the link type to that of files; among live devices only raw IP
 * differs. */
static uint16_t linktype_of_dlt(int dlt)
{
    return dlt == DLT_RAW ? LINKTYPE_RAW : (uint16_t)dlt;
}

static void describe(struct live *live, const char *device, uint32_t snaplen)
{
    live->interface = (struct lcap_interface){
        .linktype = linktype_of_dlt(libpcap.pcap_datalink(live->pcap)),
        .snaplen = snaplen,
        .tsresol = live->nanoseconds ? TSRESOL_NANOSECONDS : TSRESOL_MICROSECONDS,
        .fcs_len = -1,
        .big_endian = HOST_BIG_ENDIAN,
        .name = device,
        .name_len = strlen(device),
    };
    live->interface_block = (struct lcap_block){
        .kind = LCAP_BLOCK_INTERFACE,
        .big_endian = HOST_BIG_ENDIAN,
        .interface = &live->interface,
    };
}

static uint64_t units(const struct live *live, int64_t seconds, int64_t fraction)
{
    return (uint64_t)seconds * (live->nanoseconds ? NS_PER_SECOND : NS_PER_SECOND / 1000) +
           (uint64_t)fraction;
}

static uint64_t now(const struct live *live)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return units(live, time.tv_sec, live->nanoseconds ? time.tv_nsec : time.tv_nsec / 1000);
}

int live_open(struct live **opened, const char *device, const struct live_options *options,
              struct lcap_error *error)
{
    /* Linux names have at most 15 characters; the bound keeps the 16-bit length of the option
     * valid. */
    if (strlen(device) > 255 || *device == '\0')
        return refuse(device, "not the name of an interface", error);
    int rc = pcap_library_load(error);
    if (rc < 0)
        return rc;
    char message[PCAP_ERRBUF_SIZE] = "";
    struct live *live = memory_new(1, sizeof *live, error);
    if (!live)
        return LCAP_ERR_MEMORY;
    live->pcap = libpcap.pcap_create(device, message);
    rc = live->pcap ? activate(live, device, options, error) : refuse(device, message, error);
    if (rc < 0) {
        live_free(live);
        return rc;
    }
    describe(live, device, options->snaplen);
    live->started = now(live);
    *opened = live;
    return LCAP_OK;
}

const struct lcap_block *live_interface(const struct live *live)
{
    return &live->interface_block;
}

/* ---- packets ---- */

static int64_t time_ns_of(const struct live *live, const struct pcap_pkthdr *header)
{
    int64_t fraction = header->ts.tv_usec; /* nanoseconds, if they were requested */
    return header->ts.tv_sec * (int64_t)NS_PER_SECOND +
           (live->nanoseconds ? fraction : fraction * 1000);
}

/* libpcap itself would wait for a packet forever, so it does not block, and we wait. */
static int next_within_wait(struct live *live, struct pcap_pkthdr **header, const u_char **data)
{
    int got = libpcap.pcap_next_ex(live->pcap, header, data);
    if (got != 0)
        return got;
    struct pollfd ready = {.fd = libpcap.pcap_get_selectable_fd(live->pcap), .events = POLLIN};
    poll(&ready, 1, WAIT_MS);
    return libpcap.pcap_next_ex(live->pcap, header, data);
}

int live_next(struct live *live, const struct lcap_block **block, struct lcap_error *error)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int got = next_within_wait(live, &header, &data);
    if (got == 0)
        return 0;
    if (got < 0)
        return lcap_error_set(error, LCAP_ERR_IO, "%.*s: capture failed: %s",
                              (int)live->interface.name_len, live->interface.name,
                              libpcap.pcap_geterr(live->pcap));
    live->packet_block = (struct lcap_block){
        .kind = LCAP_BLOCK_PACKET,
        .big_endian = HOST_BIG_ENDIAN,
        .interface = &live->interface,
        .packet = {.interface = &live->interface,
                   .data = data,
                   .caplen = header->caplen,
                   .len = header->len,
                   .has_time = true,
                   .time_ns = time_ns_of(live, header),
                   .timestamp = units(live, header->ts.tv_sec, header->ts.tv_usec),
                   .drops = LCAP_NO_DROPS},
    };
    *block = &live->packet_block;
    return 1;
}

/* ---- statistics ---- */

static uint8_t *put_time(uint8_t *at, uint64_t time)
{
    store32(at, (uint32_t)(time >> 32), HOST_BIG_ENDIAN);
    store32(at + 4, (uint32_t)time, HOST_BIG_ENDIAN);
    return at + 8;
}

static uint8_t *put_option_head(uint8_t *at, uint16_t code)
{
    store16(at, code, HOST_BIG_ENDIAN);
    store16(at + 2, 8, HOST_BIG_ENDIAN);
    return at + 4;
}

static uint8_t *put_count(uint8_t *at, uint16_t code, uint64_t count)
{
    at = put_option_head(at, code);
    store64(at, count, HOST_BIG_ENDIAN);
    return at + 8;
}

static void fill_statistics_body(struct live *live, const struct live_counts *counts)
{
    uint64_t time = now(live);
    uint8_t *at = live->statistics_body;
    store32(at, 0, HOST_BIG_ENDIAN); /* the interface; the writer sets its own number */
    at = put_time(at + 4, time);
    at = put_time(put_option_head(at, OPT_ISB_STARTTIME), live->started);
    at = put_time(put_option_head(at, OPT_ISB_ENDTIME), time);
    at = put_count(at, ISB_IFRECV, counts->received);
    at = put_count(at, ISB_IFDROP, counts->dropped_interface);
    at = put_count(at, ISB_OSDROP, counts->dropped);
    memset(at, 0, 4); /* opt_endofopt */
}

int live_statistics(struct live *live, struct live_counts *counts, const struct lcap_block **block,
                    struct lcap_error *error)
{
    struct pcap_stat stat;
    if (libpcap.pcap_stats(live->pcap, &stat) != 0)
        return lcap_error_set(error, LCAP_ERR_IO, "%.*s: cannot read statistics: %s",
                              (int)live->interface.name_len, live->interface.name,
                              libpcap.pcap_geterr(live->pcap));
    *counts = (struct live_counts){stat.ps_recv, stat.ps_drop, stat.ps_ifdrop};
    fill_statistics_body(live, counts);
    live->statistics_block = (struct lcap_block){
        .kind = LCAP_BLOCK_STATISTICS,
        .type = PCAPNG_STATISTICS,
        .big_endian = HOST_BIG_ENDIAN,
        .body = live->statistics_body,
        .body_len = sizeof live->statistics_body,
        .interface = &live->interface,
    };
    *block = &live->statistics_block;
    return LCAP_OK;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    if (live->pcap)
        libpcap.pcap_close(live->pcap);
    free(live);
}
