/* The tables of cli.c come in; help, the manual page and the shells' completions go out. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

void cli_help_all(FILE *out)
{
    fputs("slated turns folders into a production line for generated pictures and film.\n\n"
          "  1. slated run --root DIR          start it (or install it as a service)\n"
          "  2. drop products.json, a storyboard or a combo folder into DIR/inbox/\n"
          "  3. look into DIR/out/, and at the receipt beside what you dropped\n\nCommands:\n",
          out);
    for (const struct cli_command *c = cli_commands; c->name; c++)
        fprintf(out, "  %-10s %-14s %s\n", c->name, c->args, c->summary);
    fputs("\nslated help COMMAND says more. Exit codes: 0 done, 1 error, 2 a person must act.\n",
          out);
}

void cli_help_one(FILE *out, const struct cli_command *command)
{
    fprintf(out, "slated %s%s%s [options]: %s\n", command->name, *command->args ? " " : "",
            command->args, command->summary);
    if (*command->details)
        fprintf(out, "\n%s\n", command->details);
    fputs("\nOptions:\n", out);
    for (const struct cli_option *o = cli_options; o->name; o++)
        if (cli_option_fits(command, o))
            fprintf(out, "  %-12s %-5s %s\n", o->name, o->value ? o->value : "", o->help);
}

/* roff: a line must not begin with a dot, and a backslash is written twice. */
static void roff_text(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\\\", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
    putchar('\n');
}

static void man_command(const struct cli_command *c)
{
    printf(".TP\n.BR \"slated %s\" \" %s\"\n", c->name, c->args);
    roff_text(c->summary);
    if (*c->details) {
        puts(".br");
        roff_text(c->details);
    }
}

static void man_page(void)
{
    puts(".TH SLATED 1 \"\" \"slated " SLATED_VERSION "\" \"User Commands\"\n.SH NAME\n"
         "slated \\- a production line for generated pictures and film, in folders\n.SH SYNOPSIS\n"
         ".B slated\n.I command\n.RI [ options ]\n.SH DESCRIPTION\n"
         "A file or folder dropped into\n.I inbox/\nof the root is recognised, planned, priced, "
         "made and filed under\n"
         ".IR out/ ;\na receipt beside it tells how it stands. What cannot be accepted moves "
         "to\n.I refused/\n"
         "with the reasons in\n.IR WHY.txt .\n.SH COMMANDS");
    for (const struct cli_command *c = cli_commands; c->name; c++)
        man_command(c);
    puts(".SH OPTIONS");
    for (const struct cli_option *o = cli_options; o->name; o++) {
        printf(".TP\n.BI \"%s\" \"%s%s\"\n", o->name, o->value ? " " : "",
               o->value ? o->value : "");
        roff_text(o->help);
    }
    puts(".SH EXIT STATUS\n0 done, 1 an error, 2 a person must act.\n.SH FILES\n.TP\n.I "
         "DIR/inbox\nwhere things are dropped\n.TP\n"
         ".I DIR/out\nthe asset trees\n.TP\n.I DIR/taken\nthe frozen input of each drop, with its "
         "plan and report\n.TP\n"
         ".I DIR/refused\nwhat was not accepted, with WHY.txt\n.TP\n.I "
         "DIR/NEEDS-YOU.md\neverything that waits for a person\n"
         ".SH ENVIRONMENT\n.TP\n.B SLATED_ROOT, SLATED_RULES\ninstead of the options\n.TP\n.B "
         "SLATED_FFMPEG\nthe ffmpeg program");
}

int cli_run_help(const struct cli *cli)
{
    if (cli->args_n == 0) {
        cli_help_all(stdout);
        return CLI_OK;
    }
    if (str_eq(cli->args[0], "man")) {
        man_page();
        return CLI_OK;
    }
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (str_eq(c->name, cli->args[0])) {
            cli_help_one(stdout, c);
            return CLI_OK;
        }
    return cli_fail("there is no command %s; see slated help", cli->args[0]);
}

/* --- completion --- */

static void option_words(const struct cli_command *c)
{
    for (const struct cli_option *o = cli_options; o->name; o++)
        if (cli_option_fits(c, o))
            printf("%s ", o->name);
}

static void completion_bash(void)
{
    puts("_slated() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
         "  case $prev in\n"
         "    --root|--rules) COMPREPLY=($(compgen -d -- \"$cur\")); return;;\n"
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
    fputs("  esac\n  case ${COMP_WORDS[1]} in\n    ", stdout);
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
         "    rules) [[ $cur == -* ]] || words=check;;\n"
         "    gates) [[ $cur == -* ]] || COMPREPLY=($(compgen -f -- \"$cur\"));\n"
         "      [[ $cur != -* && $COMP_CWORD != 2 ]] && return; [[ $cur == -* ]] || words=check;;\n"
         "    completion) [[ $cur == -* ]] || words='bash zsh';;");
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
            printf("'%s[", o->name);
            zsh_quoted(o->help);
            printf("]%s%s%s' ", o->value ? ":" : "", o->value ? o->value : "",
                   !o->value                 ? ""
                   : str_eq(o->value, "DIR") ? ":_files -/"
                                             : ":");
        }
        puts("'*:argument:_files';;");
    }
    puts("  esac\n}\n_slated \"$@\"");
}

int cli_run_completion(const struct cli *cli)
{
    if (str_eq(cli->args[0], "bash"))
        completion_bash();
    else if (str_eq(cli->args[0], "zsh"))
        completion_zsh();
    else
        return cli_fail("completion scripts exist for bash and zsh, not for %s", cli->args[0]);
    return CLI_OK;
}
