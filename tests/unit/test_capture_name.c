/* Names of captures: their endings, with and without compression. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/capture_name.h"
#include <string.h>

static const struct {
    const char *path, *stem;
    enum lcap_format format;
} names[] = {
    {"a.pcap", "a", LCAP_FORMAT_PCAP},
    {"a.pcap.gz", "a", LCAP_FORMAT_PCAP},
    {"d.pcap/a.pcapng.zst", "d.pcap/a", LCAP_FORMAT_PCAPNG},
    {"a.cap", "a", LCAP_FORMAT_PCAPNG},
    {"a.dmp.gz", "a", LCAP_FORMAT_PCAPNG},
    {"a", "a", LCAP_FORMAT_PCAPNG},
    {"a.gz", "a", LCAP_FORMAT_PCAPNG},
    {"a.pcap.bz2", "a.pcap.bz2", LCAP_FORMAT_PCAPNG},
    {".pcap", ".pcap", LCAP_FORMAT_PCAPNG},
    {"", "", LCAP_FORMAT_PCAPNG},
};

static void name_says_format_and_stem(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(capture_name_stem(names[i].path), strlen(names[i].stem));
        assert_int_equal(capture_name_format(names[i].path), names[i].format);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(name_says_format_and_stem)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
