/* Parquet: the bytes of its parts by the specifications. Whole files are read by others: make
 * check-heavy. */
#include "table_fixture.h"

#include "table/parquet/parquet_levels.h"
#include "table/thrift_compact.h"

static void assert_runs(const uint32_t *values, size_t count, unsigned width, const void *wanted,
                        size_t len)
{
    struct buffer out = {0};
    struct lcap_error error = {0};
    assert_int_equal(parquet_put_runs(&out, values, count, width, &error), 0);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.data, wanted, len);
    buffer_release(&out);
}

/* The example of the specification: 0 to 7 in 3 bits are 88 C6 FA. */
static void packs_bits(void **state)
{
    (void)state;
    const uint32_t values[] = {0, 1, 2, 3, 4, 5, 6, 7, 5};
    assert_runs(values, 8, 3, "\x03\x88\xC6\xFA", 4);
    assert_runs(values, 9, 3, "\x05\x88\xC6\xFA\x05\0\0", 7);
}

static void writes_runs(void **state)
{
    (void)state;
    uint32_t values[120] = {0};
    for (size_t i = 8; i < 120; i++)
        values[i] = 300;
    assert_runs(values + 8, 100, 9, "\xC8\x01\x2C\x01", 4);
    assert_runs(values, 108, 9, "\x10\0\0\xC8\x01\x2C\x01", 7);
    assert_runs(values, 7, 1, "\x03\0", 2);
    assert_int_equal(parquet_bit_width(0), 1);
    assert_int_equal(parquet_bit_width(255), 8);
    assert_int_equal(parquet_bit_width(256), 9);
    assert_int_equal(parquet_bit_width(UINT32_MAX), 32);
}

static void writes_thrift(void **state)
{
    (void)state;
    struct lcap_error error = {0};
    struct thrift t = {.error = &error};
    thrift_i32(&t, 1, -1);
    thrift_i64(&t, 3, INT64_MIN);
    thrift_text(&t, 4, "ab");
    thrift_begin(&t, 5);
    thrift_bool(&t, 2, false);
    thrift_i8(&t, 3, 64);
    thrift_end(&t);
    thrift_list(&t, 6, THRIFT_I32, 15);
    thrift_end(&t);
    static const char wanted[] = "\x15\x01"
                                 "\x26\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"
                                 "\x18\x02"
                                 "ab"
                                 "\x1C\x22\x13\x40\0"
                                 "\x19\xF5\x0F\0";
    assert_int_equal(t.rc, 0);
    assert_int_equal(t.bytes.len, sizeof wanted - 1);
    assert_memory_equal(t.bytes.data, wanted, sizeof wanted - 1);
    buffer_release(&t.bytes);
}

/* Rows may come cut anywhere; a file is framed by its magic. */
static void same_bytes_however_cut(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_parquet}};
    struct lcap_cell cells[3 * EVERY_KIND];
    every_kind(&f, cells);
    memcpy(cells + EVERY_KIND, cells, EVERY_KIND * sizeof *cells);
    for (size_t i = 0; i < EVERY_KIND; i++)
        cells[2 * EVERY_KIND + i] = empty_cell();
    write_cut("whole.parquet", &f.schema, &overwriting, cells, 3, 0);
    write_cut("cut.parquet", &f.schema, &overwriting, cells, 3, 5);
    struct bytes whole = slurp("whole.parquet"), cut = slurp("cut.parquet");
    assert_int_equal(whole.len, cut.len);
    assert_memory_equal(whole.data, cut.data, whole.len);
    assert_memory_equal(whole.data, "PAR1", 4);
    assert_memory_equal(whole.data + whole.len - 4, "PAR1", 4);
    free(whole.data);
    free(cut.data);
}

static void leaves_nothing_unfinished(void **state)
{
    (void)state;
    struct fixture f = {.schema = {.format = &table_parquet}};
    struct lcap_cell cells[EVERY_KIND];
    every_kind(&f, cells);
    table_discard(open_well("none.parquet", &f.schema, NULL));
    assert_int_equal(access("none.parquet", F_OK), -1);
    write_table("there.parquet", &f.schema, cells, 1);
    assert_refused("there.parquet", &f.schema, &(struct table_options){.append = true},
                   "there.parquet: cannot append rows to a table in parquet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_bits),
        cmocka_unit_test(writes_runs),
        cmocka_unit_test(writes_thrift),
        cmocka_unit_test(same_bytes_however_cut),
        cmocka_unit_test(leaves_nothing_unfinished),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
