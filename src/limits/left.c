/* What is left of the other side's limits comes in, the next instant that one more fits goes out.
 */
/* SPDX-License-Identifier: ISC */
#include "limits/left.h"

static int64_t believed_until(const struct left *l)
{
    int64_t most_ms = l->at_ms + LEFT_MOST_MS;
    return l->until_ms < most_ms ? l->until_ms : most_ms;
}

static bool known(const struct left *l, int64_t now_ms)
{
    return now_ms < believed_until(l);
}

void left_set(struct left *l, const struct left_told *told, int later_n, int64_t now_ms)
{
    int gone = told->of > told->left ? told->of - told->left : 1;
    *l = (struct left){.until_ms = now_ms + (told->reset_ms > 0 ? told->reset_ms : 0),
                       .at_ms = now_ms,
                       .slot_ms = told->steady ? told->reset_ms / gone : 0,
                       .left = told->left - later_n,
                       .of = told->of};
    if (told->steady && l->slot_ms == 0)
        l->slot_ms = 1;
}

static int64_t filled(const struct left *l, int64_t now_ms)
{
    return l->slot_ms ? (now_ms - l->at_ms) / l->slot_ms : 0;
}

void left_started(struct left *l, int64_t now_ms)
{
    if (!known(l, now_ms))
        return;
    l->left--;
    l->until_ms += l->slot_ms; /* one more to be filled */
}

int64_t left_free_at(const struct left *l, int64_t now_ms)
{
    if (!known(l, now_ms) || l->left + filled(l, now_ms) > 0)
        return now_ms;
    int64_t at_ms = l->slot_ms ? l->at_ms + (1 - l->left) * l->slot_ms : l->until_ms;
    return at_ms < believed_until(l) ? at_ms : believed_until(l);
}

int left_now(const struct left *l, int64_t now_ms)
{
    if (!known(l, now_ms))
        return -1;
    int64_t n = l->left + filled(l, now_ms);
    if (l->of > 0 && n > l->of)
        n = l->of;
    return n > 0 ? (int)n : 0;
}
