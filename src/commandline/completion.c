/* Scripts made of the tables of all commands. */
#include "commandline/completion.h"

#include "commandline/options.h"
#include <labelcap/flow.h>
#include <stdio.h>
#include <string.h>

static const char *const shells[] = {"bash", "zsh", NULL};

/* What the shell runs itself when it completes. */
#define LIST_INTERFACES "$(command ls /sys/class/net 2>/dev/null)"

static void print_choices(const char *const *choices)
{
    for (size_t i = 0; choices[i]; i++)
        printf("%s%s", i ? " " : "", choices[i]);
}

static void print_command_names(void)
{
    for (size_t i = 0; commands[i]; i++)
        printf("%s%s", i ? " " : "", commands[i]->name);
}

static void print_profile_names(void)
{
    const struct lcap_profile *profile;
    for (size_t i = 0; (profile = lcap_profile_at(i)); i++)
        printf("%s%s", i ? " " : "", lcap_profile_name(profile));
}

/* The words that are offered; nothing for files. */
static void print_words(enum completion completion)
{
    switch (completion) {
    case COMPLETE_FILES:
        break;
    case COMPLETE_PROFILES:
        print_profile_names();
        break;
    case COMPLETE_INTERFACES:
        fputs(LIST_INTERFACES, stdout);
        break;
    case COMPLETE_COMMANDS:
        print_command_names();
        break;
    case COMPLETE_SHELLS:
        print_choices(shells);
        break;
    }
}

static void print_values(const struct option_value *value)
{
    if (value->choices)
        print_choices(value->choices);
    else
        print_words(value->completion);
}

static bool has_values(const struct option_row *row)
{
    return row->value.choices || row->value.completion != COMPLETE_FILES;
}

static void print_bash_words(const struct command *command)
{
    printf("    %s) words=\"--help", command->name);
    for (const struct option_row *row = options_shown(command->options); row;
         row = options_shown(row + 1)) {
        printf(" --%s", row->name);
        if (row->letter)
            printf(" -%c", row->letter);
    }
    printf("\" operands=\"");
    print_words(command->completion);
    puts("\" ;;");
}

static void print_bash_values(const struct command *command)
{
    for (const struct option_row *row = options_shown(command->options); row;
         row = options_shown(row + 1)) {
        if (!has_values(row))
            continue;
        printf("    %s:--%s", command->name, row->name);
        if (row->letter)
            printf("|%s:-%c", command->name, row->letter);
        /* In a list, the names before the last comma stay. */
        printf(") COMPREPLY=($(compgen -P \"${word%%\"$last\"}\" -W \"");
        print_values(&row->value);
        puts("\" -- \"$last\")); return ;;");
    }
}

void completion_print_bash(void)
{
    puts("# bash completion for labelcap\n"
         "_labelcap() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local words= operands= last=${word##*,}\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then");
    printf("    COMPREPLY=($(compgen -W \"");
    print_command_names();
    puts(" --help --version\" -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]}:$before in");
    for (size_t i = 0; commands[i]; i++)
        print_bash_values(commands[i]);
    puts("  esac\n"
         "  case ${COMP_WORDS[1]} in");
    for (size_t i = 0; commands[i]; i++)
        print_bash_words(commands[i]);
    puts("  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  elif [ -n \"$operands\" ]; then\n"
         "    COMPREPLY=($(compgen -W \"$operands\" -- \"$word\"))\n"
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
    const bool may_be_left_out = row->argument && row->value.preset;
    printf("        '");
    if (row->letter)
        printf("(-%c --%s)'{-%c,--%s}'[", row->letter, row->name, row->letter, row->name);
    else
        printf("--%s%s[", row->name, may_be_left_out ? "=-" : "");
    print_zsh_text(row->help);
    fputs(may_be_left_out ? "]:" : "]", stdout);
    if (row->value.completion == COMPLETE_INTERFACES) {
        printf(":%s:_net_interfaces", row->argument);
    } else if (has_values(row)) {
        printf(":%s:(", row->argument);
        print_values(&row->value);
        putchar(')');
    } else if (row->argument) {
        printf(":%s:%s", row->argument, row->value.kind == OPTION_TEXT ? "_files" : "");
    }
    puts("' \\");
}

static void print_zsh_operands(const struct command *command)
{
    if (command->completion == COMPLETE_FILES) {
        puts("        '*:file:_files' ;;");
        return;
    }
    printf("        '*:word:(");
    print_words(command->completion);
    puts(")' ;;");
}

void completion_print_zsh(void)
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
        print_zsh_operands(commands[i]);
    }
    puts("  esac\n"
         "}\n"
         "_labelcap \"$@\"");
}
