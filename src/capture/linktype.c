/* Names of link types, from the registry at tcpdump.org/linktypes. */
#include "capture/linktype.h"

#include "base/text/spelling.h"
#include "base/text/text.h"
#include <labelcap/capture.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const names[] = {
    [0] = "NULL",
    [1] = "ETHERNET",
    [2] = "EXP_ETHERNET",
    [3] = "AX25",
    [4] = "PRONET",
    [5] = "CHAOS",
    [6] = "IEEE802_5",
    [7] = "ARCNET_BSD",
    [8] = "SLIP",
    [9] = "PPP",
    [10] = "FDDI",
    [32] = "REDBACK_SMARTEDGE",
    [50] = "PPP_HDLC",
    [51] = "PPP_ETHER",
    [99] = "SYMANTEC_FIREWALL",
    [100] = "ATM_RFC1483",
    [101] = "RAW",
    [102] = "SLIP_BSDOS",
    [103] = "PPP_BSDOS",
    [104] = "C_HDLC",
    [105] = "IEEE802_11",
    [106] = "ATM_CLIP",
    [107] = "FRELAY",
    [108] = "LOOP",
    [109] = "ENC",
    [110] = "LANE8023",
    [111] = "HIPPI",
    [112] = "NETBSD_HDLC",
    [113] = "LINUX_SLL",
    [114] = "LTALK",
    [115] = "ECONET",
    [116] = "IPFILTER",
    [117] = "PFLOG",
    [118] = "CISCO_IOS",
    [119] = "IEEE802_11_PRISM",
    [120] = "IEEE802_11_AIRONET",
    [121] = "HHDLC",
    [122] = "IP_OVER_FC",
    [123] = "SUNATM",
    [124] = "RIO",
    [125] = "PCI_EXP",
    [126] = "AURORA",
    [127] = "IEEE802_11_RADIOTAP",
    [128] = "TZSP",
    [129] = "ARCNET_LINUX",
    [130] = "JUNIPER_MLPPP",
    [131] = "JUNIPER_MLFR",
    [132] = "JUNIPER_ES",
    [133] = "JUNIPER_GGSN",
    [134] = "JUNIPER_MFR",
    [135] = "JUNIPER_ATM2",
    [136] = "JUNIPER_SERVICES",
    [137] = "JUNIPER_ATM1",
    [138] = "APPLE_IP_OVER_IEEE1394",
    [139] = "MTP2_WITH_PHDR",
    [140] = "MTP2",
    [141] = "MTP3",
    [142] = "SCCP",
    [143] = "DOCSIS",
    [144] = "LINUX_IRDA",
    [145] = "IBM_SP",
    [146] = "IBM_SN",
    [147] = "USER0",
    [148] = "USER1",
    [149] = "USER2",
    [150] = "USER3",
    [151] = "USER4",
    [152] = "USER5",
    [153] = "USER6",
    [154] = "USER7",
    [155] = "USER8",
    [156] = "USER9",
    [157] = "USER10",
    [158] = "USER11",
    [159] = "USER12",
    [160] = "USER13",
    [161] = "USER14",
    [162] = "USER15",
    [163] = "IEEE802_11_AVS",
    [164] = "JUNIPER_MONITOR",
    [165] = "BACNET_MS_TP",
    [166] = "PPP_PPPD",
    [167] = "JUNIPER_PPPOE",
    [168] = "JUNIPER_PPPOE_ATM",
    [169] = "GPRS_LLC",
    [170] = "GPF_T",
    [171] = "GPF_F",
    [172] = "GCOM_T1E1",
    [173] = "GCOM_SERIAL",
    [174] = "JUNIPER_PIC_PEER",
    [175] = "ERF_ETH",
    [176] = "ERF_POS",
    [177] = "LINUX_LAPD",
    [178] = "JUNIPER_ETHER",
    [179] = "JUNIPER_PPP",
    [180] = "JUNIPER_FRELAY",
    [181] = "JUNIPER_CHDLC",
    [182] = "MFR",
    [183] = "JUNIPER_VP",
    [184] = "A429",
    [185] = "A653_ICM",
    [186] = "USB_FREEBSD",
    [187] = "BLUETOOTH_HCI_H4",
    [188] = "IEEE802_16_MAC_CPS",
    [189] = "USB_LINUX",
    [190] = "CAN20B",
    [191] = "IEEE802_15_4_LINUX",
    [192] = "PPI",
    [193] = "IEEE802_16_MAC_CPS_RADIO",
    [194] = "JUNIPER_ISM",
    [195] = "IEEE802_15_4_WITHFCS",
    [196] = "SITA",
    [197] = "ERF",
    [198] = "RAIF1",
    [199] = "IPMB_KONTRON",
    [200] = "JUNIPER_ST",
    [201] = "BLUETOOTH_HCI_H4_WITH_PHDR",
    [202] = "AX25_KISS",
    [203] = "LAPD",
    [204] = "PPP_WITH_DIR",
    [205] = "C_HDLC_WITH_DIR",
    [206] = "FRELAY_WITH_DIR",
    [207] = "LAPB_WITH_DIR",
    [209] = "I2C_LINUX",
    [210] = "FLEXRAY",
    [211] = "MOST",
    [212] = "LIN",
    [213] = "X2E_SERIAL",
    [214] = "X2E_XORAYA",
    [215] = "IEEE802_15_4_NONASK_PHY",
    [216] = "LINUX_EVDEV",
    [217] = "GSMTAP_UM",
    [218] = "GSMTAP_ABIS",
    [219] = "MPLS",
    [220] = "USB_LINUX_MMAPPED",
    [221] = "DECT",
    [222] = "AOS",
    [223] = "WIHART",
    [224] = "FC_2",
    [225] = "FC_2_WITH_FRAME_DELIMS",
    [226] = "IPNET",
    [227] = "CAN_SOCKETCAN",
    [228] = "IPV4",
    [229] = "IPV6",
    [230] = "IEEE802_15_4_NOFCS",
    [231] = "DBUS",
    [232] = "JUNIPER_VS",
    [233] = "JUNIPER_SRX_E2E",
    [234] = "JUNIPER_FIBRECHANNEL",
    [235] = "DVB_CI",
    [236] = "MUX27010",
    [237] = "STANAG_5066_D_PDU",
    [238] = "JUNIPER_ATM_CEMIC",
    [239] = "NFLOG",
    [240] = "NETANALYZER",
    [241] = "NETANALYZER_TRANSPARENT",
    [242] = "IPOIB",
    [243] = "MPEG_2_TS",
    [244] = "NG40",
    [245] = "NFC_LLCP",
    [246] = "PFSYNC",
    [247] = "INFINIBAND",
    [248] = "SCTP",
    [249] = "USBPCAP",
    [250] = "RTAC_SERIAL",
    [251] = "BLUETOOTH_LE_LL",
    [252] = "WIRESHARK_UPPER_PDU",
    [253] = "NETLINK",
    [254] = "BLUETOOTH_LINUX_MONITOR",
    [255] = "BLUETOOTH_BREDR_BB",
    [256] = "BLUETOOTH_LE_LL_WITH_PHDR",
    [257] = "PROFIBUS_DL",
    [258] = "PKTAP",
    [259] = "EPON",
    [260] = "IPMI_HPM_2",
    [261] = "ZWAVE_R1_R2",
    [262] = "ZWAVE_R3",
    [263] = "WATTSTOPPER_DLM",
    [264] = "ISO_14443",
    [265] = "RDS",
    [266] = "USB_DARWIN",
    [267] = "OPENFLOW",
    [268] = "SDLC",
    [269] = "TI_LLN_SNIFFER",
    [270] = "LORATAP",
    [271] = "VSOCK",
    [272] = "NORDIC_BLE",
    [273] = "DOCSIS31_XRA31",
    [274] = "ETHERNET_MPACKET",
    [275] = "DISPLAYPORT_AUX",
    [276] = "LINUX_SLL2",
    [277] = "SERCOS_MONITOR",
    [278] = "OPENVIZSLA",
    [279] = "EBHSCR",
    [280] = "VPP_DISPATCH",
    [281] = "DSA_TAG_BRCM",
    [282] = "DSA_TAG_BRCM_PREPEND",
    [283] = "IEEE802_15_4_TAP",
    [284] = "DSA_TAG_DSA",
    [285] = "DSA_TAG_EDSA",
    [286] = "ELEE",
    [287] = "Z_WAVE_SERIAL",
    [288] = "USB_2_0",
    [289] = "ATSC_ALP",
};

