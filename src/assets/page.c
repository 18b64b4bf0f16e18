/* A page as a JSON value comes in, an HTML document goes out. Runs no script and loads nothing from
 * elsewhere: it opens from a disk, in ten years too. */
/* SPDX-License-Identifier: ISC */
#include "assets/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' "
    "file: data:; "
    "media-src 'self' file:; style-src 'unsafe-inline'\">\n<title>";

static const char style[] =
    "</title>\n<style>\n"
    ":root{color-scheme:dark;--ground:#131416;--card:#1c1e21;--line:#2c2f34;--ink:#e8e6e1;--soft:#"
    "9b9a95;"
    "--good:#7fb58a;--bad:#d9806a;--wait:#c9a961}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 "
    "system-ui,-apple-system,'Segoe UI',sans-serif}\n"
    "main{max-width:1480px;margin:0 auto;padding:40px 32px 64px}\n"
    "h1{font-size:28px;font-weight:600;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}\n"
    "h2{font-size:13px;font-weight:600;margin:44px 0 "
    "14px;color:var(--soft);letter-spacing:.06em;text-transform:uppercase}\n"
    ".subtitle{color:var(--soft);margin:4px 0 24px;overflow-wrap:anywhere}\n"
    ".facts{display:flex;flex-wrap:wrap;gap:10px 36px;margin:0;padding:16px 0;border-block:1px "
    "solid var(--line)}\n"
    ".facts div{min-width:90px}.facts dt{color:var(--soft);font-size:12px}.facts "
    "dd{margin:0;font-size:17px;"
    "font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
    ".notes{margin:20px 0 0;padding:0;list-style:none;color:var(--wait)}.notes li{margin:4px "
    "0;overflow-wrap:anywhere}\n"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:18px;align-items:start}\n"
    ".wide .cards{grid-template-columns:repeat(auto-fill,minmax(380px,1fr))}\n"
    ".card{background:var(--card);border:1px solid "
    "var(--line);border-radius:8px;overflow:hidden;display:flex;flex-direction:column}\n"
    ".card img,.card video{display:block;width:100%;height:auto;background:#0b0c0d}\n"
    ".words{padding:12px 14px 14px}.words p{margin:0;overflow-wrap:anywhere}\n"
    ".title{font-weight:600}.words a{color:inherit;text-decoration:none;border-bottom:1px solid "
    "var(--line)}\n"
    ".lines{color:var(--soft);font-size:13px}.text{font-size:13px;margin-top:8px!important;white-"
    "space:pre-line}\n"
    ".state{float:right;margin-left:10px;font-size:12px;color:var(--wait)}\n"
    ".state.done,.state.kept,.state.ok{color:var(--good)}.state.failed,.state.skipped,.state.needs_"
    "person{color:var(--bad)}\n"
    "footer{margin-top:56px;color:var(--soft);font-size:13px;overflow-wrap:anywhere}\n"
    "@media "
    "print{:root{color-scheme:light;--ground:#fff;--card:#fff;--line:#ccc;--ink:#111;--soft:#555}}"
    "\n"
    "</style></head><body><main>\n";

static void element(struct buf *out, const char *open, const char *text, const char *close)
{
    if (!text || !*text)
        return;
    buf_text(out, open);
    buf_html(out, text);
    buf_text(out, close);
}

/* A path as a relative URL: every byte that could mean something else is written as %XX. */
static void url(struct buf *out, const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    if (path[0] != '.' && path[0] != '/')
        buf_text(out, "./"); /* so that a colon in a name does not make a scheme */
    for (; *path; path++) {
        if (strchr(plain, *path))
            buf_add(out, path, 1);
        else
            buf_printf(out, "%%%02X", (unsigned char)*path);
    }
}

/* Texts and numbers as they are; everything else as nothing. */
static void value(struct buf *out, const cJSON *v)
{
    char *printed = cJSON_IsNumber(v) ? json_compact(v) : NULL;
    buf_html(out, cJSON_IsString(v) ? v->valuestring : printed ? printed : "");
    free(printed);
}

