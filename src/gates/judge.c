/* What was seen of a picture comes in, each check's mark goes out, and of the first that failed the
 * sentence. A check without its facts (a size nobody asked for, a length of a still) is left out.
 */
/* SPDX-License-Identifier: ISC */
#include "gates/gates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"

#define HEX 16

struct judge {
    const struct gate_subject *s;
    const cJSON *look, *rule; /* rule: of the check at hand */
    struct gate_mark *mark;
    char *why, *cure;
};

/* Each fills the mark and, when it failed, the sentence. False: nothing to judge by. */
typedef bool check_function(struct judge *j);

static check_function bytes, black, blank, ratio, size, seconds, torn, smeared, duplicate,
    unchanged;

static check_function *const checks[GATE_CHECKS_N] = {
    [GATE_BYTES] = bytes,         [GATE_BLACK] = black,     [GATE_BLANK] = blank,
    [GATE_RATIO] = ratio,         [GATE_SIZE] = size,       [GATE_SECONDS] = seconds,
    [GATE_TORN] = torn,           [GATE_SMEARED] = smeared, [GATE_DUPLICATE] = duplicate,
    [GATE_UNCHANGED] = unchanged,
};

const char *gate_check_word(enum gate_check c)
{
    static const char *const names[] = {
#define X(check, word) word,
        GATE_CHECK_LIST(X)
#undef X
    };
    return names[c];
}

#define SAY(j, ...)   ((void)str_format((j)->why, sizeof((struct gate_verdict *)0)->why, __VA_ARGS__))
#define CURE(j, text) ((void)str_format((j)->cure, sizeof((struct gate_verdict *)0)->cure, text))

static double fact(const struct judge *j, const char *name)
{
    return json_num(j->look, name, 0);
}

static double limit(const struct judge *j, const char *name)
{
    return json_num(j->rule, name, 0);
}

static void measured(struct judge *j, double value, double allowed, bool failed)
{
    j->mark->measured = value;
    j->mark->allowed = allowed;
    j->mark->failed = failed;
}

/* --- the file --- */

static bool bytes(struct judge *j)
{
    double least = limit(j, "least");
    measured(j, (double)j->s->bytes, least, (double)j->s->bytes < least);
    if (j->mark->failed)
        SAY(j, "the file has %lld bytes; nothing an engine draws is smaller than %.0f",
            (long long)j->s->bytes, least);
    CURE(j, "look at the engine's own page: it may have answered a placeholder");
    return true;
}

/* --- nothing to see --- */

static bool is_black(const struct judge *j, const cJSON *frame)
{
    return json_num(frame, "mean", 0) <= limit(j, "mean_most") &&
           json_num(frame, "spread", 0) <= limit(j, "spread_most");
}

static bool is_blank(const struct judge *j, const cJSON *frame)
{
    return json_num(frame, "spread", 0) < limit(j, "spread_most") &&
           json_num(frame, "colour", 0) < limit(j, "colour_most") &&
           json_num(frame, "plain", 0) >= limit(j, "plain_least");
}

/* How many of a clip's frames are: one of them may be, for a film may fade. */
static int frames_that(const struct judge *j, bool (*are)(const struct judge *, const cJSON *))
{
    const cJSON *frame;
    int n = 0;
    cJSON_ArrayForEach(frame, json_get(j->look, "frames")) n += are(j, frame);
    return n;
}

static bool is_clip(const struct judge *j)
{
    return json_get(j->look, "frames") != NULL;
}

static bool black(struct judge *j)
{
    int frames = frames_that(j, is_black), most = (int)limit(j, "frames_most");
    if (is_clip(j))
        measured(j, frames, most, frames > most);
    else
        measured(j, fact(j, "mean"), limit(j, "mean_most"), is_black(j, j->look));
    if (j->mark->failed && is_clip(j))
        SAY(j, "%d of its first, middle and last frame are black", frames);
    else if (j->mark->failed)
        SAY(j, "it is black (brightness %.1f of 255, spread %.1f)", fact(j, "mean"),
            fact(j, "spread"));
    CURE(j, "engines answer so when their safety check strikes: word the prompt in another way");
    return true;
}

