/* One procedure of a web site comes in with its wishes; it is done in a browser, step by step
 * before somebody's eyes, and its picture lies where that somebody wanted it. Needs no daemon, and
 * works in no browser that one is driving. */
/* SPDX-License-Identifier: ISC */
#include "cli/sop_run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/mishap.h"
#include "secrets/secrets.h"

#define TRACE_CAP ((size_t)8 << 20)
#define SLOW_MS   1000
#define GO_MS     30000

static void note_fetched(struct sop_run *r, const cJSON *act, const cJSON *result)
{
    const char *path = json_str(json_get(result, "value"), "path", NULL);
    const char *name = json_str(act, "act", "");
    if (path && (str_eq(name, "fetch") || str_eq(name, "download")))
        json_set_str(r->fetched, json_str(act, "to", "file"), path);
}

/* --- one act --- */

/* The tab that was worked in is gone, or nobody knows what became of the act. */
static int lost(const struct sop_run *r, const struct sop_turn *turn, const struct response *answer)
{
    const char *why = answer->error ? answer->error : "the tab was closed";
    if (answer->kind == RESPONSE_UNSENT && r->hand.last_id <= 1)
        cli_fail("%s; slated browser doctor says more", why);
    else if (turn->once)
        cli_fail(
            "a click that costs was under way when %s: look at the site whether it was taken. It "
            "is booked as spent",
            why);
    else
        cli_fail("%s; the procedure cannot go on", why);
    return CLI_PERSON;
}

static int stopped(const struct sop_run *r, const struct sop_turn *turn)
{
    if (turn->once)
        return cli_fail(
            "stopped while a click that costs was under way: look at the site whether it "
            "was taken. It is booked as spent");
    return cli_fail("stopped at \"%s\"; the tab is closed", r->step ? r->step : "");
}

/* The step before this one is over. */
static bool step_over(struct sop_run *r)
{
    char *dir;
    if (!r->step || !r->cli->shots)
        return true;
    dir = sop_path_here(r->cli->shots);
    bool going = sop_take_shot(r, dir, r->step);
    free(dir);
    return going;
}

/* 0: its result is there; else the exit code. */
static int act(struct sop_run *r, struct sop_turn *turn, cJSON **ret_result)
{
    struct response answer;
    cJSON *acts = cJSON_CreateArray();
    int code = turn->once && turn->credits > 0 ? sop_ask_paid(r, turn) : 0;
    cJSON_AddItemToArray(acts, cJSON_Duplicate(turn->act, true));
    if (code) {
        cJSON_Delete(acts);
        return code;
    }
    if (!by_hand_run(&r->hand, r->dir, acts, sop_act_ms(turn->act), true, &answer))
        return stopped(r, turn);
    cJSON *result =
        cJSON_DetachItemFromArray(cJSON_GetObjectItemCaseSensitive(answer.body, "results"), 0);
    bool fresh = json_bool(answer.body, "fresh", false) && r->hand.last_id > 1;
    bool unsure = turn->once && !json_bool(result, "ok", false) &&
                  json_bool(result, "pressed", false); /* it failed after it was pressed */
    if (unsure && !answer.error)
        answer.error = mem_dup(json_str(result, "error", "it failed"));
    mishap_trace(&r->trace, clock_wall_s(), turn->step, turn->act, result);
    if (answer.kind != RESPONSE_ANSWERED || !result || fresh || unsure)
        code = lost(r, turn, &answer);
    else
        sop_say_act(r, turn->act, result);
    response_finish(&answer);
    if (code)
        cJSON_Delete(result);
    else
        *ret_result = result;
    return code;
}

/* Each step once a try: a poll comes round again and again. */
static bool first_time(struct sop_run *r, const char *step)
{
    int tries = (int)json_num(r->state, "tries", 0);
    if (tries != r->tries || !r->asked) {
        cJSON_Delete(r->asked);
        cJSON_Delete(r->said);
        r->asked = cJSON_CreateObject();
        r->said = cJSON_CreateObject();
        r->tries = tries;
    }
    bool first = !cJSON_GetObjectItemCaseSensitive(r->asked, step);
    json_set_bool(r->asked, step, true);
    return first;
}

