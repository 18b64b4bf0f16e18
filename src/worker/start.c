/* Arguments come in; a process with tight limits that serves or runs one request goes on. Decides
 * nothing about requests. */
/* SPDX-License-Identifier: ISC */
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "worker/protocol.h"

#define SPACE_LIMIT                                                                                \
    ((size_t)2 << 30) /* bytes of address space: the largest picture needs 256 MiB three times */
#define FILES_LIMIT 64

static void limit(int what, rlim_t value)
{
    struct rlimit l;
    if (getrlimit(what, &l) != 0)
        return;
    if (l.rlim_max == RLIM_INFINITY || value < l.rlim_max)
        l.rlim_cur = l.rlim_max = value;
    else
        l.rlim_cur = l.rlim_max;
    (void)setrlimit(what, &l); /* a refusal leaves the inherited limit */
}

/* A sanitizer's shadow already fills more than the limit; such a build runs without one. */
static void limits_set(void)
{
    if (worker_space_used() < SPACE_LIMIT)
        limit(RLIMIT_AS, SPACE_LIMIT);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, FILES_LIMIT);
    umask(022);
}

/* So that no file of ours is ever opened as one of the three standard descriptors. */
static bool standard_fds_fill(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd < 3);
    if (fd < 0)
        return false;
    close(fd);
    return true;
}

static int serve(int fd)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        fprintf(stderr,
                "slated-worker: descriptor %d is not open; slated starts this program itself\n",
                fd);
        return 1;
    }
    if (!standard_fds_fill())
        return 1;
    /* Ctrl-C in a terminal reaches the whole group: the daemon decides when we end. */
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    worker_bind_to_parent();
    limits_set();
    return worker_serve(fd);
}

static int once(const char *path)
{
    struct err e = {0};
    char *line = NULL;
    size_t len = 0;
    if (file_read(path, PROTOCOL_LINE_MAX, &line, &len, &e)) {
        fprintf(stderr, "slated-worker: %s\n", e.text);
        return 1;
    }
    limits_set();
    char *answer = worker_answer(line, len);
    bool ok = strstr(answer, "\"ok\":true") != NULL;
    fputs(answer, stdout);
    free(answer);
    free(line);
    return ok && fflush(stdout) == 0 ? 0 : 1;
}

int worker_main(int argc, char **argv)
{
    int64_t fd = 3;
    if (argc == 3 && strcmp(argv[1], "--once") == 0)
        return once(argv[2]);
    if (argc == 1 ||
        (argc == 3 && strcmp(argv[1], "--fd") == 0 && str_int(argv[2], 3, 1000, &fd) == 0))
        return serve((int)fd);
    fprintf(stderr, "usage: slated-worker [--fd N | --once REQUEST.json]\n"
                    "slated starts this program itself; --once runs one request by hand.\n");
    return 1;
}
