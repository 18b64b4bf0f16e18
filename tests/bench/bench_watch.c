/* How long the watch takes: from a rename into the inbox to the offer, one by one (with the
 * kernel's wake-up in between), and 10,000 renames in one burst. Prints a table; `bench_watch DIR`
 * uses DIR's disk (default /tmp). */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "watch/watch.h"

#define SINGLES 2000
#define BURST   10000

static char *top;
static size_t offered;
static int64_t offered_ns;

static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool no_junk(const char *name)
{
    (void)name;
    return false;
}

/* Takes the entry away, as the engine does. */
static enum watch_answer take(void *ctx, const struct watch_ready *ready, int64_t *ret_again_ms)
{
    (void)ctx;
    (void)ret_again_ms;
    offered_ns = now_ns();
    offered++;
    char *from = mem_printf("%s/inbox/%s", top, ready->name);
    char *to = mem_printf("%s/taken/%zu", top, offered);
    if (rename(from, to) != 0)
        perror(from);
    free(from);
    free(to);
    return WATCH_ACCEPT;
}

static void stage(const char *name)
{
    char *path = mem_printf("%s/stage/%s", top, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, "{}", 2) != 2)
        perror(path);
    (void)close(fd); /* a benchmark's own file */
    free(path);
}

static void move_in(const char *name)
{
    char *from = mem_printf("%s/stage/%s", top, name), *to = mem_printf("%s/inbox/%s", top, name);
    if (rename(from, to) != 0)
        perror(from);
    free(from);
    free(to);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void wait_and_turn(struct watch *w)
{
    struct pollfd p = {.fd = watch_fd(w), .events = POLLIN};
    (void)poll(&p, 1, 1000); /* one that runs out only costs time */
    (void)watch_turn(w, clock_mono_ms());
}

static void bench_singles(struct watch *w)
{
    static int64_t took[SINGLES];
    for (int i = 0; i < SINGLES; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "single%d.json", i); /* fits */
        stage(name);
        size_t before = offered;
        int64_t began = now_ns();
        move_in(name);
        while (offered == before)
            wait_and_turn(w);
        took[i] = offered_ns - began;
        wait_and_turn(w); /* hears that it left */
    }
    qsort(took, SINGLES, sizeof(took[0]), by_size);
    printf("rename -> offer, %d times      p50 %7.1f us   p99 %7.1f us   max %7.1f us\n", SINGLES,
           (double)took[SINGLES / 2] / 1e3, (double)took[SINGLES * 99 / 100] / 1e3,
           (double)took[SINGLES - 1] / 1e3);
}

static void bench_burst(struct watch *w)
{
    char name[32];
    for (int i = 0; i < BURST; i++) {
        (void)snprintf(name, sizeof(name), "burst%d.json", i); /* fits */
        stage(name);
    }
    size_t before = offered;
    int64_t began = now_ns();
    for (int i = 0; i < BURST; i++) {
        (void)snprintf(name, sizeof(name), "burst%d.json", i); /* fits */
        move_in(name);
    }
    int64_t moved = now_ns();
    int turns = 0;
    for (; offered < before + BURST && turns < 10 * BURST; turns++)
        (void)watch_turn(w, clock_mono_ms());
    printf("burst of %d renames          moving them %.1f ms, offered and taken %.1f ms, %d turns, "
           "%zu offers\n",
           BURST, (double)(moved - began) / 1e6, (double)(offered_ns - moved) / 1e6, turns,
           offered - before);
}

static void bench_idle(struct watch *w)
{
    for (int i = 0; i < 100; i++)
        (void)watch_turn(w, clock_mono_ms());
    int64_t began = now_ns();
    for (int i = 0; i < 10000; i++)
        (void)watch_turn(w, clock_mono_ms());
    printf("a turn with nothing to do       %.2f us\n", (double)(now_ns() - began) / 1e3 / 10000);
    struct rusage use;
    (void)getrusage(RUSAGE_SELF, &use); /* cannot fail for oneself */
    printf("largest resident size           %ld KiB\n", use.ru_maxrss);
}

int main(int argc, char **argv)
{
    top = mem_printf("%s/slated-bench-XXXXXX", argc > 1 ? argv[1] : "/tmp");
    if (!mkdtemp(top)) {
        perror(top);
        return 1;
    }
    char *inbox = mem_printf("%s/inbox", top);
    const char *const names[] = {"inbox", "stage", "taken"};
    for (int i = 0; i < 3; i++) {
        char *path = mem_printf("%s/%s", top, names[i]);
        (void)mkdir(path, 0755); /* watch_open says when it is not there */
        free(path);
    }
    struct watch_config config = {.dir = inbox,
                                  .mode = WATCH_EVENTS,
                                  .settle_ms = 1000,
                                  .settle_folder_ms = 2000,
                                  .settle_unclosed_ms = 3000,
                                  .scan_ms = 1000,
                                  .safety_scan_ms = 600000,
                                  .is_junk = no_junk,
                                  .offer = take};
    struct watch *w = NULL;
    struct err e = {0};
    if (watch_open(&config, clock_mono_ms(), &w, &e) != 0) {
        fprintf(stderr, "bench_watch: %s\n", e.text);
        return 1;
    }
    bench_singles(w);
    bench_burst(w);
    bench_idle(w);
    watch_close(w);
    (void)file_remove_tree(top, NULL); /* left behind under /tmp at worst */
    free(inbox);
    free(top);
    return 0;
}
