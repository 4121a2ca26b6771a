/* The sizes that ZIP files tell, of archives made by Python's zipfile and by hand. */
#include "scratch.h"

#include "base/bytes.h"
#include "table/zip_member.h"

static bool size_in(const void *bytes, size_t len, const char *name, uint64_t *size)
{
    spill("z", bytes, len);
    int fd = open("z", O_RDONLY);
    assert_true(fd >= 0);
    bool found = zip_member_size(fd, name, size);
    close(fd);
    return found;
}

static void archives_of_zipfile(void **state)
{
    (void)state;
    uint64_t size = 0;
    run("/usr/bin/python3 -c \"import zipfile; z = zipfile.ZipFile('p', 'w', zipfile.ZIP_DEFLATED);"
        "z.writestr('empty', ''); z.writestr('a', 'x' * 100000);"
        "z.writestr('dir/long name', 'y' * 7); z.close()\"");
    struct bytes all = slurp("p");
    assert_true(size_in(all.data, all.len, "a", &size));
    assert_int_equal(size, 100000);
    assert_true(size_in(all.data, all.len, "dir/long name", &size));
    assert_int_equal(size, 7);
    assert_true(size_in(all.data, all.len, "empty", &size));
    assert_int_equal(size, 0);
    assert_false(size_in(all.data, all.len, "b", &size));
    assert_false(size_in(all.data, all.len, "", &size));
    free(all.data);
}

/* A directory of one entry `a` with an extra field, with what ZIP64 puts behind it, and the end. */
static size_t build(uint8_t out[200], bool zip64)
{
    memset(out, 0, 200);
    size_t len = 0;
    store32(out, 0x02014b50, false);
    store32(out + 24, UINT32_MAX, false);
    store16(out + 28, 1, false);
    store16(out + 30, 6 + 12, false);
    out[46] = 'a';
    store16(out + 47, 0x5455, false); /* another field stands in front */
    store16(out + 49, 2, false);
    store16(out + 53, 1, false);
    store16(out + 55, 8, false);
    store64(out + 57, 5000000000, false);
    len = 65;
    if (zip64) {
        store32(out + len, 0x06064b50, false);
        store32(out + len + 56, 0x07064b50, false);
        len += 56 + 20;
    }
    store32(out + len, 0x06054b50, false);
    store32(out + len + 12, 65, false);
    return len + 22;
}

static void sizes_of_64_bits(void **state)
{
    (void)state;
    uint8_t bytes[200];
    uint64_t size = 0;
    for (int zip64 = 0; zip64 < 2; zip64++) {
        size_t len = build(bytes, zip64);
        assert_true(size_in(bytes, len, "a", &size));
        assert_int_equal(size, 5000000000);
    }
    build(bytes, false);
    store16(bytes + 55, 9, false); /* longer than what is left */
    assert_false(size_in(bytes, 87, "a", &size));
}

/* Nothing beyond the bytes is read, which sanitizers see; a directory that is cut is none. */
static void damage(void **state)
{
    (void)state;
    uint8_t bytes[200];
    uint64_t size;
    size_t len = build(bytes, false);
    for (size_t cut = 0; cut < len; cut++)
        assert_false(size_in(bytes, cut, "a", &size));
    for (size_t at = 0; at < 65; at++) {
        uint8_t before = bytes[at];
        bytes[at] = 0xFF;
        size_in(bytes, len, "a", &size);
        bytes[at] = before;
    }
    store32(bytes + 65 + 12, 66, false); /* more than is there */
    assert_false(size_in(bytes, len, "a", &size));
    assert_false(zip_member_size(-1, "a", &size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_of_zipfile),
        cmocka_unit_test(sizes_of_64_bits),
        cmocka_unit_test(damage),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