static void facts(struct buf *out, const cJSON *list)
{
    const cJSON *fact;
    if (!cJSON_GetArraySize(list))
        return;
    buf_text(out, "<dl class=\"facts\">");
    cJSON_ArrayForEach(fact, list)
    {
        buf_text(out, "<div><dt>");
        value(out, cJSON_GetArrayItem(fact, 0));
        buf_text(out, "</dt><dd>");
        value(out, cJSON_GetArrayItem(fact, 1));
        buf_text(out, "</dd></div>");
    }
    buf_text(out, "</dl>\n");
}

static void notes(struct buf *out, const cJSON *list)
{
    const cJSON *note;
    if (!cJSON_GetArraySize(list))
        return;
    buf_text(out, "<ul class=\"notes\">");
    cJSON_ArrayForEach(note, list)
    {
        buf_text(out, "<li>");
        value(out, note);
        buf_text(out, "</li>");
    }
    buf_text(out, "</ul>\n");
}

static void card_media(struct buf *out, const cJSON *card)
{
    const char *picture = json_str(card, "picture", NULL), *film = json_str(card, "film", NULL);
    if (film) {
        buf_text(out, "<video controls preload=\"metadata\" src=\"");
        url(out, film);
        if (picture) {
            buf_text(out, "\" poster=\"");
            url(out, picture);
        }
        buf_text(out, "\"></video>");
    } else if (picture) {
        buf_text(out, "<a href=\"");
        url(out, picture);
        buf_text(out, "\"><img loading=\"lazy\" alt=\"");
        buf_html(out, json_str(card, "title", ""));
        buf_text(out, "\" src=\"");
        url(out, picture);
        buf_text(out, "\"></a>");
    }
}

static void card_words(struct buf *out, const cJSON *card)
{
    const char *state = json_str(card, "state", NULL), *href = json_str(card, "href", NULL);
    const cJSON *line;
    buf_text(out, "<div class=\"words\">");
    if (state) {
        buf_text(out, "<span class=\"state ");
        buf_html(out, state);
        element(out, "\">", state, "</span>");
    }
    if (href) {
        buf_text(out, "<p class=\"title\"><a href=\"");
        url(out, href);
        element(out, "\">", json_str(card, "title", href), "</a></p>");
    } else {
        element(out, "<p class=\"title\">", json_str(card, "title", NULL), "</p>");
    }
    cJSON_ArrayForEach(line, json_get(card, "lines"))
    {
        if (cJSON_IsNull(line) || (cJSON_IsString(line) && !*line->valuestring))
            continue;
        buf_text(out, "<p class=\"lines\">");
        value(out, line);
        buf_text(out, "</p>");
    }
    element(out, "<p class=\"text\">", json_str(card, "text", NULL), "</p>");
    buf_text(out, "</div>");
}

static void section(struct buf *out, const cJSON *one)
{
    const cJSON *card;
    if (!cJSON_GetArraySize(json_get(one, "cards")))
        return;
    buf_text(out, json_bool(one, "wide", false) ? "<section class=\"wide\">" : "<section>");
    element(out, "<h2>", json_str(one, "title", NULL), "</h2>\n");
    buf_text(out, "<div class=\"cards\">\n");
    cJSON_ArrayForEach(card, json_get(one, "cards"))
    {
        buf_text(out, "<article class=\"card\">");
        card_media(out, card);
        card_words(out, card);
        buf_text(out, "</article>\n");
    }
    buf_text(out, "</div></section>\n");
}

void page_render(const cJSON *page, struct buf *out)
{
    const cJSON *one;
    buf_text(out, head);
    buf_html(out, json_str(page, "title", "slated"));
    buf_text(out, style);
    element(out, "<h1>", json_str(page, "title", "slated"), "</h1>\n");
    element(out, "<p class=\"subtitle\">", json_str(page, "subtitle", NULL), "</p>\n");
    facts(out, json_get(page, "facts"));
    notes(out, json_get(page, "notes"));
    cJSON_ArrayForEach(one, json_get(page, "sections"))
    {
        section(out, one);
    }
    element(out, "<footer>", json_str(page, "foot", NULL), "</footer>\n");
    buf_text(out, "</main></body></html>\n");
}
