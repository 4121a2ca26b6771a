/*
 * Writes the captures and rules files that the bench works on: always the same
 * bytes for the same options. Says how many packets and flows a capture has.
 *
 *     generate [options] OUT.pcap             one capture, packets in order of time
 *     generate [options] --shuffled OUT.pcap  the same packets in random order
 *     generate [options] --files N DIR        the same packets in N captures f00000.pcap …
 *     generate [options] --rules KIND --count N OUT.csv   see traffic_rules.h
 *
 * Options: --size BYTES (1000000000), --flows N (one for each 25,000 bytes),
 * --mean BYTES a frame (330), --seed N (1), --ns (timestamps in nanoseconds).
 */
#include "base/bytes.h"
#include "population.h"
#include "traffic.h"
#include "traffic_rules.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PCAP_HEADER        24
#define PCAP_PACKET_HEADER 16
#define WRITE_BUFFER       (1u << 20)
#define BYTES_PER_FLOW     25000

struct arguments {
    struct traffic_options traffic;
    bool nanoseconds;
    bool shuffled;
    uint64_t files;
    const char *rules;
    uint64_t count;
    const char *output;
};

/* Packets with their pcap headers, one after the other. */
struct record_buffer {
    uint8_t *data;
    size_t len;
    size_t capacity;
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void *allocate(size_t len)
{
    void *data = malloc(len);
    if (!data)
        die("generate");
    return data;
}

static FILE *create(const char *path)
{
    FILE *out = fopen(path, "wb");
    if (!out)
        die(path);
    setvbuf(out, NULL, _IONBF, 0); /* what is written comes in large pieces */
    return out;
}

static void put(FILE *out, const void *data, size_t len, const char *path)
{
    if (fwrite(data, 1, len, out) != len)
        die(path);
}

static void finish(FILE *out, const char *path)
{
    if (fclose(out) != 0)
        die(path);
}

static void put_pcap_header(FILE *out, const struct arguments *a, const char *path)
{
    uint8_t header[PCAP_HEADER] = {0};
    store32(header, a->nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, false);
    store16(header + 4, 2, false);
    store16(header + 6, 4, false);
    store32(header + 16, 262144, false);
    store32(header + 20, 1, false); /* Ethernet */
    put(out, header, sizeof header, path);
}

/* Adds the next packet; false at the end. There is room for it. */
static bool add_packet(struct record_buffer *buffer, struct traffic *traffic,
                       const struct arguments *a)
{
    uint8_t *at = buffer->data + buffer->len;
    uint64_t time;
    uint32_t len = traffic_next(traffic, at + PCAP_PACKET_HEADER, &time);
    if (len == 0)
        return false;
    store32(at, (uint32_t)(time / 1000000000), false);
    store32(at + 4, (uint32_t)(time % 1000000000 / (a->nanoseconds ? 1 : 1000)), false);
    store32(at + 8, len, false);
    store32(at + 12, len, false);
    buffer->len += PCAP_PACKET_HEADER + len;
    return true;
}

/* Takes packets until there are `bytes` of them; false when no more will come. */
static bool fill(struct record_buffer *buffer, struct traffic *traffic, const struct arguments *a,
                 size_t bytes)
{
    buffer->len = 0;
    while (buffer->len < bytes) {
        if (!add_packet(buffer, traffic, a))
            return false;
    }
    return true;
}

static struct record_buffer new_buffer(size_t bytes)
{
    size_t capacity = bytes + PCAP_PACKET_HEADER + TRAFFIC_MAX_FRAME;
    return (struct record_buffer){allocate(capacity), 0, capacity};
}

static void write_ordered(struct traffic *traffic, const struct arguments *a)
{
    FILE *out = create(a->output);
    struct record_buffer buffer = new_buffer(WRITE_BUFFER);
    put_pcap_header(out, a, a->output);
    bool more = true;
    while (more) {
        more = fill(&buffer, traffic, a, WRITE_BUFFER);
        put(out, buffer.data, buffer.len, a->output);
    }
    free(buffer.data);
    finish(out, a->output);
}

static size_t record_length(const uint8_t *record)
{
    return PCAP_PACKET_HEADER + load32(record + 8, false);
}

static void write_files(struct traffic *traffic, const struct arguments *a)
{
    size_t share = (size_t)(a->traffic.bytes / a->files);
    struct record_buffer buffer = new_buffer(share);
    for (uint64_t i = 0; i < a->files; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/f%05" PRIu64 ".pcap", a->output, i);
        fill(&buffer, traffic, a, share);
        FILE *out = create(path);
        put_pcap_header(out, a, path);
        put(out, buffer.data, buffer.len, path);
        finish(out, path);
    }
    free(buffer.data);
}

/* Where each packet begins, in random order (Fisher, Yates). */
static size_t *shuffle(const struct record_buffer *packets, uint64_t seed, size_t *count)
{
    size_t *starts = allocate(packets->len / PCAP_PACKET_HEADER * sizeof *starts + 1);
    *count = 0;
    for (size_t at = 0; at < packets->len; at += record_length(packets->data + at))
        starts[(*count)++] = at;
    for (size_t i = *count; i > 1; i--) {
        size_t other = mix64(seed + i) % i, start = starts[i - 1];
        starts[i - 1] = starts[other];
        starts[other] = start;
    }
    return starts;
}

static void write_shuffled(struct traffic *traffic, const struct arguments *a)
{
    struct record_buffer packets = new_buffer((size_t)a->traffic.bytes);
    fill(&packets, traffic, a, (size_t)a->traffic.bytes);
    size_t count;
    size_t *starts = shuffle(&packets, a->traffic.seed, &count);
    struct record_buffer buffer = new_buffer(WRITE_BUFFER);
    FILE *out = create(a->output);
    put_pcap_header(out, a, a->output);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *record = packets.data + starts[i];
        memcpy(buffer.data + buffer.len, record, record_length(record));
        buffer.len += record_length(record);
        if (buffer.len >= WRITE_BUFFER || i == count - 1) {
            put(out, buffer.data, buffer.len, a->output);
            buffer.len = 0;
        }
    }
    finish(out, a->output);
    free(buffer.data);
    free(packets.data);
    free(starts);
}

