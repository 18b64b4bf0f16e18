/* sheet: any number of pictures come in, one page with a labelled cell for each goes out. Two
 * threads decode and scale: each writes its own cells only. Ratios are kept; nothing is cropped. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>

#include "base/json.h"
#include "base/mem.h"
#include "draw/type.h"
#include "draw/wish.h"

#define PAGE       0x16171a /* neutral and dark: judges no picture */
#define EMPTY      0x1f2125 /* a cell's ground where its picture does not reach */
#define CELLS_MOST 5000
#define THREADS    2

struct sheet {
    const struct op_request *request;
    int columns, rows, cell_w, cell_h;
    int gap, margin, label_h, title_h;
    struct pixels page;
    atomic_int next;      /* the next input to be taken */
    atomic_int stop;      /* somebody failed */
    pthread_mutex_t lock; /* of first */
    struct err first;
};

static int number_take(const cJSON *params, const char *name, int least, int most, int fallback,
                       int *ret, struct err *e)
{
    double v = json_num(params, name, fallback);
    if (!(v >= least && v <= most && v == floor(v)))
        return err_set(e, ERR_INPUT, "%s must be a whole number from %d to %d", name, least, most);
    *ret = (int)v;
    return 0;
}

static int layout_make(struct sheet *s, struct err *e)
{
    const cJSON *params = s->request->params;
    int n = s->request->in_n, r;
    if (n < 1 || n > CELLS_MOST)
        return err_set(e, ERR_INPUT, "a contact sheet takes 1 to %d pictures, not %d", CELLS_MOST,
                       n);
    int square = (int)ceil(sqrt((double)n));
    if ((r = number_take(params, "columns", 1, 200, square, &s->columns, e)) ||
        (r = number_take(params, "cell_width", 32, 2048, 256, &s->cell_w, e)) ||
        (r = number_take(params, "cell_height", 32, 2048, 256, &s->cell_h, e)))
        return r;
    if (s->columns > n)
        s->columns = n;
    s->rows = (n + s->columns - 1) / s->columns;
    s->gap = s->cell_w / 24 + 4;
    s->margin = s->cell_w / 10 + 8;
    s->label_h = json_get(params, "labels") ? s->cell_w / 16 + 10 : 0;
    s->title_h = json_str(params, "title", "")[0] ? s->cell_w / 5 + 12 : 0;
    double w = 2.0 * s->margin + (double)s->columns * (s->cell_w + s->gap) - s->gap;
    double h =
        2.0 * s->margin + s->title_h + (double)s->rows * (s->cell_h + s->label_h + s->gap) - s->gap;
    if (w > PICTURE_MAX_SIDE || h > PICTURE_MAX_SIDE || w * h > PICTURE_MAX_PIXELS)
        return err_set(e, ERR_LIMIT,
                       "a sheet of %.0f x %.0f pixels is too large; make the cells smaller", w, h);
    return pixels_init(&s->page, (int)w, (int)h, e);
}

static void rect_fill(struct pixels *p, int x, int y, int w, int h, uint32_t hex)
{
    uint8_t px[4] = {(uint8_t)(hex >> 16), (uint8_t)(hex >> 8), (uint8_t)hex, 255};
    for (int j = y; j < y + h; j++)
        for (int i = x; i < x + w; i++)
            memcpy(p->data + 4 * ((size_t)j * p->width + i), px, 4);
}

static int cell_x(const struct sheet *s, int i)
{
    return s->margin + i % s->columns * (s->cell_w + s->gap);
}

static int cell_y(const struct sheet *s, int i)
{
    return s->margin + s->title_h + i / s->columns * (s->cell_h + s->label_h + s->gap);
}

static int cell_fill(struct sheet *s, int i, struct err *e)
{
    struct pixels picture = {0}, small = {0};
    int r = picture_read(s->request->in[i].path, &picture, e);
    if (r == 0)
        r = pixels_inside(&picture, s->cell_w, s->cell_h, &small, e);
    if (r == 0) {
        rect_fill(&s->page, cell_x(s, i), cell_y(s, i), s->cell_w, s->cell_h, EMPTY);
        pixels_lay(&s->page, &small, cell_x(s, i) + (s->cell_w - small.width) / 2,
                   cell_y(s, i) + (s->cell_h - small.height) / 2);
    }
    pixels_finish(&picture);
    pixels_finish(&small);
    return r;
}

