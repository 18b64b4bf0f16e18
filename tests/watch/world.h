/* A folder, a watch on it and a clock turned by hand. The reader answers as the test says;
 * everything it is told is written down. The same for every back end. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#define WATCH_ROOM
#include "watch/hints.h"

#define SETTLE          1000
#define SETTLE_FOLDER   2000
#define SETTLE_UNCLOSED 3000
#define SCAN            1000
#define SAFETY          600000
/* Longer than any wait of a scanning watch for one thing: found, then quiet. */
#define LONG_ENOUGH 5000

struct offered {
    char *name;
    struct watch_ready ready; /* name not set */
    int64_t at_ms;
};

struct world {
    char top[64]; /* removed at the end */
    char *inbox;
    enum watch_mode mode;
    const struct hints_ops *ops;
    struct watch *watch;
    int64_t now;
    struct offered *offers;
    size_t offers_n, offers_room;
    enum watch_answer answer;
    int64_t again_in;   /* with WAIT */
    bool take_away;     /* accepted entries are moved to top/taken, as the engine does */
    char said[16][600]; /* "code: sentence" */
    int said_n;
    int arriving_n, gone_n;
    char last_gone[256];
};

static inline bool world_junk(const char *name)
{
    return str_eq(name, ".DS_Store") || str_eq(name, "Thumbs.db") || str_eq(name, "@eaDir") ||
           str_eq(name, "__MACOSX") || str_starts(name, "._") || str_starts(name, "~$") ||
           str_starts(name, ".goutputstream-") || str_ends(name, ".part") ||
           str_ends(name, ".tmp") || str_ends(name, ".crdownload") || str_ends(name, ".slated.txt");
}

static inline char *world_path(const struct world *w, const char *name)
{
    return mem_printf("%s/%s", w->inbox, name);
}

static inline enum watch_answer world_offer(void *ctx, const struct watch_ready *ready,
                                            int64_t *ret_again_ms)
{
    struct world *w = ctx;
    if (w->offers_n == w->offers_room) {
        w->offers_room = w->offers_room ? w->offers_room * 2 : 64;
        w->offers = mem_grow(w->offers, w->offers_room, sizeof(*w->offers));
    }
    w->offers[w->offers_n++] = (struct offered){mem_dup(ready->name), *ready, w->now};
    if (w->again_in)
        *ret_again_ms = w->now + w->again_in;
    if (w->take_away && w->answer == WATCH_ACCEPT) {
        char *from = world_path(w, ready->name);
        char *to = mem_printf("%s/taken/%zu", w->top, w->offers_n);
        assert_int_equal(rename(from, to), 0);
        free(from);
        free(to);
    }
    return w->answer;
}

static inline void world_told(void *ctx, const char *code, const char *sentence)
{
    struct world *w = ctx;
    if (w->said_n < 16)
        snprintf(w->said[w->said_n++], sizeof(w->said[0]), "%s: %s", code, sentence);
}

static inline void world_arriving(void *ctx, const char *name, int64_t bytes, int files)
{
    (void)name;
    (void)bytes;
    (void)files;
    ((struct world *)ctx)->arriving_n++;
}

static inline void world_gone(void *ctx, const char *name)
{
    struct world *w = ctx;
    w->gone_n++;
    snprintf(w->last_gone, sizeof(w->last_gone), "%s", name);
}

static inline int64_t world_turn(struct world *w)
{
    return watch_turn(w->watch, w->now);
}

static inline void world_open(struct world *w)
{
    struct err e = {0};
    struct watch_config config = {
        .dir = w->inbox,
        .mode = w->mode,
        .settle_ms = SETTLE,
        .settle_folder_ms = SETTLE_FOLDER,
        .settle_unclosed_ms = SETTLE_UNCLOSED,
        .scan_ms = SCAN,
        .safety_scan_ms = SAFETY,
        .is_junk = world_junk,
        .arriving = world_arriving,
        .gone = world_gone,
        .offer = world_offer,
        .told = world_told,
        .ctx = w,
    };
    int rc = w->ops ? watch_open_with(&config, w->ops, w->now, &w->watch, &e)
                    : watch_open(&config, w->now, &w->watch, &e);
    assert_int_equal(rc, 0);
}

