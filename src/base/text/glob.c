/*
 * Matching without recursion: where the text stops to match, the last star before
 * takes more of it. Earlier stars need not, for the last one can take whatever they
 * could; but a star in a component cannot replace one that spans components, so
 * the last of either kind is remembered.
 */
#include "base/text/glob.h"

#include <string.h>

enum stride { NO_STRIDE, ONE_BYTE, ONE_OF_COMPONENT, ONE_COMPONENT };

/* Where matching goes on when a star takes more. */
struct retry {
    enum stride stride; /* what it takes */
    size_t pattern, text;
};

struct matching {
    enum glob_kind kind;
    const char *pattern, *text;
    size_t pattern_len, text_len;
    size_t p, t; /* the next bytes of both */
    struct retry near, far;
};

static void take_star(struct matching *m)
{
    const char *star = m->pattern + m->p;
    const size_t left = m->pattern_len - m->p;
    const bool begins = m->p == 0 || star[-1] == '/';
    struct retry *retry = &m->near;
    *retry = (struct retry){ONE_OF_COMPONENT, m->p + 1, m->t};
    if (m->kind == GLOB_TEXT) {
        retry->stride = ONE_BYTE;
    } else if (left > 1 && star[1] == '*') {
        const bool components = begins && left > 2 && star[2] == '/';
        m->far = (struct retry){components ? ONE_COMPONENT : ONE_BYTE, m->p + 2 + components, m->t};
        retry->stride = NO_STRIDE;
        retry = &m->far;
    }
    m->p = retry->pattern;
}

static bool can_take(const struct matching *m, const struct retry *retry, size_t *text)
{
    const char *rest = m->text + retry->text, *slash;
    if (retry->stride == NO_STRIDE || retry->text == m->text_len)
        return false;
    slash = memchr(rest, '/', m->text_len - retry->text);
    if (retry->stride == ONE_COMPONENT && slash)
        *text = (size_t)(slash + 1 - m->text);
    else
        *text = retry->text + 1;
    return retry->stride == ONE_BYTE ||
           (retry->stride == ONE_COMPONENT ? slash != NULL : slash != rest);
}

static bool go_back(struct matching *m, struct retry *retry)
{
    if (!can_take(m, retry, &retry->text))
        return false;
    m->p = retry->pattern;
    m->t = retry->text;
    return true;
}

static bool take_character(struct matching *m)
{
    if (m->p == m->pattern_len || m->t == m->text_len)
        return false;
    const char wanted = m->pattern[m->p], found = m->text[m->t];
    if (wanted == '?' ? m->kind == GLOB_PATH && found == '/' : wanted != found)
        return false;
    m->p++;
    m->t++;
    while (wanted == '?' && m->t < m->text_len && ((unsigned char)m->text[m->t] & 0xC0) == 0x80)
        m->t++;
    return true;
}

bool glob_matches(enum glob_kind kind, const char *pattern, size_t pattern_len, const char *text,
                  size_t len)
{
    struct matching m = {kind, pattern, text, pattern_len, len, .p = 0};
    while (m.p < pattern_len || m.t < len) {
        if (m.p < pattern_len && pattern[m.p] == '*') {
            take_star(&m);
        } else if (!take_character(&m) && !go_back(&m, &m.near)) {
            m.near.stride = NO_STRIDE;
            if (!go_back(&m, &m.far))
                return false;
        }
    }
    return true;
}

size_t glob_literal_length(const char *pattern, size_t len)
{
    size_t n = 0;
    while (n < len && pattern[n] != '*' && pattern[n] != '?')
        n++;
    return n;
}
