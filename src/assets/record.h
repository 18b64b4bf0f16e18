/* A document that lives beside the assets and tells their state: a template with references to jobs
 * comes in, a finished document goes out. assets_manifest.json, previz_manifest.json, session logs,
 * status files and pages are all such templates; the kinds only write templates.
 *
 * In a template any value may be an object with "@":
 *   {"@": "now"} {"@": "created"}         ISO time of this writing; of the planning.   "form":
 * strftime text in local time instead
 *   {"@": "state", "job": K, "words": {"done": "done", "failed": "failed", "*": "pending"}}   the
 * job's state word through the map
 *   {"@": "meta", "job": K, "name": N}    a member of the job's meta (any JSON)
 *   {"@": "fact", "job": K, "name": N}    of what its engine told of the making; "else"
 *   {"@": F, "job": K, "role": R}         F: path sha256 bytes width height (of the output; role:
 * the first when absent), prompt negative engine model op title key hash error attempts cost
 * seconds started completed preview gates (started, completed: ISO, or "form"; null before).
 * "else": value when there is none yet
 *   {"@": "count", "state": S}            number of jobs in S ("done", a list of words, or "*");
 * "jobs": [K...] limits
 *   {"@": "sum", "of": "cost" | "seconds" | "fact", "name": N} over those jobs; "state", "jobs"
 * limit
 *   {"@": "list", "state": S, "jobs": [K...], "item": {...}}    one item per such job, in the given
 * or the plan's order; inside, "job" may be left out
 *   {"@": "first", "state": S, "jobs": [K...], "item": {...}}   the first such item, else "else",
 * else null
 *   {"@": "hand", "unit": U}      what people did to that unit by hand and gates said of it, {}
 * when nothing
 *   {"@": "drop"} {"@": "drop_state"} {"@": "text", "parts": [values...]}   parts are joined into
 * one string A job's state words: waiting ready running held made done kept failed skipped
 * cancelled needs_person ("kept": made by an earlier drop and unchanged; counted as done unless
 * named). Paths come out relative to the template's "@base" member (a folder below out/, removed on
 * writing), else to out/. Format "page": the finished JSON is {"title", "subtitle", "facts":
 * [[name, value]...], "sections": [{"title", "cards":
 *   [{"picture", "film", "title", "state", "lines": [...], "text", "href"}]}], "foot"} and is
 * written as one self-contained HTML page (page.c). Format "text": the finished JSON is {"text":
 * "..."}.  */
/* SPDX-License-Identifier: ISC */
#ifndef ASSETS_RECORD_H
#define ASSETS_RECORD_H

#include "base/buf.h"
#include "base/err.h"
#include "store/rows.h"

/* What a template can be asked about; everything borrowed for the call. */
struct record_source {
    const struct drop_row *drop;
    const struct job_row *jobs; /* in plan order */
    size_t jobs_n;
    const struct asset_row *assets; /* every version of those jobs' files, by job, oldest first */
    size_t assets_n;
    int64_t now_s;
    const cJSON *hand; /* what people did by hand: unit -> object; may be NULL */
    const cJSON
        *gates; /* what gates said: {"jobs": {key: object}, "units": {unit: object}}; or NULL */
    const char *card; /* the card in approve/ that its plan waits for, or NULL */
};

/* The file that stands for a job's output now: the current version, or the job's newest where a
 * later drop's has taken its place. role NULL: its first output. NULL when there is none. Borrowed.
 */
const struct asset_row *record_file(const struct record_source *source, const struct job_row *job,
                                    const char *role);

/* Fills the template and appends the document's bytes to out. ERR_INPUT names the reference that
 * nobody knows. */
int record_render(const cJSON *body, const char *format, const struct record_source *source,
                  struct buf *out, struct err *e);

#endif
