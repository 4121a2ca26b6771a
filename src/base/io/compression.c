/* How outputs are compressed. */
#include "base/io/compression.h"

#include "base/codec/bgzf.h"
#include "base/codec/zstd_packer.h"
#include "base/text/text.h"
#include <string.h>

static const struct {
    const char *name, *ending;
    int least, most, usual;
} kinds[] = {
    [COMPRESSION_NONE] = {"plain", "", 0, 0, 0},
    [COMPRESSION_BGZF] = {"gzip", ".gz", BGZF_LEVEL_LEAST, BGZF_LEVEL_MOST, BGZF_LEVEL_DEFAULT},
    [COMPRESSION_ZSTD] = {"zstd", ".zst", ZSTD_LEVEL_LEAST, ZSTD_LEVEL_MOST, ZSTD_LEVEL_DEFAULT},
};

enum compression compression_of_name(const char *name)
{
    const size_t len = strlen(name);
    for (enum compression kind = COMPRESSION_BGZF; kind <= COMPRESSION_ZSTD; kind++)
        if (text_ends_in(name, len, kinds[kind].ending))
            return kind;
    return COMPRESSION_NONE;
}

size_t compression_stem(const char *name)
{
    return strlen(name) - strlen(kinds[compression_of_name(name)].ending);
}

int compression_check_name(const char *name, struct lcap_error *error)
{
    static const char *const only_read[] = {".xz", ".lz4", ".bz2"};
    for (size_t i = 0; i < sizeof only_read / sizeof *only_read; i++)
        if (text_ends_in(name, strlen(name), only_read[i]))
            return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                                  "%s: files that end in %s are read, but not written; expected "
                                  "a name that ends in .gz, in .zst, or in none of these",
                                  name, only_read[i]);
    return LCAP_OK;
}

int compression_level(const char *name, int level, struct lcap_error *error)
{
    const enum compression kind = compression_of_name(name);
    if (level == 0)
        return kinds[kind].usual;
    if (kind == COMPRESSION_NONE)
        return lcap_error_set(error, LCAP_ERR_ARGUMENT,
                              "%s: not compressed, so there is no level (names that end in .gz or "
                              ".zst are compressed)",
                              name);
    if (level >= kinds[kind].least && level <= kinds[kind].most)
        return level;
    return lcap_error_set(error, LCAP_ERR_ARGUMENT, "%s: the levels of %s are %d to %d, not %d",
                          name, kinds[kind].name, kinds[kind].least, kinds[kind].most, level);
}
