/* Ten thousand file names as browsers, file managers, tools and people write them, against a hundred open shots: how many say their shot,
 * how many say nothing, how many say a wrong one (there must be none). bench_names [N [SEED]] */
/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "manual/evidence.h"

#define UNITS 100
#define ALIASES 3

static uint64_t state = 1;

static unsigned pick(unsigned n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % n;
}

/* Separators and case as people write them. Owned. */
static char *loosened(const char *name)
{
    static const char between[] = "_- .";
    char *out = mem_dup(name), to = between[pick(4)];
    int shape = (int)pick(3);
    for (char *c = out; *c; c++) {
        if (*c == '_' && pick(2))
            *c = to;
        if (shape == 1)
            *c = (char)tolower((unsigned char)*c);
    }
    return out;
}

static char *dressed(const char *name)
{
    static const char *const before[] = {"", "", "", "fixed ", "new-", "render_", "motion/", "from the editor/"};
    static const char *const after[] = {"", " (3)", " copy", " copy 2", "_final", "_final_v2", "-upscaled", "_4K", " fixed", " - Kopie", "_take7"};
    static const char *const ends[] = {".png", ".PNG", ".jpg", ".webp", ".mp4", ".jpeg"};
    return mem_printf("return/%s%s%s%s", before[pick(8)], name, after[pick(11)], ends[pick(6)]);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 10000, right = 0, silent = 0, wrong = 0, guessed = 0, foreign = 0;
    struct evidence_name names[UNITS * ALIASES];
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    for (int u = 0; u < UNITS; u++) {
        int episode = u / 20 + 1, shot = u % 20 + 1;
        char *texts[ALIASES] = {mem_printf("EP%03d_SH%02d", episode, shot), mem_printf("BWT_EP%03d_S%02d_T01_NELL", episode, shot),
                                mem_printf("BWT_EP%03d_S%02d_T01_NELL_first", episode, shot)};
        for (int a = 0; a < ALIASES; a++)
            names[u * ALIASES + a] = (struct evidence_name){texts[a], u, a == 2 ? u : -1};
    }
    for (int i = 0; i < n; i++) {
        int at = (int)pick(UNITS * ALIASES);
        char *loose = loosened(names[at].name), *name = dressed(loose);
        struct evidence e = evidence_read(name, names, UNITS * ALIASES);
        right += e.unit == names[at].unit;
        silent += e.unit < 0;
        wrong += e.unit >= 0 && e.unit != names[at].unit;
        free(loose);
        free(name);
    }
    for (int i = 0; i < n; i++) { /* names that say nothing, or two things at once */
        static const char *const others[] = {"download", "image", "screenshot 2026-11-21 at 09.14", "IMG_0042", "untitled", "background", "EP009_SH77", "ComfyUI_00012_"};
        char *two = mem_printf("%s and %s", names[3 * pick(UNITS)].name, names[3 * pick(UNITS)].name);
        bool same = strncmp(two, strstr(two, " and ") + 5, 10) == 0;
        char *name = dressed(pick(2) && !same ? two : others[pick(8)]);
        foreign++;
        guessed += evidence_read(name, names, UNITS * ALIASES).unit >= 0;
        free(two);
        free(name);
    }
    printf("%-24s %6d %7.1f%% placed %6.1f%% asked %6d WRONG\n", "returns by name", n, 100.0 * right / n, 100.0 * silent / n, wrong);
    printf("%-24s %6d %7d placed\n", "names of none or of two", foreign, guessed);
    for (int i = 0; i < UNITS * ALIASES; i++)
        free((char *)names[i].name);
    return wrong > 0 || guessed > 0;
}
