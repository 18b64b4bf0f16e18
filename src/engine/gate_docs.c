/* A drop comes in; what gates said about its jobs goes out as the objects that its documents show.
 * Reads the store only. */
/* SPDX-License-Identifier: ISC */
#include "engine/gate.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/str.h"
#include "gates/gates.h"
#include "store/gates.h"

static cJSON *member(cJSON *object, const char *name, cJSON *(*make)(void))
{
    cJSON *one = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!one) {
        one = make();
        json_set(object, name, one);
    }
    return one;
}

static void add_member(cJSON *to, const cJSON *from, const char *name)
{
    if (json_get(from, name))
        json_set(to, name, cJSON_Duplicate(json_get(from, name), true));
}

/* {"name", "verdict", "score", "issues", "checks", "model", "role", "at"}: the share of checks that
 * passed is the score, unless the gate gave one. */
static cJSON *result_of(const struct gate_row *row)
{
    cJSON *one = cJSON_CreateObject(), *issues = cJSON_CreateArray(),
          *body = cJSON_Parse(row->body);
    const cJSON *check, *checks = json_get(body, "checks");
    int passed = 0, n = cJSON_GetArraySize(checks);
    cJSON_ArrayForEach(check, checks) passed += str_eq(json_str(check, "verdict", ""), GATE_PASS);
    if (row->why)
        cJSON_AddItemToArray(issues, cJSON_CreateString(row->why));
    json_set_str(one, "name", json_str(body, "name", row->gate == 1 ? "local" : "vision"));
    json_set_str(one, "verdict", row->verdict);
    json_set_num(one, "score", json_num(body, "score", n ? (double)passed / n : 1));
    json_set(one, "issues", issues);
    add_member(one, body, "problems");
    add_member(one, body, "checks");
    json_set_str(one, "engine", row->engine);
    json_set_str(one, "model", row->model);
    json_set_str(one, "role", row->role);
    json_set_num(one, "at", (double)row->at_s);
    cJSON_Delete(body);
    return one;
}

static cJSON *refused_of(const struct gate_row *row)
{
    cJSON *one = cJSON_CreateObject();
    json_set_str(one, "file", row->kept);
    json_set_str(one, "gate", row->fault);
    json_set_str(one, "why", row->why);
    json_set_str(one, "engine", row->engine);
    json_set_str(one, "model", row->model);
    json_set_num(one, "at", (double)row->at_s);
    return one;
}

/* A shot goes on by itself when every gate passed it, back when one did not. */
static void set_routing(cJSON *job)
{
    bool failed = false, review = false;
    static const char *const gates[] = {"gate1", "gate2"};
    for (int i = 0; i < 2; i++) {
        const char *verdict = json_str(json_get(job, gates[i]), "verdict", GATE_PASS);
        failed = failed || str_eq(verdict, GATE_FAIL);
        review = review || str_eq(verdict, GATE_REVIEW);
    }
    json_set_str(job, "routing", failed ? "auto_reject" : review ? "needs_review" : "auto_pass");
}

static const char *key_of(const struct job_row *jobs, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (jobs[i].id == id)
            return jobs[i].key;
    return NULL;
}

static cJSON *of_jobs(struct engine *en, int64_t drop_id, const struct job_row *jobs, size_t jobs_n)
{
    struct gate_row *rows = NULL;
    size_t n = 0;
    cJSON *all = cJSON_CreateObject(), *job;
    if (store_gates(en->store, drop_id, 0, &rows, &n))
        n = 0;
    for (size_t i = 0; i < n; i++) {
        const char *key = key_of(jobs, jobs_n, rows[i].job_id);
        job = key ? member(all, key, cJSON_CreateObject) : NULL;
        if (job) /* the newest word of a gate is the one that counts */
            json_set(job, rows[i].gate == 1 ? "gate1" : "gate2", result_of(&rows[i]));
        if (job && str_eq(rows[i].verdict, GATE_FAIL))
            cJSON_AddItemToArray(member(job, "refused", cJSON_CreateArray), refused_of(&rows[i]));
        gate_row_finish(&rows[i]);
    }
    free(rows);
    cJSON_ArrayForEach(job, all) set_routing(job);
    return all;
}

static int rank(const cJSON *said)
{
    const char *routing = json_str(said, "routing", "auto_pass");
    return str_eq(routing, "auto_reject") ? 2 : str_eq(routing, "needs_review");
}

/* What hangs on several jobs: a shot has frames and a clip. */
static cJSON *of_units(const cJSON *of_jobs, const struct job_row *jobs, size_t jobs_n)
{
    cJSON *all = cJSON_CreateObject();
    for (size_t i = 0; i < jobs_n; i++) {
        const cJSON *own = json_get(of_jobs, jobs[i].key), *refused;
        if (!own || !jobs[i].unit)
            continue;
        cJSON *unit = member(all, jobs[i].unit, cJSON_CreateObject);
        if (!json_get(unit, "routing") || rank(own) >= rank(unit)) {
            add_member(unit, own, "gate1");
            add_member(unit, own, "gate2");
            add_member(unit, own, "routing");
        }
        cJSON_ArrayForEach(refused, json_get(own, "refused")) cJSON_AddItemToArray(
            member(unit, "refused", cJSON_CreateArray), cJSON_Duplicate(refused, true));
    }
    return all;
}

cJSON *gates_of_drop(struct engine *en, int64_t drop_id, const struct job_row *jobs, size_t jobs_n)
{
    cJSON *out = cJSON_CreateObject(), *by_job = of_jobs(en, drop_id, jobs, jobs_n);
    json_set(out, "units", of_units(by_job, jobs, jobs_n));
    json_set(out, "jobs", by_job);
    return out;
}
