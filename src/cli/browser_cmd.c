/* browser doctor: the browsers of the policy come in; how each stands, and the cure of what is not
 * well, goes out. Opens one tab of its own on the site, presses nothing and closes it. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "browser/start.h"
#include "cli/by_hand.h"
#include "cli/sop_run.h"
#include "engine/mishap.h"
#include "engine/ruleset.h"

#define ASK_MS 10000
#define AWAKE_MS                                                                                   \
    400 /* a page that is drawn has its next frame within a few hundredths of a second */
#define NAMES_MAX 400

struct visit {
    const struct cli *cli;
    struct by_hand hand;
    const char *site;
    const char *url; /* of the browser; NULL: slated starts it. Borrowed */
    cJSON *checks;   /* {"check", "ok", "found", "cure"} */
    bool bad;
};

static void add(struct visit *v, const char *check, bool ok, char *takes_found, const char *cure)
{
    cJSON *row = cJSON_CreateObject();
    json_set_str(row, "check", check);
    json_set_bool(row, "ok", ok);
    json_set_str(row, "found", takes_found);
    json_set_str(row, "cure", ok ? NULL : cure);
    cJSON_AddItemToArray(v->checks, row);
    v->bad = v->bad || !ok;
    free(takes_found);
}

/* One act in the tab; its result, owned. NULL with *ret_why (owned) when no browser did it. */
static cJSON *ask(struct visit *v, const cJSON *act, bool keep, char **ret_why)
{
    struct response answer;
    cJSON *acts = cJSON_CreateArray(), *result;
    cJSON_AddItemToArray(acts, cJSON_Duplicate(act, true));
    *ret_why = NULL;
    if (!by_hand_run(&v->hand, NULL, acts, (int)json_num(act, "within_ms", ASK_MS), keep,
                     &answer)) {
        *ret_why = mem_dup("stopped");
        return NULL;
    }
    result = cJSON_DetachItemFromArray(cJSON_GetObjectItemCaseSensitive(answer.body, "results"), 0);
    if (!result)
        *ret_why = mem_dup(answer.error ? answer.error : "the browser gave no answer");
    response_finish(&answer);
    return result;
}

static cJSON *ask_text(struct visit *v, const char *act, bool keep, char **ret_why)
{
    cJSON *what = cJSON_Parse(act), *result = ask(v, what, keep, ret_why);
    cJSON_Delete(what);
    return result;
}

/* --- the browser --- */

/* How the browser at the address is started. Owned. */
static char *how_started(const struct visit *v)
{
    const char *colon = v->url ? strrchr(v->url, ':') : NULL;
    char *program = browser_program(NULL), *how;
    if (!v->url)
        how = mem_dup("see program, headless and sandbox under browser in rules/policy.json");
    else
        how = mem_printf("start it so, or correct browser/urls in rules/policy.json:\n"
                         "                 \"%s\" --remote-debugging-port=%.*s "
                         "--user-data-dir=\"$HOME/.slated-browser\"",
                         program ? program : "brave-browser",
                         colon ? (int)strspn(colon + 1, "0123456789") : 5,
                         colon ? colon + 1 : "18800");
    free(program);
    return how;
}

static void say_pages(struct visit *v, const cJSON *survey)
{
    const cJSON *page;
    struct buf out;
    int others = 0;
    buf_init(&out, 65536);
    cJSON_ArrayForEach(page, json_get(survey, "pages"))
    {
        const char *title = json_str(page, "title", NULL);
        others += title == NULL;
        if (title)
            buf_printf(&out, "%s\"%s\" (%s)", out.len ? ", " : "", title,
                       json_str(page, "address", ""));
    }
    char *ours =
        mem_printf("%s; %d other%s, not looked at", out.len ? out.data : "the site is not open",
                   others, others == 1 ? "" : "s");
    add(v, "pages", true, ours, NULL);
    buf_finish(&out);
}

static bool look_at_browser(struct visit *v)
{
    char *why;
    cJSON *result = ask_text(v, "{\"act\": \"survey\"}", true, &why);
    const cJSON *survey = json_get(result, "value");
    bool ok = json_bool(result, "ok", false);
    bool silent = why && str_starts(why, "no browser");
    if (ok) {
        add(v, "reachable", true, mem_dup(json_str(survey, "product", "")), NULL);
        add(v, "websocket", true, mem_dup("taken, without an Origin"), NULL);
        say_pages(v, survey);
    } else if (silent || (why && str_eq(why, "stopped"))) {
        char *how = how_started(v);
        add(v, "reachable", false, mem_dup(why), how);
        free(how);
    } else {
        add(v, "websocket", false, mem_dup(why ? why : json_str(result, "error", "no answer")),
            "nothing may stand between slated and the browser's port; a browser that wants an "
            "Origin "
            "is started with --remote-allow-origins=http://127.0.0.1");
    }
    cJSON_Delete(result);
    free(why);
    return ok;
}

