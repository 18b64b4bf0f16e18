/* A server that cannot show who it is gets nothing, not even the request; one that can is asked
 * over shared connections. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "carriers/certificate.h"
#include "carriers/http_server.h"

static int make_pair(void **state)
{
    (void)state;
    return certificate_make("IP:127.0.0.1");
}

static int set_up_tls(void **state)
{
    unsetenv("SSL_CERT_FILE");
    return fixture_open(state, certificate_path);
}

static struct request secure(struct fixture *f, const char *method, const char *host,
                             const char *path)
{
    struct request r = request_of(f, method, path);
    free(r.url);
    r.url = mem_printf("https://%s:%d%s", host, f->port, path);
    return r;
}

static int times_seen_secure(struct fixture *f, const char *path)
{
    char *ask = mem_printf("/seen?%s", path);
    struct request r = secure(f, NULL, "127.0.0.1", ask);
    struct response a;
    converse(f, &r, &a);
    int times = a.text ? (int)strtol(a.text, NULL, 10) : -1;
    response_finish(&a);
    free(ask);
    return times;
}

static void test_an_unknown_certificate_gets_nothing(void **state)
{
    struct fixture *f = *state;
    struct request r = secure(f, "POST", "127.0.0.1", "/echo");
    struct response a;
    r.paid = true;
    request_add_text(&r, mem_dup("{}"));
    converse(f, &r, &a);
    assert_int_equal(a.kind, RESPONSE_UNSENT);
    assert_non_null(strstr(a.error, "certificate"));
    assert_non_null(strstr(a.error, "SSL_CERT_FILE"));
    response_finish(&a);
    setenv("SSL_CERT_FILE", certificate_path, 1);
    assert_int_equal(times_seen_secure(f, "/echo"), 0);
}

static void test_another_hosts_certificate_gets_nothing(void **state)
{
    struct fixture *f = *state;
    struct request r = secure(f, NULL, "localhost", "/echo");
    struct response a;
    setenv("SSL_CERT_FILE", certificate_path, 1);
    converse(f, &r, &a);
    assert_int_equal(a.kind, RESPONSE_UNSENT);
    response_finish(&a);
    assert_int_equal(times_seen_secure(f, "/echo"), 0);
}

static void test_a_known_certificate_is_spoken_to(void **state)
{
    struct fixture *f = *state;
    struct request r = secure(f, "POST", "127.0.0.1", "/echo");
    struct response a;
    setenv("SSL_CERT_FILE", certificate_path, 1);
    r.paid = true;
    request_add_text(&r, mem_dup("{}"));
    converse(f, &r, &a);
    assert_int_equal(a.kind, RESPONSE_ANSWERED);
    assert_int_equal(a.status, 200);
    response_finish(&a);
    assert_int_equal(times_seen_secure(f, "/echo"), 1);
}

/* What came encrypted is not fetched from where anybody may listen or answer. */
static void test_no_redirect_leads_out_of_encryption(void **state)
{
    struct fixture *f = *state;
    static const char *const paths[] = {"/away", "/plain"};
    setenv("SSL_CERT_FILE", certificate_path, 1);
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        struct request r = secure(f, NULL, "127.0.0.1", paths[i]);
        struct response a;
        r.redirects = 5;
        converse(f, &r, &a);
        assert_int_equal(a.kind, RESPONSE_BROKEN);
        assert_non_null(strstr(a.error, "without encryption"));
        response_finish(&a);
    }
}

#define TLS(f) cmocka_unit_test_setup_teardown(f, set_up_tls, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TLS(test_an_unknown_certificate_gets_nothing),
        TLS(test_another_hosts_certificate_gets_nothing),
        TLS(test_a_known_certificate_is_spoken_to),
        TLS(test_no_redirect_leads_out_of_encryption),
    };
    return cmocka_run_group_tests(tests, make_pair, certificate_drop);
}
