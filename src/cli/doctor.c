/* The machine and the root come in; what is well, what is not and its cure go out. Writes one test
 * file into the root and removes it. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "browser/start.h"
#include "engine/ruleset.h"
#include "engine/tell.h"
#include "secrets/secrets.h"
#include "store/store.h"

struct check {
    const char *name;
    bool ok;
    char *found; /* owned */
    const char *cure;
};

struct doctor {
    const struct cli *cli;
    char *root, *rules_dir, *worker;
    struct check list[16];
    int n;
};

static void add(struct doctor *d, const char *name, bool ok, char *takes_found, const char *cure)
{
    d->list[d->n++] = (struct check){name, ok, takes_found, ok ? NULL : cure};
}

static void check_root(struct doctor *d)
{
    char *test = path_join(d->root, ".slated-doctor");
    struct err e = {0};
    bool there = file_exists(d->root);
    int rc = there ? file_write(test, "ok", 2, true, &e) : 0;
    unlink(test);
    add(d, "root", rc == 0,
        rc ? mem_dup(e.text) : mem_printf("%s%s", d->root, there ? "" : " (made by the first run)"),
        "make the root writable for the user slated runs as, or choose another with --root");
    free(test);
}

static void check_disk(struct doctor *d)
{
    struct statvfs v;
    char *place = file_exists(d->root) ? mem_dup(d->root) : mem_dup(".");
    if (statvfs(place, &v) == 0) {
        double mib = (double)v.f_bavail * (double)v.f_frsize / (1024 * 1024);
        add(d, "disk", mib > 1024, mem_printf("%.1f GiB free", mib / 1024),
            "make room: below the reserve in rules/policy.json nothing new is started");
    }
    free(place);
}

static void check_rules(struct doctor *d)
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    int rc = ruleset_load(d->rules_dir, &rules, &faults);
    add(d, "rules", rc == 0,
        rc ? mem_printf("%zu faults in %s", faults.n + faults.more, d->rules_dir)
           : mem_dup(d->rules_dir),
        "slated rules check names each of them");
    rules_release(rules);
    faults_finish(&faults);
}

static void check_store(struct doctor *d)
{
    char *state = path_join(d->root, ".slated");
    struct store *store = NULL;
    struct err e = {0};
    int rc = store_open(state, true, &store, &e);
    add(d, "store", rc == 0 || rc == ERR_MISSING, rc ? mem_dup(e.text) : mem_dup("readable"),
        "stop slated and restore .slated/ from a backup; out/ and taken/ hold everything that was "
        "made");
    store_close(store);
    free(state);
}

static void say_key(struct buf *text, const char *name)
{
    const char *where = secrets_where(name);
    if (where)
        buf_printf(text, "%s%s (%s)", text->len ? ", " : "", name, where);
}

/* Names and where they come from, never values. */
static void check_keys(struct doctor *d)
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    struct err e = {0};
    struct buf text;
    const cJSON *provider;
    int rc = secrets_open(d->root, &e);
    buf_init(&text, 4096);
    if (ruleset_load(d->rules_dir, &rules, &faults) == 0) {
        cJSON_ArrayForEach(provider, rules_kind(rules, "providers"))
        {
            (void)secrets_has(json_str(provider, "key_env", "")); /* from now on among the names */
        }
    }
    for (size_t i = 0; secrets_name(i); i++)
        say_key(&text, secrets_name(i));
    add(d, "keys", rc == 0,
        rc         ? mem_dup(e.text)
        : text.len ? mem_dup(text.data)
                   : mem_dup("none set: the embedded engine makes what it can"),
        "only the file's owner may read it: chmod 600, no link");
    buf_finish(&text);
    secrets_close();
    rules_release(rules);
    faults_finish(&faults);
}

/* One that lacks only some of its keys was meant to speak. */
static void check_notify(struct doctor *d)
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    struct buf told, half;
    const cJSON *file, *key;
    buf_init(&told, 4096);
    buf_init(&half, 4096);
    (void)secrets_open(d->root, NULL); /* said with the keys */
    (void)ruleset_load(d->rules_dir, &rules, &faults);
    const cJSON *files = rules ? rules_kind(rules, "notify") : NULL;
    cJSON_ArrayForEach(file, files)
    {
        char *why = tell_silent_why(rules, file->string);
        int there = 0;
        cJSON_ArrayForEach(key, json_get(file, "keys")) there += secrets_has(key->valuestring);
        if (!why)
            buf_printf(&told, "%s%s", told.len ? ", " : "", file->string);
        else if (there)
            buf_printf(&half, "%s%s is silent: %s", half.len ? "; " : "", file->string, why);
        free(why);
    }
    add(d, "notify", half.len == 0,
        half.len   ? mem_dup(half.data)
        : told.len ? mem_printf("%s", told.data)
                   : mem_dup("nobody is told; `slated notify` says what each wants"),
        "set what is missing, then `slated notify test`");
    buf_finish(&told);
    buf_finish(&half);
    secrets_close();
    rules_release(rules);
    faults_finish(&faults);
}

