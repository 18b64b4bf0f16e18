/* When an engine is left alone because it keeps failing, and when a drop is stopped because it
 * fails in the same way again and again. Values and instants come in, decisions go out; never reads
 * a clock.
 *
 *           failures_n transient          open_ms over            the one probe is fine
 *   CLOSED ----------------------> OPEN -----------------> HALF -----------------------> CLOSED
 *                                   ^                        |
 *                                   +-- the probe fails: the pause doubles, up to open_max_ms
 */
/* SPDX-License-Identifier: ISC */
#ifndef LIMITS_CIRCUIT_H
#define LIMITS_CIRCUIT_H

#include <stdbool.h>
#include <stdint.h>

#define CIRCUIT_STATE_LIST(X)                                                                      \
    X(CIRCUIT_CLOSED, "closed")  /* work goes through */                                           \
    X(CIRCUIT_OPEN, "open")      /* nothing is started */                                          \
    X(CIRCUIT_HALF, "half_open") /* one is started to see */
enum circuit_state {
#define X(state, word) state,
    CIRCUIT_STATE_LIST(X)
#undef X
};
const char *circuit_state_word(enum circuit_state s);

/* What an ended request says about its engine. */
enum circuit_result {
    CIRCUIT_FINE,   /* it answered as an engine should, a refusal of content included */
    CIRCUIT_FAULT,  /* a fault of the server or the net */
    CIRCUIT_UNSAID, /* cancelled, rate limited: says nothing either way */
};

struct circuit_limits {
    int failures_n;      /* faults in a row that open it; 0: never */
    int64_t open_ms;     /* the first pause */
    int64_t open_max_ms; /* the longest one */
    int same_n; /* equal errors in a row, of one drop at one engine, that stop it; 0: never */
};

struct circuits;

/* Nothing is known yet: every engine is closed. */
struct circuits *circuits_create(void);
void circuits_destroy(struct circuits *c);

/* Whether the engine may be asked now; when not, *ret_at_ms is the next instant worth asking again
 * (INT64_MAX: when the probe has ended). circuits_started must follow a yes. */
bool circuits_may_start(struct circuits *c, const char *engine, int64_t now_ms, int64_t *ret_at_ms);
void circuits_started(struct circuits *c, const char *engine, int64_t now_ms);

/* One request of the engine ended. Returns the state after it. */
enum circuit_state circuits_ended(struct circuits *c, const char *engine,
                                  const struct circuit_limits *limits, enum circuit_result result,
                                  int64_t now_ms);
enum circuit_state circuits_state(struct circuits *c, const char *engine, int64_t now_ms);

/* How it stands: while it is not closed, until when it rests and how long that rest is. */
struct circuit_view {
    enum circuit_state state;
    int64_t until_ms, pause_ms;
};
struct circuit_view circuits_look(struct circuits *c, const char *engine, int64_t now_ms);

/* After a restart: it was open, and is until then. */
void circuits_reopen(struct circuits *c, const char *engine, int64_t until_ms, int64_t pause_ms);

/* A person says: try again at once. */
void circuits_close(struct circuits *c, const char *engine);

/* A job of the drop ended at the engine: error is its sentence, or NULL when it succeeded (which
 * ends the row). Errors are equal when they differ in numbers and long identifiers only. True once
 * same_n equal ones came in a row: the drop's work at this engine stops there. It stays so until
 * circuits_same_clear. */
bool circuits_same(struct circuits *c, int64_t drop_id, const char *engine,
                   const struct circuit_limits *limits, const char *error);
void circuits_same_stop(struct circuits *c, int64_t drop_id, const char *engine); /* as before a
                                                                                  restart */
bool circuits_same_stopped(const struct circuits *c, int64_t drop_id, const char *engine);
void circuits_same_clear(struct circuits *c, int64_t drop_id); /* resumed, retried or ended */

#endif
