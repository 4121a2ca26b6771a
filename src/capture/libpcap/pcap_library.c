#include "capture/libpcap/pcap_library.h"

struct pcap_library libpcap;

int pcap_library_load(struct lcap_error *error)
{
    static const char *const names[] = {PCAP_FUNCTIONS(LIBRARY_NAME)};
    static struct library library = {
        .what = "libpcap for filters and live capture",
        .remedy = "Debian's package is libpcap0.8",
        .sonames = {"libpcap.so.0.8", "libpcap.so.1"}, /* Debian's, and its own */
        .names = names,
        .count = sizeof names / sizeof *names,
        .pointers = &libpcap,
    };
    return library_load(&library, error);
}
