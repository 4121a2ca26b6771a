/* ZIP archives made by Python's zipfile, read back whole and damaged. */
#include "scratch.h"

#include "base/codec/zip_reader.h"

/* What came: "name:size=bytes;" for each member, with the first bytes of long ones. */
static char heard[1024];

static int hear(void *context, const struct zip_piece *piece, struct lcap_error *error)
{
    uint64_t *bytes = context;
    (void)error;
    size_t at = strlen(heard);
    *bytes += piece->len;
    if (piece->offset == 0)
        snprintf(heard + at, sizeof heard - at, "%.*s:%zu=%.*s;", (int)piece->member_len,
                 piece->member, (size_t)piece->size, (int)(piece->len < 9 ? piece->len : 9),
                 (const char *)piece->bytes);
    return LCAP_OK;
}

static int read_file(const char *path, uint64_t *bytes, struct lcap_error *error)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    heard[0] = '\0';
    *bytes = 0;
    int rc = zip_read(fd, "z", hear, bytes, error);
    close(fd);
    return rc;
}

static void make_archive(const char *method, const char *more)
{
    char command[600];
    snprintf(command, sizeof command,
             "/usr/bin/python3 -c \"import zipfile; %s; z = zipfile.ZipFile('p', 'w', zipfile.%s);"
             "z.writestr('empty', ''); z.writestr('a', 'xyz' * 100000);"
             "z.writestr('dir/long name', 'y' * 7); z.writestr('b', 'b' * 65536); z.close()\"",
             more, method);
    run(command);
}

static void whole_archives(void **state)
{
    (void)state;
    static const char *const methods[] = {"ZIP_DEFLATED", "ZIP_STORED"};
    static const char *const kinds[] = {"pass", "zipfile.ZIP64_LIMIT = 5"};
    for (size_t i = 0; i < 4; i++) {
        uint64_t bytes;
        make_archive(methods[i % 2], kinds[i / 2]);
        assert_int_equal(read_file("p", &bytes, NULL), 0);
        assert_int_equal(bytes, 300000 + 7 + 65536);
        assert_string_equal(heard, "empty:0=;a:300000=xyzxyzxyz;dir/long name:7=yyyyyyy;"
                                   "b:65536=bbbbbbbbb;");
    }
}

/* Whatever is cut off is missed; no byte that is wrong leads astray, which sanitizers see. */
static void damaged_archives(void **state)
{
    (void)state;
    uint64_t bytes;
    make_archive("ZIP_DEFLATED", "zipfile.ZIP64_LIMIT = 5");
    struct bytes all = slurp("p");
    for (size_t cut = 0; cut < all.len; cut++) {
        spill("cut", all.data, cut);
        assert_int_equal(read_file("cut", &bytes, NULL), LCAP_ERR_DAMAGED);
    }
    for (size_t at = 0; at < all.len; at++) {
        all.data[at] ^= 0xFF;
        spill("wrong", all.data, all.len);
        int rc = read_file("wrong", &bytes, NULL);
        assert_true(rc == 0 || rc == LCAP_ERR_DAMAGED);
        all.data[at] ^= 0xFF;
    }
    free(all.data);
}

static void messages(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    uint64_t bytes;
    spill("text", "hello, this is no archive", 25);
    assert_int_equal(read_file("text", &bytes, &error), LCAP_ERR_DAMAGED);
    assert_string_equal(error.text,
                        "z: read back, it is not whole: no central directory at its end");
    lcap_error_clear(&error);
    make_archive("ZIP_STORED", "pass");
    struct bytes all = slurp("p");
    ((uint8_t *)memmem(all.data, all.len, "xyzxyz", 6))[1] = 'Y';
    spill("wrong", all.data, all.len);
    free(all.data);
    assert_int_equal(read_file("wrong", &bytes, &error), LCAP_ERR_DAMAGED);
    assert_string_equal(error.text,
                        "z: read back, it is not whole: a member is not what its directory says");
    assert_int_equal(zip_read(-1, "z", hear, &bytes, NULL), LCAP_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_archives),
        cmocka_unit_test(damaged_archives),
        cmocka_unit_test(messages),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
