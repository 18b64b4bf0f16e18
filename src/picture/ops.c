/* The worker's operation that splits a strip into its panels. The request's files come in and go
 * out; params are read strictly by their names in ops/ops.h. */
/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "picture/pixels.h"
#include "picture/split.h"

static int read_strip(const struct op_request *r, struct pixels *ret_pixels, struct err *e)
{
    const char *path = op_in(r, "strip");
    if (!path)
        return err_set(e, ERR_MISSING, "%s needs an input named \"strip\" and got none", r->op);
    return picture_read(path, ret_pixels, e);
}

/* In the form that its name says, PNG when that names no picture. */
static int write_panel(const struct op_request *r, const char *role, const struct pixels *p,
                       struct err *e)
{
    const char *path = op_out(r, role), *ext = path ? path_ext(path) : "";
    bool known = str_eq(ext, "jpg") || str_eq(ext, "jpeg") || str_eq(ext, "webp");
    if (!path)
        return err_set(e, ERR_MISSING, "%s needs an output for \"%s\" and got none", r->op, role);
    return picture_write(path, known ? ext : "png", p, r->tag, e);
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
    int rc = read_strip(r, &strip, e);
    if (!rc)
        rc = picture_split(&strip, 3, (int)trim_x, (int)trim_y, panels, e);
    for (int i = 0; i < 3 && !rc; i++)
        rc = write_panel(r, panel_roles[i], &panels[i], e);
    for (int i = 0; i < 3; i++)
        pixels_finish(&panels[i]);
    pixels_finish(&strip);
    return rc;
}
