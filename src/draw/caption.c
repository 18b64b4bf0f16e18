/* A shot's facts and words come in, a typeset band goes out. Never lets text leave the band. */
/* SPDX-License-Identifier: ISC */
#include "draw/caption.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "draw/tone.h"

#define TEXT_MAX 600 /* bytes that can ever be seen in a band */

int caption_height(int width, int height)
{
    double band = height > width ? 0.128 * height : 0.165 * height;
    return (int)fmin(fmax(band, 40), height / 3.0);
}

/* Valid UTF-8 of one line, cut before a character: what Pango may be given. */
static char *one_line(const char *text)
{
    struct buf b;
    buf_init(&b, TEXT_MAX);
    size_t len = text ? strlen(text) : 0;
    for (size_t i = 0; i < len && b.len < TEXT_MAX - 8;) {
        size_t n = 1;
        while (i + n < len && ((unsigned char)text[i + n] & 0xC0) == 0x80 && n < 4)
            n++;
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            buf_text(&b, b.len > 0 && b.data[b.len - 1] != ' ' ? " " : "");
        else if (utf8_bad_at(text + i, n) >= 0)
            buf_text(&b, "\xEF\xBF\xBD"), n = 1;
        else
            buf_add(&b, text + i, n);
        i += n;
    }
    return buf_take(&b);
}

struct band {
    cairo_t *cr;
    double width, pad, unit; /* pixels; unit is a line's height */
};

/* A layout of text in at most `wide` pixels and `lines` lines; the caller unrefs it. */
static PangoLayout *lay_out(const struct band *b, const char *text, double wide, int lines,
                            double size, bool bold)
{
    PangoLayout *layout = pango_cairo_create_layout(b->cr);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, "DejaVu Sans, Sans");
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_width(layout, (int)(fmax(wide, 1) * PANGO_SCALE));
    pango_layout_set_height(layout, -lines);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_text(layout, text, -1);
    pango_font_description_free(font);
    return layout;
}

static double width_of(PangoLayout *layout)
{
    int w = 0;
    pango_layout_get_pixel_size(layout, &w, NULL);
    return w;
}

/* Paints a layout at x, y and lets it go; returns the width it took. */
static double set_layout(const struct band *b, PangoLayout *layout, double x, double y,
                         struct tone t)
{
    double wide = width_of(layout);
    cairo_move_to(b->cr, x, y);
    cairo_set_source_rgb(b->cr, t.r, t.g, t.b);
    pango_cairo_show_layout(b->cr, layout);
    g_object_unref(layout);
    return wide;
}

static char *facts_line(const cJSON *shot, const struct scene *s)
{
    struct buf b;
    buf_init(&b, TEXT_MAX);
    const char *type = json_str(shot, "shot_type", "");
    const char *move = json_str(shot, "/camera/movement", scene_move_word(s->move));
    char *words = one_line(*type ? type : scene_size_word(s->size));
    for (char *c = words; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    buf_printf(&b, "%s  \xC2\xB7  %g mm", words, s->mm);
    free(words);
    double seconds = json_num(shot, "duration_s", 0);
    if (seconds > 0 && seconds < 1e5)
        buf_printf(&b, "  \xC2\xB7  %.3g s", seconds);
    words = one_line(move);
    buf_printf(&b, "  \xC2\xB7  %s", words);
    free(words);
    return buf_take(&b);
}

/* A dot of each person's colour and the name, from the right edge leftward; returns where the row
 * begins. */
static double set_people(const struct band *b, const struct scene *s, double y)
{
    double x = b->width - b->pad, size = b->unit * 0.78;
    for (int i = s->cast_n - 1; i >= 0; i--) {
        char *name = one_line(s->cast[i].name);
        PangoLayout *layout = lay_out(b, name, b->width * 0.2, 1, size, false);
        double left = x - width_of(layout) - size;
        free(name);
        if (left < b->width * 0.42) { /* the id needs the rest */
            g_object_unref(layout);
            break;
        }
        struct look k = palette_look(s->cast[i].self);
        set_layout(b, layout, left + size, y, (struct tone){0.72, 0.71, 0.68});
        cairo_arc(b->cr, left + size * 0.4, y + size * 0.62, size * 0.34, 0, 2 * M_PI);
        cairo_set_source_rgb(b->cr, k.main.r, k.main.g, k.main.b);
        cairo_fill(b->cr);
        x = left - size * 0.6;
    }
    return x;
}

static const char *story_text(const cJSON *shot)
{
    static const char *const names[] = {
        "dialogue",           "script_text",        "action", "blocking", "beat", "motion_prompt",
        "/hero_frame/prompt", "/first_frame/prompt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = json_str(shot, names[i], "");
        if (*text)
            return text;
    }
    return "";
}

void caption_paint(cairo_t *cr, const cJSON *shot, const struct scene *s, double width,
                   double height)
{
    struct band b = {cr, width, fmax(8, 0.026 * width), height / 5.4};
    struct tone bright = {0.93, 0.91, 0.86}, mild = {0.66, 0.66, 0.64};
    cairo_save(cr);
    cairo_rectangle(cr, 0, 0, width, height);
    cairo_clip(cr);
    cairo_set_source_rgb(cr, 0.085, 0.088, 0.094);
    cairo_paint(cr);
    cairo_rectangle(cr, 0, 0, width, fmax(1, height * 0.012));
    cairo_set_source_rgb(cr, 0.62, 0.47, 0.24);
    cairo_fill(cr);
    char *id = one_line(json_str(shot, "shot_id", json_str(shot, "id", "")));
    char *facts = facts_line(shot, s), *story = one_line(story_text(shot));
    double y = b.unit * 0.45, right = set_people(&b, s, y + b.unit * 0.13),
           wide = width - 2 * b.pad;
    set_layout(&b, lay_out(&b, id, right - 2 * b.pad, 1, b.unit, true), b.pad, y, bright);
    set_layout(&b, lay_out(&b, facts, wide, 1, b.unit * 0.74, false), b.pad, y + b.unit * 1.42,
               mild);
    set_layout(&b, lay_out(&b, story, wide, 2, b.unit * 0.84, false), b.pad, y + b.unit * 2.52,
               bright);
    free(id);
    free(facts);
    free(story);
    cairo_restore(cr);
}
