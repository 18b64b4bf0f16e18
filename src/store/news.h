/* What people are to be told: an outbox, and marks of what was told already. Each write belongs to
 * the caller's transaction, as in store.h.
 *
 *   waiting --> sending --> sent        sending at a start: nobody knows, so it is not sent again
 *      ^-----------'  `---> dropped     too old, refused, or overtaken by a newer one */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_NEWS_H
#define STORE_NEWS_H

#include "store/store.h"

struct news_row {
    int64_t id, drop_id; /* drop_id 0: none */
    char *notifier, *event, *key, *body, *state, *why;
    int tries;
    int64_t next_at_s, at_s, sent_s;
};
void news_row_finish(struct news_row *r);

int store_add_news(struct store *s, struct news_row *row, struct err *e); /* sets id; waiting */
/* state, why, tries, next_at_s, sent_s */
int store_set_news(struct store *s, const struct news_row *row, struct err *e);
/* Waiting ones of that event and drop at a notifier are overtaken. */
int store_overtake_news(struct store *s, const char *notifier, const char *event, int64_t drop_id,
                        struct err *e);
/* Waiting ones, oldest first. */
int store_news_waiting(struct store *s, const char *notifier, int limit, struct news_row **ret_rows,
                       size_t *ret_n);
int store_count_news(struct store *s, const char *notifier, const char *state, int *ret_n);
/* The one sent last, or ERR_MISSING. */
int store_news_last(struct store *s, const char *notifier, struct news_row *ret_row);
/* After a crash: those whose sending had begun are dropped; those that ended before a time are
 * forgotten. */
int store_settle_news(struct store *s, int64_t forget_before_s, int *ret_unsure_n, struct err *e);

/* Messages that ended before an instant go, but for the last sent of each notifier, and marks of
 * drops that are over; so many a call. *ret_n: how many went. */
int store_prune_news(struct store *s, int64_t before_s, int *ret_n, struct err *e);

/* Marks. */
struct told_row {
    char *name;
    int64_t n, at_s;
};
int store_told(struct store *s, const char *name, int64_t *ret_n); /* 0 or ERR_MISSING */
int store_set_told(struct store *s, const char *name, int64_t n, int64_t at_s, struct err *e);
int store_forget_told(struct store *s, const char *name, struct err *e);
/* All whose name begins so; owned. */
int store_told_like(struct store *s, const char *prefix, struct told_row **ret_rows, size_t *ret_n);

#endif
