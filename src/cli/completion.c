/* The tables of cli.c come in; the completion scripts of shells go out. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static void option_words(const struct cli_command *c)
{
    for (const struct cli_option *o = cli_options; o->name; o++)
        if (cli_option_fits(c, o))
            printf("%s ", o->name);
}

/* The next small word of a command's arguments, as "test" and "stop" of "[test NAME | stop NAME]":
 * what may stand first. NULL when there is none. */
static const char *small_word(const char *at, size_t *ret_len)
{
    for (; *at; at += *ret_len + (at[*ret_len] != '\0')) {
        *ret_len = strcspn(at, "[]| .");
        if (*ret_len && strspn(at, "abcdefghijklmnopqrstuvwxyz") == *ret_len)
            return at;
    }
    return NULL;
}

static void small_words(const struct cli_command *c)
{
    size_t len;
    for (const char *at = c->args; (at = small_word(at, &len)); at += len)
        printf("%.*s ", (int)len, at);
}

static bool has_small_words(const struct cli_command *c)
{
    size_t len;
    return small_word(c->args, &len) && !str_eq(c->name, "help") && !str_eq(c->name, "gates");
}

/* The first word, and the options of the command that it is. */
static void bash_commands(void)
{
    puts("_slated() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
         "  case $prev in\n"
         "    --root|--rules|--shots) COMPREPLY=($(compgen -d -- \"$cur\")); return;;\n"
         "    --to|--out) COMPREPLY=($(compgen -f -- \"$cur\")); return;;\n"
         "    --watch) COMPREPLY=($(compgen -W 'events scan' -- \"$cur\")); return;;\n"
         "    --quality|--to-quality) COMPREPLY=($(compgen -W '1K 2K 4K' -- \"$cur\")); return;;\n"
         "  esac");
    printf("  if [ \"$COMP_CWORD\" = 1 ]; then COMPREPLY=($(compgen -W '");
    for (const struct cli_command *c = cli_commands; c->name; c++)
        printf("%s ", c->name);
    puts("' -- \"$cur\")); return; fi\n  case ${COMP_WORDS[1]} in");
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        printf("    %s) words='", c->name);
        option_words(c);
        puts("';;");
    }
    puts("  esac");
}

/* What stands behind it, where that can be known. */
static void bash_arguments(void)
{
    fputs("  case ${COMP_WORDS[1]} in\n    ", stdout);
    bool first = true;
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (strstr(c->args, "DROP")) {
            printf("%s%s", first ? "" : "|", c->name);
            first = false;
        }
    puts(")\n"
         "      [[ $cur == -* ]] || words=$(slated status --json 2>/dev/null | sed -n "
         "'s/.*\"drop\": \"\\(.*\\)\".*/\\1/p');;\n"
         "    plan) [[ $cur == -* ]] || { COMPREPLY=($(compgen -f -- \"$cur\")); return; };;\n"
         "    gates) [[ $cur == -* ]] || COMPREPLY=($(compgen -f -- \"$cur\"));\n"
         "      [[ $cur != -* && $COMP_CWORD != 2 ]] && return; [[ $cur == -* ]] || words=check;;");
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (has_small_words(c)) {
            printf("    %s) [[ $cur == -* || $COMP_CWORD != 2 ]] || words='", c->name);
            small_words(c);
            puts("';;");
        }
    printf("    help) words='man ");
    for (const struct cli_command *c = cli_commands; c->name; c++)
        printf("%s ", c->name);
    puts("';;\n"
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "}\ncomplete -F _slated slated");
}

static void zsh_quoted(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr("[]:", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void completion_zsh(void)
{
    puts("#compdef slated\n_slated() {\n  local -a commands\n  commands=(");
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        printf("    '%s:", c->name);
        zsh_quoted(c->summary);
        puts("'");
    }
    puts("  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n  case "
         "$words[2] in");
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        printf("    %s) _arguments ", c->name);
        for (const struct cli_option *o = cli_options; o->name; o++) {
            if (!cli_option_fits(c, o))
                continue;
            printf("'%s%s[", o->many ? "*" : "", o->name);
            zsh_quoted(o->help);
            printf("]%s%s%s' ", o->value ? ":" : "", o->value ? o->value : "",
                   !o->value                 ? ""
                   : str_eq(o->value, "DIR") ? ":_files -/"
                                             : ":");
        }
        if (has_small_words(c)) {
            fputs("'2:what:(", stdout); /* the command itself is the first */
            small_words(c);
            fputs(")' ", stdout);
        }
        puts("'*:argument:_files';;");
    }
    puts("  esac\n}\n_slated \"$@\"");
}

int cli_run_completion(const struct cli *cli)
{
    if (str_eq(cli->args[0], "bash")) {
        bash_commands();
        bash_arguments();
    } else if (str_eq(cli->args[0], "zsh")) {
        completion_zsh();
    } else {
        return cli_fail("completion scripts exist for bash and zsh, not for %s", cli->args[0]);
    }
    return CLI_OK;
}
