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

/* A value that may be left out is given with "=": a word of its own would be an argument. */
static void help_option(FILE *out, const struct cli_option *o)
{
    if (o->value && o->value[0] == '[')
        fprintf(out, "  %s[=%.*s]%*s %s\n", o->name, (int)strlen(o->value) - 2, o->value + 1,
                (int)(17 - strlen(o->name) - strlen(o->value)), "", o->help);
    else
        fprintf(out, "  %-12s %-5s %s\n", o->name, o->value ? o->value : "", o->help);
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
            help_option(out, o);
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

static void man_files(void)
{
    static const char *const files[][2] = {
        {"inbox", "where things are dropped, with a receipt beside each"},
        {"return", "where what was made by hand is dropped"},
        {"approve", "cards of plans that ask first, and of what is in doubt"},
        {"manual_export", "bundles that go out for handwork"},
        {"out", "the asset trees"},
        {"taken", "the frozen input of each drop, with its plan and report"},
        {"refused", "what was not accepted, with WHY.txt"},
        {"backups", "checked copies of the store"},
        {"NEEDS\\-YOU.md", "everything that waits for a person"},
        {"rules", "rules of this root, in place of the installed ones"},
        {".slated/credentials", "keys, a NAME=VALUE a line; mode 0600"},
        {".slated/mishaps", "a folder for each procedure that failed in a browser"}};
    puts(".SH FILES");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        printf(".TP\n.I DIR/%s\n%s\n", files[i][0], files[i][1]);
}

static void man_end(void)
{
    puts(".SH EXIT STATUS\n0 done, 1 an error, 2 a person must act.");
    man_files();
    puts(".SH ENVIRONMENT\n.TP\n.B SLATED_ROOT, SLATED_RULES\ninstead of the options\n.TP\n.B "
         "SLATED_FFMPEG\nthe ffmpeg program\n.TP\n.B SSL_CERT_FILE\nauthorities that engines' "
         "certificates are checked against\n.TP\n.B FAL_KEY, GEMINI_API_KEY, ...\nkeys of engines; "
         "slated providers names them");
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
        bool may_lack = o->value && o->value[0] == '[';
        printf(".TP\n.BI \"%s\" \"%s%s\"\n", o->name,
               !o->value  ? ""
               : may_lack ? "[="
                          : " ",
               !o->value ? "" : o->value + may_lack);
        roff_text(o->help);
    }
    man_end();
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
