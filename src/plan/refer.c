/* A job's key and a wish come in, a template node goes out. Never looks at a job. */
/* SPDX-License-Identifier: ISC */
#include "plan/refer.h"

#include "base/json.h"

cJSON *refer(const char *what)
{
    cJSON *node = cJSON_CreateObject();
    json_set_str(node, "@", what);
    return node;
}

cJSON *refer_job(const char *what, const char *job)
{
    cJSON *node = refer(what);
    json_set_str(node, "job", job);
    return node;
}

cJSON *refer_job_else(const char *what, const char *job, cJSON *takes_else)
{
    cJSON *node = refer_job(what, job);
    json_set(node, "else", takes_else);
    return node;
}

cJSON *refer_output(const char *what, const char *job, const char *role)
{
    cJSON *node = refer_job(what, job);
    json_set_str(node, "role", role);
    json_set(node, "else", cJSON_CreateNull());
    return node;
}

cJSON *refer_meta(const char *job, const char *name)
{
    cJSON *node = refer_job("meta", job);
    json_set_str(node, "name", name);
    return node;
}

cJSON *refer_state(const char *job, const cJSON *words)
{
    cJSON *node = refer_job("state", job);
    json_set(node, "words", cJSON_Duplicate(words, true));
    return node;
}

cJSON *refer_when(const char *what, const char *job, const char *form)
{
    cJSON *node = job ? refer_job_else(what, job, cJSON_CreateNull()) : refer(what);
    json_set_str(node, "form", form);
    return node;
}

cJSON *refer_count(const char *const *states, int n)
{
    cJSON *node = refer("count");
    if (n == 0)
        json_set_str(node, "state", "*");
    else
        json_set(node, "state", cJSON_CreateStringArray(states, n));
    return node;
}
