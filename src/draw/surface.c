/* A plate with a wall on it comes in; the same plate with a table, counter or ground in front goes
 * out, in perspective and in focus only where the product will stand. */
/* SPDX-License-Identifier: ISC */
#include "draw/backdrop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Boards: each its own tone, grain stretched along it, a dark seam between. */
static float wood_at(float u, float v, uint32_t seed)
{
    float board = floorf(v * 1.6f), in = v * 1.6f - board;
    float tone = noise_at(board * 7.3f, 0.5f, seed) - 0.5f;
    float grain = noise_fbm(u * 1.7f + board * 13, v * 26, 3, seed + 7) - 0.5f;
    float rings = noise_at(u * 0.9f + board * 5, v * 7 + 0.8f * grain, seed + 31) - 0.5f;
    float seam = in < 0.035f ? -0.9f : 0;
    return 0.5f * tone + 0.75f * grain + 0.35f * rings + seam;
}

static float stone_at(float u, float v, uint32_t seed)
{
    float bend = noise_fbm(u * 0.9f, v * 0.9f, 3, seed);
    float vein = fabsf(noise_fbm(u * 1.3f + bend * 2, v * 1.3f + bend, 3, seed + 3) - 0.5f);
    float line = vein < 0.045f ? -(1 - vein / 0.045f) : 0;
    return 0.5f * (bend - 0.5f) + 0.7f * line;
}

static float ground_at(float u, float v, uint32_t seed)
{
    return 1.1f * (noise_fbm(u * 3, v * 3, 4, seed) - 0.5f) +
           1.3f * (noise_at(u * 34, v * 34, seed + 9) - 0.5f) * noise_at(u * 5, v * 5, seed + 5);
}

static float texture_at(enum surface surface, float u, float v, uint32_t seed)
{
    switch (surface) {
    case SURFACE_WOOD:
        return 0.62f * wood_at(u, v, seed);
    case SURFACE_STONE:
        return 0.34f * stone_at(u, v, seed);
    case SURFACE_CONCRETE:
        return 0.55f * (noise_fbm(u * 2.2f, v * 2.2f, 4, seed) - 0.5f) +
               0.22f * (noise_at(u * 40, v * 40, seed + 4) - 0.5f);
    case SURFACE_CLOTH:
        return 0.16f * (noise_at(u * 60, v * 8, seed) + noise_at(u * 8, v * 60, seed + 1) - 1);
    case SURFACE_GROUND:
        return 0.55f * ground_at(u, v, seed);
    case SURFACE_GLOSS:
        return 0.05f * (noise_fbm(u, v, 2, seed) - 0.5f);
    case SURFACE_PLAIN:
        return 0;
    }
    return 0;
}

void surface_paint(struct plate *p, float horizon, enum surface surface, struct light colour,
                   float gloss, uint32_t seed)
{
    int y0 = (int)(horizon * (float)p->h);
    float half = (float)p->w / 2, unit = 1 / (float)p->h;
    for (int y = y0 < 0 ? 0 : y0; y < p->h; y++) {
        float t = (float)(y - y0 + 1) / (float)(p->h - y0), z = 1 / (0.24f + 0.76f * t);
        float fade = fminf(1, 0.25f + 1.4f * t), fresnel = gloss * (1 - 0.62f * t);
        float *row = p->rgb + (size_t)y * p->w * 3;
        int up = y0 - (int)((float)(y - y0) * 1.15f) - 1;
        const float *mirror = p->rgb + (size_t)(up < 0 ? 0 : up) * p->w * 3;
        for (int x = 0; x < p->w; x++, row += 3, mirror += 3) {
            float u = ((float)x - half) * unit * z * 1.6f, k = 1;
            if (surface != SURFACE_PLAIN)
                k += fade * texture_at(surface, u, z * 2.6f, seed);
            k = k < 0.1f ? 0.1f : k;
            row[0] = colour.r * k * (1 - fresnel) + fresnel * mirror[0];
            row[1] = colour.g * k * (1 - fresnel) + fresnel * mirror[1];
            row[2] = colour.b * k * (1 - fresnel) + fresnel * mirror[2];
        }
    }
}

void surface_focus(struct plate *p, float horizon, float focus, int radius)
{
    size_t row = (size_t)p->w * 3;
    int y0 = (int)(horizon * (float)p->h) - 2 * radius, yf = (int)(focus * (float)p->h);
    y0 = y0 < 0 ? 0 : y0;
    struct plate part = {.w = p->w, .h = p->h - y0};
    if (part.h < 2)
        return;
    part.rgb = mem_alloc(row * (size_t)part.h * sizeof(float));
    memcpy(part.rgb, p->rgb + row * (size_t)y0, row * (size_t)part.h * sizeof(float));
    plate_blur(&part, radius);
    for (int y = y0; y < p->h; y++) {
        float far = y < yf ? (float)(yf - y) / ((float)yf - horizon * (float)p->h + 1)
                           : 0.9f * (float)(y - yf) / (float)(p->h - yf + 1);
        float k = far <= 0.12f ? 0 : far >= 0.75f ? 1 : (far - 0.12f) / 0.63f;
        float *to = p->rgb + row * (size_t)y;
        const float *from = part.rgb + row * (size_t)(y - y0);
        for (size_t i = 0; i < row && k > 0; i++)
            to[i] += (from[i] - to[i]) * k;
    }
    plate_finish(&part);
}
