/* labelcap completion: shell completion generated from the option tables. */
#include "cmd/command.h"
#include "cmd/options.h"
#include <stdio.h>
#include <string.h>

static const struct option_row rows[] = {{0}};

static void print_bash_words(const struct command *command)
{
    printf("    %s) words=\"--help", command->name);
    for (const struct option_row *row = options_shown(command->options); row;
         row = options_shown(row + 1)) {
        printf(" --%s", row->name);
        if (row->letter)
            printf(" -%c", row->letter);
    }
    puts("\" ;;");
}

static void print_bash_choices(void)
{
    for (size_t i = 0; commands[i]; i++)
        for (const struct option_row *row = options_shown(commands[i]->options); row;
             row = options_shown(row + 1)) {
            if (!row->value.choices)
                continue;
            printf("    %s:--%s) COMPREPLY=($(compgen -W \"", commands[i]->name, row->name);
            for (size_t c = 0; row->value.choices[c]; c++)
                printf("%s%s", c ? " " : "", row->value.choices[c]);
            puts("\" -- \"$word\")); return ;;");
        }
}

static void print_bash(void)
{
    puts("# bash completion for labelcap\n"
         "_labelcap() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then");
    printf("    COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; commands[i]; i++)
        printf("%s ", commands[i]->name);
    puts("--help --version\" -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]}:$before in");
    print_bash_choices();
    puts("  esac\n"
         "  case ${COMP_WORDS[1]} in");
    for (size_t i = 0; commands[i]; i++)
        print_bash_words(commands[i]);
    puts("  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _labelcap labelcap");
}

/* A help text inside the single quotes and square brackets of a zsh specification. */
static void print_zsh_text(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr("[]:\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void print_zsh_option(const struct option_row *row)
{
    printf("        '");
    if (row->letter)
        printf("(-%c --%s)'{-%c,--%s}'[", row->letter, row->name, row->letter, row->name);
    else
        printf("--%s[", row->name);
    print_zsh_text(row->help);
    putchar(']');
    if (row->value.choices) {
        printf(":%s:(", row->argument);
        for (size_t c = 0; row->value.choices[c]; c++)
            printf("%s%s", c ? " " : "", row->value.choices[c]);
        putchar(')');
    } else if (row->argument) {
        printf(":%s:%s", row->argument, row->value.kind == OPTION_TEXT ? "_files" : "");
    }
    puts("' \\");
}

static void print_zsh(void)
{
    puts("#compdef labelcap\n"
         "_labelcap() {\n"
         "  local -a names=(");
    for (size_t i = 0; commands[i]; i++) {
        printf("    '%s:", commands[i]->name);
        print_zsh_text(commands[i]->summary);
        puts("'");
    }
    puts("  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command names\n"
         "    return\n"
         "  fi\n"
         "  local name=$words[2]\n"
         "  words=(\"${(@)words[2,-1]}\")\n"
         "  (( CURRENT-- ))\n"
         "  case $name in");
    for (size_t i = 0; commands[i]; i++) {
        printf("    %s)\n      _arguments -s \\\n", commands[i]->name);
        for (const struct option_row *row = options_shown(commands[i]->options); row;
             row = options_shown(row + 1))
            print_zsh_option(row);
        puts("        '*:file:_files' ;;");
    }
    puts("  esac\n"
         "}\n"
         "_labelcap \"$@\"");
}

static int run_completion(const void *args, const char *const *operands, size_t count,
                          struct lcap_error *error)
{
    (void)args;
    (void)count;
    if (strcmp(operands[0], "bash") == 0) {
        print_bash();
    } else if (strcmp(operands[0], "zsh") == 0) {
        print_zsh();
    } else {
        lcap_error_set(error, LCAP_ERR_ARGUMENT, "expected bash or zsh, found '%s'", operands[0]);
        return COMMAND_USAGE;
    }
    return LCAP_OK;
}

const struct command cmd_completion = {
    .name = "completion",
    .summary = "print the completion script for bash or zsh",
    .usage = "labelcap completion bash|zsh",
    .operands = "shell (bash or zsh)",
    .min_operands = 1,
    .max_operands = 1,
    .example = "labelcap completion bash > /etc/bash_completion.d/labelcap",
    .options = rows,
    .run = run_completion,
};
