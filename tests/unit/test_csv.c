/* CSV: what libcsv makes of records, with the place of everything, and what is refused where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text/csv.h"

static char path[] = "/tmp/labelcap-test-csv-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_text(const char *text, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    fclose(file);
}

static struct csv_reader *open_text(const char *text, size_t len)
{
    write_text(text, len);
    struct csv_reader *reader = NULL;
    struct lcap_error error = {0};
    assert_int_equal(csv_reader_open(&reader, path, &error), 0);
    return reader;
}

/* A record as text: LINE[BYTES]|LINE:COLUMN=FIELD|... */
static void show(const struct csv_record *record, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "%u[%.*s]", record->line, (int)record->bytes_len,
                                   record->bytes);
    for (size_t i = 0; i < record->count; i++) {
        const struct csv_field *field = &record->fields[i];
        assert_int_equal(strlen(field->text), field->len);
        used += (size_t)snprintf(out + used, size - used, "|%u:%u=%s", field->line, field->column,
                                 field->text);
    }
}

/* All records of `text`, then NULL. */
static void assert_records(const char *text, size_t len, const char *const *expected)
{
    struct csv_reader *reader = open_text(text, len);
    struct csv_record record;
    struct lcap_error error = {0};
    int rc;
    while ((rc = csv_reader_next(reader, &record, &error)) == 1) {
        char shown[1000];
        show(&record, shown, sizeof shown);
        assert_non_null(*expected);
        assert_string_equal(shown, *expected++);
    }
    assert_string_equal(error.text, "");
    assert_int_equal(rc, 0);
    assert_null(*expected);
    csv_reader_free(reader);
}

#define RECORDS(text, ...)                                                                         \
    assert_records(text, sizeof(text) - 1, (const char *const[]){__VA_ARGS__, NULL})

static void records(void **state)
{
    (void)state;
    RECORDS("a,b\nc,d\n", "1[a,b]|1:1=a|1:3=b", "2[c,d]|2:1=c|2:3=d");
    RECORDS("a,b\r\nc,d\r\n", "1[a,b]|1:1=a|1:3=b", "2[c,d]|2:1=c|2:3=d");
    RECORDS("a,b\nc,d", "1[a,b]|1:1=a|1:3=b", "2[c,d]|2:1=c|2:3=d");
    RECORDS(" a , b \n", "1[ a , b ]|1:1= a |1:5= b ");
    RECORDS("a,,\n,,", "1[a,,]|1:1=a|1:3=|1:4=", "2[,,]|2:1=|2:2=|2:3=");
    RECORDS("\xC3\xA9,b\n", "1[\xC3\xA9,b]|1:1=\xC3\xA9|1:4=b");
    RECORDS("a", "1[a]|1:1=a");
}

static void nothing(void **state)
{
    (void)state;
    assert_records("", 0, (const char *const[]){NULL});
    RECORDS("\n\r\n   \n\t\n#x\n", NULL);
    RECORDS("\xEF\xBB\xBF", NULL);
    RECORDS("# the end", NULL);
}

static void skipped_lines_count(void **state)
{
    (void)state;
    RECORDS("# one, \"two\na,b\n\n  \n#\nc,d\n", "2[a,b]|2:1=a|2:3=b", "6[c,d]|6:1=c|6:3=d");
    /* Only where a record would begin: not behind a space, not inside quotes. */
    RECORDS(" #a,b\n\"x\n# y\",z\n", "1[ #a,b]|1:1= #a|1:5=b", "2[\"x\n# y\",z]|2:2=x\n# y|3:6=z");
    RECORDS("\"#a\",b\n", "1[\"#a\",b]|1:2=#a|1:6=b");
    /* Comments may hold anything but NUL. */
    RECORDS("#\xFF\xFE\"\na,b\n", "2[a,b]|2:1=a|2:3=b");
}

static void byte_order_mark(void **state)
{
    (void)state;
    RECORDS("\xEF\xBB\xBF"
            "a,b\n",
            "1[a,b]|1:1=a|1:3=b");
    RECORDS("\xEF\xBB\xBF#x\na,b\n", "2[a,b]|2:1=a|2:3=b");
}

static void quotes(void **state)
{
    (void)state;
    RECORDS("\"a,b\",c\n", "1[\"a,b\",c]|1:2=a,b|1:7=c");
    RECORDS("\"a \"\"b\"\"\",c\n", "1[\"a \"\"b\"\"\",c]|1:2=a \"b\"|1:11=c");
    RECORDS("\"\",x\n", "1[\"\",x]|1:2=|1:4=x");
    RECORDS("\"\"\"\",x\n", "1[\"\"\"\",x]|1:2=\"|1:6=x");
    /* Line ends inside quotes stay as they are; outside they end the record. */
    RECORDS("\"a\r\nb\",c\r\nd,e\r\n", "1[\"a\r\nb\",c]|1:2=a\r\nb|2:4=c", "3[d,e]|3:1=d|3:3=e");
    RECORDS("\"a\rb\",c", "1[\"a\rb\",c]|1:2=a\rb|1:7=c");
    RECORDS("x,\"y\"", "1[x,\"y\"]|1:1=x|1:4=y");
}

