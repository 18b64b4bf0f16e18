/* Combo orders made by hand: a text or a picture at a time. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PLAN_COMBO_ORDER_H
#define TESTS_PLAN_COMBO_ORDER_H

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "plan/plan.h"

static inline struct order *combo_order(const char *entry)
{
    struct order *o = mem_alloc(sizeof *o);
    o->kind = mem_dup("combos");
    o->entry = mem_dup(entry);
    o->doc_path = mem_dup("");
    o->doc = cJSON_CreateObject();
    o->listing = mem_alloc(sizeof *o->listing);
    json_set(o->doc, "texts", cJSON_CreateObject());
    return o;
}

static inline void add_text(struct order *o, const char *path, const char *text)
{
    json_set_str(cJSON_GetObjectItemCaseSensitive(o->doc, "texts"), path, text);
}

static inline void add_picture(struct order *o, const char *path)
{
    struct order_file *f;
    o->files = mem_grow(o->files, o->files_n + 1, sizeof *o->files);
    f = &o->files[o->files_n++];
    memset(f, 0, sizeof *f);
    f->name = mem_dup(path);
    f->now = mem_printf("/nowhere/%s", path);
    f->frozen = mem_printf("input/%s/%s", o->entry, path);
    f->media = MEDIA_PNG;
    digest_bytes(path, strlen(path), f->sha256);
}

/* ui, pose_mcu, bottom and hoodie below dir ("" or "x/"). */
static inline void add_combo(struct order *o, const char *dir)
{
    static const char *const names[] = {"ui.png", "pose_mcu.png", "bottom.png", "hoodie.png"};
    for (size_t i = 0; i < 4; i++) {
        char *path = mem_printf("%s%s", dir, names[i]);
        add_picture(o, path);
        free(path);
    }
}

#endif