/* --- the site in it --- */

static void say_dialogs(struct visit *v, const cJSON *list)
{
    const cJSON *one;
    struct buf names;
    buf_init(&names, NAMES_MAX);
    cJSON_ArrayForEach(one, list)
        buf_printf(&names, "%s%s", names.len ? ", " : "", one->valuestring);
    add(v, "dialogs", true,
        names.len ? mem_printf("open: %s; procedures answer them by themselves", names.data)
                  : mem_dup("none is open"),
        NULL);
    buf_finish(&names);
}

/* What the site's own survey asks, by the name its answer is given. */
static void say_answer(struct visit *v, const cJSON *act, const cJSON *result)
{
    const char *as = json_str(act, "as", ""), *error = json_str(result, "error", "no answer");
    const cJSON *value = json_get(result, "value");
    bool ok = json_bool(result, "ok", false);
    char *resume = mem_printf("sign in in that browser; what waits for it goes on after: slated "
                              "resume %s",
                              v->site);
    if (str_eq(json_str(act, "act", ""), "go"))
        add(v, "site", ok, mem_dup(ok ? json_str(act, "to", "its own page of several") : error),
            "see whether the site answers in that browser, and pages in the site's site.json");
    else if (str_eq(as, "signed_in"))
        add(v, "signed in", ok && cJSON_IsTrue(value),
            mem_dup(!ok                   ? error
                    : cJSON_IsTrue(value) ? "yes"
                                          : "nobody is signed in"),
            resume);
    else if (str_eq(as, "dialogs") && ok)
        say_dialogs(v, value);
    else if (str_eq(as, "under_way") && ok)
        add(v, "under way", true,
            mem_dup(cJSON_IsTrue(value)
                        ? "something is being made; a procedure waits until it is through"
                        : "nothing is being made"),
            NULL);
    else if (str_eq(as, "balance"))
        add(v, "balance", true,
            ok && cJSON_IsNumber(value) ? mem_printf("%g credits", value->valuedouble)
                                        : mem_dup("not shown on this page"),
            NULL);
    else if (!ok)
        add(v, *as ? as : json_str(act, "act", ""), false, mem_dup(error),
            "look at that page in the browser: it is slow, or has changed (survey in the site's "
            "site.json)");
    free(resume);
}

static bool look_at_site(struct visit *v)
{
    cJSON *acts = sop_site_acts(v->hand.rules, v->site, "survey");
    const cJSON *act;
    bool good = true;
    cJSON_ArrayForEach(act, acts)
    {
        char *why;
        cJSON *result = good ? ask(v, act, true, &why) : NULL;
        if (good && !result)
            add(v, "site", false, mem_dup(why), "slated browser doctor, once more");
        else if (good)
            say_answer(v, act, result);
        bool out =
            str_eq(json_str(act, "as", ""), "signed_in") && !json_bool(result, "value", false);
        bool ok = !out && (json_bool(result, "ok", false) || json_get(act, "as"));
        if (good)
            free(why);
        good = good && result && ok;
        cJSON_Delete(result);
    }
    cJSON_Delete(acts);
    return good;
}

/* --- how it shows pages --- */

static void say_window(struct visit *v, const cJSON *survey)
{
    const cJSON *wanted = json_get(v->hand.site, "window");
    double width = json_num(survey, "width", 0), height = json_num(survey, "height", 0);
    double wide = json_num(wanted, "width", width), high = json_num(wanted, "height", height);
    double zoom = width > 0 ? 100 * wide / width : 100, scale = json_num(survey, "scale", 1);
    bool right = fabs(width - wide) < 1 && fabs(height - high) < 1;
    const char *language = json_str(v->hand.site, "language", ""),
               *spoken = json_str(survey, "language", "");
    add(v, "window", right, mem_printf("%g x %g, wanted %g x %g", width, height, wide, high),
        "set the page's zoom to 100 % (Ctrl+0); slated sets the size itself");
    add(v, "zoom", right && fabs(scale - 1) < 0.01,
        mem_printf("%.0f %%, %g device pixels a pixel", zoom, scale),
        "set the page's zoom to 100 % (Ctrl+0)");
    add(v, "language", str_starts(spoken, language),
        mem_printf("%s%s%s", spoken, *language ? ", wanted " : "", language),
        "choose that language in the browser, or write the site's words in yours into site.json");
}