static bool blank(struct judge *j)
{
    int frames = frames_that(j, is_blank), most = (int)limit(j, "frames_most");
    if (is_clip(j))
        measured(j, frames, most, frames > most);
    else
        measured(j, fact(j, "spread"), limit(j, "spread_most"), is_blank(j, j->look));
    if (j->mark->failed && is_clip(j))
        SAY(j, "%d of its first, middle and last frame are of one colour", frames);
    else if (j->mark->failed)
        SAY(j, "it is of one colour (spread %.1f, %.1f %% of it alike)", fact(j, "spread"),
            fact(j, "plain") * 100);
    CURE(j, "when that is how it should look: switch the check blank off for this kind");
    return true;
}

/* --- what was asked for --- */

static bool ratio(struct judge *j)
{
    double w = fact(j, "width"), h = fact(j, "height"), most = limit(j, "off_most");
    if (j->s->width < 1 || j->s->height < 1 || w < 1 || h < 1)
        return false;
    double wanted = (double)j->s->width / j->s->height, off = w / h / wanted;
    off = (off < 1 ? 1 / off : off) - 1;
    measured(j, off, most, off > most);
    if (j->mark->failed)
        SAY(j, "its shape is wrong: it is %.0f x %.0f and %d x %d was asked for (off by %.1f %%)",
            w, h, j->s->width, j->s->height, off * 100);
    CURE(j, "see what ratios the model knows; its provider file says how one is asked for");
    return true;
}

static bool size(struct judge *j)
{
    int asked = j->s->width > j->s->height ? j->s->width : j->s->height;
    double longer = fmax(fact(j, "width"), fact(j, "height")), least = limit(j, "least");
    if (asked < 1 || longer < 1)
        return false;
    measured(j, longer / asked, least, longer < asked * least);
    if (j->mark->failed)
        SAY(j, "it is too small: %.0f x %.0f where %d x %d was asked for", fact(j, "width"),
            fact(j, "height"), j->s->width, j->s->height);
    CURE(j, "see what sizes the model knows; its provider file says how one is asked for");
    return true;
}

static bool seconds(struct judge *j)
{
    double is = fact(j, "seconds"), least = limit(j, "least"), most = limit(j, "most");
    if (!is_clip(j) || j->s->seconds <= 0)
        return false;
    double share = is / j->s->seconds;
    bool shorter = share<least, longer = share> most && is - j->s->seconds > limit(j, "spare_s");
    measured(j, share, longer ? most : least, shorter || longer);
    if (j->mark->failed)
        SAY(j, "it lasts %.1f s where %.1f s were asked for", is, j->s->seconds);
    CURE(j, "see what durations the model knows; its provider file says how one is asked for");
    return true;
}

/* --- broken --- */

static bool torn(struct judge *j)
{
    double tail = fact(j, "tail"), least = limit(j, "tail_least");
    bool framed = fact(j, "head") >= tail / 2;
    bool failed = tail >= least && tail < 1 && !framed &&
                  fact(j, "edge") >= limit(j, "edge_least") &&
                  fact(j, "busy") >= limit(j, "busy_least");
    measured(j, tail, least, failed);
    if (failed)
        SAY(j, "it is torn: the lower %.0f %% are of one colour, and above them the picture stops",
            tail * 100);
    CURE(j, "ask for it again; when that is how it should look: switch torn off for this kind");
    return true;
}

static bool smeared(struct judge *j)
{
    double repeat = fact(j, "repeat"), least = limit(j, "repeat_least");
    measured(j, repeat, least, repeat >= least);
    if (j->mark->failed)
        SAY(j, "it is torn: the lower %.0f %% repeat one row of pixels", repeat * 100);
    CURE(j, "ask for it again; when that is how it should look: switch smeared off for this kind");
    return true;
}

/* --- not its own --- */

int gates_distance(const char *a, const char *b)
{
    uint64_t x = strtoull(a, NULL, HEX), y = strtoull(b, NULL, HEX);
    return __builtin_popcountll(x ^ y);
}

static int hex_byte(const char *at)
{
    char two[3] = {at[0], at[1], 0};
    return (int)strtol(two, NULL, HEX);
}

/* Mean difference of two grey squares, each as digits. */
static double hex_difference(const char *a, const char *b)
{
    size_t len = strlen(a) / 2;
    int sum = 0;
    if (!len || strlen(b) != len * 2)
        return 255;
    for (size_t i = 0; i < len * 2; i += 2)
        sum += abs(hex_byte(a + i) - hex_byte(b + i));
    return (double)sum / (double)len;
}

