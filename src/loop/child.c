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

/* The child's side of the fork: only calls that are safe there. Errors travel back through the
 * pipe. */
static void child_become(const char *const argv[], char **env, int fd_at_3, int nice_by, int report)
{
    setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0)
        dup2(null, 0);
    /* The report must not lie where descriptor 3 goes. */
    int safe_report = fcntl(report, F_DUPFD_CLOEXEC, 10);
    if (fd_at_3 == 3)
        fcntl(3, F_SETFD, 0);
    else if (fd_at_3 >= 0)
        dup2(fd_at_3, 3);
    setpriority(PRIO_PROCESS, 0, nice_by);
    for (int fd = fd_at_3 >= 0 ? 4 : 3; fd < 256; fd++)
        if (fd != safe_report)
            close(fd);
    environ = env;
    execvp(argv[0], (char *const *)argv);
    int why = errno;
    (void)!write(safe_report, &why, sizeof(why));
    _exit(127);
}

int child_start(const char *const argv[], int fd_at_3, int nice_by, pid_t *ret_pid, struct err *e)
{
    int report[2];
    if (pipe(report) < 0)
        return err_sys(e, ERR_CHILD, errno, "cannot start %s", argv[0]);
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    fcntl(report[1], F_SETFD, FD_CLOEXEC);
    char **env = environment_of_child();
    pid_t pid = fork();
    if (pid == 0)
        child_become(argv, env, fd_at_3, nice_by, report[1]);
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

void child_kill(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}
