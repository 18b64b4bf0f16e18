/* SHA-256 through libcrypto: bytes or a file in, 64 hexadecimal digits out. Reads files in blocks
 * and never keeps one whole. */
/* SPDX-License-Identifier: ISC */
#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libcrypto has a type of the name of one of our codes. */
#define ERR_STATE libcrypto_err_state
#include <openssl/evp.h>
#undef ERR_STATE

#include "base/mem.h"

#define DIGEST_BYTES 32
#define READ_BLOCK   65536 /* larger blocks were not faster: the hash is the cost */

struct digest {
    EVP_MD_CTX *ctx;
};

/* Looking the algorithm up costs more than hashing a short text, so it is done once. */
static const EVP_MD *sha256(void)
{
    static const EVP_MD *md;
    if (!md && !(md = EVP_MD_fetch(NULL, "SHA256", NULL)))
        bug("libcrypto has no SHA-256");
    return md;
}

static void hex(const unsigned char bytes[DIGEST_BYTES], char ret_hex[DIGEST_LEN])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < DIGEST_BYTES; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * DIGEST_BYTES] = '\0';
}

void digest_bytes(const void *bytes, size_t len, char ret_hex[DIGEST_LEN])
{
    unsigned char sum[DIGEST_BYTES];
    if (!EVP_Digest(bytes, len, sum, NULL, sha256(), NULL))
        bug("libcrypto could not hash %zu bytes", len);
    hex(sum, ret_hex);
}

struct digest *digest_begin(void)
{
    struct digest *d = mem_alloc(sizeof *d);
    d->ctx = EVP_MD_CTX_new();
    if (!d->ctx || !EVP_DigestInit_ex2(d->ctx, sha256(), NULL))
        bug("libcrypto could not begin a digest");
    return d;
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
    if (len && !EVP_DigestUpdate(d->ctx, bytes, len))
        bug("libcrypto could not hash %zu bytes", len);
}

void digest_text(struct digest *d, const char *text)
{
    uint64_t len = text ? strlen(text) : UINT64_MAX;
    unsigned char front[8];
    for (int i = 0; i < 8; i++)
        front[i] = (unsigned char)(len >> (8 * i));
    digest_add(d, front, sizeof front);
    if (text)
        digest_add(d, text, (size_t)len);
}

void digest_end(struct digest *d, char ret_hex[DIGEST_LEN])
{
    unsigned char sum[DIGEST_BYTES];
    if (!EVP_DigestFinal_ex(d->ctx, sum, NULL))
        bug("libcrypto could not end a digest");
    hex(sum, ret_hex);
    EVP_MD_CTX_free(d->ctx);
    free(d);
}

int digest_fd(int fd, char ret_hex[DIGEST_LEN], uint64_t *ret_len, struct err *e)
{
    struct digest *d = digest_begin();
    char sum[DIGEST_LEN];
    unsigned char *block = mem_alloc(READ_BLOCK);
    uint64_t len = 0;
    ssize_t got;
    while ((got = read(fd, block, READ_BLOCK)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        digest_add(d, block, (size_t)got);
        len += (uint64_t)got;
    }
    int why = errno;
    free(block);
    digest_end(d, sum);
    if (got < 0)
        return err_sys(e, ERR_IO, why, "cannot read a file to digest it");
    memcpy(ret_hex, sum, sizeof sum);
    if (ret_len)
        *ret_len = len;
    return 0;
}

int digest_file(const char *path, char ret_hex[DIGEST_LEN], uint64_t *ret_len, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return err_sys(e, errno == ELOOP ? ERR_KIND : ERR_IO, errno, "cannot open %s", path);
    struct stat st;
    int rc;
    if (fstat(fd, &st) < 0)
        rc = err_sys(e, ERR_IO, errno, "cannot look at %s", path);
    else if (!S_ISREG(st.st_mode))
        rc = err_set(e, ERR_KIND, "%s is not a regular file", path);
    else if ((rc = digest_fd(fd, ret_hex, ret_len, e)) < 0)
        err_prefix(e, "%s", path);
    close(fd);
    return rc;
}
