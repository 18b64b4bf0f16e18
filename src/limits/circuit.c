/* Ends of requests come in; whether an engine may be asked, and whether a drop goes on at it, goes
 * out. Never reads a clock, never says anything. */
/* SPDX-License-Identifier: ISC */
#include "limits/circuit.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

#define ROWS_MAX 4096 /* rows of equal errors remembered; beyond, one that has not stopped goes */

struct circuit {
    char *engine;
    enum circuit_state state;
    int failures; /* in a row */
    bool probing; /* HALF: the one is under way */
    int64_t pause_ms, until_ms;
};

/* Equal errors of one drop at one engine. */
struct row {
    char *key;
    int64_t drop_id;
    uint64_t error; /* what they have in common */
    int n;
    bool stopped;
};

struct circuits {
    struct map engines, rows;
};

const char *circuit_state_word(enum circuit_state s)
{
    static const char *const words[] = {
#define X(state, word) [state] = word,
        CIRCUIT_STATE_LIST(X)
#undef X
    };
    return words[s];
}

struct circuits *circuits_create(void)
{
    return mem_alloc(sizeof(struct circuits));
}

static void row_free(struct row *r)
{
    free(r->key);
    free(r);
}

void circuits_destroy(struct circuits *c)
{
    if (!c)
        return;
    struct circuit *one;
    struct row *row;
    for (size_t at = 0; (one = map_next(&c->engines, &at));) {
        free(one->engine);
        free(one);
    }
    for (size_t at = 0; (row = map_next(&c->rows, &at));)
        row_free(row);
    map_finish(&c->engines);
    map_finish(&c->rows);
    free(c);
}

/* --- engines --- */

static struct circuit *circuit_of(struct circuits *c, const char *engine)
{
    struct circuit *one = map_get(&c->engines, engine);
    if (one)
        return one;
    one = mem_alloc(sizeof(*one));
    one->engine = mem_dup(engine);
    map_put(&c->engines, one->engine, one);
    return one;
}

static void circuit_turn(struct circuit *one, int64_t now_ms)
{
    if (one->state == CIRCUIT_OPEN && now_ms >= one->until_ms) {
        one->state = CIRCUIT_HALF;
        one->probing = false;
    }
}

bool circuits_may_start(struct circuits *c, const char *engine, int64_t now_ms, int64_t *ret_at_ms)
{
    struct circuit *one = circuit_of(c, engine);
    circuit_turn(one, now_ms);
    if (one->state == CIRCUIT_OPEN)
        *ret_at_ms = one->until_ms;
    else if (one->state == CIRCUIT_HALF && one->probing)
        *ret_at_ms = INT64_MAX;
    else
        return true;
    return false;
}

void circuits_started(struct circuits *c, const char *engine, int64_t now_ms)
{
    struct circuit *one = circuit_of(c, engine);
    circuit_turn(one, now_ms);
    if (one->state == CIRCUIT_HALF)
        one->probing = true;
}

static void circuit_open(struct circuit *one, const struct circuit_limits *limits, int64_t now_ms)
{
    int64_t most = limits->open_max_ms > limits->open_ms ? limits->open_max_ms : limits->open_ms;
    bool again = one->state == CIRCUIT_HALF;
    one->pause_ms = again ? one->pause_ms * 2 : limits->open_ms;
    if (one->pause_ms > most)
        one->pause_ms = most;
    one->state = CIRCUIT_OPEN;
    one->until_ms = now_ms + one->pause_ms;
    one->probing = false;
}

static void circuit_reset(struct circuit *one)
{
    one->state = CIRCUIT_CLOSED;
    one->failures = 0;
    one->probing = false;
    one->pause_ms = one->until_ms = 0;
}

/* What was started before it opened still ends while it is open: a fault then changes nothing, and
 * an answer shows that the engine is back. */
enum circuit_state circuits_ended(struct circuits *c, const char *engine,
                                  const struct circuit_limits *limits, enum circuit_result result,
                                  int64_t now_ms)
{
    struct circuit *one = circuit_of(c, engine);
    circuit_turn(one, now_ms);
    if (result == CIRCUIT_FINE)
        circuit_reset(one);
    else if (result == CIRCUIT_UNSAID)
        one->probing = false; /* the next one is the probe */
    else if (one->state == CIRCUIT_HALF)
        circuit_open(one, limits, now_ms);
    else if (one->state == CIRCUIT_CLOSED && ++one->failures >= limits->failures_n &&
             limits->failures_n > 0)
        circuit_open(one, limits, now_ms);
    return one->state;
}

