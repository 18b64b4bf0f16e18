/* The compressor's two ways: whatever goes in comes out of libdeflate's inflater the same; codes
 * stay within their length; a sample chooses the smaller way. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "picture/made.h"
#include "picture/png_huffman.h"
#include "picture/png_noise.h"
#include "picture/png_pack.h"

static size_t comes_back(const uint8_t *bytes, size_t len)
{
    uint8_t *packed = mem_alloc(png_noise_room(len)), *back = mem_alloc(len);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t n = png_noise_pack(bytes, len, packed), got = 0, read = 0;
    assert_true(n <= png_noise_room(len));
    assert_int_equal(libdeflate_zlib_decompress_ex(d, packed, n, back, len, &read, &got),
                     LIBDEFLATE_SUCCESS);
    assert_int_equal(read, n);
    assert_int_equal(got, len);
    assert_memory_equal(bytes, back, len);
    libdeflate_free_decompressor(d);
    free(back);
    free(packed);
    return n;
}

static void test_noise_of_every_length_comes_back(void **state)
{
    (void)state;
    static const size_t lengths[] = {1,  2,  3,    7,     8,     9,     15,    16,
                                     17, 63, 1000, 65535, 65536, 65537, 200000};
    uint8_t *bytes = mem_alloc(200000);
    uint32_t seed = 1;
    for (size_t range = 1; range <= 256; range *= 4)
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            for (size_t k = 0; k < lengths[i]; k++)
                bytes[k] = (uint8_t)(made_random(&seed) % range);
            comes_back(bytes, lengths[i]);
        }
    free(bytes);
}

static void test_runs_of_every_length_and_place_come_back(void **state)
{
    (void)state;
    size_t len = 200000, at = 0;
    uint8_t *bytes = mem_alloc(len);
    uint32_t seed = 9;
    for (size_t k = 0; k < len; k++)
        bytes[k] = (uint8_t)made_random(&seed);
    for (size_t run = 1; at + run + 9 < len; run++) {
        memset(bytes + at, (int)(run % 3), run % 560);
        at += run % 560 + run % 9;
    }
    comes_back(bytes, len);
    memset(bytes, 0, len);
    assert_true(comes_back(bytes, len) < 2000);
    bytes[65536] = 7;
    comes_back(bytes, len);
    free(bytes);
}

static void test_codes_stay_within_their_length_and_fill_the_tree(void **state)
{
    (void)state;
    uint32_t count[40] = {0}, a = 1, b = 1;
    for (int i = 0; i < 40; i++) { /* Fibonacci's numbers make the deepest tree there is */
        count[i] = a;
        uint32_t next = a + b;
        a = b, b = next;
    }
    for (int max = 6; max <= 15; max++) {
        struct huffman_code codes[40];
        uint32_t used = 0;
        huffman_make(count, 40, max, codes);
        for (int i = 0; i < 40; i++) {
            assert_true(codes[i].len >= 1 && codes[i].len <= max);
            assert_true(i == 0 || codes[i].len <= codes[i - 1].len);
            used += 1u << (max - codes[i].len);
            for (int k = 0; k < i; k++) { /* no code begins with another */
                int least = codes[i].len < codes[k].len ? codes[i].len : codes[k].len;
                assert_true((codes[i].bits ^ codes[k].bits) & ((1u << least) - 1));
            }
        }
        assert_int_equal(used, 1u << max);
    }
}

static void test_a_deep_tree_comes_back(void **state)
{
    (void)state;
    uint8_t *bytes = mem_alloc(65536);
    size_t at = 0;
    for (size_t a = 1, b = 1, v = 0; at + a < 65536; v++) {
        memset(bytes + at, (int)v, a);
        at += a;
        size_t next = a + b;
        a = b, b = next;
    }
    uint32_t seed = 4;
    for (size_t i = at - 1; i > 0; i--) { /* in no order, so that nothing runs */
        size_t k = made_random(&seed) % (i + 1);
        uint8_t kept = bytes[i];
        bytes[i] = bytes[k], bytes[k] = kept;
    }
    comes_back(bytes, at);
    free(bytes);
}

static size_t packed_len(const uint8_t *bytes, size_t len)
{
    uint8_t *to = mem_alloc(png_pack_room(len));
    size_t n = 0;
    assert_int_equal(png_pack(bytes, len, to, &n, NULL), 0);
    free(to);
    return n;
}

static void test_the_smaller_way_is_chosen(void **state)
{
    (void)state;
    size_t len = 300000;
    uint8_t *bytes = mem_alloc(len);
    uint32_t seed = 2;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i % 1000 ? bytes[i - 1] * 5 + i % 1000 : 3);
    assert_true(packed_len(bytes, len) * 4 < comes_back(bytes, len));
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(made_random(&seed) % 9 + made_random(&seed) % 9);
    assert_int_equal(packed_len(bytes, len), comes_back(bytes, len));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_of_every_length_comes_back),
        cmocka_unit_test(test_runs_of_every_length_and_place_come_back),
        cmocka_unit_test(test_codes_stay_within_their_length_and_fill_the_tree),
        cmocka_unit_test(test_a_deep_tree_comes_back),
        cmocka_unit_test(test_the_smaller_way_is_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
