/* The worker's operations on what comes back: its print, and which original it was made from. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "likeness/frame.h"
#include "likeness/mark.h"
#include "likeness/match.h"
#include "ops/ops.h"

static void print_facts(const struct print *p, cJSON *facts)
{
    json_set_num(facts, "width", p->width);
    json_set_num(facts, "height", p->height);
    json_set_num(facts, "spread", p->spread);
    json_set_num(facts, "plain", p->plain);
    json_set_num(facts, "mean", p->mean);
    json_set_str(facts, "pixels", p->pixels);
}

int op_print_make(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    const char *path = op_in(r, "picture"), *out = op_out(r, "print");
    struct frame frame = {0};
    struct print print;
    char sha256[DIGEST_LEN], mark[MARK_LEN + 1];
    uint64_t len = 0;
    if (!path || !out)
        return err_set(e, ERR_INPUT,
                       "print.make needs an input named \"picture\" and an output \"print\"");
    char *beside = mem_printf("%s.frame.png", out);
    int rc = frame_read(path, beside, &frame, e);
    if (!rc)
        rc = print_make(&frame.pixels, &print, e);
    pixels_finish(&frame.pixels);
    if (!rc)
        rc = digest_file(path, sha256, &len, e);
    if (!rc)
        rc = mark_find(path, mark, e);
    if (!rc)
        rc = print_save(&print, out, e);
    if (!rc) {
        print_facts(&print, ret_facts);
        json_set_str(ret_facts, "media", frame.media);
        json_set_bool(ret_facts, "clip", frame.clip);
        json_set_str(ret_facts, "sha256", sha256);
        json_set_num(ret_facts, "bytes", (double)len);
        json_set_str(ret_facts, "mark", mark);
    }
    free(beside);
    return rc;
}

static struct match_rules rules_of(const cJSON *params)
{
    struct match_rules r = match_rules_default;
    r.share_least = json_num(params, "share_least", r.share_least);
    r.blocks_least = (int)json_num(params, "blocks_least", r.blocks_least);
    r.votes_least = (int)json_num(params, "votes_least", r.votes_least);
    r.votes_lead = json_num(params, "votes_lead", r.votes_lead);
    r.share_lead = json_num(params, "share_lead", r.share_lead);
    return r;
}

/* Every input but "print" is an original. */
struct originals {
    struct print *prints;
    const struct print **list;
    const char **names;
    int *shots; /* of params "shots": {name: number} */
    int n;
};

static int load_originals(const struct op_request *r, struct originals *o, struct err *e)
{
    int rc = 0;
    o->prints = mem_grow(NULL, (size_t)r->in_n + 1, sizeof(*o->prints));
    o->list = mem_grow(NULL, (size_t)r->in_n + 1, sizeof(*o->list));
    o->names = mem_grow(NULL, (size_t)r->in_n + 1, sizeof(*o->names));
    o->shots = mem_grow(NULL, (size_t)r->in_n + 1, sizeof(*o->shots));
    for (int i = 0; i < r->in_n && !rc; i++) {
        if (str_eq(r->in[i].name, "print"))
            continue;
        rc = print_load(r->in[i].path, &o->prints[o->n], e);
        o->list[o->n] = &o->prints[o->n];
        o->shots[o->n] = (int)json_num(json_get(r->params, "shots"), r->in[i].name, -1 - i);
        o->names[o->n++] = r->in[i].name;
    }
    return rc;
}

static void match_facts(const struct match *m, const struct originals *o, const struct print *back,
                        cJSON *facts)
{
    cJSON *nearest = cJSON_CreateArray();
    for (int i = 0; i < m->nearest_n; i++) {
        const struct match_score *s = &m->nearest[i];
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "name", o->names[s->index]);
        json_set_num(one, "share", s->share);
        json_set_num(one, "same", s->same);
        json_set_num(one, "phash", s->phash);
        json_set_bool(one, "whole", s->whole);
        json_set_bool(one, "mirrored", s->mirrored);
        json_set_bool(one, "equal", str_eq(back->pixels, o->list[s->index]->pixels));
        cJSON_AddItemToArray(nearest, one);
    }
    json_set_bool(facts, "one", m->one);
    json_set_str(facts, "why", m->why);
    json_set(facts, "nearest", nearest);
}

int op_print_match(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    const char *path = op_in(r, "print");
    struct match_rules rules = rules_of(r->params);
    struct originals o = {0};
    struct print back;
    struct match match;
    if (!path)
        return err_set(e, ERR_INPUT, "print.match needs an input named \"print\"");
    int rc = print_load(path, &back, e);
    if (!rc)
        rc = load_originals(r, &o, e);
    if (!rc) {
        struct match_pool pool = {o.list, o.shots, o.n};
        match_picture(&back, &pool, &rules, &match);
        match_facts(&match, &o, &back, ret_facts);
    }
    free(o.prints);
    free(o.list);
    free(o.names);
    free(o.shots);
    return rc;
}

/* Each input decoded and written again under the output of its name: nothing of its metadata but
 * the request's tag. */
int op_picture_copies(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    int rc = 0;
    (void)ret_facts;
    for (int i = 0; i < r->in_n && !rc; i++) {
        const char *to = op_out(r, r->in[i].name);
        struct frame frame = {0};
        if (!to)
            return err_set(e, ERR_MISSING, "picture.copies has no output named %s", r->in[i].name);
        char *beside = mem_printf("%s.frame.png", to);
        rc = frame_read(r->in[i].path, beside, &frame, e);
        if (!rc)
            rc = picture_write(to, path_ext(to), &frame.pixels, r->tag, e);
        pixels_finish(&frame.pixels);
        free(beside);
    }
    return rc;
}
