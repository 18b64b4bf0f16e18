/* An episode's name comes in; a line a shot goes out: what was decided, whether it needs a hand,
 * what is out and what came back. Reads the store only. */
/* SPDX-License-Identifier: ISC */
#include "cli/episode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "gates/gates.h"
#include "store/gates.h"
#include "store/manual.h"

#define DROPS_LOOKED 200

struct shot_line {
    char *unit;
    int jobs, ended, failed;
};

static bool belongs(const char *unit, const char *name, const char *prefix)
{
    return unit && (str_eq(unit, name) || str_starts(unit, prefix));
}

/* The shots of one drop, in plan order. */
static size_t gather(struct store *store, int64_t drop_id, const char *name,
                     struct shot_line **ret_lines)
{
    struct job_row *jobs = NULL;
    size_t jobs_n = 0, n = 0;
    char *prefix = mem_printf("%s_", name);
    *ret_lines = NULL;
    if (store_jobs(store, drop_id, &jobs, &jobs_n))
        jobs_n = 0;
    for (size_t i = 0; i < jobs_n; i++) {
        if (belongs(jobs[i].unit, name, prefix)) {
            size_t at = 0;
            while (at < n && !str_eq((*ret_lines)[at].unit, jobs[i].unit))
                at++;
            if (at == n) {
                *ret_lines = mem_grow(*ret_lines, n + 1, sizeof(**ret_lines));
                (*ret_lines)[n++] = (struct shot_line){.unit = mem_dup(jobs[i].unit)};
            }
            struct shot_line *line = &(*ret_lines)[at];
            line->jobs++;
            line->ended += job_state_ended(jobs[i].state);
            line->failed += jobs[i].state == JOB_FAILED || jobs[i].state == JOB_NEEDS_PERSON;
        }
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    free(prefix);
    return n;
}

/* What gates refused of a shot, newest last: {"check", "why", "file"} each. */
static cJSON *refused_json(const struct gate_row *gates, size_t n, const char *unit)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(gates[i].verdict, GATE_FAIL) || !str_eq(gates[i].unit, unit))
            continue;
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "check", gates[i].fault ? gates[i].fault : "look");
        json_set_str(one, "why", gates[i].why);
        json_set_str(one, "file", gates[i].kept);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *shot_json(struct store *store, int64_t drop_id, const struct shot_line *line)
{
    struct verdict_row verdict = {0};
    struct escalation_row flag = {0};
    struct bundle_row *bundles = NULL;
    struct fix_row *fixes = NULL;
    size_t n = 0, fixes_n = 0;
    cJSON *shot = cJSON_CreateObject(), *out = cJSON_CreateArray();
    bool decided = store_verdict(store, drop_id, line->unit, &verdict) == 0;
    bool open = store_escalation(store, drop_id, line->unit, &flag) == 0;
    json_set_str(shot, "shot", line->unit);
    json_set_num(shot, "jobs", line->jobs);
    json_set_num(shot, "ended", line->ended);
    json_set_num(shot, "failed", line->failed);
    json_set_str(shot, "verdict", decided ? verdict.verdict : "needs_review");
    json_set_bool(shot, "escalated", open);
    if (open && flag.tag)
        json_set_str(shot, "tag", flag.tag);
    if (store_bundles(store, true, &bundles, &n))
        n = 0;
    for (size_t i = 0; i < n; i++) {
        if (str_eq(bundles[i].unit, line->unit) && bundles[i].drop_id == drop_id)
            cJSON_AddItemToArray(out, cJSON_CreateString(bundles[i].name));
        bundle_row_finish(&bundles[i]);
    }
    if (store_fixes(store, drop_id, line->unit, &fixes, &fixes_n))
        fixes_n = 0;
    for (size_t i = 0; i < fixes_n; i++)
        fix_row_finish(&fixes[i]);
    json_set(shot, "out", out);
    json_set_num(shot, "mended", (double)fixes_n);
    free(bundles);
    free(fixes);
    verdict_row_finish(&verdict);
    escalation_row_finish(&flag);
    return shot;
}

static void print_shot(const cJSON *shot)
{
    int made = (int)json_num(shot, "ended", 0), all = (int)json_num(shot, "jobs", 0);
    int mended = (int)json_num(shot, "mended", 0);
    const cJSON *out, *refused = json_get(shot, "refused");
    int refused_n = cJSON_GetArraySize(refused);
    printf("%-14s %2d/%-2d  %-13s", json_str(shot, "shot", ""), made, all,
           json_str(shot, "verdict", ""));
    if (json_bool(shot, "escalated", false))
        printf(" needs a hand%s%s", json_get(shot, "tag") ? ": " : "", json_str(shot, "tag", ""));
    cJSON_ArrayForEach(out, json_get(shot, "out")) printf(" out: %s", out->valuestring);
    if (mended)
        printf(" mended %d time%s", mended, mended == 1 ? "" : "s");
    if (refused_n)
        printf(" %d take%s refused (last: %s)", refused_n, refused_n == 1 ? "" : "s",
               json_str(cJSON_GetArrayItem(refused, refused_n - 1), "check", ""));
    putchar('\n');
}

static void print_all(struct store *store, const struct drop_row *drop,
                      const struct shot_line *lines, size_t n, bool json)
{
    struct gate_row *gates = NULL;
    size_t gates_n = 0;
    cJSON *list = cJSON_CreateArray();
    if (store_gates(store, drop->id, 0, &gates, &gates_n))
        gates_n = 0;
    if (!json)
        printf("%s\n", drop->title ? drop->title : drop->name);
    for (size_t i = 0; i < n; i++) {
        cJSON *shot = shot_json(store, drop->id, &lines[i]);
        json_set(shot, "refused", refused_json(gates, gates_n, lines[i].unit));
        if (!json)
            print_shot(shot);
        cJSON_AddItemToArray(list, shot);
    }
    for (size_t i = 0; i < gates_n; i++)
        gate_row_finish(&gates[i]);
    free(gates);
    if (json) {
        char *text = json_pretty(list);
        fputs(text, stdout);
        free(text);
    }
    cJSON_Delete(list);
}

bool episode_status(struct store *store, const char *name, bool json)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    bool found = false;
    if (store_drops(store, -1, DROPS_LOOKED, &drops, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct shot_line *lines = NULL;
        size_t lines_n = 0;
        if (!found && drops[i].state != DROP_CANCELLED)
            lines_n = gather(store, drops[i].id, name, &lines);
        if (lines_n)
            print_all(store, &drops[i], lines, lines_n, json);
        found = found || lines_n > 0;
        for (size_t k = 0; k < lines_n; k++)
            free(lines[k].unit);
        free(lines);
        drop_row_finish(&drops[i]);
    }
    free(drops);
    return found;
}
