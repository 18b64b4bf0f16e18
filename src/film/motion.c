/* Time comes in, what the camera sees goes out. Pure: no pixels, no clock, no chance but the seed.
 */
/* SPDX-License-Identifier: ISC */
#include "film/motion.h"

#include <math.h>

#define EASE_IN 0.22 /* share of the time in which the move gathers and loses its speed */
#define REST    0.2  /* share of a step between keyframes in which one is alone, at each end */

int motion_frames(double seconds, double fps)
{
    double frames = round(seconds * fps);
    return frames < 1 ? 1 : (int)frames;
}

double motion_ease(double t)
{
    const double top = 1 / (1 - EASE_IN); /* the speed in between, so that the whole way is 1 */
    if (t <= 0 || t >= 1)
        return t <= 0 ? 0 : 1;
    if (t < EASE_IN)
        return top * t * t / (2 * EASE_IN);
    if (t > 1 - EASE_IN)
        return 1 - top * (1 - t) * (1 - t) / (2 * EASE_IN);
    return top * (t - EASE_IN / 2);
}

static uint64_t stir(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

struct push motion_push(double from, double to, uint64_t seed)
{
    double least = fmin(from, to);
    double raise = least < 1 ? 1 / least : 1;
    double turn = (double)(stir(seed) >> 11) / 9007199254740992.0 * 2 * M_PI;
    return (struct push){from * raise, to * raise, 0.7 * cos(turn), 0.5 * sin(turn)};
}

struct window motion_at(const struct push *push, double t)
{
    double way = motion_ease(t);
    double zoom =
        push->from * pow(push->to / push->from, way); /* equal ratios look like equal steps */
    double margin = (1 - 1 / zoom) / 2;
    return (struct window){0.5 + push->aim_x * margin, 0.5 + push->aim_y * margin, zoom};
}

static double dissolve(double t)
{
    double u = (t - REST) / (1 - 2 * REST);
    u = u < 0 ? 0 : u > 1 ? 1 : u;
    return u * u * (3 - 2 * u);
}

void motion_weights(int n, double t, double ret_weights[3])
{
    ret_weights[0] = ret_weights[1] = ret_weights[2] = 0;
    int steps = n - 1;
    int step = steps < 1 ? 0 : (int)(t * steps);
    if (step >= steps)
        step = steps > 0 ? steps - 1 : 0;
    double over = steps < 1 ? 0 : dissolve(t * steps - step);
    ret_weights[step] = 1 - over;
    if (steps >= 1)
        ret_weights[step + 1] = over;
}
