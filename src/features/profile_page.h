/* A page about a profile in Markdown: its defaults, its columns, and their formulas. */
#ifndef FEATURES_PROFILE_PAGE_H
#define FEATURES_PROFILE_PAGE_H

#include "base/buffer.h"
#include <labelcap/flow.h>

int profile_page_append(struct buffer *out, const struct lcap_profile *profile,
                        struct lcap_error *error);

#endif