enum circuit_state circuits_state(struct circuits *c, const char *engine, int64_t now_ms)
{
    struct circuit *one = map_get(&c->engines, engine);
    if (!one)
        return CIRCUIT_CLOSED;
    circuit_turn(one, now_ms);
    return one->state;
}

struct circuit_view circuits_look(struct circuits *c, const char *engine, int64_t now_ms)
{
    struct circuit *one = map_get(&c->engines, engine);
    if (!one)
        return (struct circuit_view){.state = CIRCUIT_CLOSED};
    circuit_turn(one, now_ms);
    return (struct circuit_view){one->state, one->until_ms, one->pause_ms};
}

void circuits_reopen(struct circuits *c, const char *engine, int64_t until_ms, int64_t pause_ms)
{
    struct circuit *one = circuit_of(c, engine);
    circuit_reset(one);
    one->state = CIRCUIT_OPEN;
    one->until_ms = until_ms;
    one->pause_ms = pause_ms;
}

void circuits_close(struct circuits *c, const char *engine)
{
    struct circuit *one = map_get(&c->engines, engine);
    if (one)
        circuit_reset(one);
}

/* --- equal errors --- */

/* The words of a sentence: a word with a digit in it is a number, a time or an identifier, and the
 * same as any other. */
static uint64_t error_fold(const char *error)
{
    static const char between[] = " \t\n.,;:()[]{}\"'<>=/";
    uint64_t h = 1;
    while (*error) {
        size_t gap = strspn(error, between), len = strcspn(error + gap, between);
        const char *word = error + gap;
        bool number = false;
        for (size_t i = 0; i < len; i++)
            number = number || (word[i] >= '0' && word[i] <= '9');
        if (len)
            h = number ? map_hash("0", 1, h) : map_hash(word, len, h);
        error = word + len;
    }
    return h;
}

static char *row_key(int64_t drop_id, const char *engine)
{
    return mem_printf("%lld/%s", (long long)drop_id, engine);
}

static void row_drop(struct circuits *c, struct row *row)
{
    map_remove(&c->rows, row->key);
    row_free(row);
}

static void rows_limit(struct circuits *c)
{
    struct row *row;
    if (c->rows.n < ROWS_MAX)
        return;
    for (size_t at = 0; (row = map_next(&c->rows, &at));)
        if (!row->stopped) {
            row_drop(c, row);
            return;
        }
}

static struct row *row_of(struct circuits *c, int64_t drop_id, const char *engine)
{
    char *key = row_key(drop_id, engine);
    struct row *row = map_get(&c->rows, key);
    if (row) {
        free(key);
        return row;
    }
    rows_limit(c);
    row = mem_alloc(sizeof(*row));
    row->key = key;
    row->drop_id = drop_id;
    map_put(&c->rows, row->key, row);
    return row;
}

bool circuits_same(struct circuits *c, int64_t drop_id, const char *engine,
                   const struct circuit_limits *limits, const char *error)
{
    struct row *row = row_of(c, drop_id, engine);
    if (!error && !row->stopped) {
        row_drop(c, row);
        return false;
    }
    if (error) {
        uint64_t fold = error_fold(error);
        row->n = row->n && row->error == fold ? row->n + 1 : 1;
        row->error = fold;
        if (limits->same_n > 0 && row->n >= limits->same_n)
            row->stopped = true;
    }
    return row->stopped;
}

void circuits_same_stop(struct circuits *c, int64_t drop_id, const char *engine)
{
    row_of(c, drop_id, engine)->stopped = true;
}

bool circuits_same_stopped(const struct circuits *c, int64_t drop_id, const char *engine)
{
    char *key = row_key(drop_id, engine);
    const struct row *row = map_get(&c->rows, key);
    free(key);
    return row && row->stopped;
}

void circuits_same_clear(struct circuits *c, int64_t drop_id)
{
    struct row *row;
    for (size_t at = 0; (row = map_next(&c->rows, &at));)
        if (row->drop_id == drop_id)
            row_drop(c, row);
}