/* A new step is announced, and asked for when somebody wants to be; one that comes round again is
 * shown when something else comes of it. 0, or the exit code. */
static int announce(struct sop_run *r, const struct sop_turn *turn)
{
    if (r->step && str_eq(r->step, turn->step))
        return 0;
    bool first = first_time(r, turn->step);
    if (first && !step_over(r))
        return stopped(r, turn);
    free(r->step);
    r->step = mem_dup(turn->step);
    r->again = !first;
    if (first)
        sop_say_step(r);
    if (!first || sop_ask_step(r))
        return 0;
    if (r->hand.told)
        return stopped(r, turn);
    puts("    Stopped.");
    return CLI_PERSON;
}

/* From the first act to the last; the exit code. */
static int work(struct sop_run *r)
{
    cJSON *result = NULL;
    int code = SOP_GOES_ON;
    while (code == SOP_GOES_ON) {
        struct sop_turn turn;
        int rc = 0;
        sop_next(r->rules, r->state, result, clock_wall_s() * 1000, &turn);
        cJSON_Delete(result);
        result = NULL;
        if (turn.move == SOP_DONE)
            code = step_over(r) ? sop_end_done(r) : stopped(r, &turn);
        else if (turn.move == SOP_FAILED)
            code = sop_end_failed(r, &turn);
        else if (turn.move == SOP_WAIT)
            rc = by_hand_rest(&r->hand, turn.wait_ms) ? 0 : stopped(r, &turn);
        else if (!(rc = announce(r, &turn)) && !(rc = act(r, &turn, &result)))
            note_fetched(r, turn.act, result);
        if (rc)
            code = rc;
        sop_turn_finish(&turn);
    }
    cJSON_Delete(result);
    return code;
}

/* --- beginning --- */

/* The acts that lead to a page that can be worked on: those of the doctor, who presses nothing; of
 * a site that has none, its first page. Owned. */
static cJSON *arrival(const struct sop_run *r)
{
    cJSON *acts = sop_site_acts(r->rules, r->site, "survey"), *go;
    if (acts)
        return acts;
    acts = cJSON_CreateArray();
    go = cJSON_CreateObject();
    json_set_str(go, "act", "go");
    json_set(go, "to",
             cJSON_Duplicate(cJSON_GetArrayItem(json_get(r->hand.site, "pages"), 0), true));
    json_set_num(go, "within_ms", GO_MS);
    cJSON_AddItemToArray(acts, go);
    return acts;
}

/* One act on the way there; SOP_GOES_ON, or the exit code. What only tells something (a balance,
 * dialogs) keeps from nothing. */
static int arrive(struct sop_run *r, const cJSON *act)
{
    struct response answer;
    cJSON *acts = cJSON_CreateArray();
    const char *name = json_str(act, "act", "");
    bool leads = str_eq(name, "go") || str_eq(name, "wait");
    int code = SOP_GOES_ON;
    cJSON_AddItemToArray(acts, cJSON_Duplicate(act, true));
    if (!by_hand_run(&r->hand, r->dir, acts, sop_act_ms(act), true, &answer))
        return cli_fail("stopped");
    const cJSON *result = cJSON_GetArrayItem(json_get(answer.body, "results"), 0);
    bool ok = answer.kind == RESPONSE_ANSWERED && json_bool(result, "ok", false);
    if (ok && str_eq(json_str(act, "as", ""), "signed_in") &&
        !cJSON_IsTrue(json_get(result, "value"))) {
        cli_fail("nobody is signed in on the page: sign in in that browser, and begin again");
        code = CLI_PERSON;
    } else if (answer.kind != RESPONSE_ANSWERED || (leads && !ok)) {
        code = cli_fail("%s; slated browser doctor says more",
                        answer.error ? answer.error : json_str(result, "error", "no answer"));
    }
    response_finish(&answer);
    return code;
}

/* Who begins in the middle stands on the site's page, signed in, with what is worked with there. */
static int go_first(struct sop_run *r)
{
    cJSON *acts = arrival(r);
    const cJSON *act;
    int code = SOP_GOES_ON;
    cJSON_ArrayForEach(act, acts)
    {
        if (code == SOP_GOES_ON)
            code = arrive(r, act);
    }
    cJSON_Delete(acts);
    return code;
}

