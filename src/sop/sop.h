/* Procedures of a web site as step files (rules/sops/<site>/): a procedure and what became of its
 * last act come in, the next act for the browser goes out. Pure: it drives no browser, reads no
 * clock, stores nothing; where it stands is a JSON document, so that a procedure goes on after the
 * process was ended between any two acts.
 *
 * The caller: 1. sop_begin gives the state 2. sop_next with the result of the last act (NULL at
 * first) answers an act to do, a time to wait, or how it ended, and has moved the state
 * 3. stores the state before it does the act, when the act costs (once). */
/* SPDX-License-Identifier: ISC */
#ifndef SOP_SOP_H
#define SOP_SOP_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/err.h"
#include "rules/rules.h"

/* The procedure of a site that makes an op: its name below rules/sops/<site>/, or NULL. Borrowed.
 */
const char *sop_for_op(const struct rules *rules, const char *site, const char *op);

/* The state at the beginning of rules/sops/<site>/<name>.json; takes_vars are its wishes over the
 * file's defaults. ERR_MISSING for an unknown site or name, ERR_INPUT when a wish it needs is not
 * there. Owned by the caller. */
int sop_begin(const struct rules *rules, const char *site, const char *name, cJSON *takes_vars,
              cJSON **ret_state, struct err *e);

enum sop_move {
    SOP_ACT,    /* do act, then sop_next with its result */
    SOP_WAIT,   /* sop_next again after wait_ms, without a result */
    SOP_DONE,   /* finished; what it fetched lies where the acts said */
    SOP_FAILED, /* error, cure, class; whether another try is left was already looked at */
};

struct sop_turn {
    enum sop_move move;
    cJSON *act;     /* ACT: owned; every reference resolved */
    bool once;      /* ACT: it costs; never to be done again without knowing what became of it */
    double credits; /* ACT: what it costs, of the site's own money */
    double settles; /* once: what the once acts before it came to and was not told yet */
    int wait_ms;    /* WAIT */
    char *step;     /* ACT, WAIT, FAILED: the step's name with those it is called from */
    char *error, *cure;
    const char *class; /* FAILED: a word of providers/provider.h, "bad_request" when not said */
};
void sop_turn_finish(struct sop_turn *t);

/* A once act that is not ok was not done: whoever does not know asks sop_trace_read instead.
 * result: {"ok": true, "value": ...} or {"ok": false, "error": sentence, "class": word}; NULL at
 * the first call and after a WAIT. now_ms: any clock that goes on over restarts (wall). */
void sop_next(const struct rules *rules, cJSON *state, const cJSON *result, int64_t now_ms,
              struct sop_turn *ret_turn);

/* How long an act of a turn may take: within_ms, and the time of its keys where it types. */
int sop_act_ms(const cJSON *act);

/* Credits that were spent and not told by a turn's settles yet, and all that were spent; what there
 * is to say about the making (list of sentences, may be NULL). Borrowed. */
double sop_owed(const cJSON *state);
double sop_spent(const cJSON *state);
const cJSON *sop_notes(const cJSON *state);

/* A sentence about how it was made, for whoever reads the documents. */
void sop_note(cJSON *state, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Others spend on the same account: the page's balance says nothing about one act. */
void sop_shared(cJSON *state);

/* The procedure that is tried when this one could not make it ("otherwise"), once; NULL none.
 * Borrowed. Its state carries on what was spent and noted. */
const char *sop_otherwise(const struct rules *rules, const cJSON *state);
void sop_carry(cJSON *state, const cJSON *from);

/* From the first step again, on a page that knows nothing of it; what was remembered stays. */
void sop_restart(cJSON *state);

/* A state that has just begun stands at the named step: of the procedure's own list, or of one that
 * a step has or calls ("generate/press Generate", or its last name when only one is so called).
 * What the steps before it would have remembered is not there. ERR_MISSING with the names that are
 * nearest. */
int sop_start_at(const struct rules *rules, cJSON *state, const char *step_name, struct err *e);

/* The step that the last act belongs to, as it is written in the file; NULL behind the last.
 * Borrowed. */
const cJSON *sop_step_now(const struct rules *rules, const cJSON *state);

/* The acts of a list of the site's own file ("survey"), every reference resolved; owned, NULL when
 * it has none. */
cJSON *sop_site_acts(const struct rules *rules, const char *site, const char *member);

/* The acts that describe a page on which a procedure failed: console (the first one's value are its
 * lines), page.html, screenshot.png; owned. */
cJSON *sop_page_acts(void);

/* After a once act whose outcome is not known: the acts that look for its trace (the page it was
 * done on, the results, the balance), in one list; owned. And what they mean. */
cJSON *sop_trace_acts(const struct rules *rules, const cJSON *state);
enum sop_trace {
    TRACE_FOUND,      /* it was accepted; the state goes on behind the act */
    TRACE_NONE,       /* nothing was spent and nothing came: doing it is safe */
    TRACE_UNCLEAR,    /* nobody can say */
    TRACE_SIGNED_OUT, /* nobody can say before a person has signed in */
};
enum sop_trace sop_trace_read(const struct rules *rules, cJSON *state, const cJSON *results);

/* Faults of all sites' files that a schema cannot see: unknown acts, procedures, values, steps to
 * retry from. Returns how many were added. */
struct faults;
size_t sop_check(const struct rules *rules, struct faults *faults);

/* Warnings: a site whose engine may work at more places at once than there are browsers, or than
 * its pages name projects. Returns how many were added. */
size_t sop_warn(const struct rules *rules, struct faults *warnings);

/* The site's own member of site.json ("title", "window", ...), or NULL. Borrowed. */
const cJSON *sop_site(const struct rules *rules, const char *site);

#endif
