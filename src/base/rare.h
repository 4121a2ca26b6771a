/* Keeps what few packets need out of the way of what all of them do, and that together. */
#ifndef BASE_RARE_H
#define BASE_RARE_H

/* Of a function: not inlined, so that its callers save no registers for it. */
#define RARE __attribute__((cold, noinline))

/* Of a function that runs for every packet: inlined into each of its few callers. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

#endif
