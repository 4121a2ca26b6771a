/*
 * The version of the library: at compile time and at run time.
 *
 * Threads: any.
 */
#ifndef LABELCAP_VERSION_H
#define LABELCAP_VERSION_H

#include <labelcap/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of these headers (Semantic Versioning 2.0.0). */
#define LCAP_VERSION "0.7.0"

/* Of the library that the program runs with: another one, if that was replaced. A constant. */
LCAP_API const char *lcap_version(void);

#ifdef __cplusplus
}
#endif

#endif
