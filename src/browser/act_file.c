/* Files that acts leave: base64 comes in, a file appears whole under its name or not at all; and
 * the acts that describe a page with one, screenshot and its HTML without what was typed into
 * secret fields. Fetches nothing. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "browser/act_priv.h"

/* --- files --- */

bool act_file_open(struct act *a, const char *to, const char *ending)
{
    const char *name = json_str(a->what, "act", "");
    if (!a->place->dir || !path_is_safe(to)) {
        act_fail(a, "bad_request", "%s: \"%s\" is not a name for a file", name, to);
        return false;
    }
    char *file = mem_printf("%s%s", to, *path_ext(to) ? "" : ending);
    act_file_drop(a);
    free(a->path);
    a->path = path_join(a->place->dir, file);
    free(file);
    char *part = mem_printf("%s.part", a->path);
    a->file = fopen(part, "wbe");
    a->bytes = 0;
    if (!a->file)
        act_fail(a, "transient", "%s: %s cannot be written", name, part);
    free(part);
    return a->file != NULL;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool act_file_add(struct act *a, const char *base64)
{
    unsigned bits = 0;
    int have = 0;
    for (const char *at = base64; *at && *at != '='; at++) {
        int value = base64_value(*at);
        if (value < 0)
            return false;
        bits = bits << 6 | (unsigned)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            if (putc((int)(bits >> have & 0xFF), a->file) == EOF)
                return false;
            a->bytes++;
        }
    }
    return true;
}

static char *base64_of(const unsigned char *bytes, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = mem_alloc((len + 2) / 3 * 4 + 1), *to = text;
    for (size_t i = 0; i < len; i += 3) {
        unsigned bits = (unsigned)bytes[i] << 16 | (i + 1 < len ? (unsigned)bytes[i + 1] << 8 : 0) |
                        (i + 2 < len ? bytes[i + 2] : 0U);
        *to++ = letters[bits >> 18];
        *to++ = letters[bits >> 12 & 63];
        *to++ = i + 1 < len ? letters[bits >> 6 & 63] : '=';
        *to++ = i + 2 < len ? letters[bits & 63] : '=';
    }
    *to = '\0';
    return text;
}

char *act_file_base64(struct act *a, int64_t max)
{
    char *part = mem_printf("%s.part", a->path), *bytes = NULL, *text = NULL;
    size_t len = 0;
    if (a->bytes <= max && fflush(a->file) == 0 &&
        file_read(part, (size_t)max, &bytes, &len, NULL) == 0)
        text = base64_of((const unsigned char *)bytes, len);
    free(bytes);
    free(part);
    return text;
}

cJSON *act_file_close(struct act *a)
{
    char *part = mem_printf("%s.part", a->path);
    bool bad = ferror(a->file) || fflush(a->file) || fsync(fileno(a->file));
    bad = fclose(a->file) || bad;
    a->file = NULL;
    if (bad || rename(part, a->path)) {
        unlink(part);
        free(part);
        return NULL;
    }
    free(part);
    cJSON *value = cJSON_CreateObject();
    json_set_str(value, "path", a->path);
    json_set_num(value, "bytes", (double)a->bytes);
    json_set_str(value, "media", a->media ? a->media : "");
    return value;
}

void act_file_drop(struct act *a)
{
    if (!a->file)
        return;
    char *part = mem_printf("%s.part", a->path);
    fclose(a->file);
    a->file = NULL;
    unlink(part);
    free(part);
}

/* The whole of base64 under to; ends the act. */
static void file_whole(struct act *a, const char *to, const char *ending, const char *base64)
{
    if (!act_file_open(a, to, ending))
        return;
    cJSON *value = act_file_add(a, base64) ? act_file_close(a) : NULL;
    if (value)
        act_done(a, value);
    else
        act_fail(a, "transient", "%s: %s cannot be written", json_str(a->what, "act", ""), a->path);
}

/* --- what the page looks like --- */

void move_screenshot(struct act *a, int64_t now_ms)
{
    bool png = str_eq(path_ext(json_str(a->what, "to", "")), "png");
    if (a->phase++ == 0) {
        cJSON *params = cJSON_CreateObject();
        json_set_str(params, "format", png ? "png" : "jpeg");
        if (!png)
            json_set_num(params, "quality", 80);
        json_set_bool(params, "optimizeForSpeed", true);
        act_send(a, "Page.captureScreenshot", params, now_ms);
        return;
    }
    if (a->fault) {
        act_fail(a, "transient", "screenshot: %s", a->fault);
        return;
    }
    a->media = mem_dup(png ? "image/png" : "image/jpeg");
    file_whole(a, json_str(a->what, "to", ""), ".jpg", json_str(a->answer, "data", ""));
}

void move_html(struct act *a, int64_t now_ms)
{
    const char *html = json_str(act_value(a), "value", NULL);
    cJSON *value;
    if (a->phase++ == 0) {
        act_call(a, "html", NULL, NULL, now_ms);
        return;
    }
    if (!html) {
        act_fail(a, "transient", "html: %s", a->fault ? a->fault : "the page gave none");
        return;
    }
    a->media = mem_dup("text/html");
    if (!act_file_open(a, json_str(a->what, "to", ""), ".html"))
        return;
    a->bytes = (int64_t)fwrite(html, 1, strlen(html), a->file);
    value = act_file_close(a);
    if (value)
        act_done(a, value);
    else
        act_fail(a, "transient", "html: %s cannot be written", a->path);
}
