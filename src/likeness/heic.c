/* An HEIC file comes in, its first picture goes out. Decoded by libheif's own program, which has
 * the worker's limits and dies with it: no library of that size belongs into a process of ours. */
/* SPDX-License-Identifier: ISC */
#include "likeness/heic.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "film/ffmpeg.h"

#define MANY_MAX 256 /* pictures of one file that are swept away beside the first */

static const char *const programs[] = {"heif-dec", "heif-convert"}; /* newer, older */

static const char *find(char *out, size_t out_len)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (program_find(programs[i], out, out_len))
            return programs[i];
    return NULL;
}

static int convert(const char *name, const char *program, const char *path, const char *to,
                   struct err *e)
{
    const char *args[] = {path, to, NULL};
    struct ffmpeg run;
    int rc = program_start(name, program, args, false, false, &run, e);
    return rc ? rc : ffmpeg_finish(&run, e);
}

/* Of a burst each picture becomes a file of its own: "x-1.png", "x-2.png". */
static char *numbered(const char *stem, int n)
{
    return mem_printf("%s-%d.png", stem, n);
}

static void sweep(const char *stem, const char *plain)
{
    bool there = true;
    (void)unlink(plain);
    for (int n = 1; there && n <= MANY_MAX; n++) {
        char *one = numbered(stem, n);
        there = unlink(one) == 0;
        free(one);
    }
}

int heic_read(const char *path, const char *beside, struct pixels *ret_pixels, struct err *e)
{
    char program[4096];
    const char *name = find(program, sizeof program);
    if (!name)
        return err_set(e, ERR_UNSUPPORTED,
                       "it is a HEIC picture, and no program here reads it: apt-get install "
                       "libheif-examples (macOS: brew install libheif), or save it as PNG or JPEG");
    char *stem = mem_printf("%s-heic", beside), *plain = mem_printf("%s.png", stem);
    char *first = numbered(stem, 1);
    sweep(stem, plain); /* of a try that was interrupted */
    int rc = convert(name, program, path, plain, e);
    if (rc == ERR_CHILD)
        rc = err_set(e, ERR_INPUT, "it is a damaged HEIC picture: it cannot be decoded");
    if (!rc)
        rc = picture_read(file_exists(plain) ? plain : first, ret_pixels, e);
    sweep(stem, plain);
    free(stem);
    free(plain);
    free(first);
    return rc;
}