static void *cells_work(void *arg)
{
    struct sheet *s = arg;
    int i;
    while (!atomic_load(&s->stop) && (i = atomic_fetch_add(&s->next, 1)) < s->request->in_n) {
        struct err e = {0};
        if (cell_fill(s, i, &e) == 0)
            continue;
        pthread_mutex_lock(&s->lock);
        if (!atomic_exchange(&s->stop, 1))
            s->first = e;
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

static int cells_fill(struct sheet *s, struct err *e)
{
    pthread_t threads[THREADS];
    int n = 0;
    while (n < THREADS - 1 && n < s->request->in_n - 1 &&
           pthread_create(&threads[n], NULL, cells_work, s) == 0)
        n++;
    cells_work(s); /* this thread is one of them; without any other it does all */
    while (n > 0)
        pthread_join(threads[--n], NULL);
    if (s->first.code && e)
        *e = s->first;
    return s->first.code;
}

/* A strip of text on the page's ground, laid at y over the whole width. */
static int strip_lay(struct sheet *s, cairo_surface_t *strip, int y, struct err *e)
{
    struct pixels text = {0};
    int r = pixels_from_surface(strip, true, &text, e);
    if (r == 0)
        pixels_lay(&s->page, &text, 0, y);
    pixels_finish(&text);
    return r;
}

static cairo_t *strip_begin(const struct sheet *s, int height)
{
    cairo_surface_t *strip = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, s->page.width, height);
    cairo_t *c = cairo_create(strip);
    cairo_set_source_rgb(c, (PAGE >> 16 & 255) / 255.0, (PAGE >> 8 & 255) / 255.0,
                         (PAGE & 255) / 255.0);
    cairo_paint(c);
    cairo_surface_destroy(strip);
    return c;
}

static int title_draw(struct sheet *s, const char *title, struct err *e)
{
    struct type_style style = {.size = s->title_h * 0.42,
                               .weight = 700,
                               .lines = 1,
                               .align = -1,
                               .colour = 0xf2efe9,
                               .alpha = 1};
    cairo_t *c = strip_begin(s, s->title_h);
    type_draw(c, title, s->margin, s->title_h * 0.12, s->page.width - 2.0 * s->margin, &style);
    int r = strip_lay(s, cairo_get_target(c), s->margin, e);
    cairo_destroy(c);
    return r;
}

static int labels_draw(struct sheet *s, const cJSON *labels, struct err *e)
{
    struct type_style style = {.size = s->label_h * 0.52,
                               .weight = 400,
                               .lines = 1,
                               .align = -1,
                               .colour = 0xb9bcc2,
                               .alpha = 1};
    const cJSON *label = cJSON_IsArray(labels) ? labels->child : NULL;
    int r = 0;
    for (int row = 0; row < s->rows && label && r == 0; row++) {
        cairo_t *c = strip_begin(s, s->label_h);
        for (int i = row * s->columns; i < (row + 1) * s->columns && i < s->request->in_n && label;
             i++, label = label->next)
            if (cJSON_IsString(label))
                type_draw(c, label->valuestring, cell_x(s, i), s->label_h * 0.16, s->cell_w,
                          &style);
        r = strip_lay(s, cairo_get_target(c), cell_y(s, row * s->columns) + s->cell_h, e);
        cairo_destroy(c);
    }
    return r;
}

int op_sheet(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct sheet s = {.request = request, .lock = PTHREAD_MUTEX_INITIALIZER};
    const char *title = json_str(request->params, "title", "");
    int r = layout_make(&s, e);
    if (r)
        return r;
    rect_fill(&s.page, 0, 0, s.page.width, s.page.height, PAGE);
    s.page.opaque = true;
    r = cells_fill(&s, e);
    if (r == 0 && s.title_h)
        r = title_draw(&s, title, e);
    if (r == 0 && s.label_h)
        r = labels_draw(&s, json_get(request->params, "labels"), e);
    if (r == 0)
        r = wish_write(request, &s.page, e);
    json_set_num(ret_facts, "columns", s.columns);
    json_set_num(ret_facts, "rows", s.rows);
    pixels_finish(&s.page);
    return r;
}
