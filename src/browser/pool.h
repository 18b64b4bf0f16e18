/* The browsers that a configuration names, each a seat with the files of its number. A
 * configuration that changes is taken over seat by seat: one at work ends its work where it began.
 */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_POOL_H
#define BROWSER_POOL_H

#include "browser/seat.h"

#define SEATS_MAX 32      /* as many as policy.json can name and start; a bit of run.tried each */
#define FIND_ID   1000000 /* numbers of a seat's questions, beside none else's */

struct pool {
    struct loop *loop; /* these three are borrowed */
    struct websockets *sockets;
    struct http *http;
    struct seat seats[SEATS_MAX]; /* the n-th of the configuration, or not in use */
    struct browser_config wanted; /* with copies of all it points to */
    char **urls;
    bool changing; /* a seat is not yet as it is wanted */
};

/* The configuration (copied) that holds from the next pool_renew on. */
void pool_want(struct pool *p, const struct browser_config *config);

/* Seats at rest become as they are wanted; answers those that are new, as bits. */
unsigned pool_renew(struct pool *p);

/* Whether the i-th seat is there and takes new work; whether it is or will be. */
bool pool_takes(const struct pool *p, int i);
bool pool_names(const struct pool *p, int i);

/* Ends all seats; loop, sockets and http stay. */
void pool_finish(struct pool *p);

#endif
