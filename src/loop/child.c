/* A program's argv comes in, a running process group goes out. Never a shell, never an inherited
 * descriptor. */
/* SPDX-License-Identifier: ISC */
#include "loop/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

extern char **environ;

static bool (*child_hides)(const char *name);

void child_hide(bool (*hides)(const char *name))
{
    child_hides = hides;
}

static bool is_hidden(const char *entry)
{
    char name[256];
    size_t len = strcspn(entry, "=");
    if (!child_hides || len >= sizeof name)
        return false;
    memcpy(name, entry, len);
    name[len] = '\0';
    return child_hides(name);
}

/* What a child may know of the environment; the array is the caller's, the entries are not. */
static char **environment_of_child(void)
{
    size_t n = 0, kept = 0;
    while (environ && environ[n])
        n++;
    char **list = mem_alloc((n + 1) * sizeof(*list));
    for (size_t i = 0; i < n; i++)
        if (!is_hidden(environ[i]))
            list[kept++] = environ[i];
    return list;
}

/* Puts from at fd to; first out of the way of 3 and 4, then in its place. */
static void child_place(int from, int to)
{
    if (from == to)
        fcntl(from, F_SETFD, 0);
    else if (from >= 0)
        dup2(from, to);
}

static int child_aside(int fd)
{
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);
}

/* The child's side of the fork: only calls that are safe there. Errors travel back through the
 * pipe. */
static void child_become(const char *const argv[], char **env, const struct child_wires *wires,
                         int nice_by, int report)
{
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    int in = wires->in > 0 ? wires->in : open("/dev/null", O_RDONLY);
    if (in >= 0)
        dup2(in, 0);
    /* None of these may lie where another one goes. */
    int safe_report = child_aside(report), at_3 = child_aside(wires->at_3),
        at_4 = child_aside(wires->at_4);
    if (wires->out >= 0) {
        child_place(wires->out, 1);
        child_place(wires->out, 2);
    }
    child_place(at_3, 3);
    child_place(at_4, 4);
    if (nice_by)
        setpriority(PRIO_PROCESS, 0, nice_by);
    for (int fd = 3; fd < 256; fd++)
        if (fd != safe_report && !(fd == 3 && at_3 >= 0) && !(fd == 4 && at_4 >= 0))
            close(fd);
    environ = env;
    execvp(argv[0], (char *const *)argv);
    int why = errno;
    (void)!write(safe_report, &why, sizeof(why));
    _exit(127);
}

static int child_fork(const char *const argv[], const struct child_wires *wires, int nice_by,
                      pid_t *ret_pid, struct err *e)
{
    int report[2];
    if (pipe(report) < 0)
        return err_sys(e, ERR_CHILD, errno, "cannot start %s", argv[0]);
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    fcntl(report[1], F_SETFD, FD_CLOEXEC);
    char **env = environment_of_child();
    pid_t pid = fork();
    if (pid == 0)
        child_become(argv, env, wires, nice_by, report[1]);
    free(env);
    close(report[1]);
    int why = 0;
    if (pid < 0)
        why = errno;
    else if (read(report[0], &why, sizeof(why)) != sizeof(why))
        why = 0;
    close(report[0]);
    if (why) {
        if (pid > 0)
            waitpid(pid, NULL, 0);
        return err_sys(e, ERR_CHILD, why, "cannot start %s", argv[0]);
    }
    *ret_pid = pid;
    return 0;
}

int child_start(const char *const argv[], int fd_at_3, int nice_by, pid_t *ret_pid, struct err *e)
{
    return child_fork(argv, &(struct child_wires){fd_at_3, -1, -1, 0}, nice_by, ret_pid, e);
}

int child_start_wired(const char *const argv[], const struct child_wires *wires, pid_t *ret_pid,
                      struct err *e)
{
    return child_fork(argv, wires, 0, ret_pid, e);
}

void child_kill(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}
