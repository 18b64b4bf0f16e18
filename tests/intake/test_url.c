/* Addresses as a table: taken, malformed, or leading into a private network. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "intake/intake_priv.h"

static const struct {
    const char *url, *code;
} cases[] = {
    {"https://example.test/lumo.jpg", NULL},
    {"http://example.com:8080/a?b=c@d#e", NULL},
    {"HTTPS://EXAMPLE.COM", NULL},
    {"https://8.8.8.8/x.png", NULL},
    {"https://[2606:4700::1111]/x.png", NULL},
    {"https://172.32.0.1/", NULL},
    {"ftp://example.com/a.png", "URL_FORM"},
    {"file:///etc/passwd", "URL_FORM"},
    {"data:image/png;base64,AAAA", "URL_FORM"},
    {"javascript:alert(1)", "URL_FORM"},
    {"//example.com/a.png", "URL_FORM"},
    {"example.com/a.png", "URL_FORM"},
    {"https://user:secret@example.com/", "URL_FORM"},
    {"https://user@example.com/", "URL_FORM"},
    {"https://exa mple.com/", "URL_FORM"},
    {"https://example.com/a\nb", "URL_FORM"},
    {"https://example.com\\@127.0.0.1/", "URL_FORM"},
    {"https:///a.png", "URL_FORM"},
    {"https://example.com:99999/", "URL_FORM"},
    {"https://example.com:80x/", "URL_FORM"},
    {"https://%31%32%37.0.0.1/", "URL_FORM"},
    {"https://127\xe3\x80\x82"
     "0.0.1/",
     "URL_FORM"},
    {"https://[::1/", "URL_FORM"},
    {"https://[fe80::1%25eth0]/", "URL_FORM"},
    {"http://127.0.0.1/", "URL_FORBIDDEN"},
    {"http://127.1/", "URL_FORBIDDEN"},
    {"http://2130706433/", "URL_FORBIDDEN"},
    {"http://0x7f000001/", "URL_FORBIDDEN"},
    {"http://0177.0.0.1/", "URL_FORBIDDEN"},
    {"http://0/", "URL_FORBIDDEN"},
    {"http://10.1.2.3/", "URL_FORBIDDEN"},
    {"http://172.16.0.1/", "URL_FORBIDDEN"},
    {"http://172.31.255.255/", "URL_FORBIDDEN"},
    {"http://192.168.1.1:8080/", "URL_FORBIDDEN"},
    {"http://169.254.169.254/latest/meta-data", "URL_FORBIDDEN"},
    {"http://100.64.0.1/", "URL_FORBIDDEN"},
    {"http://224.0.0.1/", "URL_FORBIDDEN"},
    {"http://255.255.255.255/", "URL_FORBIDDEN"},
    {"http://[::1]/", "URL_FORBIDDEN"},
    {"http://[::]/", "URL_FORBIDDEN"},
    {"http://[::ffff:10.0.0.1]/", "URL_FORBIDDEN"},
    {"http://[::ffff:7f00:1]:80/", "URL_FORBIDDEN"},
    {"http://[64:ff9b::10.0.0.1]/", "URL_FORBIDDEN"},
    {"http://[2002:7f00:1::]/", "URL_FORBIDDEN"},
    {"http://[fe80::1]/", "URL_FORBIDDEN"},
    {"http://[fd00::1]/", "URL_FORBIDDEN"},
    {"http://localhost/", "URL_FORBIDDEN"},
    {"http://localhost./", "URL_FORBIDDEN"},
    {"http://router/", "URL_FORBIDDEN"},
    {"http://printer.local/", "URL_FORBIDDEN"},
    {"http://metadata.google.internal/", "URL_FORBIDDEN"},
};

static void test_each_address_is_judged_by_its_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *why = NULL, *code = url_judge(cases[i].url, &why);
        if ((code == NULL) != (cases[i].code == NULL) || (code && strcmp(code, cases[i].code) != 0))
            fail_msg("%s: %s (%s)", cases[i].url, code ? code : "taken", why);
    }
}

static void test_an_overlong_address_is_malformed(void **state)
{
    char *url = mem_alloc(102401);
    const char *why;
    (void)state;
    memset(url, 'a', 102400);
    memcpy(url, "https://a.b/", 12);
    assert_string_equal(url_judge(url, &why), "URL_FORM");
    url[2048] = '\0';
    assert_null(url_judge(url, &why));
    memset(url + 8, 'h', 2040);
    assert_string_equal(url_judge(url, &why), "URL_FORM");
    free(url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_address_is_judged_by_its_text),
        cmocka_unit_test(test_an_overlong_address_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
