/* Names of Ethernet types (the registry of IEEE 802 numbers at IANA), for people. */
#include <labelcap/packet.h>
#include <stdlib.h>

struct named_type {
    uint16_t type;
    const char *name;
};

/* In the order of the types. */
static const struct named_type names[] = {
    {0x0800, "IPv4"},
    {0x0806, "ARP"},
    {0x0842, "Wake-on-LAN"},
    {0x22EA, "SRP"},
    {0x22EB, "ERSPAN III"},
    {0x22F0, "AVTP"},
    {0x22F3, "TRILL"},
    {0x22F4, "L2-IS-IS"},
    {0x6001, "DEC MOP dump/load"},
    {0x6002, "DEC MOP remote console"},
    {0x6003, "DECnet"},
    {0x6004, "DEC LAT"},
    {0x6558, "transparent Ethernet bridging"},
    {0x8035, "RARP"},
    {0x809B, "AppleTalk"},
    {0x80F3, "AARP"},
    {0x8100, "VLAN"},
    {0x8137, "IPX"},
    {0x8204, "QNX Qnet"},
    {0x86DD, "IPv6"},
    {0x8808, "Ethernet flow control"},
    {0x8809, "slow protocols, such as LACP"},
    {0x880B, "PPP"},
    {0x8847, "MPLS"},
    {0x8848, "MPLS, upstream-assigned"},
    {0x8863, "PPPoE discovery"},
    {0x8864, "PPPoE session"},
    {0x886D, "Intel ANS"},
    {0x887B, "HomePlug 1.0"},
    {0x888E, "EAPOL"},
    {0x8892, "PROFINET"},
    {0x8899, "Realtek"},
    {0x889A, "HyperSCSI"},
    {0x88A2, "ATA over Ethernet"},
    {0x88A4, "EtherCAT"},
    {0x88A8, "service VLAN"},
    {0x88AB, "Ethernet Powerlink"},
    {0x88B8, "GOOSE"},
    {0x88B9, "GSE management"},
    {0x88BA, "sampled values"},
    {0x88BE, "ERSPAN"},
    {0x88C7, "802.11 pre-authentication"},
    {0x88CC, "LLDP"},
    {0x88CD, "SERCOS III"},
    {0x88D9, "LLTD"},
    {0x88DC, "WSMP"},
    {0x88E1, "HomePlug AV"},
    {0x88E3, "media redundancy"},
    {0x88E5, "MACsec"},
    {0x88E7, "provider backbone bridges"},
    {0x88F5, "MVRP"},
    {0x88F6, "MMRP"},
    {0x88F7, "PTP"},
    {0x88F8, "NC-SI"},
    {0x88FB, "PRP"},
    {0x8902, "CFM"},
    {0x8903, "FabricPath"},
    {0x8906, "FCoE"},
    {0x8909, "Cisco MetaData"},
    {0x8914, "FCoE initialization"},
    {0x8915, "RoCE"},
    {0x891D, "TTEthernet"},
    {0x8926, "VN-Tag"},
    {0x892F, "HSR"},
    {0x893A, "1905.1"},
    {0x893F, "E-Tag"},
    {0x894F, "NSH"},
    {0x8999, "loop detection"},
    {0x9000, "loopback"},
    {0x9100, "VLAN before 802.1ad"},
    {0x9200, "VLAN before 802.1ad"},
    {0x9300, "VLAN before 802.1ad"},
};

static int compare_types(const void *a, const void *b)
{
    return (int)((const struct named_type *)a)->type - (int)((const struct named_type *)b)->type;
}

const char *lcap_ether_type_name(uint16_t type)
{
    const struct named_type key = {type, NULL};
    const struct named_type *found =
        bsearch(&key, names, sizeof names / sizeof *names, sizeof *names, compare_types);
    return found ? found->name : NULL;
}
