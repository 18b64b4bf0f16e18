/* The nodes of a record template (assets/record.h) that speak of jobs: made here, filled in later,
 * when the job has a state. All owned by the caller. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_REFER_H
#define PLAN_REFER_H

#include <cjson/cJSON.h>

cJSON *refer(const char *what);                                              /* {"@": what} */
cJSON *refer_job(const char *what, const char *job);                         /* ..., "job" */
cJSON *refer_job_else(const char *what, const char *job, cJSON *takes_else); /* ..., "else" */
cJSON *refer_output(const char *what, const char *job,
                    const char *role); /* ..., "role", and null while there is none */
cJSON *refer_meta(const char *job, const char *name);    /* a member of the job's meta */
cJSON *refer_state(const char *job, const cJSON *words); /* the state through a copy of the map */
cJSON *refer_when(const char *what, const char *job,
                  const char *form); /* a time as strftime text, null before */
cJSON *refer_count(const char *const *states,
                   int n); /* how many jobs are in one of the states; n 0: all */

#endif
