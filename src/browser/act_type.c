/* Acts of the keyboard: a text, key by key as fast as it is allowed, and single keys with their
 * modifiers. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/act_priv.h"

#define BATCH 16 /* keys on their way at once */

static const struct named_key {
    const char *name, *code, *text;
    int number;
} named_keys[] = {{"Enter", "Enter", "\r", 13},
                  {"Tab", "Tab", "\t", 9},
                  {"Escape", "Escape", NULL, 27},
                  {"Backspace", "Backspace", NULL, 8},
                  {"Delete", "Delete", NULL, 46},
                  {"Space", "Space", " ", 32},
                  {"ArrowLeft", "ArrowLeft", NULL, 37},
                  {"ArrowUp", "ArrowUp", NULL, 38},
                  {"ArrowRight", "ArrowRight", NULL, 39},
                  {"ArrowDown", "ArrowDown", NULL, 40},
                  {"Home", "Home", NULL, 36},
                  {"End", "End", NULL, 35},
                  {"PageUp", "PageUp", NULL, 33},
                  {"PageDown", "PageDown", NULL, 34},
                  {"F5", "F5", NULL, 116}};

static void key_event(struct act *a, const char *type, const struct named_key *key, int modifiers,
                      bool select_all, int64_t now_ms)
{
    cJSON *params = cJSON_CreateObject();
    bool down = str_eq(type, "keyDown");
    json_set_str(params, "type", down && (!key->text || modifiers) ? "rawKeyDown" : type);
    json_set_num(params, "modifiers", modifiers);
    json_set_str(params, "key", str_eq(key->name, "Space") ? " " : key->name);
    if (key->code)
        json_set_str(params, "code", key->code);
    if (key->number)
        json_set_num(params, "windowsVirtualKeyCode", key->number);
    if (down && key->text && !modifiers)
        json_set_str(params, "text", key->text);
    if (down && select_all) { /* works on every system's browser, as its shortcut does not */
        const char *commands[] = {"selectAll"};
        json_set(params, "commands", cJSON_CreateStringArray(commands, 1));
    }
    act_send(a, "Input.dispatchKeyEvent", params, now_ms);
}

/* Bytes of the UTF-8 character at text. */
static size_t char_len(const char *text)
{
    size_t n = 1;
    while ((text[n] & 0xC0) == 0x80)
        n++;
    return n;
}

/* Down and up of one character; what is no key of its own is put in as text. */
static void key_char(struct act *a, const char *text, size_t len, int64_t now_ms)
{
    char *one = mem_dup_n(text, len);
    if ((unsigned char)one[0] < ' ') {
        cJSON *params = cJSON_CreateObject();
        json_set_str(params, "text", one);
        act_send(a, "Input.insertText", params, now_ms);
    } else {
        struct named_key key = {.name = one, .text = one};
        key_event(a, "keyDown", &key, 0, false, now_ms);
        key_event(a, "keyUp", &key, 0, false, now_ms);
    }
    free(one);
}

static void select_all(struct act *a, int64_t now_ms)
{
    const struct named_key key = {"a", "KeyA", NULL, 65};
    key_event(a, "keyDown", &key, 2, true, now_ms);
    key_event(a, "keyUp", &key, 2, false, now_ms);
}

/* Bytes of the text that are typed: at most max characters. */
static size_t type_len(const struct act *a, const char *text)
{
    int max = (int)json_num(a->what, "max", 0);
    size_t len = 0;
    for (int n = 0; text[len] && (max <= 0 || n < max); n++)
        len += char_len(text + len);
    return len;
}

static void type_all(struct act *a, const char *text, size_t len, int64_t now_ms)
{
    cJSON *params = cJSON_CreateObject();
    char *whole = mem_dup_n(text, len);
    json_set_str(params, "text", whole);
    act_send(a, "Input.insertText", params, now_ms);
    a->i = (int)len;
    free(whole);
}

static void type_keys(struct act *a, const char *text, size_t len, int key_ms, int64_t now_ms)
{
    int n = 0;
    for (; n < BATCH && (size_t)a->i < len; n++) {
        size_t one = char_len(text + a->i);
        key_char(a, text + a->i, one, now_ms);
        a->i += (int)one;
    }
    a->wake_ms = now_ms + (int64_t)n * key_ms;
}

/* 0 is something there to type into, 1 select, 2 the text, piece by piece. */
void move_type(struct act *a, int64_t now_ms)
{
    const char *text = json_str(a->what, "text", "");
    int key_ms = (int)json_num(a->what, "key_ms", 0);
    size_t len = type_len(a, text);
    if (a->fault) {
        act_fail(a, "transient", "type: %s", a->fault);
        return;
    }
    switch (a->phase) {
    case 0:
        a->deadline_ms += key_ms > 0 ? (int64_t)len * (key_ms + 10) : 0;
        act_call(a, "focused", NULL, NULL, now_ms);
        a->phase = 1;
        return;
    case 1:
        if (!cJSON_IsTrue(act_value(a)))
            act_fail(a, "transient", "type: no field on the page has the cursor");
        else if (json_bool(a->what, "select_all", false))
            select_all(a, now_ms);
        a->phase = 2;
        return;
    default:
        if ((size_t)a->i >= len)
            act_done(a, cJSON_CreateNumber((double)len));
        else if (key_ms > 0)
            type_keys(a, text, len, key_ms, now_ms);
        else
            type_all(a, text, len, now_ms);
    }
}

/* "Control+Shift+A" apart: the protocol's modifier bits, and the key's own name. */
static int modifiers_of(const char **ret_key)
{
    static const struct {
        const char *word;
        int bit;
    } words[] = {{"Alt+", 1}, {"Control+", 2}, {"Meta+", 4}, {"Shift+", 8}};
    int bits = 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_starts(*ret_key, words[i].word) && (*ret_key)[strlen(words[i].word)]) {
            bits |= words[i].bit;
            *ret_key += strlen(words[i].word);
            i = (size_t)-1;
        }
    return bits;
}

void move_key(struct act *a, int64_t now_ms)
{
    const char *name = json_str(a->what, "key", "");
    int modifiers = modifiers_of(&name);
    struct named_key key = {.name = name, .text = name};
    if (a->phase++) {
        if (a->fault)
            act_fail(a, "transient", "key: %s", a->fault);
        else
            act_done(a, NULL);
        return;
    }
    for (size_t i = 0; i < sizeof(named_keys) / sizeof(*named_keys); i++)
        if (str_eq(named_keys[i].name, name))
            key = named_keys[i];
    if (!*name || (!key.code && strlen(name) != char_len(name))) {
        act_fail(a, "bad_request", "key: there is no key \"%s\"", name);
        return;
    }
    if (!key.code && modifiers && name[0] >= 'A' && name[0] <= 'z')
        key.number = name[0] & ~0x20;
    key_event(a, "keyDown", &key, modifiers, modifiers == 2 && str_eq_nocase(name, "a"), now_ms);
    key_event(a, "keyUp", &key, modifiers, false, now_ms);
}
