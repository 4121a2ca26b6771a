/* The tokens of pcap-filter(7), as in libpcap's scanner.l. */
#ifndef CAPTURE_FILTER_TOKENS_H
#define CAPTURE_FILTER_TOKENS_H

#include <stddef.h>

enum filter_token_kind {
    FILTER_END,
    FILTER_WORD,    /* a keyword or a name */
    FILTER_ESCAPED, /* \name: a name even if it is a keyword */
    FILTER_LITERAL, /* a number, an address or a part of one */
    FILTER_SYMBOL,  /* anything else, one character */
};

struct filter_token {
    enum filter_token_kind kind;
    const char *text; /* points into the filter */
    size_t len;
};

/* The token at `text`, after skipping blanks. The rest begins at token.text + token.len. */
struct filter_token filter_token_at(const char *text);

#endif
