/* Walks the options of a pcapng block. */
#include "capture/pcapng_options.h"

#include "capture/pcapng.h"

int option_next(struct cursor *c, struct option *option)
{
    struct cursor rest = *c;
    if (!cursor_take16(&rest, &option->code) || !cursor_take16(&rest, &option->len) ||
        option->code == OPT_END)
        return 0;
    option->value = cursor_take(&rest, pad4(option->len));
    if (!option->value)
        return -1;
    *c = rest;
    return 1;
}
