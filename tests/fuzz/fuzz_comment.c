/* Fuzz target: any bytes as the comment of a packet. */
#include <labelcap/label.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

/* A label in its plain form is the same label. */
static void check_plain_form(const struct lcap_label *label)
{
    char *plain = malloc(32 + label->metadata_len);
    require(plain);
    int digits = sprintf(plain, "%" PRIu64 ",", label->sample_id);
    memcpy(plain + digits, label->metadata, label->metadata_len);
    struct lcap_label again;
    require(lcap_comment_parse(plain, (size_t)digits + label->metadata_len, &again) ==
            LCAP_COMMENT_LABEL);
    require(again.sample_id == label->sample_id);
    require(again.metadata_len == label->metadata_len);
    require(memcmp(again.metadata, label->metadata, label->metadata_len) == 0);
    free(plain);
}

/* Behind the metadata there is nothing, or facts of the packet, which a comma separates. */
static void check_end(const struct lcap_label *label, const char *comment, size_t size)
{
    const char *end = label->metadata + label->metadata_len;
    const bool only_facts = label->metadata_len == 0 && comment[0] == 's';
    require(label->metadata > comment && label->metadata[-1] == ',');
    require(end <= comment + size);
    require(end == comment + size || *end == ',' || (only_facts && *end == 'd'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *comment = (const char *)data;
    struct lcap_label label;
    struct lcap_packet packet = {.comment = comment, .comment_len = (uint32_t)size};
    enum lcap_comment_kind kind = lcap_comment_parse(comment, size, &label);
    require(lcap_packet_label(&packet, &label) == (kind == LCAP_COMMENT_LABEL));
    if (kind != LCAP_COMMENT_LABEL)
        return 0;
    check_end(&label, comment, size);
    check_plain_form(&label);
    return 0;
}
