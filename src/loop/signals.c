/* Signals come in at any instant, flags go out in the loop's own time. The handler only notes and
 * writes one byte. */
/* SPDX-License-Identifier: ISC */
#include "loop/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int signal_pipe[2] = {-1, -1};
static volatile sig_atomic_t seen_stop, seen_reload, seen_commands;

static void signals_note(int number)
{
    int saved = errno;
    if (number == SIGTERM || number == SIGINT)
        seen_stop = 1;
    else if (number == SIGHUP)
        seen_reload = 1;
    else
        seen_commands = 1;
    (void)!write(signal_pipe[1], "!", 1); /* full means that a wake-up is under way already */
    errno = saved;
}

int signals_open(int *ret_fd, struct err *e)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    if (pipe(signal_pipe) < 0)
        return err_sys(e, ERR_IO, errno, "cannot make the pipe that signals arrive through");
    for (int i = 0; i < 2; i++) {
        fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
    }
    struct sigaction action = {.sa_handler = signals_note, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        sigaction(numbers[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    *ret_fd = signal_pipe[0];
    return 0;
}

bool signals_commands_wait(void)
{
    return seen_commands;
}

struct signals signals_take(void)
{
    char sink[64];
    while (read(signal_pipe[0], sink, sizeof(sink)) > 0)
        ;
    struct signals s = {seen_stop, seen_reload, seen_commands};
    if (s.reload) /* one that comes just now stays for the next look */
        seen_reload = 0;
    if (s.commands)
        seen_commands = 0;
    return s; /* a stop is for good */
}
