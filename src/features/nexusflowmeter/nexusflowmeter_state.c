/* Counts and texts of the nexusflowmeter profile. */
#include "features/nexusflowmeter/nexusflowmeter_state.h"
#include "base/text/utc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

void nexus_count_packet(struct nexus_counts *counts, int direction, uint32_t size, uint32_t payload)
{
    const bool first = counts->packets[NEXUS_FORWARD] + counts->packets[NEXUS_BACKWARD] == 0;
    counts->packets[direction]++;
    counts->bytes[direction] += size;
    counts->payload[direction] += payload;
    if (first || size < counts->min_size)
        counts->min_size = size;
    if (size > counts->max_size)
        counts->max_size = size;
}

void nexus_count_flags(struct nexus_counts *counts, uint16_t tcp_flags)
{
    const unsigned set = tcp_flags & (NEXUS_FLAG_SETS - 1);
    counts->flag_sets[set / 64] |= UINT64_C(1) << (set % 64);
    counts->syn += (set & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    counts->fin += (set & TCP_FIN) != 0;
    counts->rst += (set & TCP_RST) != 0;
    counts->ack += (set & TCP_ACK) != 0;
}

static void swap(uint64_t directions[2])
{
    const uint64_t forward = directions[NEXUS_FORWARD];
    directions[NEXUS_FORWARD] = directions[NEXUS_BACKWARD];
    directions[NEXUS_BACKWARD] = forward;
}

void nexus_counts_flip(struct nexus_counts *counts)
{
    swap(counts->packets);
    swap(counts->bytes);
    swap(counts->payload);
}

/* A letter for each of the nine flags, and a NUL. */
enum { FLAGS_TEXT = 10 };

struct flags_text {
    char text[FLAGS_TEXT];
};

static struct flags_text text_of_set(unsigned set, const char *none)
{
    static const char letters[] = "FSRPAUECN";
    struct flags_text text = {{0}};
    size_t len = 0;
    for (unsigned bit = 0; letters[bit]; bit++)
        if (set >> bit & 1)
            text.text[len++] = letters[bit];
    if (len == 0)
        memcpy(text.text, none, strlen(none));
    return text;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct flags_text *)a)->text, ((const struct flags_text *)b)->text);
}

static size_t texts_of_sets(const struct nexus_counts *counts, const char *none,
                            struct flags_text texts[NEXUS_FLAG_SETS])
{
    size_t count = 0;
    for (unsigned word = 0; word < NEXUS_FLAG_SETS / 64; word++)
        for (uint64_t left = counts->flag_sets[word]; left; left &= left - 1)
            texts[count++] = text_of_set(word * 64 + (unsigned)__builtin_ctzll(left), none);
    if (count > 1)
        qsort(texts, count, sizeof(struct flags_text), by_text);
    return count;
}

int nexus_flags_text(const struct nexus_counts *counts, const char *none, struct arena *arena,
                     struct lcap_cell *cell, struct lcap_error *error)
{
    struct flags_text texts[NEXUS_FLAG_SETS];
    const size_t count = texts_of_sets(counts, none, texts);
    char *text = arena_take(arena, count * FLAGS_TEXT + 1, error);
    if (!text)
        return LCAP_ERR_MEMORY;
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t letters = strlen(texts[i].text);
        if (i > 0)
            text[len++] = ',';
        memcpy(text + len, texts[i].text, letters);
        len += letters;
    }
    *cell =
        (struct lcap_cell){.kind = LCAP_CELL_TEXT, .text_len = (uint32_t)len, .value.text = text};
    return LCAP_OK;
}

static char *put_digits(char *out, uint64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + digits;
}

static int digits_below(uint64_t per_second)
{
    int digits = 0;
    for (; per_second > 1; per_second /= 10)
        digits++;
    return digits;
}

int nexus_time_text(int64_t time, uint64_t per_second, struct arena *arena, struct lcap_cell *cell,
                    struct lcap_error *error)
{
    /* The years that 64 bits of nanoseconds cover have four digits: 1677 to 2262. */
    char *text = arena_take(arena, sizeof "2019-03-14 19:04:01.545143123", error);
    if (!text)
        return LCAP_ERR_MEMORY;
    int64_t fraction = time % (int64_t)per_second;
    int64_t seconds = (time / (int64_t)per_second);
    if (fraction < 0) {
        fraction += (int64_t)per_second;
        seconds--;
    }
    struct tm tm;
    utc_from_seconds(seconds, &tm);
    char *end = put_digits(text, (uint64_t)tm.tm_year + 1900, 4);
    *end++ = '-';
    end = put_digits(end, (uint64_t)tm.tm_mon + 1, 2);
    *end++ = '-';
    end = put_digits(end, (uint64_t)tm.tm_mday, 2);
    *end++ = ' ';
    end = put_digits(end, (uint64_t)tm.tm_hour, 2);
    *end++ = ':';
    end = put_digits(end, (uint64_t)tm.tm_min, 2);
    *end++ = ':';
    end = put_digits(end, (uint64_t)tm.tm_sec, 2);
    *end++ = '.';
    end = put_digits(end, (uint64_t)fraction, digits_below(per_second));
    *cell = (struct lcap_cell){
        .kind = LCAP_CELL_TEXT, .text_len = (uint32_t)(end - text), .value.text = text};
    return LCAP_OK;
}
