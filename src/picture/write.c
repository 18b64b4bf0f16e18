/* Pixels come in, a picture file goes out in the form its extension asks for. Plain create and
 * write; a file that could not be written whole is removed. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "picture/picture_priv.h"

static int write_all(int fd, const struct encoded *bytes)
{
    for (size_t done = 0; done < bytes->len;) {
        ssize_t n = write(fd, bytes->data + done, bytes->len - done);
        if (n < 0 && errno != EINTR)
            return -1;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int put_file(const char *path, const struct encoded *bytes, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "cannot create the picture %s", path);
    int rc = 0;
    if (write_all(fd, bytes) < 0)
        rc = err_sys(e, ERR_IO, errno, "cannot write the picture %s", path);
    if (close(fd) < 0 && !rc)
        rc = err_sys(e, ERR_IO, errno, "cannot write the picture %s", path);
    if (rc)
        unlink(path);
    return rc;
}

int picture_write(const char *path, const char *as, const struct pixels *p, const cJSON *tag,
                  struct err *e)
{
    struct encoded bytes = {0};
    int rc;
    if (str_eq(as, "png"))
        rc = png_write(p, tag, &bytes, e);
    else if (str_eq(as, "jpg") || str_eq(as, "jpeg"))
        rc = jpeg_write(p, &bytes, e);
    else if (str_eq(as, "webp"))
        rc = webp_write(p, &bytes, e);
    else
        return err_set(e, ERR_UNSUPPORTED,
                       "pictures are written as png, jpg or webp, not as \"%s\"", as ? as : "");
    if (!rc)
        rc = put_file(path, &bytes, e);
    free(bytes.data);
    return rc;
}
