/* argv comes in, an exit code goes out. The tables here are the only place where commands and
 * options are named. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

#define OPTION(name, value, member, help)                                                          \
    {                                                                                              \
        name, value, help, offsetof(struct cli, member), false                                     \
    }

const struct cli_option cli_options[] = {
    OPTION("--root", "DIR", root,
           "the folder with inbox/ and out/ (default: $SLATED_ROOT, ./watchdirs in a checkout, "
           "~/Slated)"),
    OPTION("--rules", "DIR", rules,
           "the rules folder (default: $SLATED_RULES, DIR/rules of the root, the installed one)"),
    OPTION("--help", NULL, help, "what a command does"),
    OPTION("--verbose", NULL, verbose, "log every step to stderr"),
    OPTION("--json", NULL, json, "answer as JSON"),
    OPTION("--watch", "MODE", watch, "events or scan, instead of the policy's choice"),
    OPTION("--plain", NULL, plain, "plain lines even on a terminal"),
    OPTION("--quiet", NULL, quiet, "say only what went wrong"),
    OPTION("--job", "JOB", job,
           "one job, by its key or its number; made again even when it was done"),
    OPTION("--failed", NULL, failed, "every job that failed (what retry does without --job)"),
    OPTION("--dry-run", NULL, dry_run, "only show what would be done"),
    OPTION("--combo", "ID", combo, "the combo, as in C-U-009"),
    OPTION("--prompt", "FILE", prompt, "the catalog prompt, as in catalog_v3.2/ZH01"),
    OPTION("--wardrobe", "NAME", wardrobe, "the wardrobe, as in zip-hoodie"),
    OPTION("--quality", "Q", quality, "1K, 2K or 4K"),
    OPTION("--to", "FILE", to,
           "where it goes (default in the root: manual_export/DROP.zip, backups/slated-TIME.db)"),
    OPTION("--drop", "DROP", drop, "the drop that is meant, when several have a shot of that name"),
    OPTION("--tag", "TAG", tag, "composition, artifacts, motion, safety_filter or character"),
    OPTION("--model", "TARGET", model, "where it is mended, as in rules/models/targets.json"),
    OPTION("--note", "TEXT", note, "what is wrong or wanted, in words"),
    OPTION("--zip", NULL, zip, "a zip of each bundle, too"),
    OPTION("--outstanding", NULL, outstanding, "every shot that is escalated and not resolved"),
    OPTION("--whole", NULL, whole, "the shot itself, too"),
    OPTION("--enhanced", NULL, enhanced, "with the prompt that slated enhance has rewritten"),
    OPTION("--to-quality", "Q", quality, "1K, 2K or 4K"),
    OPTION("--kind", "OP", kind, "the kind of picture, as in rules/gates/local.json"),
    OPTION("--size", "WxH", size, "the size it should have, as in 768x1344"),
    OPTION("--by", "WHAT", by, "drop, project, shot, engine (or provider) or day"),
    OPTION("--day", "DAY", day, "of that day alone: today, yesterday, or as in 2026-11-21"),
    OPTION("--check", NULL, check, "walk the whole ledger and say whether it is sound"),
    OPTION("--site", "NAME", site, "the site, a folder below rules/sops (default: the only one)"),
    {"--set", "NAME=VALUE", "a wish of the procedure; may be given often",
     offsetof(struct cli, set), true},
    OPTION("--step", NULL, step, "wait for Enter before each step"),
    OPTION("--slow", "[MS]", slow, "rest between two steps, a second when no time is given"),
    OPTION("--from", "STEP", from, "begin at this step, on the site's first page"),
    OPTION("--shots", "DIR", shots, "a screenshot after each step, into this folder"),
    OPTION("--out", "FILE", out,
           "where the result goes (default: NAME.png here); never overwritten"),
    OPTION("--paid", NULL, paid, "a real job, the smallest there is, and what it costs"),
    OPTION("--yes", NULL, yes, "do not ask before the first act that costs"),
    {NULL, NULL, NULL, 0, false},
};

const struct cli_command cli_commands[] = {
    {"run", "", 0, 0, "--watch --plain --quiet",
     "watch the inbox and make what is dropped, until told to stop",
     "In the foreground, with a live display on a terminal and plain lines in a pipe. SIGTERM or "
     "ctrl-C ends it within two "
     "seconds and loses nothing; SIGHUP loads the rules again.",
     cli_run_run},
    {"once", "", 0, 0, "--watch --plain --quiet", "make all that lies in the inbox, then end",
     "Exits with 0 when all is done, 2 when something was refused, failed or needs a person, 1 on "
     "an error.",
     cli_run_once},
    {"plan", "FILE", 1, 1, "--json", "show what a file or folder would become, and touch nothing",
     "Names, engines, times and prices of everything that would be made from FILE; what was made "
     "before is marked.",
     cli_run_plan},
    {"status", "[DROP|EPISODE]", 0, 1, "--json", "how the drops stand, or the jobs of one",
     "DROP is a drop's id, the beginning of one, or the name of what was dropped; "
     "an episode (EP001) or a shot shows verdicts and handwork.",
     cli_run_status},
    {"retry", "DROP", 1, 1, "--job --failed",
     "make again what failed, or one job whatever its state",
     "What was waiting for a failed job follows by itself. A new version never overwrites an old "
     "one.",
     cli_run_retry},
    {"cancel", "DROP", 1, 1, "", "stop a drop; what was made stays",
     "Of a drop that is over, what could not be made is let go and asks for nobody any more. "
     "`slated retry DROP` takes it up again.",
     cli_run_cancel},
    {"pause", "[DROP]", 0, 1, "", "start nothing new, of one drop or of all",
     "What is under way is finished. Drops are still taken and planned.", cli_run_pause},
    {"resume", "[DROP|ENGINE]", 0, 1, "",
     "go on after pause, after an engine's stop, or after one for a doubtful root",
     "See NEEDS-YOU.md in the root for what stopped.", cli_run_resume},
    {"single", "DROP", 1, 1, "--combo --prompt --wardrobe --quality --dry-run",
     "make one picture of a combo drop",
     "One combo with one catalog prompt of a drop that was taken, at another quality if wanted.",
     cli_run_single},
    {"upgrade", "DROP", 1, 1, "--to-quality --dry-run",
     "make the pictures of a combo drop again at a higher quality",
     "A new drop over the same combos and catalogs; the pictures of the old one stay.",
     cli_run_upgrade},
    {"export", "DROP", 1, 1, "--to --json", "one zip of everything a drop made, to hand on",
     "Pictures, films, prompts, documents and the plan. The same content gives the same bytes, so "
     "that two people can compare the "
     "printed digest.",
     cli_run_export},
    {"approve", "SHOT|CARD", 1, 1, "--drop", "a shot is good, or a card gets its go",
     "The same as moving its entry into dailies/approved/, or the card into approve/go/.",
     cli_run_approve},
    {"refuse", "CARD", 1, 1, "", "a card of approve/ gets a no",
     "The same as moving it into approve/no/.", cli_run_refuse},
    {"spend", "[add ENGINE AMOUNT]", 0, 3, "--by --day --json --check --note",
     "what was spent, and what is set aside; book a purchase",
     "From the ledger, in US dollars: by drop, or as --by says, of --day or all days. With --check "
     "every row and sum of it is looked at. `add` books what was bought at an engine by hand, so "
     "that the caps count it; --note says what.",
     cli_run_spend},
    {"retake", "SHOT", 1, 1, "--note --drop", "make a shot again, with another seed",
     "With --note the words are added to its prompt. The same as moving its entry into "
     "dailies/retake/.",
     cli_run_retake},
    {"escalate", "SHOT", 1, 1, "--tag --model --note --drop", "a shot needs a hand",
     "Sets the flag; the formal status stays. The same by a file named after the shot in "
     "inbox/escalate/.",
     cli_run_escalate},
    {"bundle", "[SHOT|EPISODE|DROP...]", 0, 1000, "--model --zip --outstanding --drop --json",
     "what goes out for handwork: prompt, instructions, frames, references",
     "Each bundle is a folder in manual_export/ with a return/ of its own. The same content gives "
     "the same bytes.",
     cli_run_bundle},
    {"enhance", "SHOT|EPISODE|DROP...", 1, 1000, "--model --drop",
     "have a text model rewrite a shot's prompt for the tool it goes to",
     "For the target of --model, else the shot's own. The text keeps to the target's order, length "
     "and words; it lies in prompts/enhanced/ of the drop's tree, where it may be changed, and the "
     "next bundle for that target uses it, and redo --enhanced. Where no text model can be asked "
     "the question goes out as a bundle, and its answer comes back through return/.",
     cli_run_enhance},
    {"redo", "SHOT", 1, 1, "--note --whole --enhanced --model --drop",
     "make again what hangs on a shot that was mended",
     "With --note the shot itself is made again with the note added to its prompt, with --whole as "
     "it was, with --enhanced its clip with the rewritten prompt.",
     cli_run_redo},
    {"tag", "SHOT TAG", 2, 2, "--drop", "say what was wrong with a shot that was mended",
     "TAG is composition, artifacts, motion, safety_filter or character.", cli_run_tag},
    {"learn", "", 0, 0, "--json", "what was mended by hand, how often what went wrong, and where",
     "By failure tag, target, kind of shot and length of the prompt. Advice only where at least "
     "ten "
     "cases carry it.",
     cli_run_learn},
    {"backup", "", 0, 0, "--to --json",
     "a checked copy of the store: drops, jobs, versions, the ledger",
     "Works while slated runs. To go back to it: stop slated, move .slated/slated.db and the -wal "
     "and -shm beside it away, put the copy in their place. What was made lies in out/ and taken/, "
     "and what was paid for in .slated/results; copy those as files.",
     cli_run_backup},
    {"doctor", "", 0, 0, "--json",
     "check folders, limits, programs, clock and disk, and say the cure",
     "Touches nothing but a test file that it removes.", cli_run_doctor},
    {"sop", "list|check|run NAME", 1, 2,
     "--json --site --set --step --slow --from --shots --out --yes",
     "the procedures of web sites, step by step in files; do one by hand",
     "list: what each makes, its steps, credits and time; check says what is wrong with the files. "
     "run does one in the browser of rules/policy.json, without the daemon, and says each step as "
     "it "
     "happens; with --step it waits for you (? explains the keys). What costs is asked for before "
     "and booked as spent. When it fails, .slated/mishaps/ keeps the page. See rules/README.md.",
     cli_run_sop},
    {"browser", "doctor", 1, 1, "--site --json",
     "look at the browsers that step files are done in, and say the cure",
     "Reachable, which pages are open, signed in, window, language, zoom, dialogs, sleeping tabs. "
     "Opens a tab of its own on the site and closes it.",
     cli_run_browser},
    {"gates", "check FILE...", 2, 1000, "--kind --size --json",
     "judge pictures and clips by the gate that engines' work has to pass",
     "Each check with what was measured and what is allowed (rules/gates/local.json). A file that "
     "looks like one before it is told, too. Nothing is changed.",
     cli_run_gates},
    {"rules", "check", 1, 1, "", "check every rules file, all faults in one pass",
     "The daemon keeps its old rules until the new ones have no fault.", cli_run_rules},
    {"providers", "[test NAME | stop NAME]", 0, 2, "--json --dry-run --paid --yes",
     "which engines there are, with keys, models and prices; try one",
     "`test NAME` asks the engine its free call, with the key; --dry-run prints the exact request "
     "of "
     "a smallest job instead, with ${NAME} where the key goes; --paid makes that job for real, "
     "after a yes, through the running daemon and its ledger. The list says what stopped an engine "
     "and its cure, what is left of its limits, its last trouble, and models that were retired.",
     cli_run_providers},
    {"notify", "[test [NAME]]", 0, 2, "--json", "who is told, and by what; send a test",
     "Each file of rules/notify is one way of telling people; it speaks once its keys are there. "
     "`test` sends one message to each that can be used, or to NAME, and says what came of it.",
     cli_run_notify},
    {"completion", "bash|zsh", 1, 1, "", "print the completion script of a shell",
     "For bash: source <(slated completion bash).", cli_run_completion},
    {"help", "[COMMAND|man]", 0, 1, "", "what slated can do, or the manual page in roff", "",
     cli_run_help},
    {NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};

int cli_fail(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("slated: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    return CLI_ERROR;
}

static bool for_every_command(const char *option)
{
    return str_eq(option, "--root") || str_eq(option, "--rules") || str_eq(option, "--help") ||
           str_eq(option, "--verbose");
}

bool cli_option_fits(const struct cli_command *command, const struct cli_option *option)
{
    size_t len = strlen(option->name);
    if (for_every_command(option->name))
        return true;
    for (const char *at = command->options; (at = strstr(at, option->name)); at += len)
        if (at[len] == ' ' || at[len] == 0)
            return true;
    return false;
}

static const struct cli_command *find_command(const char *name)
{
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (str_eq(c->name, name))
            return c;
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *nearest = NULL;
    int least = 3;
    for (const struct cli_command *c = cli_commands; c->name; c++)
        if (str_distance(c->name, name) < least) {
            least = str_distance(c->name, name);
            nearest = c->name;
        }
    return cli_fail(nearest ? "there is no command %s; did you mean %s?"
                            : "there is no command %s; see slated help",
                    name, nearest);
}

/* What is over the list's room is told by whoever reads it: n goes on. */
static void list_add(struct cli_list *list, const char *value)
{
    if (list->n < CLI_LIST_MAX)
        list->at[list->n] = value;
    list->n++;
}

