/* Spellings of names: what counts as the same, what is safe to create, what can be shown. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static void same_key(const char *a, const char *b)
{
    char *ka = utf8_fold_key(a), *kb = utf8_fold_key(b);
    assert_string_equal(ka, kb);
    free(ka);
    free(kb);
}

static void test_two_spellings_of_one_name_have_one_key(void **state)
{
    (void)state;
    same_key("r\xc3\xa9sum\xc3\xa9_01.png", "re\xcc\x81sume\xcc\x81_01.PNG");
    same_key("Shot01.PNG", "shot01.png");
    same_key("\xed\x95\x9c\xea\xb8\x80",
             "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab\xe1\x84\x80\xe1\x85\xb3\xe1\x86\xaf");
    same_key("\xc3\x85ngstr\xc3\xb6m", "\xe2\x84\xabNGSTR\xc3\x96M");
    same_key("\xd0\x99\xd0\x9e\xd0\x93", "\xd0\xb8\xcc\x86\xd0\xbe\xd0\xb3");
    same_key("\xce\xa3\xce\x8a\xce\xa3", "\xcf\x83\xce\xb9\xcc\x81\xcf\x82");
    same_key("s\xcc\x87\xcc\xa3", "s\xcc\xa3\xcc\x87");
    char *key = utf8_fold_key("a\xff"
                              "B");
    assert_string_equal(key, "a\xff"
                             "b");
    free(key);
}

static void test_bytes_that_are_not_utf8_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long at;
    } cases[] = {{"plain", -1},
                 {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", -1},
                 {"a\xff", 1},
                 {"\xc0\xaf", 0},
                 {"\xe0\x80\xaf", 0},
                 {"ab\xed\xa0\x80", 2},
                 {"\xf4\x90\x80\x80", 0},
                 {"x\xe2\x82", 1},
                 {"\x80", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(utf8_bad_at(cases[i].text, strlen(cases[i].text)), cases[i].at);
}

static void safe(const char *text, size_t max, const char *expect)
{
    char *name = utf8_safe_name(text, max, "untitled");
    assert_string_equal(name, expect);
    free(name);
}

static void test_a_safe_name_can_be_created_everywhere(void **state)
{
    (void)state;
    safe("Desk Lamp (2).png", 100, "Desk_Lamp_2_.png");
    safe("../../etc/passwd", 100, "_.._etc_passwd");
    safe("-rf \n$(x)`y`", 100, "rf_x_y_");
    safe(".hidden", 100, "hidden");
    safe("r\xc3\xa9sum\xc3\xa9", 100, "r\xc3\xa9sum\xc3\xa9");
    safe("re\xcc\x81", 100, "r\xc3\xa9");
    safe("a\xf0\x9f\x98\x80\xff"
         "b",
         100, "a_b");
    safe("CON", 100, "CON_");
    safe("com1.txt", 100, "com1_.txt");
    safe("console", 100, "console");
    safe("nul.", 4, "nul_");
    safe("name. . .", 100, "name._._");
    safe("", 100, "untitled");
    safe("\xf0\x9f\x98\x80", 100, "untitled");
    safe("\xc3\xa9\xc3\xa9\xc3\xa9", 5, "\xc3\xa9\xc3\xa9");
    safe("\xe7\x94\xb5\xe7\x81\xaf", 100, "\xe7\x94\xb5\xe7\x81\xaf");
}

static void slug(const char *text, const char *expect)
{
    char *name = utf8_slug(text, '-', 20, "item");
    assert_string_equal(name, expect);
    free(name);
}

static void test_a_slug_is_short_plain_ascii(void **state)
{
    (void)state;
    slug("Desk Lamps!", "desk-lamps");
    slug("Caf\xc3\xa9 Cr\xc3\xa8me", "cafe-creme");
    slug("Stra\xc3\x9f"
         "e \xc3\x98re",
         "strasse-ore");
    slug("a__b -- c", "a_b-c");
    slug("  lead & trail  ", "lead-trail");
    slug("\xe7\x94\xb5\xe7\x81\xaf", "item");
    slug("one two three four five", "one-two-three-four-f");
    slug("0123456789012345678 x", "0123456789012345678");
}

static void test_shown_text_hides_nothing(void **state)
{
    (void)state;
    char *text = utf8_show("a\nb\t\x1b \xe2\x80\xaetxt \xff \xc3\xa9");
    assert_string_equal(text, "a\\nb\\t\\x1b \\u{202e}txt \\xff \xc3\xa9");
    free(text);
}

static void test_a_label_is_one_line_that_no_terminal_obeys(void **state)
{
    (void)state;
    char *text = utf8_label("a\nb\x1b[31m \xc2\x9b \xe2\x80\xaetxt \xff \xc3\xa9 x\xe2\x80\x8dy");
    assert_string_equal(text, "a b [31m    txt ? \xc3\xa9 x\xe2\x80\x8dy");
    assert_null(utf8_label(NULL));
    free(text);
}

static void test_a_text_is_cut_between_two_characters(void **state)
{
    (void)state;
    assert_int_equal(utf8_cut("abc", 8), 3);
    assert_int_equal(utf8_cut("abc", 2), 2);
    assert_int_equal(utf8_cut("ab\u20ac", 5), 5);
    assert_int_equal(utf8_cut("ab\u20ac", 4), 2);
    assert_int_equal(utf8_cut("\u20ac", 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_label_is_one_line_that_no_terminal_obeys),
        cmocka_unit_test(test_a_text_is_cut_between_two_characters),
        cmocka_unit_test(test_two_spellings_of_one_name_have_one_key),
        cmocka_unit_test(test_bytes_that_are_not_utf8_are_found),
        cmocka_unit_test(test_a_safe_name_can_be_created_everywhere),
        cmocka_unit_test(test_a_slug_is_short_plain_ascii),
        cmocka_unit_test(test_shown_text_hides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
