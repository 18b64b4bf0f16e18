/* The print of a return and those of the originals come in; the one it was made from, or the
 * nearest and the reason for asking, goes out. A wrong answer is worse than a question: the best
 * has to be alike in itself, and every other has to be refuted by blocks that tell the two apart.
 */
/* SPDX-License-Identifier: ISC */
#include "likeness/match.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "likeness/align.h"

#define REFINED    12   /* candidates looked at closely when none fits as a whole */
#define RIVAL      0.15 /* share from which another has to be refuted */
#define COARSE     0.45 /* correlation below which a closer look is not worth it */
#define PHASH_FAR  30   /* bits beyond which a cut or widened one is not believed */
#define PHASH_NEAR 14   /* bits within which another is a rival whatever its blocks say */

const struct match_rules match_rules_default = {0.55, 12, 4, 3.0, 0.35};

/* One candidate while it is looked at. */
struct trial {
    struct match_score score;
    struct lay lay;
    double coarse;
};

static void judge_lay(const struct print *original, const struct print *back, const struct lay *lay,
                      bool whole, struct trial *t)
{
    struct laid laid;
    struct blocks blocks;
    int same = 0, other = 0;
    blocks_lay(original, back, lay, &laid);
    blocks_compare(original, &laid, &blocks);
    for (int i = 0; i < blocks.columns * blocks.rows; i++) {
        same += blocks.word[i] == BLOCK_SAME;
        other += blocks.word[i] == BLOCK_OTHER;
    }
    double share = same + other ? (double)same / (same + other) : 0;
    if (share * sqrt(same) <= t->score.share * sqrt(t->score.same))
        return;
    t->score.share = share;
    t->score.same = same;
    t->score.whole = whole;
    t->score.mirrored = lay->mirrored;
    t->lay = *lay;
}

static void try_whole(const struct print *original, const struct print *back, struct trial *t)
{
    struct lay lay;
    int plain = print_distance(original->phash, back->phash);
    int mirrored = print_distance(original->phash, back->mirrored);
    t->score.phash = plain < mirrored ? plain : mirrored;
    for (int m = 0; m < 2; m++)
        if (align_whole(original, back, m, &lay)) {
            if (!m)
                t->lay = lay;
            judge_lay(original, back, &lay, true, t);
        }
}

/* A part is found in more places than a whole: it has to look alike at a glance, too. */
static bool good(const struct match_score *s, const struct match_rules *rules)
{
    return (s->whole || s->phash <= PHASH_FAR) && s->share >= rules->share_least &&
           s->same >= rules->blocks_least;
}

static int by_coarse(const void *a, const void *b)
{
    const struct trial *const *x = a, *const *y = b;
    return (*x)->coarse < (*y)->coarse ? 1 : (*x)->coarse > (*y)->coarse ? -1 : 0;
}

/* Cut or widened: every candidate quickly, the likeliest closely. */
static void try_parts(const struct print *back, const struct print *const *originals, int n,
                      struct trial *trials)
{
    struct trial **order = mem_grow(NULL, (size_t)n + 1, sizeof(*order));
    struct lay *lays = mem_grow(NULL, (size_t)n + 1, sizeof(*lays));
    for (int i = 0; i < n; i++) {
        trials[i].coarse = align_search(originals[i], back, &lays[i]);
        order[i] = &trials[i];
    }
    qsort(order, (size_t)n, sizeof(*order), by_coarse);
    for (int i = 0; i < n && i < REFINED && order[i]->coarse >= COARSE; i++) {
        int at = order[i]->score.index;
        (void)align_refine(originals[at], back, &lays[at]);
        judge_lay(originals[at], back, &lays[at], false, order[i]);
    }
    free(lays);
    free(order);
}

static double rank(const struct match_score *s)
{
    return s->share * sqrt((double)s->same) + (64 - s->phash) * 0.001;
}

static int by_rank(const void *a, const void *b)
{
    const struct trial *x = a, *y = b;
    double p = rank(&x->score), q = rank(&y->score);
    return p < q ? 1 : p > q ? -1 : x->score.index - y->score.index;
}

/* Whether the blocks that tell best and rival apart, each as it lies best, speak clearly for the
 * best. */
static bool refuted(const struct print *back, const struct match_pool *pool,
                    const struct trial *best, const struct trial *rival,
                    const struct match_rules *rules)
{
    struct laid first, other;
    bool one_shot =
        pool->shots && pool->shots[best->score.index] == pool->shots[rival->score.index];
    if (rival->lay.scale <= 0) /* of another shape, and nowhere like it */
        return best->score.share - rival->score.share >= rules->share_lead;
    blocks_expect(pool->prints[best->score.index], back, &best->lay, &first);
    blocks_expect(pool->prints[rival->score.index], back, &rival->lay, &other);
    struct votes votes = blocks_vote(back, &first, &other);
    if (one_shot)
        return votes.first >= votes.other;
    return votes.first >= rules->votes_least && votes.first >= rules->votes_lead * votes.other;
}

static bool is_rival(const struct print *const *originals, const struct trial *best,
                     const struct trial *t)
{
    return t->score.share >= RIVAL ||
           print_distance(originals[best->score.index]->phash, originals[t->score.index]->phash) <=
               PHASH_NEAR;
}

void match_picture(const struct print *back, const struct match_pool *pool,
                   const struct match_rules *rules, struct match *ret_match)
{
    const struct print *const *originals = pool->prints;
    int n = pool->n;
    struct trial *trials = mem_grow(NULL, (size_t)n + 1, sizeof(*trials));
    bool whole = false;
    memset(ret_match, 0, sizeof(*ret_match));
    for (int i = 0; i < n; i++) {
        trials[i] = (struct trial){.score = {.index = i}};
        try_whole(originals[i], back, &trials[i]);
        whole = whole || good(&trials[i].score, rules);
    }
    if (!whole)
        try_parts(back, originals, n, trials);
    qsort(trials, (size_t)n, sizeof(*trials), by_rank);
    for (; ret_match->nearest_n < n && ret_match->nearest_n < MATCH_NEAREST; ret_match->nearest_n++)
        ret_match->nearest[ret_match->nearest_n] = trials[ret_match->nearest_n].score;
    ret_match->one = n > 0 && good(&trials[0].score, rules);
    if (!ret_match->one)
        snprintf(ret_match->why, sizeof(ret_match->why), "%s",
                 n ? "it is like none of the pictures that are out" : "no picture is out");
    for (int i = 1; i < n && ret_match->one; i++)
        if (is_rival(originals, &trials[0], &trials[i]) &&
            !refuted(back, pool, &trials[0], &trials[i], rules)) {
            ret_match->one = false;
            snprintf(ret_match->why, sizeof(ret_match->why),
                     "two pictures are too much alike to tell which of them it was made from");
            if (i >= MATCH_NEAREST)
                ret_match->nearest[MATCH_NEAREST - 1] = trials[i].score;
        }
    free(trials);
}