/* A world whose folder is there; not watched yet. */
static inline void world_make(struct world *w, enum watch_mode mode)
{
    *w = (struct world){.mode = mode, .now = 1000000, .answer = WATCH_ACCEPT};
    snprintf(w->top, sizeof(w->top), "/tmp/slated-watch-XXXXXX");
    assert_non_null(mkdtemp(w->top));
    w->inbox = mem_printf("%s/inbox", w->top);
    char *taken = mem_printf("%s/taken", w->top), *stage = mem_printf("%s/stage", w->top);
    assert_int_equal(mkdir(w->inbox, 0755) | mkdir(taken, 0755) | mkdir(stage, 0755), 0);
    free(taken);
    free(stage);
}

static inline void world_begin(struct world *w, enum watch_mode mode)
{
    world_make(w, mode);
    world_open(w);
    world_turn(w);
}

static inline void world_end(struct world *w)
{
    watch_close(w->watch);
    for (size_t i = 0; i < w->offers_n; i++)
        free(w->offers[i].name);
    free(w->offers);
    free(w->inbox);
    assert_int_equal(file_remove_tree(w->top, NULL), 0);
}

/* Lets ms pass, turning whenever the watch asks for it or a hint is there. Answers the number of
 * turns. */
static inline int world_pass(struct world *w, int64_t ms)
{
    int64_t until = w->now + ms;
    int turns = 0;
    for (;;) {
        struct pollfd p = {.fd = watch_fd(w->watch), .events = POLLIN};
        if (p.fd >= 0)
            (void)poll(&p, 1,
                       0); /* as the loop does; its answer does not matter, the turn looks anyway */
        int64_t next = world_turn(w);
        assert_true(++turns < 100000);
        if (next > until)
            break;
        w->now = next > w->now ? next : w->now;
    }
    w->now = until;
    world_turn(w);
    return turns + 1;
}

/* ---- doing things to the folder ---- */

static inline void world_write(struct world *w, const char *name, const char *text)
{
    char *path = world_path(w, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    free(path);
}

/* top/stage/name holding text; the caller frees. */
static inline char *world_stage(struct world *w, const char *name, const char *text)
{
    char *path = mem_printf("%s/stage/%s", w->top, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
}

/* Moved in whole. */
static inline void world_drop(struct world *w, const char *name, const char *text)
{
    char *from = world_stage(w, "drop", text), *to = world_path(w, name);
    assert_int_equal(rename(from, to), 0);
    free(from);
    free(to);
}

static inline void world_mkdir(struct world *w, const char *name)
{
    char *path = world_path(w, name);
    assert_int_equal(mkdir(path, 0755), 0);
    free(path);
}

static inline void world_rename(struct world *w, const char *from, const char *to)
{
    char *a = world_path(w, from), *b = world_path(w, to);
    assert_int_equal(rename(a, b), 0);
    free(a);
    free(b);
}

static inline void world_remove(struct world *w, const char *name)
{
    char *path = world_path(w, name);
    assert_int_equal(file_remove_tree(path, NULL), 0);
    free(path);
}

/* ---- what was offered and said ---- */

static inline int world_count(const struct world *w, const char *name)
{
    int n = 0;
    for (size_t i = 0; i < w->offers_n; i++)
        n += str_eq(w->offers[i].name, name);
    return n;
}

static inline const struct offered *world_last(const struct world *w, const char *name)
{
    for (size_t i = w->offers_n; i-- > 0;)
        if (str_eq(w->offers[i].name, name))
            return &w->offers[i];
    return NULL;
}

/* How often something with that beginning was said. */
static inline int world_said(const struct world *w, const char *beginning)
{
    int n = 0;
    for (int i = 0; i < w->said_n; i++)
        n += str_starts(w->said[i], beginning);
    return n;
}

/* ---- one test, every back end ---- */

static enum watch_mode world_events = WATCH_EVENTS, world_scan = WATCH_SCAN;

static inline enum watch_mode mode_of(void **state)
{
    return *state == &world_scan ? world_scan : world_events;
}

#define BOTH(test)                                                                                 \
    {#test " [events]", test, NULL, NULL, &world_events},                                          \
    {                                                                                              \
#test " [scan]", test, NULL, NULL, &world_scan                                             \
    }
