/* The command line: one row a command, one row an option; parser, help, man page and completion
 * read the same rows. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/err.h"

/* Exit codes: of every command. */
enum { CLI_OK = 0, CLI_ERROR = 1, CLI_PERSON = 2 };

/* What may be given more than once. */
#define CLI_LIST_MAX 64
struct cli_list {
    const char *at[CLI_LIST_MAX];
    int n;
};

/* What was given; texts are borrowed from argv. */
struct cli {
    const char *root, *rules, *watch, *job, *quality, *to, *combo, *prompt, *wardrobe;
    const char *drop, *tag, *model, *note;
    const char *by;
    const char *day;
    const char *kind, *size;
    const char *site, *from, *slow, *shots, *out;
    struct cli_list set;
    bool step, yes, paid;
    bool zip, outstanding, whole, check, enhanced;
    bool json, failed, dry_run, plain, quiet, verbose, help;
    const char *const *args; /* what is no option, after the command's name */
    int args_n;
};

struct cli_option {
    const char *name;  /* "--root" */
    const char *value; /* "DIR", "[MS]" when it may be left out, or NULL for a switch */
    const char *help;
    size_t at; /* offset in struct cli */
    bool many; /* a list there */
};

struct cli_command {
    const char *name;
    const char *args; /* "DROP", "[DROP]", "FILE", "" */
    int args_min, args_max;
    const char *options; /* names with a blank between, besides those every command has */
    const char *summary; /* one line */
    const char *details; /* more, for help and the man page */
    int (*run)(const struct cli *cli);
};

extern const struct cli_option cli_options[];   /* ends with a NULL name */
extern const struct cli_command cli_commands[]; /* ends with a NULL name */

bool cli_option_fits(const struct cli_command *command, const struct cli_option *option);

/* Parses and runs; returns the exit code. */
int cli_main(int argc, char **argv);

/* help.c */
void cli_help_all(FILE *out);
void cli_help_one(FILE *out, const struct cli_command *command);
int cli_run_help(const struct cli *cli);
int cli_run_completion(const struct cli *cli);

/* places.c of the command line: where root, rules and worker are when nobody says. Owned by the
 * caller. */
char *cli_root(const struct cli *cli);
char *cli_rules(const struct cli *cli);
char *cli_worker(void);

/* The commands, a family a file. */
int cli_run_run(const struct cli *cli);
int cli_run_once(const struct cli *cli);
int cli_run_plan(const struct cli *cli);
int cli_run_status(const struct cli *cli);
int cli_run_retry(const struct cli *cli);
int cli_run_cancel(const struct cli *cli);
int cli_run_pause(const struct cli *cli);
int cli_run_resume(const struct cli *cli);
int cli_run_single(const struct cli *cli);
int cli_run_upgrade(const struct cli *cli);
int cli_run_learn(const struct cli *cli);
int cli_run_gates(const struct cli *cli);
int cli_run_export(const struct cli *cli);
int cli_run_backup(const struct cli *cli);
int cli_run_doctor(const struct cli *cli);
int cli_run_rules(const struct cli *cli);
int cli_run_sop(const struct cli *cli);
int cli_run_browser(const struct cli *cli);
int cli_run_providers(const struct cli *cli);
int cli_run_notify(const struct cli *cli);
int cli_run_escalate(const struct cli *cli);
int cli_run_bundle(const struct cli *cli);
int cli_run_enhance(const struct cli *cli);
int cli_run_redo(const struct cli *cli);
int cli_run_tag(const struct cli *cli);
int cli_run_approve(const struct cli *cli);
int cli_run_spend(const struct cli *cli);
int cli_run_refuse(const struct cli *cli);
int cli_run_retake(const struct cli *cli);

/* Says an error on stderr: "slated: sentence". Returns CLI_ERROR. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
