/* The worker's operations on one picture: split a strip, fit a canvas, write it again, check it. A
 * request's files come in and go out; params are read strictly by their names in ops/ops.h. */
/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "picture/pixels.h"
#include "picture/sniff.h"
#include "picture/split.h"

static int read_input(const struct op_request *r, const char *name, struct pixels *ret_pixels,
                      struct err *e)
{
    const char *path = op_in(r, name);
    if (!path)
        return err_set(e, ERR_MISSING, "%s needs an input named \"%s\" and got none", r->op, name);
    return picture_read(path, ret_pixels, e);
}

/* The form an output is written in: by its extension, PNG when that names no picture. */
static const char *form_of(const char *path)
{
    const char *ext = path_ext(path);
    return str_eq(ext, "jpg") || str_eq(ext, "jpeg") || str_eq(ext, "webp") ? ext : "png";
}

static int write_output(const struct op_request *r, const char *role, const char *form,
                        const struct pixels *p, struct err *e)
{
    const char *path = op_out(r, role);
    if (!path)
        return err_set(e, ERR_MISSING, "%s needs an output for \"%s\" and got none", r->op, role);
    return picture_write(path, form ? form : form_of(path), p, r->tag, e);
}

/* Panels in the order they stand in the strip. */
static const char *const panel_roles[] = {"first_raw", "hero_raw", "last_raw"};

int op_picture_split(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    struct pixels strip = {0}, panels[3] = {0};
    int64_t n = json_int(r->params, "panels", 3);
    int64_t trim_x = json_int(r->params, "trim_x", 0), trim_y = json_int(r->params, "trim_y", 0);
    (void)ret_facts;
    if (n != 3)
        return err_set(e, ERR_INPUT, "picture.split makes 3 panels (first, hero, last), not %lld",
                       (long long)n);
    if (trim_x < 0 || trim_x > PICTURE_MAX_SIDE || trim_y < 0 || trim_y > PICTURE_MAX_SIDE)
        return err_set(e, ERR_INPUT, "picture.split cannot trim by %lld and %lld pixels",
                       (long long)trim_x, (long long)trim_y);
    int rc = read_input(r, "strip", &strip, e);
    if (!rc)
        rc = picture_split(&strip, 3, (int)trim_x, (int)trim_y, panels, e);
    for (int i = 0; i < 3 && !rc; i++)
        rc = write_output(r, panel_roles[i], NULL, &panels[i], e);
    for (int i = 0; i < 3; i++)
        pixels_finish(&panels[i]);
    pixels_finish(&strip);
    return rc;
}

int op_picture_fit(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    struct pixels from = {0}, to = {0};
    int64_t width = json_int(r->params, "width", 0), height = json_int(r->params, "height", 0);
    (void)ret_facts;
    if (width < 1 || width > PICTURE_MAX_SIDE || height < 1 || height > PICTURE_MAX_SIDE)
        return err_set(e, ERR_INPUT,
                       "picture.fit needs width and height from 1 to %d, found %lld and %lld",
                       PICTURE_MAX_SIDE, (long long)width, (long long)height);
    int rc = read_input(r, "picture", &from, e);
    if (!rc)
        rc = pixels_cover(&from, (int)width, (int)height, &to, e);
    if (!rc)
        rc = write_output(r, "picture", NULL, &to, e);
    pixels_finish(&to);
    pixels_finish(&from);
    return rc;
}

int op_picture_copy(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    struct pixels p = {0};
    (void)ret_facts;
    int rc = read_input(r, "picture", &p, e);
    if (!rc)
        rc = write_output(r, "picture", NULL, &p, e);
    pixels_finish(&p);
    return rc;
}

int op_check(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    struct pixels p = {0};
    enum picture_kind kind;
    const char *path = op_in(r, "picture");
    if (!path)
        return err_set(e, ERR_MISSING, "check needs an input named \"picture\" and got none");
    int rc = picture_read_kind(path, &p, &kind, e);
    if (!rc) {
        json_set_num(ret_facts, "width", p.width);
        json_set_num(ret_facts, "height", p.height);
        json_set_str(ret_facts, "media", picture_kind_word(kind));
    }
    pixels_finish(&p);
    return rc;
}
