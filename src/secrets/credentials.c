/* The credentials file comes in, its names and values go out, or the reason why it is not trusted.
 * Never follows a link, never changes the file. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "secrets/secrets_priv.h"

#define FILE_MAX_LEN (256 * 1024)

static int file_judge(const char *path, const struct stat *st, struct err *e)
{
    if (!S_ISREG(st->st_mode))
        return err_set(e, ERR_KIND, "the credentials %s are not a file; they are not read", path);
    if (st->st_uid != geteuid())
        return err_set(
            e, ERR_INPUT,
            "the credentials %s belong to somebody else and are not read; make a file of "
            "your own there",
            path);
    if (st->st_mode & 077)
        return err_set(
            e, ERR_INPUT,
            "the credentials %s can be read or changed by others and are not used: chmod "
            "600 %s",
            path, path);
    if (st->st_size > FILE_MAX_LEN)
        return err_set(e, ERR_LIMIT, "the credentials %s are longer than %d bytes", path,
                       FILE_MAX_LEN);
    return 0;
}

static int file_take(int fd, const char *path, size_t len, char **ret_text, struct err *e)
{
    char *text = mem_alloc(len + 1);
    size_t used = 0;
    while (used < len) {
        ssize_t n = read(fd, text + used, len - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int errnum = errno;
            explicit_bzero(text, len);
            free(text);
            return err_sys(e, ERR_IO, errnum, "cannot read the credentials %s", path);
        }
        if (n == 0)
            break;
        used += (size_t)n;
    }
    if (strlen(text) != used) {
        explicit_bzero(text, len);
        free(text);
        return err_set(e, ERR_INPUT, "the credentials %s hold a zero byte and are not used", path);
    }
    *ret_text = text;
    return 0;
}

int credentials_read(const char *path, char **ret_text, struct err *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    *ret_text = NULL;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (fd < 0 && (errno == ELOOP || errno == EMLINK))
        return err_set(e, ERR_KIND,
                       "the credentials %s are a link and are not read: put the file itself there",
                       path);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "cannot read the credentials %s", path);
    int rc = fstat(fd, &st) ? err_sys(e, ERR_IO, errno, "cannot read the credentials %s", path)
                            : file_judge(path, &st, e);
    if (!rc)
        rc = file_take(fd, path, (size_t)st.st_size, ret_text, e);
    close(fd);
    return rc;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void cut_blanks(const char **start, const char **end)
{
    while (*start < *end && is_blank(**start))
        (*start)++;
    while (*end > *start && is_blank((*end)[-1]))
        (*end)--;
}

/* NAME=value between start and end. The sentence never shows the line: it may be a value alone. */
static int line_split(const char *path, int line, const char *start, const char *end,
                      struct credential *ret_one, struct err *e)
{
    const char *equal = memchr(start, '=', (size_t)(end - start));
    const char *name_end = equal ? equal : end;
    cut_blanks(&start, &name_end);
    size_t name_len = (size_t)(name_end - start);
    size_t good = strspn(start, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    if (!equal || name_len == 0 || name_len > 127 || good < name_len)
        return err_set(e, ERR_INPUT,
                       "line %d of the credentials %s is not NAME=value (letters, digits and _ in "
                       "the name); the file is not used",
                       line, path);
    const char *value = equal + 1;
    cut_blanks(&value, &end);
    if (end - value >= 2 && (*value == '"' || *value == '\'') && end[-1] == *value) {
        value++;
        end--;
    }
    if (end - value > SECRETS_VALUE_MAX)
        return err_set(e, ERR_LIMIT, "line %d of the credentials %s is longer than %d bytes", line,
                       path, SECRETS_VALUE_MAX);
    *ret_one = (struct credential){start, value, name_len, (size_t)(end - value)};
    return 1;
}

int credentials_next(const char *path, const char **at, int *line, struct credential *ret_one,
                     struct err *e)
{
    while (**at) {
        const char *start = *at, *end = start + strcspn(start, "\n");
        *at = *end ? end + 1 : end;
        (*line)++;
        cut_blanks(&start, &end);
        if (start < end && *start != '#')
            return line_split(path, *line, start, end, ret_one, e);
    }
    return 0;
}