static void assert_refused(const char *text, size_t len, int good, const char *message)
{
    struct csv_reader *reader = open_text(text, len);
    struct csv_record record;
    struct lcap_error error = {0};
    for (int i = 0; i < good; i++)
        assert_int_equal(csv_reader_next(reader, &record, &error), 1);
    char expected[400];
    snprintf(expected, sizeof expected, "%s:%s", path, message);
    assert_int_equal(csv_reader_next(reader, &record, &error), LCAP_ERR_FORMAT);
    assert_string_equal(error.text, expected);
    csv_reader_free(reader);
}

#define REFUSED(text, good, message) assert_refused(text, sizeof(text) - 1, good, message)

static void refused(void **state)
{
    (void)state;
    REFUSED("a,b\n\"c,d\ne\n", 1, "2:1: the quote opened here is never closed");
    REFUSED("a,\"b", 0, "1:3: the quote opened here is never closed");
    REFUSED("a,\"b\"\"", 0, "1:3: the quote opened here is never closed");
    REFUSED("a,b\"c\n", 0,
            "1:4: a quote inside a field that does not begin with one; "
            "quote the whole field and double the quotes in it");
    REFUSED("a, \"b\"\n", 0,
            "1:4: a quote inside a field that does not begin with one; "
            "quote the whole field and double the quotes in it");
    REFUSED("x,\"a\nb\"c,d\n", 0,
            "2:3: expected a comma or a line end after the closing quote, found c");
    REFUSED("\"a\" ,b\n", 0,
            "1:4: expected a comma or a line end after the closing quote, found byte 0x20");
    REFUSED("\"a\"\xC3\xA9,b\n", 0,
            "1:4: expected a comma or a line end after the closing quote, found byte 0xc3");
    REFUSED("a,b\rc,d\r", 0,
            "1:4: a carriage return without a line feed; lines end with LF or CR LF");
    REFUSED("a,b\nc\r", 1,
            "2:2: a carriage return without a line feed; lines end with LF or CR LF");
    REFUSED("#x\ra,b\n", 0,
            "1:3: a carriage return without a line feed; lines end with LF or CR LF");
    REFUSED("\"a\"\rb", 0,
            "1:4: a carriage return without a line feed; lines end with LF or CR LF");
}

static void no_text(void **state)
{
    (void)state;
    REFUSED("a,b\nc\0,d\n", 1, "2:2: a NUL byte; this is not text");
    REFUSED("\"a\n\0\",d\n", 0, "2:1: a NUL byte; this is not text");
    REFUSED("#\0\n", 0, "1:2: a NUL byte; this is not text");
    REFUSED("a,b\xFF"
            "c\n",
            0, "1:4: byte 0xff is not UTF-8");
    REFUSED("x,y\n\"a\nb\xE2\x82\",d\n", 1, "3:2: byte 0xe2 is not UTF-8");
}

/* Known by its first bytes, before a record is read. */
static void utf16(void **state)
{
    (void)state;
    struct csv_reader *reader = NULL;
    struct lcap_error error = {0};
    write_text("\xFF\xFE"
               "a\0\n",
               5);
    assert_int_equal(csv_reader_open(&reader, path, &error), LCAP_ERR_FORMAT);
    assert_non_null(strstr(error.text, ":1:1: text in UTF-16, not UTF-8; "));
    assert_null(reader);
}

static void length_limit(void **state)
{
    (void)state;
    size_t len = CSV_MAX_RECORD + 2;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'x', len);
    text[1] = ',';
    text[CSV_MAX_RECORD] = '\n'; /* the longest that is right */
    struct csv_reader *reader = open_text(text, CSV_MAX_RECORD + 1);
    struct csv_record record;
    struct lcap_error error = {0};
    assert_int_equal(csv_reader_next(reader, &record, &error), 1);
    assert_int_equal(record.bytes_len, CSV_MAX_RECORD);
    assert_int_equal(record.fields[1].len, CSV_MAX_RECORD - 2);
    assert_int_equal(csv_reader_next(reader, &record, &error), 0);
    csv_reader_free(reader);
    text[CSV_MAX_RECORD] = 'x';
    assert_refused(text, len, 0, "1:1: a record longer than 1 MiB");
    text[2] = '"';
    assert_refused(text, len, 0, "1:3: the quote opened here is not closed within 1 MiB");
    memset(text + 3, '\n', len - 3);
    assert_refused(text, len, 0, "1:3: the quote opened here is not closed within 1 MiB");
    /* As many fields as can be. */
    memset(text, ',', len);
    reader = open_text(text, CSV_MAX_RECORD);
    assert_int_equal(csv_reader_next(reader, &record, &error), 1);
    assert_int_equal(record.count, CSV_MAX_RECORD + 1);
    csv_reader_free(reader);
    free(text);
}

