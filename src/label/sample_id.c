/*
 * sampleIDs: a hash of what names the sample, independent of the order of lines
 * and of the machine.
 */
#include "base/hash.h"
#include <labelcap/label.h>

static const uint8_t key[HASH_KEY_LEN] = {'l', 'a', 'b', 'e', 'l', 'c', 'a', 'p',
                                          '.', 's', 'i', 'd', '.', 'v', '0', '1'};

uint64_t lcap_sample_id(const void *bytes, size_t len)
{
    return hash_siphash(key, bytes, len);
}
