/* Ten thousand returns against a hundred pictures that are out: how many found their shot by likeness alone, how many are asked about,
 * how many went wrong (there must be none). bench_returns [N [SEED]] */
/* SPDX-License-Identifier: ISC */
#include <time.h>
#include <unistd.h>

#include "likeness/generator.h"

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 10000;
    static struct gen g;
    struct gen_counts counts[KINDS_N] = {{0}};
    struct timespec from, to;
    int wrong = 0;
    gen_init(&g, argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
    clock_gettime(CLOCK_MONOTONIC, &from);
    gen_judge(&g, n, counts);
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%-24s %6s %8s %8s %6s\n", "returns by likeness", "n", "placed", "asked", "WRONG");
    for (int k = 0; k < KINDS_N; k++) {
        struct gen_counts *c = &counts[k];
        printf("%-24s %6d %7.1f%% %7.1f%% %6d\n", kind_words[k], c->n, 100.0 * c->placed / (c->n ? c->n : 1),
               100.0 * c->asked / (c->n ? c->n : 1), c->wrong);
        wrong += c->wrong;
    }
    printf("%d returns, %d wrong, %.1f ms each with making them\n", n, wrong,
           ((double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6) / n);
    gen_finish(&g);
    return wrong > 0;
}
