/* Tells which labels rules can give. */
#include "dataset/rule_tables/label_flaw.h"

#include "label/comment.h"
#include "label/rule_filter.h"
#include <string.h>

const char *label_flaw(const char *label, size_t len)
{
    if (len == 0)
        return "its label is empty";
    if (rule_filter_tag(label, len))
        return "its label begins with a tag of rules";
    if (memchr(label, '\0', len))
        return "its label holds a NUL byte";
    if (comment_length(UINT64_MAX, len) > LCAP_MAX_COMMENT)
        return "its label is longer than a comment";
    return comment_read_length(label, len) < len ? "its label ends like a fact of pcapml's" : NULL;
}
