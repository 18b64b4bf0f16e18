/* Fontconfig keeps pointers as offsets, which a leak checker cannot follow: its pattern caches look
 * lost while they are in use. Only a program under the address sanitizer ever asks. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_DRAW_LSAN_H
#define TESTS_DRAW_LSAN_H

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

#endif
