/* A browser's answers to a job come in; its trace grows beside its work, and when its procedure
 * failed the folder that explains it is written. Changes no job. */
/* SPDX-License-Identifier: ISC */
#include "engine/mishap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "engine/flight.h"

#define TRACE_MAX ((size_t)4 << 20)
#define DOUBT_CURE                                                                                 \
    "look at the site, at its results and its balance, whether the click was taken, and answer "   \
    "its card in approve/"

static char *trace_path(const struct flight *f)
{
    return path_join(f->work, "trace.txt");
}

void mishap_note(struct engine *en, const struct flight *f, const struct response *response)
{
    cJSON *memo = f->by == CARRY_BROWSER && f->job.memo ? cJSON_Parse(f->job.memo) : NULL;
    const cJSON *result = cJSON_GetArrayItem(json_get(response->body, "results"), 0);
    if (f->by != CARRY_BROWSER || json_get(memo, "mishap") || json_bool(memo, "release", false)) {
        cJSON_Delete(memo);
        return;
    }
    struct buf line;
    char *path = trace_path(f);
    bool looks = f->looking || json_get(memo, "trace"); /* several acts, which press nothing */
    const cJSON *came = looks ? json_get(response->body, "results") : result;
    cJSON *lost = came ? NULL : cJSON_CreateString(response->error ? response->error : "nothing");
    FILE *file = fopen(path, "ae");
    buf_init(&line, 65536);
    mishap_trace(&line, en->now_s, looks ? "the look for its trace" : json_str(memo, "step", NULL),
                 looks ? NULL : json_get(memo, "act"), came ? came : lost);
    if (file && ftell(file) < (long)TRACE_MAX)
        fputs(line.data, file);
    if (file)
        fclose(file);
    buf_finish(&line);
    cJSON_Delete(lost);
    cJSON_Delete(memo);
    free(path);
}

static void name_folder(struct outcome *o, const char *folder)
{
    char *said = mem_printf("%s; the page as it was: %s", o->error, folder);
    free(o->error);
    o->error = said;
}

/* Writes the folder of a job; told: {"step", "error", "cure"}, any may be missing. */
static void keep(struct engine *en, const struct flight *f, const cJSON *told, const char *pages,
                 const cJSON *results, struct outcome *o)
{
    char *path = trace_path(f), *trace = NULL, *console = mishap_console(results), *folder = NULL;
    size_t len = 0;
    struct err e = {0};
    (void)file_read(path, TRACE_MAX * 2, &trace, &len, NULL); /* without it, the rest is kept */
    struct mishap m = {.state = en->places.state,
                       .name = f->job.key,
                       .title = f->job.title,
                       .step = json_str(told, "step", NULL),
                       .error = json_str(told, "error", NULL),
                       .cure = json_str(told, "cure", NULL),
                       .pages = pages,
                       .console = console,
                       .trace = trace,
                       .keep = (int)rules_policy_num(en->rules, "/browser/mishaps"),
                       .now_s = en->now_s};
    if (mishap_keep(&m, &folder, &e))
        log_line(LOG_WARN, "mishap", "job=%s why=%s", log_quote(f->job.key), log_quote(e.text));
    else if (folder && o->error)
        name_folder(o, folder);
    unlink(path);
    free(path);
    free(trace);
    free(console);
    free(folder);
}

void mishap_tell(struct engine *en, const struct flight *f, const char *memo_text,
                 const struct response *response, struct outcome *o)
{
    bool may = memo_text && strstr(memo_text, "\"mishap\""); /* most memos tell of none */
    cJSON *memo = may ? cJSON_Parse(memo_text) : NULL;
    const cJSON *told = json_get(memo, "mishap"), *results = json_get(response->body, "results");
    bool tab = response->kind == RESPONSE_ANSWERED && !json_bool(response->body, "fresh", false);
    if (told)
        keep(en, f, told, tab ? f->work : NULL, tab ? results : NULL, o);
    cJSON_Delete(memo);
}

void mishap_doubt(struct engine *en, const struct flight *f, const struct response *response,
                  struct outcome *o)
{
    if (f->by != CARRY_BROWSER)
        return;
    cJSON *memo = f->job.memo ? cJSON_Parse(f->job.memo) : NULL, *told = cJSON_CreateObject();
    const cJSON *results = json_get(response->body, "results");
    json_set_str(told, "step", json_str(memo, "step", NULL));
    json_set_str(told, "error", o->error);
    json_set_str(told, "cure", o->cure ? o->cure : DOUBT_CURE);
    keep(en, f, told, f->work, results, o);
    cJSON_Delete(told);
    cJSON_Delete(memo);
}
