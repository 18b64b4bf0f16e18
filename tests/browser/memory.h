/* How much memory the process holds, for tests that watch it return. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include <stdio.h>

/* A sanitizer keeps what was freed for a while: nothing can be measured under one. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define MEMORY_KEPT 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_KEPT 1
#endif
#ifndef MEMORY_KEPT
#define MEMORY_KEPT 0
#endif

/* Resident, in KiB; 0 where the system does not say or it means nothing. */
static inline long memory_kib(void)
{
    char line[200];
    long kib = 0;
    FILE *f = MEMORY_KEPT ? NULL : fopen("/proc/self/status", "re");
    while (f && fgets(line, sizeof(line), f))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib;
}

#endif
