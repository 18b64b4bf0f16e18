/* A category, or the words of a niche, come in; its colours go out. */
/* SPDX-License-Identifier: ISC */
#include "draw/accent.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static const struct accent accents[] = {
    {"default", 0x0c1018, 0x3f6fd8, 0xffc857, ""},
    {"audio", 0x140a1c, 0xb03a9c, 0xffc3ea,
     " headphone headphones earbuds earbud speaker speakers soundbar soundbars microphone "
     "turntables headset headsets audio "},
    {"computing", 0x08121f, 0x2b7fe0, 0x8fd0ff,
     " keyboard keyboards mouse mice webcam webcams monitor monitors laptop laptops ssd ssds usb "
     "hub hubs "},
    {"kitchen", 0x1a0f0a, 0xd9682c, 0xffd08a,
     " fryer fryers espresso coffee blender blenders mixer mixers oven ovens kettle kettles "
     "skillet skillets cookware knife "},
    {"fitness", 0x16090a, 0xd7352f, 0xffb199,
     " fitness smartwatch smartwatches running yoga dumbbell dumbbells gym helmets hiking "},
    {"travel", 0x07151a, 0x1f8fa8, 0xa5ecf5,
     " luggage travel backpack backpacks packing charger chargers adapter adapters "},
    {"office", 0x0e1219, 0xc4813a, 0xffd58a,
     " desk chair chairs lamp lamps organizer organizers office "},
    {"camera", 0x101114, 0x6c7684, 0xffe08a, " camera cameras vlogging dash tripod tripods "},
    {"gaming", 0x0d0720, 0x7a2bff, 0x7dfbff, " gaming controller controllers console "},
    {"home", 0x0b1510, 0x3c9268, 0xd3f3b8,
     " vacuum vacuums purifier purifiers thermostat thermostats router routers lock locks doorbell "
     "doorbells toothbrush shaver humidifiers heaters "},
    {"outdoor", 0x0c140a, 0x6c8f2f, 0xffd27a, " camping tent tents sleeping outdoor "},
    {"baby", 0x1a1014, 0xd8779a, 0xffe0d2, " baby stroller strollers "},
    {"streaming", 0x0c0a20, 0x5a48e8, 0xa9f0ff, " streaming stream "},
};

static const struct accent *by_category(const char *category)
{
    for (size_t i = 0; category && i < sizeof accents / sizeof accents[0]; i++)
        if (strcmp(accents[i].category, category) == 0)
            return &accents[i];
    return NULL;
}

static const struct accent *by_niche(const char *niche)
{
    const struct accent *found = NULL;
    char *words = mem_dup(niche), *save = NULL;
    if (!words)
        return NULL;
    str_lower(words);
    for (char *w = strtok_r(words, " \t\r\n,/-", &save); w && !found;
         w = strtok_r(NULL, " \t\r\n,/-", &save)) {
        char *key = mem_printf(" %s ", w);
        for (size_t i = 1; i < sizeof accents / sizeof accents[0] && !found; i++)
            if (strstr(accents[i].hints, key))
                found = &accents[i];
        free(key);
    }
    free(words);
    return found;
}

const struct accent *accent_find(const char *category, const char *niche)
{
    const struct accent *a = by_category(category);
    if (!a)
        a = by_niche(niche);
    return a ? a : &accents[0];
}

const char *accent_category(const char *category, const char *niche)
{
    return accent_find(category, niche)->category;
}

void set_bar(cairo_t *c, double x, double y, double w, double h, uint32_t colour)
{
    cairo_set_source_rgb(c, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                         (colour & 255) / 255.0);
    cairo_rectangle(c, x, y, w, h);
    cairo_fill(c);
}
