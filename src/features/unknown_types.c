/* A short list: few captures have more than a handful of types. */
#include "features/unknown_types.h"

void unknown_types_add(struct unknown_types *types, const struct lcap_unknown_type *seen)
{
    for (size_t i = 0; i < types->count; i++) {
        struct lcap_unknown_type *type = &types->items[i];
        if (type->reason == seen->reason && type->number == seen->number) {
            type->packets += seen->packets;
            return;
        }
    }
    if (types->count < MOST_UNKNOWN_TYPES)
        types->items[types->count++] = *seen;
}
