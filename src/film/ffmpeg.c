/* An argument list comes in, a running ffmpeg goes out, with pipes that never block us for good.
 * Knows nothing of pictures: it only starts, feeds, reads, listens to complaints and reaps. Never
 * uses a shell. */
/* SPDX-License-Identifier: ISC */
#include "film/ffmpeg.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"

#define NO_FFMPEG                                                                                  \
    "no ffmpeg was found: film clips cannot be made; install ffmpeg: apt-get install ffmpeg "      \
    "(macOS: brew install "                                                                        \
    "ffmpeg), or name it in SLATED_FFMPEG"

static int find_program(char *out, size_t out_len, struct err *e);
static int make_pipe(int fd[2], bool wanted, struct err *e);
static void child_run(const char *program, char *const argv[], const int in[2], const int out[2],
                      const int err[2]);
static void listen_once(struct ffmpeg *run);
static int wait_for(struct ffmpeg *run, int fd, short events, struct err *e);
static const char *last_line(struct ffmpeg *run);
static void let_go(struct ffmpeg *run);

/* ---- start ---- */

static bool is_program(const char *path)
{
    return access(path, X_OK) == 0;
}

bool program_find(const char *name, char *out, size_t out_len)
{
    const char *path = getenv("PATH");
    for (const char *at = path ? path : "/usr/local/bin:/usr/bin:/bin"; *at;) {
        size_t len = strcspn(at, ":");
        if (len > 0 && str_format(out, out_len, "%.*s/%s", (int)len, at, name) && is_program(out))
            return true;
        at += len + (at[len] == ':');
    }
    return false;
}

static int find_program(char *out, size_t out_len, struct err *e)
{
    const char *named = getenv("SLATED_FFMPEG");
    if (named && *named) {
        if (strchr(named, '/') && is_program(named) && str_format(out, out_len, "%s", named))
            return 0;
        return err_set(
            e, ERR_CHILD,
            "SLATED_FFMPEG names %s, which is no program; give ffmpeg's whole path or unset it",
            named);
    }
    return program_find("ffmpeg", out, out_len) ? 0 : err_set(e, ERR_CHILD, NO_FFMPEG);
}

static int make_pipe(int fd[2], bool wanted, struct err *e)
{
    fd[0] = fd[1] = -1;
    if (!wanted)
        return 0;
    if (pipe(fd) != 0)
        return err_sys(e, ERR_IO, errno, "cannot make a pipe for ffmpeg");
    (void)fcntl(fd[0], F_SETFD, FD_CLOEXEC); /* cannot fail on a descriptor just made */
    (void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

/* Between fork and exec only calls that are safe there. */
static void child_run(const char *program, char *const argv[], const int in[2], const int out[2],
                      const int err[2])
{
    int null = open("/dev/null", O_RDWR);
    if (dup2(in[0] >= 0 ? in[0] : null, 0) < 0 || dup2(out[1] >= 0 ? out[1] : null, 1) < 0 ||
        dup2(err[1], 2) < 0)
        _exit(127);
    signal(SIGPIPE, SIG_DFL);
    execv(program, argv);
    _exit(127);
}

static void close_pair(int fd[2])
{
    for (int i = 0; i < 2; i++)
        if (fd[i] >= 0)
            close(fd[i]);
}

static void ignore_sigpipe(struct ffmpeg *run)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGPIPE, &ignore, &run->pipe_before); /* cannot fail for SIGPIPE */
}

static void keep_our_ends(struct ffmpeg *run, int in[2], int out[2], int err[2])
{
    run->in = in[1], run->out = out[0], run->err = err[0];
    int ours[] = {run->in, run->out, run->err};
    for (int i = 0; i < 3; i++)
        if (ours[i] >= 0)
            (void)fcntl(ours[i], F_SETFL, O_NONBLOCK); /* cannot fail on a pipe of ours */
    in[1] = out[0] = err[0] = -1;
}

int ffmpeg_start(const char *const args[], bool feed, bool read, struct ffmpeg *ret_run,
                 struct err *e)
{
    char program[4096];
    int code = find_program(program, sizeof program, e);
    return code ? code : program_start("ffmpeg", program, args, feed, read, ret_run, e);
}

int program_start(const char *name, const char *program, const char *const args[], bool feed,
                  bool read, struct ffmpeg *ret_run, struct err *e)
{
    const char *argv[FFMPEG_ARGS_MAX + 2] = {name};
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
    int n = 0;
    for (; args[n]; n++)
        if (n < FFMPEG_ARGS_MAX)
            argv[n + 1] = args[n];
    if (n > FFMPEG_ARGS_MAX)
        bug("%s was to be given %d arguments", name, n);
    int code;
    if ((code = make_pipe(in, feed, e)) || (code = make_pipe(out, read, e)) ||
        (code = make_pipe(err, true, e)))
        goto out;
    struct ffmpeg run = {.name = name, .in = -1, .out = -1, .err = -1};
    pid_t parent = getpid();
    run.pid = fork();
    if (run.pid < 0) {
        code = err_sys(e, ERR_CHILD, errno, "cannot start %s", program);
        goto out;
    }
    if (run.pid == 0) {
        tether_child(parent);
        child_run(program, (char *const *)argv, in, out, err);
    }
    ignore_sigpipe(&run);
    keep_our_ends(&run, in, out, err);
    *ret_run = run;
out:
    close_pair(in);
    close_pair(out);
    close_pair(err);
    return code;
}

