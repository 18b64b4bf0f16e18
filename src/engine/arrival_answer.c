/* The listing of an entry comes in, the intake reads it; an order, a refusal, a receipt that tells
 * what is waited for, or the wish to unpack go out. */
/* SPDX-License-Identifier: ISC */
#include "engine/arrivals.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"

/* What somebody took back or renamed just now was never dropped; it is asked for once more, for it
 * may come back under its name. */
static enum watch_answer left(struct engine *en, struct arrival *a, bool here,
                              int64_t *ret_again_ms)
{
    if (here)
        watch_took(en->watch, a->name);
    else
        arrivals_unread(en, a->name);
    arrival_forget(en, a->name);
    *ret_again_ms = en->now_ms + ARRIVAL_AGAIN_MS;
    return here ? WATCH_ACCEPT : WATCH_WAIT;
}

static enum watch_answer refuse(struct engine *en, struct arrival *a, const struct faults *faults,
                                int64_t *ret_again_ms)
{
    if (a->staged)
        (void)file_remove_tree(a->staged, NULL); /* a left-over is swept at the next start */
    return left(en, a, refuse_entry(en, a->name, faults), ret_again_ms);
}

enum watch_answer arrival_refuse(struct engine *en, struct arrival *a, const char *code,
                                 const char *found, const char *cure, int64_t *ret_again_ms)
{
    struct faults f = {0};
    char *shown = utf8_show(a->name);
    faults_add(&f, code, shown, found, NULL, cure);
    enum watch_answer answer = refuse(en, a, &f, ret_again_ms);
    faults_finish(&f);
    free(shown);
    return answer;
}

static void waiting_receipt(struct engine *en, const struct arrival *a,
                            const struct intake_answer *answer, int64_t limit_ms)
{
    struct buf text;
    buf_init(&text, 64 * 1024);
    if (answer->wanted_n)
        buf_printf(&text, "%d of %d files are here.\n", answer->arrived_n, answer->wanted_n);
    if (answer->percent >= 0)
        buf_printf(&text, "About %d %% has arrived.\n", answer->percent);
    for (size_t i = 0; i < answer->missing_n; i++) {
        char *shown = utf8_show(answer->missing[i]);
        buf_printf(&text, "%s %s\n", i ? "           " : "Waiting for", shown);
        free(shown);
    }
    if (answer->verdict == INTAKE_LOOSE)
        buf_text(&text, "A picture on its own: waiting for the drop that names it.\n");
    buf_printf(&text,
               "It starts by itself when it is whole; after %lld s without change it is refused.\n",
               (long long)(limit_ms / 1000));
    desk_receipt(en, a->name, "waiting", text.data);
    buf_finish(&text);
}

static enum watch_answer refuse_waited(struct engine *en, struct arrival *a,
                                       const struct intake_answer *answer, int64_t *ret_again_ms)
{
    struct faults f = {0};
    if (answer->faults.n)
        return refuse(en, a, &answer->faults, ret_again_ms);
    for (size_t i = 0; i < answer->missing_n; i++)
        faults_add(&f, "REF_MISSING", a->name, NULL, answer->missing[i],
                   "put the file where the drop names it and drop both again");
    if (!answer->missing_n)
        faults_add(&f, answer->verdict == INTAKE_LOOSE ? "KIND_UNKNOWN" : "INCOMPLETE", a->name,
                   answer->verdict == INTAKE_LOOSE ? "a picture that no drop has named"
                                                   : "an unfinished file",
                   NULL, "drop it again when it is complete, together with what belongs to it");
    enum watch_answer said = refuse(en, a, &f, ret_again_ms);
    faults_finish(&f);
    return said;
}

/* Empty files are often placeholders of a sync client: they may take much longer to get their
 * bytes. */
static int64_t wait_limit_ms(struct engine *en, const struct intake_answer *answer)
{
    bool empty = answer->faults.n && str_eq(answer->faults.list[0].code, "JSON_EMPTY");
    const char *pointer = empty ? "/intake/wait_empty_s" : "/intake/wait_missing_s";
    return (int64_t)rules_policy_num(en->rules, pointer) * 1000;
}

static enum watch_answer wait_more(struct engine *en, struct arrival *a,
                                   const struct intake_answer *answer, int64_t *ret_again_ms)
{
    if (a->look != LOOK_WAITING)
        a->waiting_since_ms = en->now_ms;
    a->look = LOOK_WAITING;
    int64_t limit_ms = wait_limit_ms(en, answer);
    if (en->now_ms - a->waiting_since_ms >= limit_ms)
        return refuse_waited(en, a, answer, ret_again_ms);
    waiting_receipt(en, a, answer, limit_ms);
    *ret_again_ms = en->now_ms + ARRIVAL_AGAIN_MS;
    return WATCH_WAIT;
}

static void look_at_zip(struct engine *en, struct arrival *a)
{
    char *stem = path_stem(a->name), *safe = utf8_safe_name(stem, 150, "archive");
    free(a->staged);
    a->staged = mem_printf("%s/%lld", en->places.staging, (long long)en->next_request++);
    free(a->dir);
    a->dir = mem_dup(a->staged);
    free(a->inner);
    a->inner = safe;
    a->unpack = true;
    a->look = LOOK_QUEUED;
    free(stem);
}

/* Whatever the way the listing was made: one road from here. */
enum watch_answer arrival_read(struct engine *en, struct arrival *a, struct listing *takes_listing,
                               int64_t *ret_again_ms)
{
    struct intake_place place = {en->places.root, a->dir};
    struct intake_answer answer = {0};
    enum watch_answer result = WATCH_ACCEPT;
    intake_read(en->rules, &place, takes_listing, &answer);
    switch (answer.verdict) {
    case INTAKE_ORDER:
        result = left(en, a, take_order(en, answer.order, a->name, a->staged ? a->dir : NULL),
                      ret_again_ms);
        answer.order = NULL;
        break;
    case INTAKE_REFUSED:
        result = refuse(en, a, &answer.faults, ret_again_ms);
        break;
    case INTAKE_UNPACK:
        look_at_zip(en, a);
        result = WATCH_WAIT;
        break;
    case INTAKE_WAIT:
    case INTAKE_LOOSE:
        result = wait_more(en, a, &answer, ret_again_ms);
        break;
    }
    intake_answer_finish(&answer);
    return result;
}
