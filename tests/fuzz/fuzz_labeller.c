/*
 * Fuzz target: rules with SCOPE and EACH, and packets. A labeller of all rules must
 * give each packet what the first rule gives it that labels it in a labeller of its
 * own, fragments that wait too, and count the samples that came out.
 *
 * Input: how many rules, which ones, then packets: a step of time (or the end of a
 * stream), and what the packet is.
 */
#include "base/linktype_numbers.h"
#include <labelcap/label.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEP_NS      INT64_C(31250000)
#define STREAM_END   127
#define MOST_PACKETS 512
#define MOST_RULES   6
#define NO_RULE      UINT32_MAX

static const struct lcap_file files[] = {{"in/a.pcap", "a.pcap"}, {"b.pcap", "b.pcap"}};

static const char *const pool[] = {
    "EACH:flow",
    "EACH:flow:1",
    "BPF:udp|EACH:flow:3",
    "BPF:src host 192.0.2.1|EACH:flow",
    "EACH:host:192.0.2.0/31",
    "EACH:host:192.0.2.2",
    "BPF:tcp|EACH:window:0.5",
    "EACH:flow|EACH:host:192.0.2.0/30",
    "EACH:flow|EACH:window:2",
    "EACH:window:1|EACH:host:192.0.2.0/30",
    "FILE:a.pcap|EACH:file",
    "BPF:udp|EACH:packet",
    "SCOPE:flow",
    "BPF:src host 192.0.2.1|SCOPE:flow",
    "BPF:udp port 53|SCOPE:flow:1",
    "TS_END:2|SCOPE:flow:3",
    "BPF:tcp[tcpflags] & tcp-syn != 0|SCOPE:flow|EACH:flow:1",
    "BPF:tcp|SCOPE:flow:3|EACH:flow",
    "TS_START:1|TS_END:3",
    "BPF:udp port 53",
    "FILE:b.pcap|SCOPE:flow",
    "BPF:len < 40",
};
#define POOL (sizeof pool / sizeof *pool)

struct input {
    const uint8_t *at, *end;
};

/* What a packet was given. */
struct given {
    uint64_t id;
    uint32_t rule; /* or NO_RULE */
};

struct run {
    struct lcap_rules *rules;
    struct lcap_labeller *labeller;
    uint64_t packets, settled;
    struct given given[MOST_PACKETS];
};

static void require(bool good)
{
    if (!good)
        abort();
}

/* 0 once the input is used up. */
static uint8_t take(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

/* The same rule is the same text in every run, and so has the same samples. */
static void begin(struct run *run, const uint8_t *numbers, size_t count)
{
    char path[32], text[MOST_RULES * 96];
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s,x,rule %d\n", pool[numbers[i]],
                                numbers[i]);
    int fd = memfd_create("rules", MFD_CLOEXEC);
    require(fd >= 0 && write(fd, text, len) == (ssize_t)len);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    require(lcap_rules_load(&run->rules, path, files, 2, NULL) == 0);
    require(lcap_labeller_new(&run->labeller, run->rules, NULL) == 0);
    close(fd);
}

static void note(struct run *run, uint64_t number, const struct lcap_sample *sample)
{
    run->given[number].rule = sample ? sample->rule : NO_RULE;
    run->given[number].id = sample ? sample->id : 0;
    run->settled++;
}

static void fetch_settled(struct run *run)
{
    const struct lcap_sample *sample;
    uint64_t number;
    int rc;
    while ((rc = lcap_labeller_settled(run->labeller, &number, &sample, NULL)) == 1)
        note(run, number, sample);
    require(rc == 0);
}

static void give(struct run *run, uint32_t file, const struct lcap_packet *packet)
{
    const struct lcap_sample *sample;
    int rc = lcap_labeller_label(run->labeller, file, packet, &sample, NULL);
    require(rc >= 0 && (rc == 1) == (sample != NULL));
    if (rc != LCAP_LABEL_WAITS)
        note(run, run->packets, sample);
    run->packets++;
    fetch_settled(run);
}

static void end_stream(struct run *run, bool go_on)
{
    require((go_on ? lcap_labeller_end_waits(run->labeller, NULL)
                   : lcap_labeller_finish(run->labeller, NULL)) == 0);
    fetch_settled(run);
    require(run->settled == run->packets);
}

/* Raw IPv4: UDP, TCP, ICMP or others between four hosts, a fragment now and then. */
static uint32_t make_packet(struct input *in, uint8_t *bytes)
{
    static const uint8_t protocols[] = {17, 17, 6, 1, 50};
    static const uint8_t flags[] = {0x02, 0x12, 0x10, 0x11, 0x04};
    const uint8_t what = take(in), ends = take(in), fragment = take(in);
    const uint8_t protocol = protocols[what % 5];
    memset(bytes, 0, 64);
    bytes[0] = 0x45;
    bytes[3] = 44;
    bytes[5] = fragment >> 4 & 3;
    if (fragment & 1) {
        bytes[6] = fragment & 2 ? 0x20 : 0;
        bytes[7] = fragment & 4 ? 3 : 0;
    }
    bytes[8] = 64;
    bytes[9] = protocol;
    memcpy(bytes + 12, (const uint8_t[]){192, 0, 2, ends & 3}, 4);
    memcpy(bytes + 16, (const uint8_t[]){192, 0, 2, ends >> 2 & 3}, 4);
    bytes[21] = protocol == 1 ? 0 : 53;
    bytes[23] = ends & 0x10 ? 53 : 7;
    bytes[25] = protocol == 17 ? 24 : what >> 6;
    bytes[32] = 0x50;
    bytes[33] = protocol == 6 ? flags[what / 5 % 5] : 0;
    return what & 0x80 ? 44 : 44 - (what & 7u);
}

