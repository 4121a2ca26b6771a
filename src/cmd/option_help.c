/* Prints help in lines that fit the terminal, or 80 columns. */
#include "cmd/option_help.h"

#include "base/io/terminal.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Columns of "  -o, --output FILE           ", and of a command's name. */
#define HELP_COLUMN    32
#define SUMMARY_COLUMN 14

/* In narrower columns texts cannot be read: rather let the terminal wrap the lines. */
#define MIN_TEXT_COLUMNS 20

/* Characters of UTF-8 in text[0..len). */
static size_t columns_of(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

/* Prints words between column `indent`, where the cursor is, and the width; ends the line. */
static void print_wrapped(const char *text, size_t indent)
{
    const size_t terminal = terminal_columns(STDOUT_FILENO);
    const size_t width =
        terminal > indent + MIN_TEXT_COLUMNS ? terminal : indent + MIN_TEXT_COLUMNS;
    size_t column = indent;
    while (*text) {
        const size_t len = strcspn(text, " "), columns = columns_of(text, len);
        if (column > indent && column + 1 + columns > width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)len, text);
        column += columns;
        text += len;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_option(char letter, const char *name, const char *argument, const char *help)
{
    char short_name[] = "-x, ";
    short_name[1] = letter;
    const int used = printf("  %4s--%s%s%s", letter ? short_name : "", name, argument ? " " : "",
                            argument ? argument : "");
    if (used + 2 > HELP_COLUMN)
        putchar('\n');
    printf("%*s", used + 2 > HELP_COLUMN ? HELP_COLUMN : HELP_COLUMN - used, "");
    print_wrapped(help, HELP_COLUMN);
}

static void print_options(const struct option_row *row)
{
    for (; row->name; row++)
        if (row->value.kind == OPTION_HEADING)
            printf("\n%s:\n", row->name);
        else if (row->value.kind != OPTION_SYNONYM)
            print_option(row->letter, row->name, row->argument, row->help);
    print_option('h', "help", NULL, "print this");
}

void option_help_print(const struct command *command)
{
    print_wrapped(command->summary, 0);
    printf("\nUsage: %s\n", command->usage);
    if (command->options->value.kind != OPTION_HEADING)
        putchar('\n');
    print_options(command->options);
    if (command->details) {
        putchar('\n');
        print_wrapped(command->details, 0);
    }
    printf("\nExample:\n  %s\n", command->example);
}

void option_help_list_commands(void)
{
    for (size_t i = 0; commands[i]; i++) {
        printf("  %-*s", SUMMARY_COLUMN - 2, commands[i]->name);
        print_wrapped(commands[i]->summary, SUMMARY_COLUMN);
    }
}