/* ---- feed and read ---- */

/* Takes what it complains about, keeping the end. */
static void listen_once(struct ffmpeg *run)
{
    char bytes[1024];
    ssize_t n = read(run->err, bytes, sizeof bytes);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        close(run->err);
        run->err = -1;
    }
    for (ssize_t i = 0; i < n; i++) {
        if (run->said_len == sizeof run->said - 1) {
            run->said_len /= 2;
            memmove(run->said, run->said + sizeof run->said - 1 - run->said_len, run->said_len);
        }
        run->said[run->said_len++] = bytes[i];
    }
    run->said[run->said_len] = 0;
}

/* Until fd is ready (or broken), listening meanwhile. */
static int wait_for(struct ffmpeg *run, int fd, short events, struct err *e)
{
    for (;;) {
        struct pollfd wait[2] = {{.fd = fd, .events = events}, {.fd = run->err, .events = POLLIN}};
        int n = poll(wait, 2, FFMPEG_QUIET_MS);
        if (n < 0 && errno != EINTR)
            return err_sys(e, ERR_IO, errno, "cannot wait for ffmpeg");
        if (n == 0)
            return err_set(e, ERR_TIME, "%s did nothing for %d s and was ended", run->name,
                           FFMPEG_QUIET_MS / 1000);
        if (n > 0 && wait[1].revents)
            listen_once(run);
        if (n > 0 && wait[0].revents)
            return 0;
    }
}

int ffmpeg_write(struct ffmpeg *run, const void *bytes, size_t len, struct err *e)
{
    for (const char *at = bytes; len > 0;) {
        int code = wait_for(run, run->in, POLLOUT, e);
        if (code)
            return code;
        ssize_t n = write(run->in, at, len);
        if (n < 0 && errno == EPIPE) {
            code = ffmpeg_finish(run, e);
            return code ? code
                        : err_set(e, ERR_CHILD, "ffmpeg ended before all frames were given to it");
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return err_sys(e, ERR_IO, errno, "cannot write to ffmpeg");
        if (n > 0)
            at += n, len -= (size_t)n;
    }
    return 0;
}

int ffmpeg_read(struct ffmpeg *run, void *bytes, size_t len, size_t *ret_len, struct err *e)
{
    size_t got = 0;
    while (got < len) {
        int code = wait_for(run, run->out, POLLIN, e);
        if (code)
            return code;
        ssize_t n = read(run->out, (char *)bytes + got, len - got);
        if (n == 0)
            break;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return err_sys(e, ERR_IO, errno, "cannot read from ffmpeg");
        if (n > 0)
            got += (size_t)n;
    }
    *ret_len = got;
    return 0;
}

/* ---- the end ---- */

/* The last line that is not blank, or a word for silence. Cuts run->said. */
static const char *last_line(struct ffmpeg *run)
{
    char *text = str_trim(run->said);
    char *line = strrchr(text, '\n');
    text = line ? str_trim(line + 1) : text;
    return *text ? text : "it said nothing";
}

static void let_go(struct ffmpeg *run)
{
    int *ends[] = {&run->in, &run->out, &run->err};
    for (int i = 0; i < 3; i++)
        if (*ends[i] >= 0) {
            close(*ends[i]);
            *ends[i] = -1;
        }
    run->pid = 0;
    (void)sigaction(SIGPIPE, &run->pipe_before, NULL); /* cannot fail for SIGPIPE */
}

static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

int ffmpeg_finish(struct ffmpeg *run, struct err *e)
{
    if (run->in >= 0)
        close(run->in);
    run->in = -1;
    if (run->out >= 0)
        close(run->out);
    run->out = -1;
    int code = 0;
    while (run->err >= 0 && code == 0)
        code = wait_for(run, run->err, POLLIN, e);
    if (code) {
        ffmpeg_kill(run);
        return code;
    }
    int status = reap(run->pid);
    if (WIFSIGNALED(status))
        code = err_set(e, ERR_CHILD, "%s was ended by signal %d: %s", run->name, WTERMSIG(status),
                       last_line(run));
    else if (WEXITSTATUS(status) != 0)
        code = err_set(e, ERR_CHILD, "%s failed with status %d: %s", run->name, WEXITSTATUS(status),
                       last_line(run));
    let_go(run);
    return code;
}

void ffmpeg_kill(struct ffmpeg *run)
{
    if (run->pid <= 0)
        return;
    kill(run->pid, SIGKILL);
    reap(run->pid);
    let_go(run);
}
