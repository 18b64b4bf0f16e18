/* State words come in, one datagram goes out; see sd_notify(3). Never blocks, never fails: who does
 * not listen is not told. */
/* SPDX-License-Identifier: ISC */
#include "loop/notify.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

void notify_send(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (!path || !*path || strlen(path) >= sizeof(to.sun_path))
        return;
    size_t len = strlen(path);
    memcpy(to.sun_path, path, len);
    if (to.sun_path[0] == '@') /* an abstract name starts with a NUL */
        to.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0)
        return;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)sendto(
        fd, state, strlen(state), MSG_DONTWAIT, (struct sockaddr *)&to,
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)); /* nobody listening is fine */
    close(fd);
}

int64_t notify_turn(int64_t now_ms)
{
    static int64_t due_ms;
    const char *text = getenv("WATCHDOG_USEC");
    int64_t every_us;
    if (!text || str_int(text, 1, INT64_MAX, &every_us))
        return INT64_MAX;
    if (now_ms >= due_ms) {
        notify_send("WATCHDOG=1");
        due_ms = now_ms + every_us / 2000;
    }
    return due_ms;
}
