/* What systems and editors leave behind is junk; what only looks a little like it is not. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "intake/listing.h"

static void test_droppings_are_junk(void **state)
{
    static const char *const junk[] = {
        ".DS_Store",
        "._products.json",
        "Thumbs.db",
        "thumbs.db",
        "desktop.ini",
        "Desktop.ini",
        "@eaDir",
        ".stfolder",
        ".Trashes",
        "__MACOSX",
        "x.json.part",
        "x.json.crdownload",
        "x.tmp",
        "X.TMP",
        "x.filepart",
        "~$report.docx",
        ".goutputstream-A1",
        ".syncthing.x.json.tmp",
        ".x.json.swp",
        "x.json~",
        ".~lock.x.ods#",
        "x.json.slated.txt",
        ".x.slated-tmp",
        "Icon\r",
        ".nfs0000123",
        "clip.mp4.partial",
    };
    (void)state;
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
        if (!junk_name(junk[i]))
            fail_msg("%s is no junk", junk[i]);
}

static void test_what_looks_a_little_like_junk_is_kept(void **state)
{
    static const char *const kept[] = {
        "stfolder.png", "project.hack", ".hack",      "products.json", "#frame#.png",
        "tmp",          "part",         "x.tmp.json", "thumbs.png",    "desktop.ini.txt",
        "a~b.png",      ".part",        "slated.txt", "MACOSX",        "C-U-001",
        ".env",
    };
    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (junk_name(kept[i]))
            fail_msg("%s is junk", kept[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_droppings_are_junk),
        cmocka_unit_test(test_what_looks_a_little_like_junk_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