static void cannot_open(void **state)
{
    (void)state;
    struct csv_reader *reader = NULL;
    struct lcap_error error = {0};
    assert_int_equal(csv_reader_open(&reader, "/nonexistent/rules.csv", &error), LCAP_ERR_IO);
    assert_string_equal(error.text,
                        "/nonexistent/rules.csv: cannot open: No such file or directory");
    assert_null(reader);
    csv_reader_free(NULL);
}

static void assert_place(const struct csv_record *record, size_t field, size_t offset,
                         uint32_t line, uint32_t column)
{
    uint32_t found_line, found_column;
    csv_field_place(record, &record->fields[field], offset, &found_line, &found_column);
    assert_int_equal(found_line, line);
    assert_int_equal(found_column, column);
}

static void places_inside_fields(void **state)
{
    (void)state;
    static const char text[] = "# x\nab,\"c\"\"d\ne\"\"f\",g\n";
    struct csv_reader *reader = open_text(text, sizeof text - 1);
    struct csv_record record;
    assert_int_equal(csv_reader_next(reader, &record, NULL), 1);
    assert_place(&record, 0, 0, 2, 1);
    assert_place(&record, 0, 1, 2, 2);
    assert_string_equal(record.fields[1].text, "c\"d\ne\"f");
    assert_place(&record, 1, 0, 2, 5); /* c */
    assert_place(&record, 1, 1, 2, 6); /* the doubled quote */
    assert_place(&record, 1, 2, 2, 8); /* d */
    assert_place(&record, 1, 4, 3, 1); /* e, in the next line */
    assert_place(&record, 1, 6, 3, 4); /* f */
    assert_place(&record, 2, 0, 3, 7);
    assert_place(&record, 2, 1000, 3, 8); /* never past the record */
    csv_reader_free(reader);
}

static void appended(const char *text, size_t len, const char *expected)
{
    struct buffer out = {0};
    assert_int_equal(csv_append_field(&out, text, len, NULL), 0);
    assert_int_equal(out.len, strlen(expected));
    if (out.len > 0)
        assert_memory_equal(out.data, expected, out.len);
    buffer_release(&out);
}

static void fields_out(void **state)
{
    (void)state;
    appended("", 0, "");
    appended("plain text", 10, "plain text");
    appended("a,b", 3, "\"a,b\"");
    appended("a\"b\"", 4, "\"a\"\"b\"\"\"");
    appended("\"", 1, "\"\"\"\"");
    appended("a\nb", 3, "\"a\nb\"");
    appended("a\rb", 3, "\"a\rb\"");
    appended("#a", 2, "\"#a\"");
    appended("a#", 2, "a#");
    appended(" a", 2, "\" a\"");
    appended("a\t", 2, "\"a\t\"");
}

/* What csv_append_field() writes, the reader gives back. */
static void there_and_back(void **state)
{
    (void)state;
    static const char *const fields[] = {"#x", "", "a\"\"b,\r\n", " ", "\"", "plain", "\xC3\xA9"};
    enum { FIELDS = sizeof fields / sizeof *fields };
    struct buffer out = {0};
    for (size_t i = 0; i < FIELDS; i++) {
        assert_int_equal(csv_append_field(&out, fields[i], strlen(fields[i]), NULL), 0);
        assert_int_equal(buffer_append(&out, i + 1 < FIELDS ? "," : "\n", 1, NULL), 0);
    }
    struct csv_reader *reader = open_text((const char *)out.data, out.len);
    struct csv_record record;
    assert_int_equal(csv_reader_next(reader, &record, NULL), 1);
    assert_int_equal(record.count, FIELDS);
    for (size_t i = 0; i < FIELDS; i++)
        assert_string_equal(record.fields[i].text, fields[i]);
    csv_reader_free(reader);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records),
        cmocka_unit_test(nothing),
        cmocka_unit_test(skipped_lines_count),
        cmocka_unit_test(byte_order_mark),
        cmocka_unit_test(quotes),
        cmocka_unit_test(refused),
        cmocka_unit_test(no_text),
        cmocka_unit_test(utf16),
        cmocka_unit_test(length_limit),
        cmocka_unit_test(cannot_open),
        cmocka_unit_test(places_inside_fields),
        cmocka_unit_test(fields_out),
        cmocka_unit_test(there_and_back),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
