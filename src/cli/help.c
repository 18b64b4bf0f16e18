/* The tables of cli.c come in; help and the manual page go out. */
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
