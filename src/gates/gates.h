/* Gate 1: whether a picture or a clip that an engine made is worth showing to a person, told on
 * this machine and for nothing. What a worker saw of it (likeness/look.h) and the rule come in, a
 * verdict goes out: each check with what was measured and what is allowed. Pure; reads no file.
 *
 *   look {"width": 768, "height": 256, ...}, asked 768 x 1344, rule {"ratio": {"off_most": 0.05}}
 *   -> failed at ratio: measured 4.25, allowed 0.05, "it is 768 x 256 (3:1), asked was ..." */
/* SPDX-License-Identifier: ISC */
#ifndef GATES_GATES_H
#define GATES_GATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "rules/rules.h"

/* In the order they are judged; the first that fails gives the sentence. */
#define GATE_CHECK_LIST(X)                                                                         \
    X(GATE_BLACK, "black")                                                                         \
    X(GATE_BLANK, "blank")                                                                         \
    X(GATE_BYTES, "bytes")                                                                         \
    X(GATE_RATIO, "ratio")                                                                         \
    X(GATE_SIZE, "size")                                                                           \
    X(GATE_SECONDS, "seconds")                                                                     \
    X(GATE_TORN, "torn")                                                                           \
    X(GATE_SMEARED, "smeared")                                                                     \
    X(GATE_DUPLICATE, "duplicate")                                                                 \
    X(GATE_UNCHANGED, "unchanged")
enum gate_check {
#define X(check, word) check,
    GATE_CHECK_LIST(X)
#undef X
        GATE_CHECKS_N
};
const char *gate_check_word(enum gate_check c);

/* The words of every gate's verdict, whichever gate it is. */
#define GATE_PASS   "pass"
#define GATE_FAIL   "fail"
#define GATE_REVIEW "review" /* nobody can tell: a person looks */

/* What is measured may pass allowed on one side only; which is said by the check. */
struct gate_mark {
    enum gate_check check;
    bool failed;
    double measured, allowed;
};

struct gate_verdict {
    struct gate_mark marks[GATE_CHECKS_N];
    size_t marks_n;
    bool failed;
    enum gate_check at; /* the first that failed; undefined unless failed */
    char why[320];      /* a sentence, empty unless failed */
    char cure[160];     /* what a person can do about it, empty unless failed */
};

/* A picture that passed before, in the same drop, from another prompt. All borrowed. */
struct gate_other {
    const char *name;                  /* as a sentence names it */
    const char *sha256, *phash, *grey; /* of likeness/look.h; phash and grey NULL: bytes alone */
};

/* One picture as it came. All borrowed. */
struct gate_subject {
    const cJSON *look;
    int64_t bytes;
    const char *sha256;
    int width, height; /* asked for; 0: any */
    double seconds;    /* asked for; 0: any */
    const struct gate_other *others;
    size_t others_n;
};

/* The checks that hold for what an engine makes of one op: those of rules/gates/local.json with
 * the kind's own laid over them. NULL when there are none: *ret_why then borrows the rule's reason,
 * or NULL when no such rule is loaded. Owned by the caller. */
cJSON *gates_rule(const struct rules *rules, const char *engine, const char *op,
                  const char **ret_why);

/* Bits that differ between two likenesses' 16 hex digits, 0..64. */
int gates_distance(const char *phash_a, const char *phash_b);

/* Whether the rule wants to know how near a result comes to what it was made from. */
bool gates_wants_inputs(const cJSON *rule);

/* Judges one picture or clip by a rule of gates_rule. */
void gates_judge(const cJSON *rule, const struct gate_subject *subject,
                 struct gate_verdict *ret_verdict);

/* {"name": "local", "verdict", "check", "why", "checks": [{"check", "verdict", "measured",
 * "allowed"}]}; check and why only of a failure. Owned by the caller. */
cJSON *gates_verdict_json(const struct gate_verdict *verdict);

#endif