static int begin(struct sop_run *r, struct err *e)
{
    const struct cli *cli = r->cli;
    cJSON *wishes = sop_wishes(r);
    if (!wishes)
        return ERR_INPUT;
    r->wishes = cJSON_Duplicate(wishes, true);
    int rc = sop_begin(r->rules, r->site, r->name, wishes, &r->state, e);
    if (!rc && cli->from)
        rc = sop_start_at(r->rules, r->state, cli->from, e);
    char *out = cli->out ? sop_path_here(cli->out) : NULL;
    if (!rc && out && file_exists(out))
        rc = err_set(e, ERR_EXISTS, "%s is there already; choose another --out", out);
    free(out);
    int64_t slow = SLOW_MS;
    if (!rc && cli->slow && *cli->slow && str_int(cli->slow, 0, 600000, &slow))
        rc = err_set(e, ERR_INPUT, "--slow takes milliseconds, not %s", cli->slow);
    r->slow_ms = cli->slow ? (int)slow : 0;
    r->stepping = cli->step;
    char *shots = cli->shots ? sop_path_here(cli->shots) : NULL;
    if (!rc && shots)
        rc = file_make_dirs(shots, e);
    free(shots);
    return rc;
}

/* Keys are masked in what is kept; a key is known once it was asked for. */
static void know_keys(const struct sop_run *r)
{
    const cJSON *provider;
    struct err e = {0};
    if (secrets_open(r->root, &e))
        fprintf(stderr, "slated: %s\n", e.text);
    cJSON_ArrayForEach(provider, rules_kind(r->rules, "providers"))(void)
        secrets_has(json_str(provider, "key_env", ""));
}

static int run(struct sop_run *r)
{
    struct err e = {0};
    int rc = begin(r, &e), code;
    if (rc)
        return e.code ? cli_fail("%s", e.text) : CLI_ERROR;
    r->dir = mem_printf("%s/.slated/by-hand-%ld", r->root, (long)getpid());
    rc = by_hand_open(&r->hand, r->rules, r->site, r->root, -1, &e);
    if (!rc)
        rc = file_make_dirs(r->dir, &e);
    if (rc) {
        cli_fail("%s", e.text);
        return rc == ERR_BUSY || rc == ERR_MISSING ? CLI_PERSON : CLI_ERROR;
    }
    know_keys(r);
    sop_say_begin(r);
    code = r->cli->from ? go_first(r) : SOP_GOES_ON;
    if (code == SOP_GOES_ON)
        code = work(r);
    secrets_close();
    if (code == CLI_OK || !r->fetched->child)
        (void)file_remove_tree(r->dir, NULL); /* what is left in it is of no use */
    else
        fprintf(stderr, "what was fetched lies in %s\n", r->dir);
    return code;
}

int cli_sop_run(const struct cli *cli, const struct rules *rules)
{
    struct cli own = *cli;
    struct sop_run r = {.cli = &own, .rules = rules};
    int code = CLI_ERROR;
    if (cli->args_n != 2)
        return cli_fail(
            "usage: slated sop run NAME [--set NAME=VALUE ...]; slated sop list names them");
    const char *slash = strchr(cli->args[1], '/'); /* as the list names it: SITE/NAME */
    char *site = slash ? mem_dup_n(cli->args[1], (size_t)(slash - cli->args[1])) : NULL;
    r.name = slash ? slash + 1 : cli->args[1];
    own.site = site && !cli->site ? site : cli->site;
    r.site = sop_site_chosen(&own, rules);
    r.tree = r.site ? sop_procedure_chosen(rules, r.site, r.name) : NULL;
    r.root = cli_root(cli);
    r.fetched = cJSON_CreateObject();
    buf_init(&r.trace, TRACE_CAP);
    if (r.tree)
        code = run(&r);
    by_hand_close(&r.hand);
    buf_finish(&r.trace);
    cJSON_Delete(r.state);
    cJSON_Delete(r.wishes);
    cJSON_Delete(r.fetched);
    cJSON_Delete(r.asked);
    cJSON_Delete(r.said);
    free(site);
    free(r.step);
    free(r.dir);
    free(r.site);
    free(r.root);
    return code;
}
