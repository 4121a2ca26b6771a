/* What the name of a capture says. */
#include "capture/capture_name.h"

#include "base/io/compression.h"
#include "base/text/text.h"
#include <string.h>

size_t capture_name_stem(const char *path)
{
    static const char *const endings[] = {".pcapng", ".pcap", ".cap", ".dmp", NULL};
    const size_t len = compression_stem(path);
    for (size_t i = 0; endings[i]; i++)
        if (text_ends_in(path, len, endings[i]))
            return len - strlen(endings[i]);
    return len;
}

enum lcap_format capture_name_format(const char *path)
{
    return text_ends_in(path, compression_stem(path), ".pcap") ? LCAP_FORMAT_PCAP
                                                               : LCAP_FORMAT_PCAPNG;
}
