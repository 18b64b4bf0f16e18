/* Text comes in, letters on a cairo surface go out. Control bytes and bytes that are not UTF-8 are
 * shown as escapes. */
/* SPDX-License-Identifier: ISC */
#include "draw/type.h"

#include <stdlib.h>
#include <string.h>

#include <pango/pangocairo.h>

#include "base/mem.h"
#include "base/utf8.h"

#define TEXT_MOST 1200 /* bytes: more than any block can hold */

/* The text cut at a character, line ends as blanks, the rest made visible. Owned by the caller. */
static char *text_clean(const char *text)
{
    size_t len = strlen(text);
    if (len > TEXT_MOST) {
        len = TEXT_MOST;
        while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    char *copy = mem_dup_n(text, len);
    for (size_t i = 0; i < len; i++)
        if (copy[i] == '\n' || copy[i] == '\r' || copy[i] == '\t')
            copy[i] = ' ';
    char *shown = utf8_show(copy);
    free(copy);
    return shown;
}

/* No hinting and no rounding: the same letters at every size and on every machine with the font. */
static void context_plain(PangoContext *context)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    pango_context_set_round_glyph_positions(context, FALSE);
    cairo_font_options_destroy(options);
}

static PangoLayout *layout_make(cairo_t *c, const char *text, double width,
                                const struct type_style *s)
{
    double narrow = s->narrow > 0 ? s->narrow : 1;
    PangoLayout *layout = pango_cairo_create_layout(c);
    PangoFontDescription *font = pango_font_description_from_string("DejaVu Sans, Noto Sans, sans");
    pango_font_description_set_absolute_size(font, s->size * PANGO_SCALE);
    pango_font_description_set_weight(font, (PangoWeight)s->weight);
    context_plain(pango_layout_get_context(layout));
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    char *clean = text_clean(text), *upper = s->upper ? g_utf8_strup(clean, -1) : NULL;
    pango_layout_set_text(layout, upper ? upper : clean, -1);
    g_free(upper);
    free(clean);
    PangoAttrList *attrs = pango_attr_list_new();
    pango_attr_list_insert(attrs,
                           pango_attr_letter_spacing_new((int)(s->track * s->size * PANGO_SCALE)));
    pango_layout_set_attributes(layout, attrs);
    pango_attr_list_unref(attrs);
    if (s->leading > 0)
        pango_layout_set_line_spacing(
            layout, (float)(s->leading / 1.164)); /* DejaVu's own line is 1.164 em */
    pango_layout_set_width(layout, width > 0 ? (int)(width / narrow * PANGO_SCALE) : -1);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_height(layout, -(s->lines > 0 ? s->lines : 1));
    pango_layout_set_ellipsize(layout, width > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
    pango_layout_set_alignment(layout, s->align < 0   ? PANGO_ALIGN_LEFT
                                       : s->align > 0 ? PANGO_ALIGN_RIGHT
                                                      : PANGO_ALIGN_CENTER);
    return layout;
}

double type_measure(cairo_t *c, const char *text, double width, const struct type_style *style,
                    double *ret_width)
{
    if (ret_width)
        *ret_width = 0;
    if (!text || !text[0])
        return 0;
    PangoLayout *layout = layout_make(c, text, width, style);
    int w, h;
    pango_layout_get_size(layout, &w, &h);
    g_object_unref(layout);
    if (ret_width)
        *ret_width = (double)w / PANGO_SCALE * (style->narrow > 0 ? style->narrow : 1);
    return (double)h / PANGO_SCALE;
}

double type_draw(cairo_t *c, const char *text, double x, double y, double width,
                 const struct type_style *style)
{
    if (!text || !text[0])
        return 0;
    int w, h;
    /* Laid out before the scale, so that letters and their distances shrink alike. */
    PangoLayout *layout = layout_make(c, text, width, style);
    pango_layout_get_size(layout, &w, &h);
    cairo_save(c);
    cairo_translate(c, x, y);
    cairo_scale(c, style->narrow > 0 ? style->narrow : 1, 1);
    cairo_set_source_rgba(c, (style->colour >> 16 & 255) / 255.0,
                          (style->colour >> 8 & 255) / 255.0, (style->colour & 255) / 255.0,
                          style->alpha);
    pango_cairo_show_layout(c, layout);
    g_object_unref(layout);
    cairo_restore(c);
    return (double)h / PANGO_SCALE;
}
