/* One browser of the pool and what runs in it. */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_SEAT_H
#define BROWSER_SEAT_H

#include <sys/types.h>

#include "browser/act.h"
#include "browser/browser.h"
#include "browser/page.h"
#include "carriers/http.h"

/* A request under way: the acts one after the other. */
struct run {
    struct request request;
    int64_t started_ms, act_ms;
    int i;
    struct act *act;
    struct act_place place;
    cJSON *results;
    bool fresh;
    unsigned tried; /* seats that could not be reached, as bits */
    char *why;      /* of the last of them */
};

enum seat_state {
    SEAT_EMPTY,   /* no conversation */
    SEAT_FINDING, /* its address is asked for */
    SEAT_JOINING, /* the websocket is on its way */
    SEAT_OPEN,
};

struct seat {
    int n; /* its place in the configuration, from 0 */
    struct loop *loop;
    struct websockets *sockets;
    struct http *http; /* borrowed from the pool */
    int64_t http_id;   /* its number of a seat's question */
    char *url;         /* NULL: it is started */
    char *program, *profile;
    char *tab; /* where the id of its own tab is kept while there is one */
    bool tab_kept;
    char *dir, *note; /* note: where the answer to the question goes, in dir */
    bool headless, no_sandbox, anywhere;
    enum seat_state state;
    struct cdp *cdp;
    pid_t pid;  /* 0: not started by us */
    char *lost; /* the conversation ended: why */
    struct page *page;
    char *lease;
    int64_t lease_until_ms;
    int64_t last_id; /* of the request that was answered last */
    char *held;      /* the file whose lock says that this process drives it (lease.h) */
    int held_fd;     /* -1: not held. A started one is held until it ends */
    struct run *run; /* NULL: free */
};

/* Begins to reach its browser when there is no conversation. An error is a sentence in seat->lost.
 */
void seat_reach(struct seat *s, int64_t now_ms);

/* The answer to its question came. */
void seat_found(struct seat *s, const struct response *r);

/* Ends the act that is under way; the page stays. */
void seat_stop(struct seat *s);

/* Ends conversation, page and act; the run stays with its holder. */
void seat_leave(struct seat *s);

/* Closes the page and gives the lease back. */
void seat_release(struct seat *s, int64_t now_ms);

/* Moves the acts of its run; true when the run has ended by itself, well or not. */
bool seat_run(struct seat *s, int64_t now_ms, int64_t *ret_next_ms);

void seat_finish(struct seat *s);

#endif