/* What step files are done in. How it stands is another command's: it opens a tab. */
static void check_browser(struct doctor *d)
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    if (ruleset_load(d->rules_dir, &rules, &faults) == 0) {
        int urls = cJSON_GetArraySize(rules_policy(rules, "/browser/urls"));
        int starts = (int)rules_policy_num(rules, "/browser/start");
        const char *named = rules_policy_str(rules, "/browser/program");
        char *program = starts ? browser_program(named) : NULL;
        if (!urls && !starts)
            add(d, "browser", true, mem_dup("none configured: nothing is made in one"), NULL);
        else
            add(d, "browser", !starts || program,
                mem_printf("%d running, %d to be started%s%s; slated browser doctor looks at them",
                           urls, starts, program ? " with " : "", program ? program : ""),
                "install Brave, Chrome or Chromium, or name one in rules/policy.json under "
                "browser/program");
        free(program);
    }
    rules_release(rules);
    faults_finish(&faults);
}

/* A program that answers an option with 0. */
static bool program_answers(const char *program, const char *option)
{
    pid_t pid = fork();
    int status = 1;
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execlp(program, program, option, (char *)NULL);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static void check_programs(struct doctor *d)
{
    const char *ffmpeg = getenv("SLATED_FFMPEG");
    bool worker = access(d->worker, X_OK) == 0;
    if (!ffmpeg || !*ffmpeg)
        ffmpeg = "ffmpeg";
    add(d, "worker", worker, mem_dup(d->worker),
        "slated-worker belongs beside slated: install again");
    add(d, "ffmpeg", program_answers(ffmpeg, "-version"), mem_dup(ffmpeg),
        "needed for film only: apt-get install ffmpeg, or brew install ffmpeg, or set "
        "SLATED_FFMPEG");
}

static void check_files(struct doctor *d)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    add(d, "open files", limit.rlim_cur >= 256,
        mem_printf("%llu allowed", (unsigned long long)limit.rlim_cur), "ulimit -n 1024");
}

static int64_t number_in(const char *path)
{
    char *text = NULL;
    size_t len = 0;
    int64_t value = -1;
    if (file_read(path, 64, &text, &len, NULL) == 0 &&
        str_int(str_trim(text), 0, INT64_MAX, &value))
        value = -1;
    free(text);
    return value;
}

/* Only Linux has this limit; elsewhere the file is not there. */
static void check_watches(struct doctor *d)
{
    int64_t watches = number_in("/proc/sys/fs/inotify/max_user_watches");
    if (watches >= 0)
        add(d, "watches", watches >= 8192,
            mem_printf("%lld folders can be watched", (long long)watches),
            "sysctl fs.inotify.max_user_watches=65536; until then large folders are scanned");
}

static void check_clock(struct doctor *d)
{
    char now[CLOCK_TEXT_LEN];
    int64_t at = clock_wall_s();
    clock_iso(at, now);
    add(d, "clock", at > 1735689600, mem_dup(now),
        "set the clock: names and prices carry its date");
}

static int doctor_print(const struct doctor *d)
{
    cJSON *list = cJSON_CreateArray();
    int code = CLI_OK;
    for (int i = 0; i < d->n; i++) {
        const struct check *c = &d->list[i];
        cJSON *item = cJSON_CreateObject();
        json_set_str(item, "check", c->name);
        json_set_bool(item, "ok", c->ok);
        json_set_str(item, "found", c->found);
        json_set_str(item, "cure", c->cure);
        cJSON_AddItemToArray(list, item);
        if (!c->ok)
            code = CLI_PERSON;
        if (!d->cli->json)
            printf("%-4s %-11s %s%s%s\n", c->ok ? "ok" : "BAD", c->name, c->found,
                   c->cure ? "\n     cure:       " : "", c->cure ? c->cure : "");
    }
    if (d->cli->json) {
        char *text = json_pretty(list);
        fputs(text, stdout);
        free(text);
    }
    cJSON_Delete(list);
    return code;
}

int cli_run_doctor(const struct cli *cli)
{
    struct doctor d = {
        .cli = cli, .root = cli_root(cli), .rules_dir = cli_rules(cli), .worker = cli_worker()};
    check_root(&d);
    check_disk(&d);
    check_rules(&d);
    check_keys(&d);
    check_notify(&d);
    check_store(&d);
    check_programs(&d);
    check_browser(&d);
    check_files(&d);
    check_watches(&d);
    check_clock(&d);
    int code = doctor_print(&d);
    for (int i = 0; i < d.n; i++)
        free(d.list[i].found);
    free(d.root);
    free(d.rules_dir);
    free(d.worker);
    return code;
}
