/* What is known of an entry or a drop comes in; the few lines that lie beside it in the inbox go
 * out. */
/* SPDX-License-Identifier: ISC */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "money/caps.h"
#include "report/sums.h"

#define NAME_MAX_BYTES 255 /* of one file name on every file system we know */
#define SHOWN_FAILURES 12

char *receipt_name(const char *entry)
{
    static const char tail[] = ".slated.txt";
    if (strlen(entry) + strlen(tail) <= NAME_MAX_BYTES)
        return mem_printf("%s%s", entry, tail);
    char hex[DIGEST_LEN];
    digest_bytes(entry, strlen(entry), hex);
    return mem_printf("%.200s-%.8s%s", entry, hex, tail);
}

static void heading(const char *entry, const char *state, int64_t now_s, struct buf *out)
{
    char *shown = utf8_show(entry), at[CLOCK_TEXT_LEN];
    clock_local(now_s, "%Y-%m-%d %H:%M:%S", at);
    buf_printf(out, "%s: %s\n%s\n\n", shown, state, at);
    free(shown);
}

static void ending(struct buf *out)
{
    buf_text(out, "\n(A receipt by slated. Deleting it is harmless.)\n");
}

void receipt_entry(const char *entry, const char *state, const char *text, int64_t now_s,
                   struct buf *out)
{
    heading(entry, state, now_s, out);
    buf_text(out, text);
    ending(out);
}

/* How a line about a job that waits for a person begins; NULL when it does not. */
static const char *trouble(const struct job_row *job)
{
    if (job->state == JOB_HELD && !job->next_at_s)
        return "Asks you";
    return job->state == JOB_FAILED ? "Failed" : job->state == JOB_NEEDS_PERSON ? "By hand" : NULL;
}

static void drop_failures(const struct record_source *s, struct buf *out)
{
    int shown = 0, more = 0;
    for (size_t i = 0; i < s->jobs_n; i++) {
        const struct job_row *job = &s->jobs[i];
        const char *word = trouble(job);
        if (!word)
            continue;
        if (++shown > SHOWN_FAILURES) {
            more++;
            continue;
        }
        char *error = utf8_label(job->error);
        buf_printf(out, "%s: %s: %s\n", word, job->title, error ? error : "no reason is known");
        free(error);
        if (job->state == JOB_NEEDS_PERSON)
            buf_text(out, "        put the result into its bundle's return/, or into return/\n");
        if (job->state != JOB_NEEDS_PERSON || !str_eq(job->engine, "manual"))
            buf_printf(out, "        slated retry %s --job %s\n", s->drop->name, job->key);
    }
    if (more)
        buf_printf(out, "... and %d more; all of them: slated retry %s\n", more, s->drop->name);
}

static void drop_notes(const struct record_source *s, struct buf *out)
{
    cJSON *meta = cJSON_Parse(s->drop->meta);
    const cJSON *note;
    cJSON_ArrayForEach(note, json_get(meta, "notes"))
    {
        if (cJSON_IsString(note))
            buf_printf(out, "Note: %s\n", note->valuestring);
    }
    cJSON_Delete(meta);
}

static bool all_local(const struct record_source *s)
{
    for (size_t i = 0; i < s->jobs_n; i++)
        if (!str_eq(s->jobs[i].engine, "local"))
            return false;
    return true;
}

void receipt_drop(const struct record_source *source, bool as_ended, struct buf *out)
{
    struct sums sums;
    char state[120], spent[MONEY_TEXT_LEN], price[MONEY_TEXT_LEN];
    sums_make(source->jobs, source->jobs_n, &sums);
    money_text(money_of(sums.cost), spent);
    money_text(money_of(sums.price), price);
    bool asked = source->card && source->drop->paused && !as_ended;
    sums_state(source->drop, &sums, as_ended, asked, state, sizeof(state));
    heading(source->drop->entry, state, source->now_s, out);
    buf_printf(out, "%s\n", source->drop->title);
    if (as_ended && sums.made == 0 && sums.kept && !sums.failed && !sums.by_hand)
        buf_text(out, "The same was made before: nothing had to be made again.\n");
    else if (sums.kept)
        buf_printf(out, "%d unchanged from before, %d new.\n", sums.kept, sums.total - sums.kept);
    if (sums.cost > 0 || sums.price > 0)
        buf_printf(out, "Spent %s of an estimated %s USD.\n", spent, price);
    else
        buf_printf(out, "Costs nothing%s.\n",
                   all_local(source) ? ": made by the local engine" : "");
    if (asked)
        buf_printf(out,
                   "Your go    drag approve/%s to approve/go/ or approve/no/,\n"
                   "           or: slated approve \"%s\"\n",
                   source->card, source->card);
    drop_failures(source, out);
    drop_notes(source, out);
    buf_printf(out, "\nPictures   out/%s/\n", source->drop->tree);
    buf_printf(out, "Plan       taken/%s/plan.txt\n", source->drop->name);
    if (as_ended)
        buf_printf(out, "Report     taken/%s/report.html\n", source->drop->name);
    else
        buf_printf(out, "Stop it    slated cancel %s\n", source->drop->name);
    ending(out);
}
