/* Text keys come in, pointers go out: one table, open addressing, grown before it is three quarters
 * full. Never owns what it points at. */
/* SPDX-License-Identifier: ISC */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char map_gone[] = "";

void map_finish(struct map *m)
{
    free(m->slots);
    *m = (struct map){0};
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return x ^ (x >> 32);
}

uint64_t map_hash(const void *bytes, size_t len, uint64_t seed)
{
    const unsigned char *p = bytes;
    uint64_t h = seed ^ (len * 0x9e3779b97f4a7c15u);
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        h = mix(h ^ word);
    }
    uint64_t rest = 0;
    memcpy(&rest, p, len);
    return mix(h ^ rest);
}

/* The slot that holds key, or the one where it would go (a removed one when the way led past it).
 */
static struct map_slot *slot_of(const struct map *m, const char *key)
{
    struct map_slot *free_slot = NULL;
    size_t at = map_hash(key, strlen(key), 0) & (m->room - 1);
    for (;; at = (at + 1) & (m->room - 1)) {
        struct map_slot *s = &m->slots[at];
        if (!s->key)
            return free_slot ? free_slot : s;
        if (s->key == map_gone)
            free_slot = free_slot ? free_slot : s;
        else if (strcmp(s->key, key) == 0)
            return s;
    }
}

static void resize(struct map *m)
{
    struct map bigger = {.room = 16};
    while (bigger.room < m->n * 2 + 2)
        bigger.room *= 2;
    bigger.slots = mem_alloc(bigger.room * sizeof(*bigger.slots));
    for (size_t i = 0; i < m->room; i++) {
        if (m->slots[i].key && m->slots[i].key != map_gone)
            *slot_of(&bigger, m->slots[i].key) = m->slots[i];
    }
    bigger.n = bigger.used = m->n;
    free(m->slots);
    *m = bigger;
}

void *map_get(const struct map *m, const char *key)
{
    if (!m->n)
        return NULL;
    const struct map_slot *s = slot_of(m, key);
    return s->key && s->key != map_gone ? s->value : NULL;
}

void map_put(struct map *m, const char *key, void *value)
{
    if ((m->used + 1) * 4 > m->room * 3)
        resize(m);
    struct map_slot *s = slot_of(m, key);
    if (!s->key)
        m->used++;
    if (!s->key || s->key == map_gone)
        m->n++;
    *s = (struct map_slot){key, value};
}

void *map_remove(struct map *m, const char *key)
{
    if (!m->n)
        return NULL;
    struct map_slot *s = slot_of(m, key);
    if (!s->key || s->key == map_gone)
        return NULL;
    void *value = s->value;
    *s = (struct map_slot){map_gone, NULL};
    m->n--;
    return value;
}

void *map_next(const struct map *m, size_t *at)
{
    while (*at < m->room) {
        const struct map_slot *s = &m->slots[(*at)++];
        if (s->key && s->key != map_gone)
            return s->value;
    }
    return NULL;
}
