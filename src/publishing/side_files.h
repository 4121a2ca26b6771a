/* Makes a table of the flows and a page of a published set. */
#ifndef PUBLISHING_SIDE_FILES_H
#define PUBLISHING_SIDE_FILES_H

#include "dataset/publish/publish_makers.h"
#include <stdbool.h>

/* Those that are wanted; to verify a set, all of them. */
struct publish_makers side_files(bool flows, bool report);

#endif