static int write_captures(const struct arguments *a)
{
    struct traffic *traffic = traffic_new(&a->traffic);
    if (!traffic)
        die("generate");
    if (a->files > 0)
        write_files(traffic, a);
    else if (a->shuffled)
        write_shuffled(traffic, a);
    else
        write_ordered(traffic, a);
    printf("%" PRIu64 " packets, %" PRIu64 " flows\n", traffic_packets(traffic),
           traffic_flows(traffic));
    traffic_free(traffic);
    return 0;
}

static int write_rules(const struct arguments *a)
{
    struct traffic_rules rules = {a->traffic.seed, a->count};
    FILE *out = fopen(a->output, "w");
    if (!out)
        die(a->output);
    bool known = traffic_rules_write(out, a->rules, &rules);
    finish(out, a->output);
    if (!known)
        fprintf(stderr, "generate: no rules of kind '%s'\n", a->rules);
    return known ? 0 : 2;
}

static uint64_t number(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    if (end == text || *end != '\0') {
        fprintf(stderr, "generate: a number was expected, found '%s'\n", text);
        exit(2);
    }
    return value;
}

static struct arguments parse(int argc, char **argv)
{
    static const struct option options[] = {
        {"size", required_argument, NULL, 's'},  {"flows", required_argument, NULL, 'f'},
        {"mean", required_argument, NULL, 'm'},  {"seed", required_argument, NULL, 'r'},
        {"ns", no_argument, NULL, 'n'},          {"shuffled", no_argument, NULL, 'x'},
        {"files", required_argument, NULL, 'F'}, {"rules", required_argument, NULL, 'R'},
        {"count", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
    struct arguments a = {.traffic = {.seed = 1, .bytes = 1000000000, .mean = 330}, .count = 10};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 's':
            a.traffic.bytes = number(optarg);
            break;
        case 'f':
            a.traffic.flows = number(optarg);
            break;
        case 'm':
            a.traffic.mean = (uint32_t)number(optarg);
            break;
        case 'r':
            a.traffic.seed = number(optarg);
            break;
        case 'n':
            a.nanoseconds = true;
            break;
        case 'x':
            a.shuffled = true;
            break;
        case 'F':
            a.files = number(optarg);
            break;
        case 'R':
            a.rules = optarg;
            break;
        case 'c':
            a.count = number(optarg);
            break;
        default:
            exit(2);
        }
    }
    if (optind != argc - 1) {
        fprintf(stderr, "usage: generate [options] OUTPUT\n");
        exit(2);
    }
    a.output = argv[optind];
    if (a.traffic.flows == 0)
        a.traffic.flows = (a.traffic.bytes + BYTES_PER_FLOW - 1) / BYTES_PER_FLOW;
    return a;
}

int main(int argc, char **argv)
{
    struct arguments a = parse(argc, argv);
    return a.rules ? write_rules(&a) : write_captures(&a);
}
