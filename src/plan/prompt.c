/* A template and its values come in, a prompt of bounded length goes out. Lengths are in characters
 * (code points), because that is what the engines' input fields count. Knows no kind and no engine.
 */
/* SPDX-License-Identifier: ISC */
#include "plan/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

#define PROMPT_CAP                                                                                 \
    ((size_t)1 << 20)   /* bytes of one filled prompt; far above every engine's limit */
#define NAMES_MAX    32 /* different placeholders in one template */
#define NAME_LEN_MAX 64

struct value {
    char name[NAME_LEN_MAX];
    char *text;   /* owned */
    size_t chars; /* of text */
    size_t uses;  /* times the template asks for it */
};

struct filling {
    const char *template;
    struct value values[NAMES_MAX];
    size_t n;
    size_t fixed; /* characters of the template itself */
};

/* --- reading the template --- */

static bool starts_char(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

static size_t count_chars(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += starts_char(*text);
    return n;
}

/* A value as it stands in a prompt, owned; NULL when it is neither text nor a number. */
static char *value_text(const cJSON *v)
{
    if (cJSON_IsString(v))
        return mem_dup(v->valuestring);
    if (!cJSON_IsNumber(v))
        return NULL;
    char *text = mem_printf("%.10g", v->valuedouble);
    return text;
}

static struct value *find_value(struct filling *f, const char *name, size_t len)
{
    for (size_t i = 0; i < f->n; i++)
        if (strlen(f->values[i].name) == len && memcmp(f->values[i].name, name, len) == 0)
            return &f->values[i];
    return NULL;
}

static int add_value(struct filling *f, const char *name, size_t len, const cJSON *values,
                     struct err *e)
{
    if (len == 0 || len >= NAME_LEN_MAX || f->n == NAMES_MAX)
        return err_set(e, ERR_INPUT,
                       "the template's \"{%.*s}\" is not a placeholder; a brace is written {{",
                       (int)(len < 40 ? len : 40), name);
    struct value *v = &f->values[f->n];
    memcpy(v->name, name, len);
    v->name[len] = 0;
    v->text = value_text(cJSON_GetObjectItemCaseSensitive(values, v->name));
    if (!v->text)
        return err_set(e, ERR_INPUT, "the template asks for {%s}, which nothing here provides",
                       v->name);
    v->chars = count_chars(v->text);
    v->uses = 1;
    f->n++;
    return 0;
}

static int read_template(struct filling *f, const cJSON *values, struct err *e)
{
    for (const char *s = f->template; *s; s++) {
        if (s[0] != '{' || s[1] == '{') {
            f->fixed += starts_char(*s);
            s += s[0] == '{';
            continue;
        }
        size_t len = strcspn(s + 1, "{}\n");
        if (s[1 + len] != '}')
            return err_set(e, ERR_INPUT, "the template has a \"{\" without its \"}\" at \"%.30s\"",
                           s);
        struct value *v = find_value(f, s + 1, len);
        if (v)
            v->uses++;
        else if (add_value(f, s + 1, len, values, e))
            return ERR_INPUT;
        s += 1 + len;
    }
    return 0;
}

cJSON *prompt_names(const char *template)
{
    cJSON *names = cJSON_CreateArray(), *seen = cJSON_CreateObject();
    for (const char *s = template; *s; s++) {
        size_t len = s[0] == '{' && s[1] != '{' ? strcspn(s + 1, "{}\n") : 0;
        if (s[0] == '{' && s[1] == '{')
            s++;
        if (len == 0 || s[1 + len] != '}')
            continue;
        char *name = mem_dup_n(s + 1, len);
        if (!cJSON_GetObjectItemCaseSensitive(seen, name)) {
            cJSON_AddTrueToObject(seen, name);
            cJSON_AddItemToArray(names, cJSON_CreateString(name));
        }
        free(name);
        s += len;
    }
    cJSON_Delete(seen);
    return names;
}

/* --- shortening --- */

static size_t filled_chars(const struct filling *f)
{
    size_t n = f->fixed;
    for (size_t i = 0; i < f->n; i++)
        n += f->values[i].chars * f->values[i].uses;
    return n;
}

/* The longest value; *ret_second is the length of the next one. */
static struct value *longest_value(struct filling *f, size_t *ret_second)
{
    struct value *best = NULL;
    *ret_second = 0;
    for (size_t i = 0; i < f->n; i++) {
        struct value *v = &f->values[i];
        if (!best || v->chars > best->chars) {
            *ret_second = best ? best->chars : 0;
            best = v;
        } else if (v->chars > *ret_second) {
            *ret_second = v->chars;
        }
    }
    return best;
}

/* Keeps at most keep characters (fewer than there are), up to the end of a word when one ends
 * there. */
static void cut_value(struct value *v, size_t keep)
{
    char *end = v->text;
    for (size_t n = 0; *end; end++)
        if (starts_char(*end) && n++ == keep)
            break;
    char *word = end;
    while (word > v->text && *word != ' ')
        word--;
    if (word > v->text)
        end = word;
    while (end > v->text && strchr(" ,;:-", end[-1]))
        end--;
    *end = 0;
    v->chars = count_chars(v->text);
}

static int shorten(struct filling *f, size_t max, bool *ret_cut, struct err *e)
{
    for (size_t total; (total = filled_chars(f)) > max; *ret_cut = true) {
        size_t second;
        struct value *v = longest_value(f, &second);
        if (!v || v->chars == 0)
            return err_set(e, ERR_LIMIT,
                           "the template alone has %zu characters where %zu are allowed", f->fixed,
                           max);
        size_t over = (total - max + v->uses - 1) / v->uses;
        size_t keep = over < v->chars ? v->chars - over : 0;
        if (keep < second && second < v->chars)
            keep = second;
        cut_value(v, keep);
    }
    return 0;
}

/* --- filling --- */

static char *write_out(struct filling *f)
{
    struct buf out;
    buf_init(&out, PROMPT_CAP);
    for (const char *s = f->template; *s;) {
        size_t plain = strcspn(s, "{");
        buf_add(&out, s, plain);
        s += plain;
        if (s[0] == '{' && s[1] == '{') {
            buf_add(&out, s, 1);
            s += 2;
        } else if (*s) {
            size_t len = strcspn(s + 1, "}");
            buf_text(&out, find_value(f, s + 1, len)->text);
            s += 2 + len;
        }
    }
    return buf_take(&out);
}

int prompt_fill(const char *template, const cJSON *values, size_t max, char **ret_text,
                bool *ret_cut, struct err *e)
{
    struct filling f = {.template = template};
    bool cut = false;
    int rc = read_template(&f, values, e);
    if (!rc && max > 0)
        rc = shorten(&f, max, &cut, e);
    if (!rc)
        *ret_text = write_out(&f);
    if (!rc && ret_cut)
        *ret_cut = cut;
    for (size_t i = 0; i < f.n; i++)
        free(f.values[i].text);
    return rc;
}

/* --- putting together --- */

static const char *find_part(const cJSON *rule, const char *variant, const char *category,
                             const char *part)
{
    const cJSON *by_category = variant ? json_get(json_get(rule, "variants"), variant) : NULL;
    const char *text = category ? json_str(json_get(by_category, category), part, NULL) : NULL;
    if (!text)
        text = json_str(json_get(by_category, "default"), part, NULL);
    return text ? text : json_str(json_get(rule, "parts"), part, NULL);
}

char *prompt_compose(const cJSON *rule, const char *variant, const char *category, bool reference)
{
    struct buf out;
    buf_init(&out, PROMPT_CAP);
    const cJSON *part;
    cJSON_ArrayForEach(part, json_get(rule, "order"))
    {
        const char *text = find_part(rule, variant, category, part->valuestring);
        if (!text)
            continue;
        buf_text(&out, out.len ? "\n\n" : NULL);
        buf_text(&out, json_str(json_get(rule, "labels"), part->valuestring, NULL));
        buf_text(&out, text);
    }
    const char *match = reference ? json_str(rule, "reference", NULL) : NULL;
    if (match) {
        buf_text(&out, out.len ? "\n\n" : NULL);
        buf_text(&out, match);
    }
    return buf_take(&out);
}

static void add_phrases(struct buf *out, const cJSON *phrases)
{
    const cJSON *phrase;
    cJSON_ArrayForEach(phrase, phrases)
    {
        buf_text(out, out->len ? ", " : NULL);
        buf_text(out, cJSON_GetStringValue(phrase));
    }
}

char *prompt_negative(const cJSON *rule, const char *type, const char *variant)
{
    const cJSON *sets = json_get(json_get(rule, "types"), type);
    struct buf out;
    buf_init(&out, PROMPT_CAP);
    add_phrases(&out, json_get(sets, "*"));
    if (variant)
        add_phrases(&out, json_get(sets, variant));
    if (out.len > 0)
        return buf_take(&out);
    buf_finish(&out);
    return NULL;
}
