/* A flight whose picture is a clip comes in; it goes on with frames in the clip's place, first to
 * last. They lie in its work folder and are made anew whenever it is started. */
/* SPDX-License-Identifier: ISC */
#include "engine/frames.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"

#define CLIP_NAME "picture" /* of a look's first input, whatever it is */

/* A flight may be gone when its frames come, and another one of its job may wait for its own. */
struct wish {
    int64_t number;
    int frames_n;
    void (*on)(struct engine *en, struct flight *f);
};

static struct flight *find(const struct engine *en, int64_t number)
{
    for (size_t i = 0; i < en->flights_n; i++)
        if (en->flights[i]->frames == number)
            return en->flights[i];
    return NULL;
}

static int frames_of(const struct flight *f)
{
    cJSON *params = f->job.params ? cJSON_Parse(f->job.params) : NULL;
    int n = (int)json_int(params, "frames", 0);
    cJSON_Delete(params);
    bool clip = f->files.in_n && str_eq(f->files.in[0].name, CLIP_NAME);
    return clip ? n : 0;
}

static char *frame_path(const struct flight *f, int at)
{
    return mem_printf("%s/frame-%d.jpg", f->work, at + 1);
}

/* The clip's place is taken by n frames: "picture", "picture_2", ... */
static void put_frames(struct flight *f, int n)
{
    struct job_files *files = &f->files;
    struct job_file *list = mem_alloc((files->in_n + (size_t)n) * sizeof(*list));
    for (int i = 0; i < n; i++) {
        list[i].name = i ? mem_printf(CLIP_NAME "_%d", i + 1) : mem_dup(CLIP_NAME);
        list[i].path = frame_path(f, i);
    }
    memcpy(list + n, files->in + 1, (files->in_n - 1) * sizeof(*list));
    free(files->in[0].name);
    free(files->in[0].path);
    free(files->in);
    files->in = list;
    files->in_n += (size_t)n - 1;
}

static void made(struct engine *en, void *ctx, const struct response *response)
{
    struct wish *w = ctx;
    struct flight *f = find(en, w->number);
    const char *why = NULL;
    if (f)
        f->frames = 0;
    if (f && errand_ok(response, &why)) {
        put_frames(f, w->frames_n);
        w->on(en, f);
    } else if (f) {
        flight_fail(en, f, why);
        flight_remove(en, f);
    }
    free(w);
}

bool frames_make(struct engine *en, struct flight *f,
                 void (*on)(struct engine *en, struct flight *f))
{
    int n = frames_of(f);
    if (n < 1)
        return false;
    struct wish *w = mem_alloc(sizeof(*w));
    cJSON *line = errand_line("film.frames");
    f->frames = ++en->next_request;
    *w = (struct wish){f->frames, n, on};
    json_set_str(cJSON_GetObjectItemCaseSensitive(line, "params"), "media",
                 path_ext(f->files.in[0].path));
    errand_in(line, "clip", f->files.in[0].path);
    for (int i = 0; i < n; i++) {
        char *path = frame_path(f, i), role[24];
        str_format(role, sizeof role, "%d", i + 1);
        errand_out(line, role, path);
        free(path);
    }
    errand_ask(en, line, made, w);
    return true;
}
