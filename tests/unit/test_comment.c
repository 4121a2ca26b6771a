/* What is a label and what is somebody else's comment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <labelcap/label.h>

static void labels(void **state)
{
    (void)state;
    static const struct {
        const char *comment;
        uint64_t sample_id;
        const char *metadata;
    } cases[] = {
        {"10501508303324602647,facebook", 10501508303324602647u, "facebook"},
        {"0,x", 0, "x"},
        {"7,", 7, ""},
        {"7,a,b,c", 7, "a,b,c"},
        {"7,,", 7, ","},
        {"18446744073709551615,max", UINT64_MAX, "max"},
        {"00000000000000000042,zeros", 42, "zeros"},
        {"7, spaced\n", 7, " spaced\n"},
        {"s=7,proc=curl,pid=12", 7, "proc=curl,pid=12"},
        {"s=18446744073709551615,", UINT64_MAX, ""},
        /* what pcapml says of the packet, not of its sample */
        {"42,chrome,d=e,dst=example.com", 42, "chrome"},
        {"42,chrome,dir=out", 42, "chrome"},
        {"42,a,b,dst=", 42, "a,b"},
        {"s=42,proc=curl,d=i", 42, "proc=curl"},
        {"s=42,d=i,dst=::1", 42, ""},
        /* the label itself, and what stands before other fields */
        {"42,d=e", 42, "d=e"},
        {"42,d=e,web", 42, "d=e,web"},
        {"42,a,dx=1", 42, "a,dx=1"},
        {"42,a,", 42, "a,"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lcap_label label;
        const char *comment = cases[i].comment;
        assert_int_equal(lcap_comment_parse(comment, strlen(comment), &label), LCAP_COMMENT_LABEL);
        assert_true(label.sample_id == cases[i].sample_id);
        assert_int_equal(label.metadata_len, strlen(cases[i].metadata));
        assert_memory_equal(label.metadata, cases[i].metadata, label.metadata_len);
    }
}

static void others(void **state)
{
    (void)state;
    static const struct {
        const char *comment;
        enum lcap_comment_kind kind;
    } cases[] = {
        {"", LCAP_COMMENT_FOREIGN},
        {",", LCAP_COMMENT_FOREIGN},
        {"7", LCAP_COMMENT_FOREIGN},
        {"7 ,x", LCAP_COMMENT_FOREIGN},
        {" 7,x", LCAP_COMMENT_FOREIGN},
        {"+7,x", LCAP_COMMENT_FOREIGN},
        {"-7,x", LCAP_COMMENT_FOREIGN},
        {"7x,y", LCAP_COMMENT_FOREIGN},
        {"0x7,y", LCAP_COMMENT_FOREIGN},
        {"hello, world", LCAP_COMMENT_FOREIGN},
        {"s=", LCAP_COMMENT_FOREIGN},
        {"s=7", LCAP_COMMENT_FOREIGN},
        {"s=,x", LCAP_COMMENT_FOREIGN},
        {"s= 7,x", LCAP_COMMENT_FOREIGN},
        {"s=s=7,x", LCAP_COMMENT_FOREIGN},
        {"S=7,x", LCAP_COMMENT_FOREIGN},
        {"000000000000000000042,21 digits", LCAP_COMMENT_FOREIGN},
        {"18446744073709551616,x", LCAP_COMMENT_OVERFLOW},
        {"99999999999999999999,x", LCAP_COMMENT_OVERFLOW},
        {"100000000000000000000000,x", LCAP_COMMENT_OVERFLOW},
        {"s=18446744073709551616,k=v", LCAP_COMMENT_OVERFLOW},
        {"18446744073709551616", LCAP_COMMENT_FOREIGN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lcap_label label = {.sample_id = 99};
        const char *comment = cases[i].comment;
        assert_int_equal(lcap_comment_parse(comment, strlen(comment), &label), cases[i].kind);
        assert_int_equal(label.sample_id, 99);
    }
}

/* The length counts, not a NUL: nothing behind it is read. */
static void length_is_binding(void **state)
{
    (void)state;
    struct lcap_label label;
    assert_int_equal(lcap_comment_parse("77,x", 2, &label), LCAP_COMMENT_FOREIGN);
    assert_int_equal(lcap_comment_parse("77,x", 3, &label), LCAP_COMMENT_LABEL);
    assert_int_equal(label.metadata_len, 0);
    assert_int_equal(lcap_comment_parse("7,a\0b", 5, &label), LCAP_COMMENT_LABEL);
    assert_int_equal(label.metadata_len, 3);
}

static void of_packets(void **state)
{
    (void)state;
    struct lcap_label label;
    struct lcap_packet packet = {.comment = NULL};
    assert_false(lcap_packet_label(&packet, &label));
    packet.comment = "5,web;junk";
    packet.comment_len = 5;
    assert_true(lcap_packet_label(&packet, &label));
    assert_int_equal(label.sample_id, 5);
    assert_int_equal(label.metadata_len, 3);
    packet.comment = "99999999999999999999,x";
    packet.comment_len = 22;
    assert_false(lcap_packet_label(&packet, &label));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels),
        cmocka_unit_test(others),
        cmocka_unit_test(length_is_binding),
        cmocka_unit_test(of_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
