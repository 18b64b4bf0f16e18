/* The rules, the store and a running daemon's word come in; how every engine stands goes out. Asks
 * no engine anything. */
/* SPDX-License-Identifier: ISC */
#include "cli/providers.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/ask.h"
#include "money/caps.h"
#include "providers/provider.h"
#include "secrets/secrets.h"
#include "store/money.h"
#include "store/pods.h"

/* --- gathering: one object an engine --- */

static cJSON *price_json(const cJSON *price)
{
    return price ? cJSON_Duplicate(price, true) : NULL;
}

static cJSON *models_json(const struct rules *rules, const cJSON *file)
{
    cJSON *list = cJSON_CreateArray();
    const cJSON *row;
    cJSON_ArrayForEach(row, json_get(file, "models"))
    {
        cJSON *one = cJSON_CreateObject();
        const cJSON *own = json_get(row, "price");
        cJSON *price = price_json(own ? own : json_get(file, "price"));
        char *note = provider_model_note(rules, file->string, row->string, time(NULL));
        json_set_str(one, "model", row->string);
        if (price)
            json_set(one, "price", price);
        if (json_get(row, "limits"))
            json_set(one, "limits", cJSON_Duplicate(json_get(row, "limits"), true));
        if (note)
            json_set_str(one, "note", note);
        free(note);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static void add_stops(struct store *store, cJSON *engines)
{
    struct stop_row *rows = NULL;
    size_t n = 0;
    if (store_stops(store, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        cJSON *one = cJSON_GetObjectItemCaseSensitive(engines, rows[i].engine);
        cJSON *stop = cJSON_CreateObject();
        json_set_str(stop, "class", rows[i].class);
        json_set_str(stop, "why", rows[i].why);
        json_set_str(stop, "cure", rows[i].cure);
        json_set_num(stop, "since_s", (double)rows[i].at_s);
        if (rows[i].until_s)
            json_set_num(stop, "until_s", (double)rows[i].until_s);
        if (one)
            json_set(one, "stopped", stop);
        else
            cJSON_Delete(stop);
        stop_row_finish(&rows[i]);
    }
    free(rows);
}

/* What a drop leaves alone is told with the drop's name; of ended drops it is history. */
static cJSON *rest_json(struct store *store, const struct rest_row *r)
{
    struct drop_row drop = {0};
    bool shown =
        !r->drop_id || (store_drop(store, r->drop_id, &drop) == 0 && drop.state == DROP_RUNNING);
    cJSON *one = shown ? cJSON_CreateObject() : NULL;
    if (shown) {
        json_set_str(one, "why", r->why);
        json_set_num(one, "since_s", (double)r->at_s);
        if (r->until_s)
            json_set_num(one, "until_s", (double)r->until_s);
        if (*r->model)
            json_set_str(one, "model", r->model);
        json_set_str(one, "drop", drop.name);
    }
    drop_row_finish(&drop);
    return one;
}

static void add_rests(struct store *store, cJSON *engines)
{
    struct rest_row *rows = NULL;
    size_t n = 0;
    if (store_rests(store, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        cJSON *engine = cJSON_GetObjectItemCaseSensitive(engines, rows[i].engine);
        cJSON *one = engine ? rest_json(store, &rows[i]) : NULL;
        if (one && !json_get(engine, "rests"))
            json_set(engine, "rests", cJSON_CreateArray());
        if (one)
            cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(engine, "rests"), one);
        rest_row_finish(&rows[i]);
    }
    free(rows);
}

static void add_trouble(struct store *store, cJSON *engines)
{
    cJSON *one;
    cJSON_ArrayForEach(one, engines)
    {
        char *text = NULL;
        int64_t at_s = 0;
        if (store_last_good(store, one->string, &at_s) == 0)
            json_set_num(one, "last_good_s", (double)at_s);
        if (store_last_trouble(store, one->string, &text, &at_s))
            continue;
        cJSON *trouble = cJSON_CreateObject();
        json_set_str(trouble, "text", text);
        json_set_num(trouble, "at_s", (double)at_s);
        json_set(one, "last_trouble", trouble);
        free(text);
    }
}

/* Each pod that may cost something, with what it came to by now. */
static void add_pods(struct store *store, cJSON *engines)
{
    struct pod_row *rows = NULL;
    size_t n = 0;
    if (store_pods(store, true, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        const struct pod_row *p = &rows[i];
        cJSON *one = cJSON_GetObjectItemCaseSensitive(engines, p->engine);
        cJSON *pod = cJSON_CreateObject();
        double hour = (double)p->hour_u / MONEY_UNIT;
        double stretch_s = (double)(clock_wall_s() - p->began_s);
        json_set_str(pod, "name", p->name);
        json_set_str(pod, "id", p->remote);
        json_set_str(pod, "state", pod_state_word(p->state));
        json_set_num(pod, "since_s", (double)p->since_s);
        json_set_num(pod, "usd_hour", hour);
        json_set_num(pod, "so_far", (double)p->charged_u / MONEY_UNIT + stretch_s / 3600 * hour);
        if (one)
            json_set(one, "pod", pod);
        else
            cJSON_Delete(pod);
        pod_row_finish(&rows[i]);
    }
    free(rows);
}

static void add_stored(const struct cli *cli, cJSON *engines)
{
    char *root = cli_root(cli), *state = path_join(root, ".slated");
    struct store *store = NULL;
    struct err e = {0};
    if (store_open(state, true, &store, &e) == 0) {
        add_stops(store, engines);
        add_rests(store, engines);
        add_trouble(store, engines);
        add_pods(store, engines);
    }
    store_close(store);
    free(root);
    free(state);
}

/* Circuits and what is left of limits live in the daemon alone. */
static void add_running(const struct cli *cli, cJSON *engines)
{
    cJSON *command = cJSON_CreateObject(), *one;
    char *said = NULL;
    json_set_str(command, "verb", "engines");
    cJSON *all = ask_running(cli, command, &said) == CLI_OK ? cJSON_Parse(said) : NULL;
    cJSON_ArrayForEach(one, engines)
    {
        const cJSON *now = cJSON_GetObjectItemCaseSensitive(all, one->string);
        if (now)
            json_set(one, "now", cJSON_Duplicate(now, true));
    }
    cJSON_Delete(all);
    free(said);
}

static cJSON *gather(const struct cli *cli, const struct rules *rules)
{
    cJSON *engines = cJSON_CreateObject();
    const cJSON *file;
    cJSON_ArrayForEach(file, rules_kind(rules, "providers"))
    {
        const char *key = json_str(file, "key_env", NULL);
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "engine", file->string);
        json_set_str(one, "about", json_str(file, "about", ""));
        json_set_str(one, "key_env", key);
        json_set_str(one, "key_from", key ? secrets_where(key) : NULL);
        json_set_bool(one, "ready", !key || secrets_has(key));
        json_set(one, "ops", cJSON_Duplicate(json_get(file, "ops"), true));
        json_set(one, "models", models_json(rules, file));
        if (json_get(file, "limits"))
            json_set(one, "limits", cJSON_Duplicate(json_get(file, "limits"), true));
        if (json_get(file, "credit"))
            json_set(one, "credit", cJSON_Duplicate(json_get(file, "credit"), true));
        cJSON_AddItemToObject(engines, file->string, one);
    }
    add_stored(cli, engines);
    add_running(cli, engines);
    return engines;
}

/* --- showing --- */

static char *price_text(const cJSON *price)
{
    const char *per = json_str(price, "per", "call"), *as_of = json_str(price, "as_of", NULL);
    if (cJSON_IsNumber(price))
        return price->valuedouble > 0 ? mem_printf("%g USD a job", price->valuedouble)
                                      : mem_dup("free");
    if (!price)
        return mem_dup("price not known: it is not bought before its file says one");
    char *day = as_of ? mem_printf(", as of %s", as_of) : mem_dup("");
    char *text;
    if (!str_eq(per, "million_tokens"))
        text = mem_printf("%g USD per %s%s", json_num(price, "usd", 0), per, day);
    else
        text = mem_printf("%g USD per million tokens out, %g in%s", json_num(price, "usd", 0),
                          json_num(price, "usd_in", json_num(price, "usd", 0)), day);
    free(day);
    return text;
}

/* One limit of a line of them, with what is left. */
static void put_limit(struct buf *line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put_limit(struct buf *line, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = mem_vprintf(fmt, args);
    va_end(args);
    buf_printf(line, "%s%s", line->len ? ", " : "", text);
    free(text);
}

static void put_left(struct buf *line, const cJSON *now, const char *name)
{
    if (json_get(now, name))
        buf_printf(line, " (%d left)", (int)json_int(now, name, 0));
}

static void put_counts(struct buf *line, const cJSON *limits, const cJSON *now)
{
    if (json_get(limits, "at_once"))
        put_limit(line, "%d at once", (int)json_int(limits, "at_once", 0));
    if (json_get(limits, "at_once") && now)
        buf_printf(line, " (%d under way)", (int)json_int(now, "under_way", 0));
    if (json_get(limits, "per_minute"))
        put_limit(line, "%d a minute", (int)json_int(limits, "per_minute", 0));
    put_left(line, now, "minute_left");
    if (json_get(limits, "per_day"))
        put_limit(line, "%d a day", (int)json_int(limits, "per_day", 0));
    put_left(line, now, "day_left");
    if (json_get(limits, "per_window"))
        put_limit(line, "%d in %g s", (int)json_int(limits, "per_window", 0),
                  json_num(limits, "window_s", 10));
    put_left(line, now, "window_left");
    if (json_get(limits, "gap_ms"))
        put_limit(line, "%g s apart", json_num(limits, "gap_ms", 0) / 1000);
}

static void show_limits(const cJSON *engine, const char *indent)
{
    const cJSON *limits = json_get(engine, "limits"), *now = json_get(engine, "now");
    struct buf line;
    buf_init(&line, 4096);
    put_counts(&line, limits, now);
    if (json_get(now, "told_of"))
        put_limit(&line, "of %d it has %d left, by its own word", (int)json_int(now, "told_of", 0),
                  (int)json_int(now, "told_left", 0));
    else if (json_get(now, "told_left"))
        put_limit(&line, "it has %d left, by its own word", (int)json_int(now, "told_left", 0));
    if (json_get(now, "waits_s"))
        put_limit(&line, "it asked for a pause of %d s more", (int)json_int(now, "waits_s", 0));
    if (line.len)
        printf("%slimits: %s\n", indent, line.data);
    buf_finish(&line);
}

static void show_models(const cJSON *engine)
{
    const cJSON *row, *left = json_get(json_get(engine, "now"), "models_left");
    cJSON_ArrayForEach(row, json_get(engine, "models"))
    {
        char *price = price_text(json_get(row, "price"));
        const char *note = json_str(row, "note", NULL), *name = json_str(row, "model", "");
        printf("    %-26s %s\n", str_eq(name, "*") ? "(any other name)" : name,
               note ? note : price);
        show_limits(row, "        ");
        if (json_get(left, name))
            printf("        it has %d left, by its own word\n", (int)json_int(left, name, 0));
        free(price);
    }
}

static void show_stop(const cJSON *stop, const char *engine)
{
    char since[CLOCK_TEXT_LEN], until[CLOCK_TEXT_LEN];
    clock_local(json_int(stop, "since_s", 0), "%Y-%m-%d %H:%M", since);
    clock_local(json_int(stop, "until_s", 0), "%Y-%m-%d %H:%M", until);
    printf("    STOPPED since %s (%s): %s\n    cure: %s ", since, json_str(stop, "class", ""),
           json_str(stop, "why", ""), json_str(stop, "cure", "Its own page says more."));
    if (json_get(stop, "until_s"))
        printf("It is tried again at %s, or at once after: slated resume %s\n", until, engine);
    else
        printf("Then: slated resume %s\n", engine);
}

static void show_rests(const cJSON *engine)
{
    const cJSON *rest;
    char since[CLOCK_TEXT_LEN], until[CLOCK_TEXT_LEN];
    cJSON_ArrayForEach(rest, json_get(engine, "rests"))
    {
        const char *drop = json_str(rest, "drop", NULL), *why = json_str(rest, "why", "");
        clock_local(json_int(rest, "since_s", 0), "%Y-%m-%d %H:%M:%S", since);
        clock_local(json_int(rest, "until_s", 0), "%H:%M:%S", until);
        if (drop)
            printf("    left out by %s since %s, after equal errors%s%s: %s\n"
                   "    it comes back with: slated retry %s\n",
                   drop, since, json_get(rest, "model") ? " of " : "", json_str(rest, "model", ""),
                   why, drop);
        else
            printf("    left alone since %s, after faults in a row: %s\n"
                   "    one job is tried at %s, or at once after: slated resume %s\n",
                   since, why, until, json_str(engine, "engine", ""));
    }
}

static void show_trouble(const cJSON *engine)
{
    const cJSON *stop = json_get(engine, "stopped"), *last = json_get(engine, "last_trouble");
    char at[CLOCK_TEXT_LEN];
    if (stop)
        show_stop(stop, json_str(engine, "engine", ""));
    if (last) {
        clock_local(json_int(last, "at_s", 0), "%Y-%m-%d %H:%M", at);
        printf("    last trouble, %s: %s\n", at, json_str(last, "text", ""));
    }
    show_rests(engine);
}

static void show_pod(const cJSON *pod, const char *engine)
{
    char at[CLOCK_TEXT_LEN];
    if (!pod)
        return;
    clock_local(json_int(pod, "since_s", 0), "%Y-%m-%d %H:%M", at);
    printf("    pod %s (%s) %s since %s at %.2f USD an hour, %.2f so far; end it: slated providers "
           "stop %s\n",
           json_str(pod, "name", ""), json_str(pod, "id", "its host has not named it yet"),
           json_str(pod, "state", ""), at, json_num(pod, "usd_hour", 0), json_num(pod, "so_far", 0),
           engine);
}

/* When it was last heard to be there. */
static void show_last_good(const cJSON *engine)
{
    char at[CLOCK_TEXT_LEN];
    clock_local(json_int(engine, "last_good_s", 0), "%Y-%m-%d %H:%M", at);
    if (json_get(engine, "last_good_s"))
        printf("    made something last at %s\n", at);
}

static void show_engine(const cJSON *engine)
{
    const char *key = json_str(engine, "key_env", NULL), *from = json_str(engine, "key_from", NULL);
    const cJSON *op, *ops = json_get(engine, "ops");
    printf("%s: %s, ", json_str(engine, "engine", ""), json_str(engine, "about", ""));
    if (!key)
        printf("needs no key\n");
    else if (from)
        printf("key is there (%s, %s)\n", key, from);
    else
        printf("key is missing (%s)\n", key);
    printf(ops && ops->child ? "    can" : "    makes nothing by itself");
    cJSON_ArrayForEach(op, ops) printf(" %s", op->string);
    printf("\n");
    if (json_get(engine, "credit"))
        printf(
            "    each of its credits is booked as %g USD; what takes how many: slated sop list\n",
            json_num(engine, "credit", 0));
    show_last_good(engine);
    show_trouble(engine);
    show_pod(json_get(engine, "pod"), json_str(engine, "engine", ""));
    show_limits(engine, "    ");
    show_models(engine);
}

int providers_list(const struct cli *cli, const struct rules *rules)
{
    cJSON *engines = gather(cli, rules), *one;
    if (cli->json) {
        cJSON *list = cJSON_CreateArray();
        while (engines->child) {
            cJSON *first = cJSON_DetachItemViaPointer(engines, engines->child);
            cJSON_free(first->string); /* an item of a list has no name */
            first->string = NULL;
            cJSON_AddItemToArray(list, first);
        }
        char *text = json_pretty(list);
        fputs(text, stdout);
        free(text);
        cJSON_Delete(list);
    } else {
        cJSON_ArrayForEach(one, engines) show_engine(one);
    }
    cJSON_Delete(engines);
    return CLI_OK;
}
