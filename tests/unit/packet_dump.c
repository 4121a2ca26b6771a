/*
 * A capture as text, for tests that compare what the reader gives with what
 * others say: a line for each packet, its columns named in the first line.
 * Comments are in hexadecimal, each behind a ':'. The last line on standard
 * error is the error, if there was one (exit status 1).
 */
#include "capture/pcapng.h"
#include "capture/pcapng_options.h"
#include <inttypes.h>
#include <labelcap/capture.h>
#include <stdio.h>
#include <zlib.h>

static void print_comments(const struct lcap_packet *packet)
{
    struct cursor c = {packet->options, packet->options_len, packet->interface->big_endian};
    struct pcapng_option option;
    while (packet->options && pcapng_option_next(&c, &option) == 1) {
        if (option.code != OPT_COMMENT)
            continue;
        putchar(':');
        for (unsigned i = 0; i < option.len; i++)
            printf("%02x", option.value[i]);
    }
}

static void print_packet(uint64_t number, const struct lcap_packet *p)
{
    const struct lcap_interface *i = p->interface;
    printf("%" PRIu64 "\t%d\t%" PRId64 "\t%" PRIu64 "\t%u\t%" PRId64 "\t", number, p->has_time,
           p->time_ns, p->timestamp, i->tsresol, i->tsoffset);
    printf("%u\t%u\t%u\t%u\t", i->number, i->linktype, p->caplen, p->len);
    printf("%08lx\t", crc32(0, p->data, p->caplen));
    print_comments(p);
    putchar('\n');
}

static int dump(struct lcap_reader *reader, struct lcap_error *error)
{
    const struct lcap_block *block;
    uint64_t number = 0;
    int rc;
    puts("number\thas_time\ttime_ns\ttimestamp\ttsresol\ttsoffset\t"
         "interface\tlinktype\tcaplen\tlen\tcrc32\tcomments");
    while ((rc = lcap_reader_next(reader, &block, error)) == 1)
        if (block->kind == LCAP_BLOCK_PACKET)
            print_packet(++number, &block->packet);
    return rc;
}

int main(int argc, char **argv)
{
    struct lcap_error error = {0};
    struct lcap_reader *reader = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: %s CAPTURE\n", argv[0]);
        return 2;
    }
    int rc = lcap_reader_open(&reader, argv[1], NULL, &error);
    if (rc == LCAP_OK)
        rc = dump(reader, &error);
    if (rc < 0)
        fprintf(stderr, "%d %s\n", rc, error.text);
    lcap_reader_free(reader);
    return rc < 0;
}