static bool same_bytes(const struct judge *j, const struct gate_other *other)
{
    return j->s->sha256 && *j->s->sha256 && str_eq(j->s->sha256, other->sha256);
}

/* A clip's frames may well be those of another of the same set: only its bytes tell. */
static bool looks_alike(const struct judge *j, const struct gate_other *other, int *ret_distance)
{
    const char *hash = json_str(j->look, "phash", NULL), *grey = json_str(j->look, "grey", NULL);
    if (is_clip(j) || !hash || !grey || !other->phash || !other->grey)
        return false;
    *ret_distance = gates_distance(hash, other->phash);
    return *ret_distance <= (int)limit(j, "distance_most") &&
           hex_difference(grey, other->grey) < limit(j, "difference_most");
}

static bool duplicate(struct judge *j)
{
    int nearest = 64, distance = 64;
    measured(j, nearest, limit(j, "distance_most"), false);
    for (size_t i = 0; i < j->s->others_n && !j->mark->failed; i++) {
        const struct gate_other *other = &j->s->others[i];
        bool same = same_bytes(j, other), alike = !same && looks_alike(j, other, &distance);
        nearest = same ? 0 : distance < nearest ? distance : nearest;
        measured(j, nearest, limit(j, "distance_most"), same || alike);
        if (j->mark->failed)
            SAY(j, "it is %s %s, which was made from another prompt",
                same ? "the same file as" : "the same picture as", other->name);
    }
    CURE(j, "the engine may have mixed up two answers: ask for it again");
    return j->s->others_n > 0;
}

static bool unchanged(struct judge *j)
{
    const cJSON *one, *likes = json_get(j->look, "likes");
    int nearest = 64;
    measured(j, nearest, limit(j, "distance_most"), false);
    cJSON_ArrayForEach(one, likes)
    {
        int distance = (int)json_int(one, "distance", 64);
        bool same = distance <= (int)limit(j, "distance_most") &&
                    json_num(one, "difference", 255) < limit(j, "difference_most");
        nearest = distance < nearest ? distance : nearest;
        measured(j, nearest, limit(j, "distance_most"), j->mark->failed || same);
        if (same)
            SAY(j, "nothing was changed: it is the picture it was to be made from (%s)",
                json_str(one, "name", "its input"));
    }
    CURE(j, "say in the prompt what shall be other, or take another model");
    return cJSON_GetArraySize(likes) > 0;
}

/* --- the whole --- */

void gates_judge(const cJSON *rule, const struct gate_subject *subject,
                 struct gate_verdict *ret_verdict)
{
    struct gate_verdict v = {0};
    for (int c = 0; c < GATE_CHECKS_N; c++) {
        struct gate_verdict said = {0};
        struct gate_mark mark = {.check = (enum gate_check)c};
        struct judge j = {subject, subject->look, json_get(rule, gate_check_word(mark.check)),
                          &mark,   said.why,      said.cure};
        if (!j.rule || !json_bool(j.rule, "on", true) || !checks[c](&j))
            continue;
        v.marks[v.marks_n++] = mark;
        if (!mark.failed || v.failed)
            continue;
        v.failed = true;
        v.at = mark.check;
        memcpy(v.why, said.why, sizeof v.why);
        memcpy(v.cure, said.cure, sizeof v.cure);
    }
    *ret_verdict = v;
}

cJSON *gates_verdict_json(const struct gate_verdict *verdict)
{
    cJSON *out = cJSON_CreateObject(), *list = cJSON_CreateArray();
    json_set_str(out, "name", "local");
    json_set_str(out, "verdict", verdict->failed ? GATE_FAIL : GATE_PASS);
    if (verdict->failed) {
        json_set_str(out, "check", gate_check_word(verdict->at));
        json_set_str(out, "why", verdict->why);
    }
    for (size_t i = 0; i < verdict->marks_n; i++) {
        const struct gate_mark *m = &verdict->marks[i];
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "check", gate_check_word(m->check));
        json_set_str(one, "verdict", m->failed ? GATE_FAIL : GATE_PASS);
        json_set_num(one, "measured", round(m->measured * 10000) / 10000);
        json_set_num(one, "allowed", m->allowed);
        cJSON_AddItemToArray(list, one);
    }
    json_set(out, "checks", list);
    return out;
}
