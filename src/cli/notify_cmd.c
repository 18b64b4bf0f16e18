/* notify: the rules and the store come in; who is told, who is silent and why goes out. With test,
 * one message leaves for each notifier that can be used. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/reach.h"
#include "engine/ruleset.h"
#include "engine/tell.h"
#include "loop/child.h"
#include "news/news.h"
#include "providers/message.h"
#include "secrets/secrets.h"
#include "store/news.h"

#define ANSWER_MS 25000
#define LOOK_MS   20

struct notify {
    const struct cli *cli;
    struct rules *rules;
    char *root;
    int sent, failed;
};

/* --- the list --- */

static void show_one(const struct notify *n, struct store *store, const cJSON *file, cJSON *list)
{
    char *why = tell_silent_why(n->rules, file->string);
    int waiting = 0, sent = 0;
    if (store) {
        (void)store_count_news(store, file->string, "waiting", &waiting);
        (void)store_count_news(store, file->string, "sent", &sent);
    }
    if (list) {
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "notifier", file->string);
        json_set_bool(one, "ready", why == NULL);
        json_set_str(one, "why", why);
        json_set_num(one, "waiting", waiting);
        json_set_num(one, "sent", sent);
        cJSON_AddItemToArray(list, one);
    } else {
        printf("%-10s %s%s", file->string, why ? "silent: " : "is told", why ? why : "");
        if (sent || waiting)
            printf("; %d sent in the last week, %d waiting", sent, waiting);
        printf("\n");
    }
    free(why);
}

static int show_all(const struct notify *n)
{
    char *state = path_join(n->root, ".slated");
    cJSON *list = n->cli->json ? cJSON_CreateArray() : NULL;
    const cJSON *file;
    struct store *store = NULL;
    struct err e = {0};
    if (store_open(state, true, &store, &e))
        store = NULL; /* nothing was sent from here yet */
    cJSON_ArrayForEach(file, rules_kind(n->rules, "notify"))
    {
        if (!str_eq(file->string, NEWS_EVENTS))
            show_one(n, store, file, list);
    }
    if (list) {
        char *text = json_pretty(list);
        fputs(text, stdout);
        free(text);
        cJSON_Delete(list);
    }
    store_close(store);
    free(state);
    return CLI_OK;
}

/* --- one message --- */

static void say(struct notify *n, const char *name, const char *why, const char *cure)
{
    if (!why) {
        printf("%s: sent\n", name);
        n->sent++;
        return;
    }
    (void)cli_fail("%s: %s%s%s", name, why, cure ? "\n" : "", cure ? cure : "");
    n->failed++;
}

static void send_http(struct notify *n, const char *name, const cJSON *values)
{
    struct request r = {0};
    struct response answer = {0};
    struct message_answer a = {0};
    struct err e = {0};
    if (message_build(n->rules, name, values, NULL, &r, &e)) {
        say(n, name, e.text, NULL);
        request_finish(&r);
        return;
    }
    if (reach_service(&r, ANSWER_MS, &answer)) {
        message_read(n->rules, name, &answer, &a);
        say(n, name, a.class == CLASS_OK ? NULL : a.say ? a.say : "no answer", a.cure);
    } else {
        say(n, name, "no answer", NULL);
    }
    message_answer_finish(&a);
    response_finish(&answer);
}

static void send_program(struct notify *n, const char *name, const cJSON *file,
                         const struct news_text *text, const cJSON *values)
{
    const char **argv = tell_argv(n->rules, name, text);
    int64_t end = clock_mono_ms() + (int64_t)(json_num(file, "timeout_s", 10) * 1000);
    bool good = false, ended = false;
    struct err e = {0};
    pid_t pid = 0;
    child_hide(secrets_hides);
    if (!argv ||
        tell_start(argv, "/tmp", json_bool(file, "document", false) ? values : NULL, &pid, &e)) {
        say(n, name, argv ? e.text : "none of its programs is on this machine", NULL);
        free(argv);
        return;
    }
    while (!(ended = tell_program_ended(pid, &good)) && clock_mono_ms() < end)
        usleep(LOOK_MS * 1000);
    child_kill(pid);
    say(n, name,
        !ended ? "its program did not end in time"
        : good ? NULL
               : "its program failed",
        NULL);
    free(argv);
}

static void send_test(struct notify *n, const char *name)
{
    char *path = mem_printf("notify/%s", name), host[256] = "";
    const cJSON *file = rules_get(n->rules, path);
    cJSON *values = cJSON_CreateObject(), *fields = cJSON_CreateObject();
    struct news_text text;
    gethostname(host, sizeof host - 1);
    json_set_str(values, "host", host);
    news_write(rules_get(n->rules, "notify/" NEWS_EVENTS), file, "test", values, &text);
    json_set_str(fields, "event", "test");
    json_set_str(fields, "title", text.title);
    json_set_str(fields, "body", text.body);
    json_set_str(fields, "text", text.text);
    json_set_num(fields, "priority", 3);
    if (str_eq(json_str(file, "carrier", ""), "http"))
        send_http(n, name, fields);
    else
        send_program(n, name, file, &text, fields);
    news_text_finish(&text);
    cJSON_Delete(values);
    cJSON_Delete(fields);
    free(path);
}

static int test_named(struct notify *n, const char *name)
{
    char *why = tell_silent_why(n->rules, name);
    int code = CLI_OK;
    if (why)
        code = cli_fail("%s is silent: %s", name, why);
    else
        send_test(n, name);
    free(why);
    return code;
}

static int test_all(struct notify *n)
{
    const cJSON *file;
    cJSON_ArrayForEach(file, rules_kind(n->rules, "notify"))
    {
        char *why = tell_silent_why(n->rules, file->string);
        if (!why)
            send_test(n, file->string);
        free(why);
    }
    if (n->sent + n->failed == 0)
        return cli_fail("nobody is told; `slated notify` says what each wants");
    return CLI_OK;
}

int cli_run_notify(const struct cli *cli)
{
    struct notify n = {.cli = cli, .root = cli_root(cli)};
    char *dir = cli_rules(cli);
    struct faults faults = {0};
    struct err e = {0};
    int code = CLI_OK;
    if (secrets_open(n.root, &e))
        (void)cli_fail("%s", e.text); /* the environment still serves */
    if (ruleset_load(dir, &n.rules, &faults))
        code = cli_fail("the rules in %s have faults; see `slated rules check`", dir);
    else if (cli->args_n == 0)
        code = show_all(&n);
    else if (str_eq(cli->args[0], "test"))
        code = cli->args_n == 2 ? test_named(&n, cli->args[1]) : test_all(&n);
    else
        code = cli_fail("usage: slated notify [test [NAME]]");
    rules_release(n.rules);
    faults_finish(&faults);
    secrets_close();
    free(dir);
    free(n.root);
    return n.failed ? CLI_ERROR : code;
}
