/* Steps, acts and what came of them come in; what a person reads and answers goes out. Decides
 * nothing about the procedure. */
/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "cli/self.h"
#include "cli/sop_run.h"
#include "engine/mishap.h"
#include "loop/child.h"

#define SLUG_MAX 50
#define SAID_MAX 300
#define SHOT_MS  10000

/* --- saying --- */

void sop_say_begin(const struct sop_run *r)
{
    printf("%s on %s: %s\nIt costs %g credits and takes about %g s.\n", r->name, r->site,
           json_str(r->tree, "about", ""), json_num(r->tree, "credits", 0),
           json_num(r->tree, "seconds", 0));
    fflush(stdout);
}

void sop_say_step(const struct sop_run *r)
{
    const cJSON *step = sop_step_now(r->rules, r->state);
    const char *about = json_str(step, "about", NULL);
    printf("\n%s\n", r->step);
    if (about)
        printf("    (%s)\n", about);
    fflush(stdout);
}

/* At most so much of what a page says, without keys, as one plain line. Owned. */
static char *shown(const char *before, const char *text)
{
    char *masked = mishap_mask(text), *line = utf8_label(masked);
    char *words = mem_printf("%s%.*s", before, (int)utf8_cut(line, SAID_MAX), line);
    free(masked);
    free(line);
    return words;
}

/* What came of an act, in a few words. Owned. */
static char *words_of(const cJSON *act, const cJSON *result)
{
    const cJSON *value = json_get(result, "value");
    const char *path = json_str(value, "path", NULL);
    if (!json_bool(result, "ok", false))
        return shown("no: ", json_str(result, "error", "no answer"));
    if (str_eq(json_str(act, "act", ""), "look"))
        return mem_dup(cJSON_IsTrue(value) ? "yes" : "no");
    if (path)
        return mem_printf("%s, %.0f bytes", path, json_num(value, "bytes", 0));
    if (cJSON_IsArray(value))
        return mem_printf("%d found", cJSON_GetArraySize(value));
    if (cJSON_IsNumber(value))
        return mem_printf("%g", value->valuedouble);
    return cJSON_IsString(value) ? shown("", value->valuestring) : mem_dup("done");
}

void sop_say_act(struct sop_run *r, const cJSON *act, const cJSON *result)
{
    const char *name = json_str(act, "act", "");
    char *words = words_of(act, result), *key = mem_printf("%s: %s", r->step, name);
    bool same = r->again && str_eq(json_str(r->said, key, ""), words);
    if (!same && r->again)
        printf("\n%s\n", r->step);
    if (!same)
        printf("    %-12s %7.2f s  %s\n", name, json_num(result, "took_ms", 0) / 1000, words);
    fflush(stdout);
    json_set_str(r->said, key, words);
    free(words);
    free(key);
}

/* --- pictures and pages --- */

static char *slug_of(const char *name)
{
    char *slug = mem_dup_n(name, strnlen(name, SLUG_MAX)), *to = slug;
    for (const char *at = slug; *at; at++)
        if (isalnum((unsigned char)*at))
            *to++ = *at;
        else if (to > slug && to[-1] != '-')
            *to++ = '-';
    *to = '\0';
    return slug;
}

static bool keep_page(struct sop_run *r, const char *dir, const char *act, const char *to)
{
    struct response answer;
    cJSON *acts = cJSON_CreateArray(), *one = cJSON_CreateObject();
    json_set_str(one, "act", act);
    json_set_str(one, "to", to);
    cJSON_AddItemToArray(acts, one);
    if (!by_hand_run(&r->hand, dir, acts, SHOT_MS, true, &answer))
        return false;
    const cJSON *result = cJSON_GetArrayItem(json_get(answer.body, "results"), 0);
    printf("    %s\n",
           json_str(json_get(result, "value"), "path",
                    json_str(result, "error", answer.error ? answer.error : "no picture")));
    response_finish(&answer);
    return true;
}

bool sop_take_shot(struct sop_run *r, const char *dir, const char *name)
{
    char *slug = slug_of(name), *to = mem_printf("%02d-%s.png", ++r->shots_n, slug);
    bool going = keep_page(r, dir, "screenshot", to);
    free(slug);
    free(to);
    return going;
}

static bool say_console(struct sop_run *r)
{
    struct response answer;
    if (!by_hand_run(&r->hand, r->dir, cJSON_Parse("[{\"act\": \"console\"}]"), SHOT_MS, true,
                     &answer))
        return false;
    char *lines = mishap_console(json_get(answer.body, "results")), *masked = mishap_mask(lines);
    fputs(*masked ? masked : "    (nothing)\n", stdout);
    free(lines);
    free(masked);
    response_finish(&answer);
    return true;
}

