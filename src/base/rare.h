/* Keeps what few packets need out of the way of what all of them do. */
#ifndef BASE_RARE_H
#define BASE_RARE_H

/* Of a function: not inlined, so that its callers save no registers for it. */
#define RARE __attribute__((cold, noinline))

#endif