static void say_awake(struct visit *v)
{
    static const char script[] =
        "{\"act\": \"evaluate\", \"within_ms\": 5000, \"script\": "
        "\"const begun = performance.now();"
        "await Promise.race([new Promise(d => requestAnimationFrame(d)), new Promise(d => "
        "setTimeout(d, "
        "2000))]);"
        "return {ms: performance.now() - begun, seen: document.visibilityState};\"}";
    char *why;
    cJSON *result = ask_text(v, script, true, &why);
    const cJSON *value = json_get(result, "value");
    double ms = json_num(value, "ms", 1e9);
    const char *seen = json_str(value, "seen", "");
    add(v, "awake", ms < AWAKE_MS && str_eq(seen, "visible"),
        value ? mem_printf("%s, a frame in %.0f ms", seen, ms)
              : mem_dup(why ? why : json_str(result, "error", "no answer")),
        "the tab sleeps: start the browser with --disable-backgrounding-occluded-windows "
        "--disable-background-timer-throttling --disable-renderer-backgrounding");
    cJSON_Delete(result);
    free(why);
}

static void look_at_tab(struct visit *v)
{
    char *why;
    say_awake(v);
    cJSON *result = ask_text(v, "{\"act\": \"survey\"}", false, &why);
    if (json_bool(result, "ok", false))
        say_window(v, json_get(result, "value"));
    cJSON_Delete(result);
    free(why);
}

/* --- all of them --- */

static void print_checks(const cJSON *checks)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, checks)
    {
        const char *cure = json_str(row, "cure", NULL);
        printf("%-4s %-11s %s%s%s\n", json_bool(row, "ok", false) ? "ok" : "BAD",
               json_str(row, "check", ""), json_str(row, "found", ""),
               cure ? "\n     cure:       " : "", cure ? cure : "");
    }
}

/* One browser; its rows, owned. */
static cJSON *visit(const struct cli *cli, const struct rules *rules, const char *site, int at,
                    bool *ret_bad)
{
    const cJSON *url = cJSON_GetArrayItem(rules_policy(rules, "/browser/urls"), at);
    struct visit v = {.cli = cli,
                      .site = site,
                      .url = url ? url->valuestring : NULL,
                      .checks = cJSON_CreateArray()};
    struct err e = {0};
    char *root = cli_root(cli), *name = by_hand_name(rules, at);
    if (by_hand_open(&v.hand, rules, site, root, at, &e))
        add(&v, "free", false, mem_dup(e.text), "ask again when it rests: slated status");
    else if (look_at_browser(&v) && look_at_site(&v))
        look_at_tab(&v);
    by_hand_close(&v.hand);
    if (!cli->json) {
        printf("%s\n", name);
        print_checks(v.checks);
    }
    *ret_bad = *ret_bad || v.bad;
    free(root);
    free(name);
    return v.checks;
}

/* How somebody comes to have one. */
static int say_how(const struct cli *cli)
{
    char *program = browser_program(NULL);
    if (cli->json)
        puts("[]");
    fprintf(
        cli->json ? stderr : stdout,
        "No browser is configured. Start one with a profile of its own, and sign in at the site:\n"
        "  \"%s\" --remote-debugging-port=18800 --user-data-dir=\"$HOME/.slated-browser\"\n"
        "and name it in rules/policy.json:\n"
        "  \"browser\": {\"urls\": [\"http://127.0.0.1:18800\"]}\n",
        program ? program : "brave-browser (or google-chrome, chromium)");
    free(program);
    return CLI_PERSON;
}

static int visit_all(const struct cli *cli, const struct rules *rules, const char *site)
{
    int n = by_hand_count(rules);
    bool bad = false;
    cJSON *all = cJSON_CreateArray();
    for (int i = 0; i < n; i++) {
        cJSON *one = cJSON_CreateObject();
        char *name = by_hand_name(rules, i);
        json_set_str(one, "browser", name);
        json_set(one, "checks", visit(cli, rules, site, i, &bad));
        cJSON_AddItemToArray(all, one);
        free(name);
    }
    if (cli->json) {
        char *text = json_pretty(all);
        fputs(text, stdout);
        free(text);
    }
    cJSON_Delete(all);
    return bad ? CLI_PERSON : CLI_OK;
}

int cli_run_browser(const struct cli *cli)
{
    char *dir = cli_rules(cli), *site = NULL;
    struct rules *rules = NULL;
    struct faults faults = {0};
    int code = CLI_ERROR;
    if (!str_eq(cli->args[0], "doctor"))
        code = cli_fail("usage: slated browser doctor");
    else if (ruleset_load(dir, &rules, &faults))
        code = cli_fail("the rules in %s have faults: slated rules check names them", dir);
    else if (!by_hand_count(rules))
        code = say_how(cli);
    else if ((site = sop_site_chosen(cli, rules)))
        code = visit_all(cli, rules, site);
    rules_release(rules);
    faults_finish(&faults);
    free(site);
    free(dir);
    return code;
}
