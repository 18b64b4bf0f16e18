/* The worker's operations on one picture that has come from outside: decoded whole, looked at where
 * that is asked for, and checked only, written again, or brought to a size. All from one decoding.
 * A clip is looked at by its first, its middle and its last frame. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "likeness/clip.h"
#include "likeness/look.h"
#include "ops/ops.h"
#include "picture/sniff.h"

static int read_input(const struct op_request *r, struct pixels *ret_pixels,
                      enum picture_kind *ret_kind, struct err *e)
{
    const char *path = op_in(r, "picture");
    if (!path)
        return err_set(e, ERR_MISSING, "%s needs an input named \"picture\" and got none", r->op);
    return picture_read_kind(path, ret_pixels, ret_kind, e);
}

/* In the form that its name says, PNG when that names no picture. A job's only output may have
 * another role. */
static int write_output(const struct op_request *r, const struct pixels *p, struct err *e)
{
    const char *path = r->out_n == 1 ? r->out[0].path : op_out(r, "picture");
    if (!path)
        return err_set(e, ERR_MISSING, "%s needs an output for \"picture\" and got none", r->op);
    const char *ext = path_ext(path);
    bool known = str_eq(ext, "jpg") || str_eq(ext, "jpeg") || str_eq(ext, "webp");
    return picture_write(path, known ? ext : "png", p, r->tag, e);
}

/* --- looking --- */

/* How near the picture comes to each other input: what it was made from. */
static int look_likes(const struct op_request *r, const struct look *seen, cJSON *out,
                      struct err *e)
{
    cJSON *likes = cJSON_CreateArray();
    int rc = 0;
    for (int i = 0; i < r->in_n && !rc; i++) {
        struct pixels p = {0};
        struct look other;
        if (str_eq(r->in[i].name, "picture"))
            continue;
        rc = picture_read(r->in[i].path, &p, e);
        if (!rc)
            rc = look_at(&p, &other, e);
        pixels_finish(&p);
        if (rc)
            break;
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "name", r->in[i].name);
        json_set_num(one, "distance", print_distance(seen->hash, other.hash));
        json_set_num(one, "difference", look_difference(seen, &other));
        cJSON_AddItemToArray(likes, one);
    }
    json_set(out, "likes", likes);
    return rc ? err_prefix(e, "an input it was made from cannot be read") : 0;
}

static int look_facts(const struct op_request *r, const struct pixels *p, cJSON *facts,
                      struct err *e)
{
    struct look look;
    if (!json_bool(r->params, "look", false))
        return 0;
    int rc = look_at(p, &look, e);
    if (rc)
        return rc;
    cJSON *out = look_json(&look);
    json_set(facts, "look", out);
    return look_likes(r, &look, out, e);
}

/* --- the operations --- */

static int take(const struct op_request *r, int width, int height, bool write, cJSON *facts,
                struct err *e)
{
    struct pixels p = {0}, fitted = {0};
    enum picture_kind kind = PICTURE_OTHER;
    int rc = read_input(r, &p, &kind, e);
    if (!rc) {
        json_set_num(facts, "width", p.width);
        json_set_num(facts, "height", p.height);
        json_set_str(facts, "media", picture_kind_word(kind));
        rc = look_facts(r, &p, facts, e);
    }
    if (!rc && width)
        rc = pixels_cover(&p, width, height, &fitted, e);
    if (!rc && write)
        rc = write_output(r, width ? &fitted : &p, e);
    pixels_finish(&fitted);
    pixels_finish(&p);
    return rc;
}

int op_check(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    return take(r, 0, 0, false, ret_facts, e);
}

int op_picture_copy(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    return take(r, 0, 0, true, ret_facts, e);
}

int op_picture_fit(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    int64_t width = json_int(r->params, "width", 0), height = json_int(r->params, "height", 0);
    if (width < 1 || width > PICTURE_MAX_SIDE || height < 1 || height > PICTURE_MAX_SIDE)
        return err_set(e, ERR_INPUT,
                       "picture.fit needs width and height from 1 to %d, found %lld and %lld",
                       PICTURE_MAX_SIDE, (long long)width, (long long)height);
    return take(r, (int)width, (int)height, true, ret_facts, e);
}

int op_clip_look(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    const char *path = op_in(r, "clip");
    struct clip_seen clip;
    if (!path)
        return err_set(e, ERR_MISSING, "clip.look needs an input named \"clip\" and got none");
    char *beside = mem_printf("%s.frame.png", path);
    int rc = clip_look(path, beside, &clip, e);
    free(beside);
    if (rc)
        return rc;
    cJSON *out = look_json(&clip.frames[CLIP_MIDDLE]), *frames = cJSON_CreateArray();
    for (int i = 0; i < CLIP_FRAMES_N; i++)
        cJSON_AddItemToArray(frames, look_json(&clip.frames[i]));
    json_set_num(ret_facts, "width", clip.width);
    json_set_num(ret_facts, "height", clip.height);
    json_set_str(ret_facts, "media", clip.media);
    json_set_num(out, "width", clip.width);
    json_set_num(out, "height", clip.height);
    json_set_num(out, "seconds", clip.seconds);
    json_set(out, "frames", frames);
    json_set(ret_facts, "look", out);
    return 0;
}