/* "--name value", "--name=value" or "--name". Returns how many of argv it took, 0 when the option
 * is unknown. */
static int parse_option(const struct cli_command *command, struct cli *cli, char **argv, int left)
{
    const char *equals = strchr(argv[0], '=');
    size_t len = equals ? (size_t)(equals - argv[0]) : strlen(argv[0]);
    for (const struct cli_option *o = cli_options; o->name; o++) {
        if (strlen(o->name) != len || strncmp(o->name, argv[0], len) != 0 ||
            !cli_option_fits(command, o))
            continue;
        void *at = (char *)cli + o->at;
        if (!o->value && !equals) {
            *(bool *)at = true;
            return 1;
        }
        if (o->value && o->value[0] == '[' && !equals) {
            *(const char **)at = "";
            return 1;
        }
        if (!o->value || (!equals && left < 2))
            return -1;
        if (o->many)
            list_add(at, equals ? equals + 1 : argv[1]);
        else
            *(const char **)at = equals ? equals + 1 : argv[1];
        return equals ? 1 : 2;
    }
    return 0;
}

static int parse(const struct cli_command *command, struct cli *cli, char **argv, int argc)
{
    int kept = 0;
    for (int i = 0; i < argc;) {
        if (argv[i][0] != '-' || !argv[i][1]) {
            argv[kept++] = argv[i++];
            continue;
        }
        if (str_eq(argv[i], "-h"))
            argv[i] = (char *)"--help";
        int took = parse_option(command, cli, argv + i, argc - i);
        if (took < 0)
            return cli_fail("%s wants %s; see slated help %s", argv[i],
                            strchr(argv[i], '=') ? "no value" : "a value", command->name);
        if (took == 0)
            return cli_fail("%s has no option %s; see slated help %s", command->name, argv[i],
                            command->name);
        i += took;
    }
    cli->args = (const char *const *)argv;
    cli->args_n = kept;
    if (!cli->help && (kept < command->args_min || kept > command->args_max))
        return cli_fail("usage: slated %s %s [options]; see slated help %s", command->name,
                        command->args, command->name);
    return 0;
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {0};
    if (argc < 2 || str_eq(argv[1], "--help") || str_eq(argv[1], "-h")) {
        cli_help_all(argc < 2 ? stderr : stdout);
        return argc < 2 ? CLI_ERROR : CLI_OK;
    }
    if (str_eq(argv[1], "--version")) {
        puts("slated " SLATED_VERSION);
        return CLI_OK;
    }
    const struct cli_command *command = find_command(argv[1]);
    if (!command)
        return unknown_command(argv[1]);
    if (parse(command, &cli, argv + 2, argc - 2))
        return CLI_ERROR;
    if (cli.help) {
        cli_help_one(stdout, command);
        return CLI_OK;
    }
    log_open(cli.verbose ? LOG_DEBUG : LOG_INFO);
    return command->run(&cli);
}
