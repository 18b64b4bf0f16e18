/* The names browsers are installed under come in, a running one goes out. Never uses the profile of
 * a person. */
/* SPDX-License-Identifier: ISC */
#include "browser/start.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "loop/child.h"

static char *in_path(const char *name)
{
    const char *path = getenv("PATH");
    char *found = NULL, *copy = mem_dup(path ? path : "/usr/bin:/bin"), *rest = copy;
    for (char *dir; !found && (dir = strsep(&rest, ":"));) {
        found = path_join(dir, name);
        if (access(found, X_OK))
            mem_free(found);
    }
    free(copy);
    return found;
}

char *browser_program(const char *named)
{
    static const char *const names[] = {
        "brave-browser",
        "google-chrome-stable",
        "google-chrome",
        "chromium",
        "chromium-browser",
        "microsoft-edge",
        "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium"};
    if (named && *named)
        return *named == '/' ? access(named, X_OK) ? NULL : mem_dup(named) : in_path(named);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char *found = *names[i] == '/' ? access(names[i], X_OK) ? NULL : mem_dup(names[i])
                                       : in_path(names[i]);
        if (found)
            return found;
    }
    return NULL;
}

static int pipes_make(int ret_commands[2], int ret_answers[2], struct err *e)
{
    if (pipe(ret_commands))
        return err_set(e, ERR_IO, "no pipe for a browser: too many open files");
    if (pipe(ret_answers)) {
        close(ret_commands[0]);
        close(ret_commands[1]);
        return err_set(e, ERR_IO, "no pipe for a browser: too many open files");
    }
    fcntl(ret_commands[1], F_SETFD, FD_CLOEXEC);
    fcntl(ret_answers[0], F_SETFD, FD_CLOEXEC);
    return 0;
}

/* The switches keep a page awake that nobody looks at, and the browser quiet. */
static int run_program(const char *program, const struct browser_start *wish, const int fds[3],
                       pid_t *ret_pid, struct err *e)
{
    char *profile = mem_printf("--user-data-dir=%s", wish->profile);
    const char *argv[24];
    int n = 0;
    argv[n++] = program;
    argv[n++] = "--remote-debugging-pipe";
    argv[n++] = profile;
    argv[n++] = "--no-first-run";
    argv[n++] = "--no-default-browser-check";
    argv[n++] = "--disable-background-networking";
    argv[n++] = "--disable-background-timer-throttling";
    argv[n++] = "--disable-backgrounding-occluded-windows";
    argv[n++] = "--disable-renderer-backgrounding";
    argv[n++] = "--disable-component-update";
    argv[n++] = "--disable-sync";
    if (wish->headless) {
        argv[n++] = "--headless";
        argv[n++] = "--disable-gpu";
    }
    if (wish->no_sandbox)
        argv[n++] = "--no-sandbox";
    argv[n++] = "about:blank";
    argv[n] = NULL;
    int rc = child_start_wired(argv, &(struct child_wires){fds[0], fds[1], fds[2], 0}, ret_pid, e);
    free(profile);
    return rc;
}

int browser_start(const struct browser_start *wish, pid_t *ret_pid, int *ret_read_fd,
                  int *ret_write_fd, struct err *e)
{
    char *program = browser_program(wish->program), *log = path_join(wish->profile, "slated.log");
    int commands[2] = {-1, -1}, answers[2] = {-1, -1}, rc, out = -1;
    if (!program) {
        rc = err_set(e, ERR_MISSING,
                     "no browser is installed (Brave, Chrome or Chromium); name one in "
                     "rules/policy.json under browser/program");
        goto out;
    }
    rc = file_make_dirs(wish->profile, e);
    if (rc == 0)
        rc = pipes_make(commands, answers, e);
    if (rc)
        goto out;
    out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    rc = run_program(program, wish, (const int[3]){commands[0], answers[1], out}, ret_pid, e);
    close(commands[0]);
    close(answers[1]);
    if (rc) {
        close(commands[1]);
        close(answers[0]);
        goto out;
    }
    *ret_write_fd = commands[1];
    *ret_read_fd = answers[0];
out:
    if (out >= 0)
        close(out);
    free(program);
    free(log);
    return rc;
}
