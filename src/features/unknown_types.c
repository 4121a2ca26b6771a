/* A short list: few captures have more than a handful of types. */
#include "features/unknown_types.h"

void unknown_types_add(struct unknown_types *types, enum lcap_skip reason, uint16_t number)
{
    for (size_t i = 0; i < types->count; i++) {
        struct lcap_unknown_type *type = &types->items[i];
        if (type->reason == reason && type->number == number) {
            type->packets++;
            return;
        }
    }
    if (types->count < MOST_UNKNOWN_TYPES)
        types->items[types->count++] = (struct lcap_unknown_type){reason, number, 1};
}
