/* Types that are request and reply of each other. */
#include "packet/icmp_types.h"

#include "packet/packet_headers.h"

static int counterpart_ipv4(unsigned type)
{
    switch (type) {
    case 0: /* echo */
        return 8;
    case 8:
        return 0;
    case 9: /* router advertisement */
        return 10;
    case 10:
        return 9;
    case 13: /* timestamp */
    case 15: /* information */
    case 17: /* address mask */
        return (int)type + 1;
    case 14:
    case 16:
    case 18:
        return (int)type - 1;
    default:
        return ICMP_ONE_WAY;
    }
}

static int counterpart_ipv6(unsigned type)
{
    switch (type) {
    case 128: /* echo */
    case 130: /* multicast listeners */
    case 133: /* routers */
    case 135: /* neighbours */
    case 139: /* node information */
    case 144: /* home agent addresses */
        return (int)type + 1;
    case 129:
    case 131:
    case 134:
    case 136:
    case 140:
    case 145:
        return (int)type - 1;
    default:
        return ICMP_ONE_WAY;
    }
}

int icmp_counterpart(uint8_t protocol, unsigned type)
{
    return protocol == IP_PROTOCOL_ICMP ? counterpart_ipv4(type) : counterpart_ipv6(type);
}
