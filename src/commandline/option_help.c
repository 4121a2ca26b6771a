/* Prints help in lines that fit the terminal, or 80 columns. */
#include "commandline/option_help.h"

#include "base/buffer.h"
#include "base/io/terminal.h"
#include "base/text/text_columns.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Columns of "  -o, --output FILE           ", and of a command's name. */
#define HELP_COLUMN    32
#define SUMMARY_COLUMN 14

/* Narrower columns of text are unreadable: it is better to let the terminal wrap the lines. */
#define MIN_TEXT_COLUMNS 20

/* Prints text from the cursor at column `indent` on, and ends the line. */
static void print_wrapped(const char *text, size_t indent)
{
    const size_t terminal = terminal_columns(STDOUT_FILENO), least = indent + MIN_TEXT_COLUMNS;
    struct buffer out = {0};
    text_append_wrapped(&out, text, strlen(text), indent, terminal > least ? terminal : least,
                        NULL);
    printf("%.*s\n", (int)out.len, (const char *)out.data);
    buffer_release(&out);
}

/* "-x, --name ARGUMENT" or "--name[=ARGUMENT]". Returns how many columns it took. */
static int print_names(const struct option_row *row)
{
    char short_name[] = "-x, ";
    short_name[1] = row->letter;
    const char *letter = row->letter ? short_name : "";
    if (!row->argument)
        return printf("  %4s--%s", letter, row->name);
    return printf(row->value.preset ? "  %4s--%s[=%s]" : "  %4s--%s %s", letter, row->name,
                  row->argument);
}

static void print_option(const struct option_row *row)
{
    const int used = print_names(row);
    if (used + 2 > HELP_COLUMN)
        putchar('\n');
    printf("%*s", used + 2 > HELP_COLUMN ? HELP_COLUMN : HELP_COLUMN - used, "");
    print_wrapped(row->help, HELP_COLUMN);
}

static void print_options(const struct option_row *row)
{
    static const struct option_row help = {
        .letter = 'h', .name = "help", .help = "print this help"};
    for (; row->name; row++)
        if (row->value.kind == OPTION_HEADING)
            printf("\n%s:\n", row->name);
        else if (row->value.kind != OPTION_SYNONYM)
            print_option(row);
    print_option(&help);
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
