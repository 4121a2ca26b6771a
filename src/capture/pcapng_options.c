/* Walks the options of a pcapng block and checks each by constant tables. */
#include "capture/pcapng_options.h"

#include "capture/pcapng.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ANY          UINT16_MAX

/* Sections 3.5 and 3.5.1. */
static const struct pcapng_option_rule common_rules[] = {
    {OPT_COMMENT, 0, ANY, true, VALUE_BYTES},
    {OPT_CUSTOM_TEXT, 4, ANY, true, VALUE_PEN_TEXT},
    {OPT_CUSTOM_BYTES, 4, ANY, true, VALUE_UNKNOWN},
    {OPT_CUSTOM_TEXT_NOCOPY, 4, ANY, true, VALUE_PEN_TEXT},
    {OPT_CUSTOM_BYTES_NOCOPY, 4, ANY, true, VALUE_UNKNOWN},
};

static const struct pcapng_option_rule section_rules[] = {
    {2, 0, ANY, false, VALUE_BYTES}, /* shb_hardware */
    {3, 0, ANY, false, VALUE_BYTES}, /* shb_os */
    {4, 0, ANY, false, VALUE_BYTES}, /* shb_userappl */
};

static const struct pcapng_option_rule interface_rules[] = {
    {OPT_IF_NAME, 0, ANY, false, VALUE_BYTES},
    {3, 0, ANY, false, VALUE_BYTES}, /* if_description */
    {4, 8, 8, true, VALUE_BYTES},    /* if_IPv4addr */
    {5, 17, 17, true, VALUE_BYTES},  /* if_IPv6addr */
    {6, 6, 6, false, VALUE_BYTES},   /* if_MACaddr */
    {7, 8, 8, false, VALUE_BYTES},   /* if_EUIaddr */
    {8, 8, 8, false, VALUE_U64},     /* if_speed */
    {OPT_IF_TSRESOL, 1, 1, false, VALUE_BYTES},
    {10, 4, 4, false, VALUE_U32},     /* if_tzone */
    {11, 1, ANY, false, VALUE_BYTES}, /* if_filter */
    {12, 0, ANY, false, VALUE_BYTES}, /* if_os */
    {OPT_IF_FCSLEN, 1, 1, false, VALUE_BYTES},
    {OPT_IF_TSOFFSET, 8, 8, false, VALUE_U64},
    {15, 0, ANY, false, VALUE_BYTES}, /* if_hardware */
    {16, 8, 8, false, VALUE_U64},     /* if_txspeed */
    {17, 8, 8, false, VALUE_U64},     /* if_rxspeed */
    {18, 0, ANY, false, VALUE_BYTES}, /* if_iana_tzname */
    {OPT_IF_TSOFFSET_NS, 4, 4, false, VALUE_U32},
};

/* The obsolete Packet Block's pack_flags and pack_hash are the same as epb_flags and epb_hash. */
static const struct pcapng_option_rule packet_rules[] = {
    {OPT_EPB_FLAGS, 4, 4, false, VALUE_U32},
    {OPT_EPB_HASH, 1, ANY, true, VALUE_BYTES},
    {OPT_EPB_DROPCOUNT, 8, 8, false, VALUE_U64},
    {5, 8, 8, false, VALUE_U64},      /* epb_packetid */
    {6, 4, 4, false, VALUE_U32},      /* epb_queue */
    {7, 1, ANY, true, VALUE_VERDICT}, /* epb_verdict */
    {8, 8, 8, false, VALUE_U32_PAIR}, /* epb_processid_threadid */
};

static const struct pcapng_option_rule names_rules[] = {
    {2, 0, ANY, false, VALUE_BYTES}, /* ns_dnsname */
    {3, 4, 4, false, VALUE_BYTES},   /* ns_dnsIP4addr */
    {4, 16, 16, false, VALUE_BYTES}, /* ns_dnsIP6addr */
};

