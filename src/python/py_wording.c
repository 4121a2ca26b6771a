/* Texts in words of Python. */
#include "python/py_wording.h"

#include <ctype.h>
#include <labelcap/error.h>
#include <string.h>

/* Options whose argument is not called like them. */
static const struct {
    const char *option, *argument;
} others[] = {
    {"use -f", "use overwrite=True"},
    {"use --relabel", "use relabel=True"},
    {"with -o", "with output"},
    {"--tunnels inner", "inner_tunnels=True"},
    {"--payload none", "no_payload=True"},
    {"--on-conflict drop", "drop_conflicts=True"},
    {"--order time", "order_by_time=True"},
    {"try --pcapml-times or --time-unit", "try pcapml_times or nanoseconds"},
    {"--pcapml-times yes or no", "pcapml_times=True or False"},
    {"--shift-rules %d", "shift_rules=%d"},
    {"label with --keep-source", "label with keep_source=True"},
    {"--per packet", "per='packet'"},
    {"--merge", "source_file"},
    {"--per-input", "per='input'"},
    {"--per-sample", "per='sample'"},
    {"--per-label", "per='label'"},
    {"--per-protocol", "per='protocol'"},
    {"--per-…", "per"},
    {"-o FILE", "output"},
    {"-o DIR", "output"},
};

struct words {
    char *at, *end;
};

static void add(struct words *words, const char *text, size_t len)
{
    for (size_t i = 0; i < len && words->at < words->end; i++)
        *words->at++ = text[i];
}

static bool is_option_char(char c)
{
    return isalnum((unsigned char)c) || c == '-';
}

static bool begins_with(const char *text, const char *option)
{
    const size_t len = strlen(option);
    return strncmp(text, option, len) == 0 && !is_option_char(text[len]);
}

/* Returns how much of the text it stands for, 0 if the text does not begin with one of them. */
static size_t add_other(struct words *words, const char *text)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (begins_with(text, others[i].option)) {
            add(words, others[i].argument, strlen(others[i].argument));
            return strlen(others[i].option);
        }
    return 0;
}

/* "--min-packets" is min_packets; the name may be a value, "--%s". */
static size_t add_option(struct words *words, const char *text)
{
    size_t len = 2;
    if (strncmp(text, "--", 2) != 0 || !(islower((unsigned char)text[2]) || text[2] == '%'))
        return 0;
    for (; is_option_char(text[len]); len++)
        add(words, text[len] == '-' ? "_" : text + len, 1);
    return len;
}

/* A command to type, in quotes or parentheses, stays as it is. */
static size_t add_command(struct words *words, const char *text)
{
    size_t len = 0;
    const char *quote = *text == '\'' ? strchr(text + 1, '\'') : NULL;
    if (quote)
        len = (size_t)(quote - text) + 1;
    else if (strncmp(text, "labelcap ", 9) == 0)
        len = strcspn(text, ")';");
    add(words, text, len);
    return len;
}

/* A word, or one of the characters that stand in front of words. */
static size_t add_word(struct words *words, const char *text)
{
    const size_t word = strcspn(text, " (\"="), len = word > 0 ? word : 1;
    add(words, text, len);
    return len;
}

static bool say_in_python(const char *said, char *words, size_t size)
{
    struct words into = {words, words + size - 1};
    while (*said) {
        size_t taken = add_other(&into, said);
        if (taken == 0)
            taken = add_option(&into, said);
        if (taken == 0)
            taken = add_command(&into, said);
        said += taken > 0 ? taken : add_word(&into, said);
    }
    *into.at = '\0';
    return into.at < into.end;
}

void py_wording_begin(void)
{
    lcap_error_use_wording(say_in_python);
}

void py_wording_end(void)
{
    lcap_error_use_wording(NULL);
}
