/* Parses labels in comments, and writes them. */
#include "label/comment.h"

#include "base/number/number.h"
#include "base/text/text.h"
#include <string.h>

#define ID_DIGITS_MAX 20 /* of 2^64 - 1 */

/* pcapml adds facts of the packet behind the label: its direction, and its destination. */
static bool is_fact(const char *text, size_t len)
{
    static const char *const keys[] = {"d=", "dir=", "dst="};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (len >= strlen(keys[i]) && memcmp(text, keys[i], strlen(keys[i])) == 0)
            return true;
    return false;
}

/*
 * The length of the metadata without the facts at its end. The first field is the
 * label, whatever it is, but in the keyed form it may be a fact as well.
 */
static size_t label_length(const char *metadata, size_t len, bool keyed)
{
    size_t end = len;
    if (!memchr(metadata, '=', len))
        return len;
    for (size_t at = len; at-- > 0;) {
        if (metadata[at] != ',')
            continue;
        if (!is_fact(metadata + at + 1, end - at - 1))
            return end;
        end = at;
    }
    return keyed && is_fact(metadata, end) ? 0 : end;
}

enum lcap_comment_kind lcap_comment_parse(const char *comment, size_t len, struct lcap_label *label)
{
    const bool keyed = len > 2 && memcmp(comment, "s=", 2) == 0;
    if (keyed) {
        comment += 2;
        len -= 2;
    }
    uint64_t sample_id;
    bool fits;
    const size_t digits = text_leading_u64(comment, len, &sample_id, &fits);
    if (digits == 0 || digits == len || comment[digits] != ',')
        return LCAP_COMMENT_FOREIGN;
    if (!fits)
        return LCAP_COMMENT_OVERFLOW;
    if (digits > ID_DIGITS_MAX) /* only leading zeros */
        return LCAP_COMMENT_FOREIGN;
    const char *metadata = comment + digits + 1;
    *label = (struct lcap_label){.sample_id = sample_id,
                                 .metadata = metadata,
                                 .metadata_len = label_length(metadata, len - digits - 1, keyed)};
    return LCAP_COMMENT_LABEL;
}

bool lcap_packet_label(const struct lcap_packet *packet, struct lcap_label *label)
{
    return packet->comment &&
           lcap_comment_parse(packet->comment, packet->comment_len, label) == LCAP_COMMENT_LABEL;
}

size_t comment_length(uint64_t sample_id, size_t len)
{
    char digits[U64_TEXT];
    return number_from_unsigned(sample_id, digits) + 1 + len;
}

size_t comment_read_length(const char *metadata, size_t len)
{
    return label_length(metadata, len, false);
}

void comment_write(uint64_t sample_id, const char *metadata, size_t len, char *out)
{
    size_t digits = number_from_unsigned(sample_id, out);
    out[digits] = ',';
    memcpy(out + digits + 1, metadata, len);
    out[digits + 1 + len] = '\0';
}