static const struct pcapng_option_rule statistics_rules[] = {
    {OPT_ISB_STARTTIME, 8, 8, false, VALUE_U32_PAIR},
    {OPT_ISB_ENDTIME, 8, 8, false, VALUE_U32_PAIR},
    {4, 8, 8, false, VALUE_U64}, /* isb_ifrecv */
    {5, 8, 8, false, VALUE_U64}, /* isb_ifdrop */
    {6, 8, 8, false, VALUE_U64}, /* isb_filteraccept */
    {7, 8, 8, false, VALUE_U64}, /* isb_osdrop */
    {8, 8, 8, false, VALUE_U64}, /* isb_usrdeliv */
};

static const struct {
    uint32_t block_type;
    const struct pcapng_option_rule *rules;
    size_t count;
} own_rules[] = {
    {PCAPNG_ENHANCED_PACKET, packet_rules, COUNT(packet_rules)},
    {PCAPNG_INTERFACE, interface_rules, COUNT(interface_rules)},
    {PCAPNG_SECTION_HEADER, section_rules, COUNT(section_rules)},
    {PCAPNG_NAMES, names_rules, COUNT(names_rules)},
    {PCAPNG_STATISTICS, statistics_rules, COUNT(statistics_rules)},
};

/* The least bodies of blocks that are copied as they are. */
static const struct {
    uint32_t block_type;
    uint32_t least;
} body_rules[] = {
    {PCAPNG_CUSTOM, 4}, /* section 4.8: the private enterprise number */
    {PCAPNG_CUSTOM_NOCOPY, 4},
    {PCAPNG_JOURNAL, 23}, /* "__REALTIME_TIMESTAMP=0\n", which every entry has */
};

bool pcapng_body_obeys(uint32_t block_type, size_t len)
{
    for (size_t i = 0; i < COUNT(body_rules); i++)
        if (body_rules[i].block_type == block_type)
            return len >= body_rules[i].least;
    return true;
}

int pcapng_option_next(struct cursor *c, struct pcapng_option *option)
{
    struct cursor rest = *c;
    if (!cursor_take16(&rest, &option->code) || !cursor_take16(&rest, &option->len) ||
        option->code == OPT_END)
        return 0;
    option->value = cursor_take(&rest, pad4(option->len));
    if (!option->value)
        return -1;
    *c = rest;
    return 1;
}

static const struct pcapng_option_rule *find_rule(const struct pcapng_option_rule *rules,
                                                  size_t count, uint16_t code)
{
    for (size_t i = 0; i < count; i++)
        if (rules[i].code == code)
            return &rules[i];
    return NULL;
}

const struct pcapng_option_rule *pcapng_option_rule_of(uint32_t block_type, uint16_t code)
{
    const struct pcapng_option_rule *rule = find_rule(common_rules, COUNT(common_rules), code);
    for (size_t i = 0; !rule && i < COUNT(own_rules); i++)
        if (own_rules[i].block_type == block_type)
            rule = find_rule(own_rules[i].rules, own_rules[i].count, code);
    return rule;
}

/* Section 4.3: verdicts of Linux eBPF, of its traffic control and its express data path. */
bool pcapng_verdict_is_number(const uint8_t *value)
{
    enum { EBPF_TC = 1, EBPF_XDP = 2 };
    return value[0] == EBPF_TC || value[0] == EBPF_XDP;
}

static bool verdict_is_sound(const struct pcapng_option *option)
{
    return !pcapng_verdict_is_number(option->value) || option->len == 1 + 8;
}

bool pcapng_option_obeys(const struct pcapng_option_rule *rule, const struct pcapng_option *option,
                         uint32_t *seen)
{
    if (!rule)
        return true;
    if (option->len < rule->least || option->len > rule->most)
        return false;
    if (rule->value == VALUE_VERDICT && !verdict_is_sound(option))
        return false;
    if (rule->repeats)
        return true;
    uint32_t bit = 1u << rule->code; /* no code of such an option is above 31 */
    bool first = !(*seen & bit);
    *seen |= bit;
    return first;
}

bool pcapng_second_comment(const struct lcap_packet *packet, struct pcapng_option *option)
{
    struct cursor c = {packet->options, packet->options_len, packet->interface->big_endian};
    int comments = 0;
    while (comments < 2 && pcapng_option_next(&c, option) == 1)
        comments += option->code == OPT_COMMENT;
    return comments == 2;
}