/* --- asking --- */

static const char keys[] =
    "    Enter  do this step\n"
    "    s      a screenshot, into the folder slated was started in or --shots\n"
    "    h      the page's HTML, there too, without secret fields\n"
    "    c      what the page said on its console\n"
    "    g      go on without asking\n"
    "    q      stop here\n";

/* One key; sets *ret_answer to whether the step is done, or leaves it when it is asked again. */
static bool key_pressed(struct sop_run *r, const char *key, int *ret_answer)
{
    const char *dir = r->cli->shots ? r->cli->shots : ".";
    char here[4096], *place = NULL;
    bool going = true;
    if (dir[0] != '/' && getcwd(here, sizeof(here)))
        place = path_join(here, dir);
    if (!*key)
        *ret_answer = 1;
    else if (str_eq(key, "q"))
        *ret_answer = 0;
    else if (str_eq(key, "g")) {
        r->stepping = false;
        *ret_answer = 1;
    } else if (str_eq(key, "s"))
        going = sop_take_shot(r, place ? place : dir, r->step);
    else if (str_eq(key, "h"))
        going = keep_page(r, place ? place : dir, "html", "page.html");
    else if (str_eq(key, "c"))
        going = say_console(r);
    else
        fputs(keys, stdout);
    free(place);
    return going;
}

bool sop_ask_step(struct sop_run *r)
{
    int answer = -1;
    if (r->slow_ms && !by_hand_rest(&r->hand, r->slow_ms))
        return false;
    while (r->stepping && answer < 0) {
        char *line = NULL;
        printf("    [Enter, s, h, c, g, q, ?] ");
        fflush(stdout);
        bool going = by_hand_line(&r->hand, &line);
        if (going && !line)
            answer = 0; /* nobody is there any more */
        if (going && line)
            going = key_pressed(r, str_trim(line), &answer);
        free(line);
        if (!going)
            return false;
    }
    return answer != 0;
}

/* What a click is booked with, as in a plan; below 0: nobody knows. */
static double price_of(const struct sop_run *r, const struct sop_turn *turn)
{
    char *name = mem_printf("providers/%s", r->site);
    double credit = json_num(rules_get(r->rules, name), "credit", -1);
    free(name);
    return turn->credits > 0 ? turn->credits * credit : 0;
}

/* The ledger has one writer: the daemon, or the slated that is started here for the moment. */
static bool book(const struct sop_run *r, const struct sop_turn *turn, double price)
{
    char *self = self_path(), *amount = mem_printf("%.6f", price), *rules = cli_rules(r->cli);
    char *note = mem_printf("%s by hand: %s, %g credits", json_str(r->state, "sop", r->name),
                            turn->step, turn->credits);
    const char *const argv[] = {self, "spend",  "add",   r->site,   amount, "--note",
                                note, "--root", r->root, "--rules", rules,  NULL};
    struct err e = {0};
    pid_t pid = 0;
    int status = 1;
    fflush(stdout);
    bool booked = self &&
                  child_start_wired(argv, &(struct child_wires){-1, -1, -1, 0}, &pid, &e) == 0 &&
                  waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!booked)
        cli_fail("the click is not booked, so it is not made%s%s", e.code ? ": " : "", e.text);
    free(self);
    free(amount);
    free(rules);
    free(note);
    return booked;
}

int sop_ask_paid(struct sop_run *r, const struct sop_turn *turn)
{
    double price = price_of(r, turn);
    printf("    This costs %g credits", turn->credits);
    printf(price >= 0 ? ", booked as %g US dollars.\n" : ".\n", price);
    if (price < 0)
        return cli_fail(
            "what it costs is not known, so it is not bought; give rules/providers/%s.json "
            "the price of a credit",
            r->site);
    if (!r->cli->yes && !r->agreed) {
        char *line = NULL;
        printf("    Go on? [y/N] ");
        fflush(stdout);
        bool going = by_hand_line(&r->hand, &line);
        r->agreed = going && line && (line[0] == 'y' || line[0] == 'Y');
        free(line);
        if (!r->agreed) {
            puts("    Stopped; nothing was paid for.");
            return CLI_PERSON;
        }
    }
    return book(r, turn, price) ? CLI_OK : CLI_ERROR;
}