const char *lcap_linktype_name(uint16_t linktype)
{
    static _Thread_local char unnamed[sizeof "LINKTYPE_65535"];
    if (linktype < sizeof names / sizeof names[0] && names[linktype])
        return names[linktype];
    snprintf(unnamed, sizeof unnamed, "LINKTYPE_%u", linktype);
    return unnamed;
}

static int say_unknown(const char *text, struct lcap_error *error)
{
    struct spelling spelling = {.word = text, .len = strlen(text)};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i])
            spelling_try(&spelling, names[i]);
    if (spelling.meant)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT, "'%s' is not a link type; did you mean %s?",
                              text, spelling.meant);
    return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                          "'%s' is not a link type; expected a number up to %d or a name of "
                          "tcpdump.org/linktypes.html, such as ETHERNET or RAW",
                          text, UINT16_MAX);
}

int lcap_linktype_of_text(const char *text, uint16_t *linktype, struct lcap_error *error)
{
    uint64_t number;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i] && strcasecmp(names[i], text) == 0) {
            *linktype = (uint16_t)i;
            return LCAP_OK;
        }
    }
    if (!text_to_u64(text, strlen(text), &number) || number > UINT16_MAX)
        return say_unknown(text, error);
    *linktype = (uint16_t)number;
    return LCAP_OK;
}

/* libpcap 1.10, pcap-common.c: the rows of linktype_map whose numbers differ on Linux. */
bool linktype_is_renumbered(uint16_t linktype)
{
    switch (linktype) {
    case 100: /* ATM_RFC1483 */
    case LINKTYPE_RAW:
    case 102: /* SLIP_BSDOS */
    case 103: /* PPP_BSDOS */
    case 106: /* ATM_CLIP */
        return true;
    default:
        return false;
    }
}