/* Whether an earlier packet was given the same sample, by the same rule if `of_rule`. */
static bool came_before(const struct run *run, size_t number, bool of_rule)
{
    const struct given *given = run->given;
    for (size_t i = 0; i < number; i++)
        if (given[i].rule != NO_RULE && given[i].id == given[number].id &&
            (!of_rule || given[i].rule == given[number].rule))
            return true;
    return false;
}

/* Flows of one text, which begin at the same time, are one sample, but counted by themselves. */
static bool is_count(uint64_t counted, uint64_t samples, bool time_rises)
{
    return time_rises ? counted == samples : counted >= samples;
}

static void check_counts(const struct run *run, size_t rules, bool time_rises)
{
    uint64_t samples = 0, of_rule[MOST_RULES] = {0}, packets[MOST_RULES] = {0};
    for (size_t i = 0; i < run->packets; i++) {
        if (run->given[i].rule == NO_RULE)
            continue;
        packets[run->given[i].rule]++;
        samples += !came_before(run, i, false);
        of_rule[run->given[i].rule] += !came_before(run, i, true);
    }
    require(is_count(lcap_labeller_samples(run->labeller), samples, time_rises));
    for (size_t i = 0; i < rules; i++) {
        require(lcap_labeller_packets(run->labeller, i) == packets[i]);
        require(is_count(lcap_labeller_rule_samples(run->labeller, i), of_rule[i], time_rises));
    }
}

/* The labeller of all rules, and behind it one of each alone. */
struct runs {
    struct run *all, *alone;
    size_t count;
    bool time_rises; /* with every packet */
};

static void begin_all(struct input *in, struct runs *runs)
{
    uint8_t numbers[MOST_RULES];
    runs->count = 1 + take(in) % MOST_RULES;
    runs->all = calloc(1 + runs->count, sizeof *runs->all);
    require(runs->all);
    runs->alone = runs->all + 1;
    runs->time_rises = true;
    for (size_t i = 0; i < runs->count; i++) {
        numbers[i] = take(in) % POOL;
        begin(&runs->alone[i], numbers + i, 1);
    }
    begin(runs->all, numbers, runs->count);
}

static void give_all(struct runs *runs, struct input *in, uint32_t file, int64_t time_ns)
{
    static const struct lcap_interface interface = {.linktype = LINKTYPE_RAW};
    uint8_t bytes[64];
    const uint32_t len = make_packet(in, bytes);
    const struct lcap_packet packet = {.interface = &interface,
                                       .data = bytes,
                                       .caplen = len,
                                       .len = 44,
                                       .has_time = true,
                                       .time_ns = time_ns,
                                       .drops = LCAP_NO_DROPS};
    for (size_t i = 0; i <= runs->count; i++)
        give(&runs->all[i], file, &packet);
}

static void end_all(struct runs *runs, bool go_on)
{
    for (size_t i = 0; i <= runs->count; i++)
        end_stream(&runs->all[i], go_on);
}

static struct given expected(const struct runs *runs, size_t number)
{
    for (uint32_t i = 0; i < runs->count; i++)
        if (runs->alone[i].given[number].rule != NO_RULE)
            return (struct given){runs->alone[i].given[number].id, i};
    return (struct given){0, NO_RULE};
}

static void check_all(const struct runs *runs)
{
    for (size_t n = 0; n < runs->all->packets; n++) {
        const struct given want = expected(runs, n), given = runs->all->given[n];
        require(given.rule == want.rule && given.id == want.id);
    }
    check_counts(runs->all, runs->count, runs->time_rises);
}

static void free_all(struct runs *runs)
{
    for (size_t i = 0; i <= runs->count; i++) {
        lcap_labeller_free(runs->all[i].labeller);
        lcap_rules_free(runs->all[i].rules);
    }
    free(runs->all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    struct runs runs;
    uint32_t file = 0;
    int64_t now_ns = 0;
    begin_all(&in, &runs);
    while (runs.all->packets < MOST_PACKETS && in.at < in.end) {
        const int8_t step = (int8_t)take(&in);
        if (step == STREAM_END) {
            end_all(&runs, take(&in) & 1);
            file = 1;
        } else {
            now_ns += step * STEP_NS;
            runs.time_rises &= step > 0;
            give_all(&runs, &in, file, now_ns);
        }
    }
    end_all(&runs, false);
    check_all(&runs);
    free_all(&runs);
    return 0;
}
