/* Tables of captures without the command: files, listeners, groups, and what is refused. */
#include "tabulate/tabulate.h"

#include "pass_fixture.h"
#include <time.h>

/* A packet of UDP from 10.0.0.1, `port`, to 10.0.0.2, 53. */
struct datagram {
    struct sent sent;
    uint16_t port;
    uint8_t payload; /* bytes of it */
};

static const struct lcap_interface raw_ip = {.linktype = 101, .tsresol = 6, .fcs_len = -1};

enum { HEADERS = 28, LONGEST = 100 };

static void write_datagram(struct lcap_writer *writer, const struct datagram *datagram)
{
    const uint8_t length = HEADERS + datagram->payload;
    uint8_t data[HEADERS + LONGEST] = {
        [0] = 0x45, [3] = length, [8] = 64, [9] = 17, [12] = 10, [15] = 1, [16] = 10, [19] = 2};
    data[20] = (uint8_t)(datagram->port >> 8);
    data[21] = (uint8_t)datagram->port;
    data[23] = 53;
    data[25] = length - 20;
    write_packet(writer, &raw_ip, &datagram->sent, data, length, length);
}

static void write_datagrams(const char *path, const struct datagram *datagrams, size_t count)
{
    struct lcap_writer *writer = begin_capture(path, &raw_ip);
    for (size_t i = 0; i < count; i++)
        write_datagram(writer, &datagrams[i]);
    assert_int_equal(lcap_writer_close(writer, NULL), 0);
}

static const struct datagram labelled[] = {{{1, "7,voice"}, 1001, 4},
                                           {{2, "8,chat"}, 1002, 9},
                                           {{3, "7,voice"}, 1001, 6},
                                           {{4, NULL}, 1003, 0}};

/* A run that is being put together, and what is borrowed for it. */
struct asked {
    struct tabulate_options options;
    struct sources sources;
    struct column_choice columns;
    struct tabulate_result result;
    struct lcap_error error;
};

static struct asked *ask(const char *profile, const char *columns, const char *input)
{
    struct asked *asked = calloc(1, sizeof *asked);
    assert_non_null(asked);
    const bool compat = strcmp(profile, "labelcap") != 0;
    asked->options = (struct tabulate_options){
        .sources = &asked->sources,
        .flow = {.size = sizeof asked->options.flow},
        .columns = &asked->columns,
    };
    lcap_flow_defaults(&asked->options.flow, lcap_profile_find(profile), compat);
    const struct column_request request = {
        .flow = &asked->options.flow,
        .names = columns,
        .source_file = columns && strstr(columns, "source_file"),
    };
    assert_int_equal(column_choice_make(&asked->columns, &request, NULL, NULL), 0);
    assert_int_equal(sources_add(&asked->sources, input, NULL), 0);
    return asked;
}

static int answer(struct asked *asked)
{
    return tabulate_run(&asked->options, &asked->result, &asked->error);
}

static void forget(struct asked *asked)
{
    sources_release(&asked->sources);
    column_choice_release(&asked->columns);
    free(asked);
}

static void rows_in_a_table(void **state)
{
    static const char expected[] = "source_port,packets,payload_bytes,sample_id,metadata\n"
                                   "1001,2,10,7,voice\n"
                                   "1002,1,9,8,chat\n"
                                   "1003,1,0,,\n";
    (void)state;
    write_datagrams("labelled", labelled, COUNT_OF(labelled));
    struct asked *asked =
        ask("labelcap", "source_port,packets,payload_bytes,sample_id,metadata", "labelled");
    asked->options.output = "table.csv";
    assert_int_equal(answer(asked), 0);
    assert_file_holds("table.csv", expected, sizeof expected - 1);
    assert_int_equal(asked->result.rows, 3);
    assert_int_equal(asked->result.files, 1);
    assert_int_equal(asked->result.counts.packets, 4);
    assert_int_equal(asked->result.inputs.read, 1);
    forget(asked);
}

static void a_table_for_each_class(void **state)
{
    static const char voice[] = "{\"source_port\": 1001}\n", none[] = "{\"source_port\": 1003}\n";
    (void)state;
    write_datagrams("labelled", labelled, COUNT_OF(labelled));
    struct asked *asked = ask("labelcap", "source_port", "labelled");
    asked->options.output = "tables";
    asked->options.format = &table_jsonl;
    asked->options.layout = LAYOUT_CLASS;
    asked->options.name = "f";
    assert_int_equal(answer(asked), 0);
    assert_int_equal(entries_of("tables"), 3);
    assert_file_holds("tables/f_voice.jsonl", voice, sizeof voice - 1);
    assert_file_holds("tables/f_unlabelled.jsonl", none, sizeof none - 1);
    forget(asked);
}

/* A directory of captures with two flows each, a damaged one, an empty file, and no capture. */
enum { CAPTURES = 12 };

static void write_inputs(void)
{
    struct stat st;
    char path[32];
    run("rm -rf in && mkdir in");
    for (unsigned i = 0; i < CAPTURES; i++) {
        const struct datagram two[] = {{{1, NULL}, (uint16_t)(2000 + i), 1}, {{2, "9,x"}, 3000, 2}};
        snprintf(path, sizeof path, "in/%c", 'a' + i);
        write_datagrams(path, two, 2);
    }
    assert_int_equal(stat("in/d", &st), 0);
    assert_int_equal(truncate("in/d", st.st_size - 1), 0);
    spill("in/e", "", 0);
    spill("in/f", "no capture at all", 17);
}

struct heard {
    char rows[4096], inputs[512];
    uint64_t packets;
    int fail_at; /* the row at which the listener fails, from 1 */
    int count;
};

/* "a:2000 ": the cells of source_file and source_port, which are chosen in this order. */
static int hear_row(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct heard *heard = context;
    if (++heard->count == heard->fail_at)
        return lcap_error_set(error, LCAP_ERR_IO, "no more");
    const struct lcap_cell *name = &row->row.cells[row->row.count - 1];
    assert_int_equal(name->kind, LCAP_CELL_TEXT);
    const size_t len = strlen(heard->rows);
    snprintf(heard->rows + len, sizeof heard->rows - len, "%.*s:%u ", (int)name->text_len,
             name->value.text, row->ports[0]);
    return 0;
}

static int hear_counts(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    struct heard *heard = context;
    (void)error;
    assert_int_equal(row->row.count, 0);
    heard->packets += row->packets;
    return 0;
}

static void hear_input(void *context, const struct input_outcome *outcome)
{
    struct heard *heard = context;
    const char *mark = outcome->status == LCAP_ERR_DAMAGED  ? "!"
                       : outcome->status == LCAP_ERR_FORMAT ? "?"
                       : outcome->empty                     ? "0"
                                                            : "";
    const size_t len = strlen(heard->inputs);
    snprintf(heard->inputs + len, sizeof heard->inputs - len, "%s%s ", outcome->name, mark);
}

static const char all_rows[] = "a:2000 a:3000 b:2001 b:3000 c:2002 c:3000 d:2003 g:2006 g:3000 "
                               "h:2007 h:3000 i:2008 i:3000 j:2009 j:3000 k:2010 k:3000 "
                               "l:2011 l:3000 ";
static const char first_rows[] = "a:2000 b:2001 c:2002 d:2003 g:2006 h:2007 i:2008 j:2009 k:2010 "
                                 "l:2011 ";

/* What listeners hear, with or without a table beside them. */
static void expect_heard(uint64_t jobs, uint64_t most, const char *output, const char *rows)
{
    struct heard heard = {.count = 0};
    const struct row_listener listeners[] = {
        {.take = hear_row, .context = &heard, .most = most},
        {.take = hear_counts, .context = &heard, .counts_only = true},
    };
    struct asked *asked = ask("labelcap", "source_file,source_port", "in");
    asked->options.listeners = listeners;
    asked->options.listener_count = COUNT_OF(listeners);
    asked->options.jobs = jobs;
    asked->options.output = output;
    asked->options.overwrite = true;
    asked->options.inputs.listener = hear_input;
    asked->options.inputs.context = &heard;
    assert_int_equal(answer(asked), 0);
    assert_string_equal(heard.rows, rows);
    assert_int_equal(heard.packets, 19);
    assert_string_equal(heard.inputs, "in/a in/b in/c in/d! in/e0 in/f? in/g in/h in/i in/j in/k "
                                      "in/l ");
    assert_int_equal(asked->result.inputs.read, 11);
    assert_int_equal(asked->result.inputs.damaged, 1);
    assert_int_equal(asked->result.inputs.skipped, 1);
    assert_int_equal(asked->result.rows, 19);
    assert_int_equal(asked->result.files, output ? 1 : 0);
    forget(asked);
}

static void rows_for_listeners(void **state)
{
    (void)state;
    write_inputs();
    for (uint64_t jobs = 1; jobs < 6; jobs++) {
        expect_heard(jobs, 0, NULL, all_rows);
        expect_heard(jobs, 1, NULL, first_rows);
        expect_heard(jobs, 0, "table.csv", all_rows);
        struct bytes table = slurp("table.csv");
        assert_memory_equal(table.data, "source_file,source_port\na,2000\na,3000\nb,2001\n", 45);
        free(table.data);
    }
}

struct looked {
    size_t rows, input; /* the input that was told last */
};

static bool look_at(void *context, const struct lcap_progress *progress)
{
    struct looked *looked = context;
    assert_true(progress->done <= progress->size && progress->input >= looked->input);
    looked->input = progress->input;
    return true;
}

/* The third row is of the second input. */
static int hear_slowly(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    struct looked *looked = context;
    (void)row, (void)error;
    nanosleep(&pause, NULL);
    if (++looked->rows == 3)
        assert_in_range(looked->input, 2, CAPTURES - 1);
    return 0;
}

/* What other threads read while rows of the first inputs are taken counts, too. */
static void progress_of_all_threads(void **state)
{
    (void)state;
    write_inputs();
    struct looked looked = {0};
    const struct row_listener listener = {.take = hear_slowly, .context = &looked};
    struct asked *asked = ask("labelcap", "source_file", "in");
    asked->options.listeners = &listener;
    asked->options.listener_count = 1;
    asked->options.jobs = 3;
    asked->options.inputs.watcher = (struct lcap_watcher){look_at, &looked};
    assert_int_equal(answer(asked), 0);
    assert_int_equal(looked.input, CAPTURES - 1);
    forget(asked);
}

static void a_listener_ends_the_run(void **state)
{
    (void)state;
    write_inputs();
    for (uint64_t jobs = 1; jobs < 6; jobs++) {
        struct heard heard = {.fail_at = 7};
        const struct row_listener listener = {.take = hear_row, .context = &heard};
        struct asked *asked = ask("labelcap", "source_file", "in");
        asked->options.listeners = &listener;
        asked->options.listener_count = 1;
        asked->options.jobs = jobs;
        asked->options.output = "never.csv";
        assert_int_equal(answer(asked), LCAP_ERR_IO);
        assert_string_equal(asked->error.text, "no more");
        assert_int_equal(access("never.csv", F_OK), -1);
        forget(asked);
    }
}

/* NexusFlowMeter's rows, which wait for all others of their group: by bytes, the most first. */
static int hear_falling(void *context, const struct lcap_flow_row *row, struct lcap_error *error)
{
    uint64_t *bytes = context;
    (void)error;
    assert_true(row->bytes < *bytes);
    *bytes = row->bytes;
    return 0;
}

static void rows_that_wait(void **state)
{
    (void)state;
    write_datagrams("labelled", labelled, COUNT_OF(labelled));
    uint64_t bytes = UINT64_MAX;
    const struct row_listener listener = {.take = hear_falling, .context = &bytes};
    struct asked *asked = ask("nexusflowmeter", NULL, "labelled");
    asked->options.listeners = &listener;
    asked->options.listener_count = 1;
    assert_int_equal(answer(asked), 0);
    assert_int_equal(asked->result.rows, 3);
    assert_int_equal(bytes, HEADERS);
    forget(asked);
}

static void faults_of_columns(void **state)
{
    static const struct {
        const char *names, *drop;
        int kind;
        const char *name, *text;
    } cases[] = {
        {"packets,nothing", NULL, COLUMN_UNKNOWN, "nothing",
         "profile labelcap: 'nothing' is not one of its columns"},
        {NULL, "nothing", COLUMN_UNKNOWN, "nothing",
         "profile labelcap: 'nothing' is not one of its columns"},
        {"packets,packets", NULL, COLUMN_NAMED_TWICE, "packets",
         "profile labelcap: 'packets' is named twice"},
        {"packet_lengths", NULL, COLUMN_NEEDS_PACKETS, "packet_lengths",
         "profile labelcap: 'packet_lengths' needs a number of packets"},
        {"payload", NULL, COLUMN_NEEDS_PAYLOAD, "payload",
         "profile labelcap: 'payload' needs a number of bytes of payload"},
        {"", NULL, COLUMN_NONE_LEFT, "", "no columns left to write"},
    };
    struct lcap_flow_options flow = {.size = sizeof flow};
    (void)state;
    lcap_flow_defaults(&flow, lcap_profile_find("labelcap"), false);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct column_request request = {
            .flow = &flow, .names = cases[i].names, .drop = cases[i].drop};
        struct column_choice columns = {0};
        struct column_fault fault = {0};
        struct lcap_error error = {0};
        assert_int_equal(column_choice_make(&columns, &request, &fault, &error), LCAP_ERR_ARGUMENT);
        assert_int_equal(fault.kind, cases[i].kind);
        assert_int_equal(fault.name_len, strlen(cases[i].name));
        assert_string_equal(error.text, cases[i].text);
        column_choice_release(&columns);
    }
}

static void expect_refused(struct asked *asked, const char *text)
{
    assert_int_equal(answer(asked), LCAP_ERR_ARGUMENT);
    assert_string_equal(asked->error.text, text);
    forget(asked);
}

static void what_is_refused(void **state)
{
    const struct output_place report = {"the report", "./same"};
    (void)state;
    write_datagrams("labelled", labelled, COUNT_OF(labelled));
    struct asked *asked = ask("labelcap", "packets", "labelled");
    asked->options.layout = LAYOUT_PROTOCOL;
    expect_refused(asked, "several tables need a directory");
    asked = ask("labelcap", "packets", "labelled");
    asked->options.output = "-";
    asked->options.rows_per_file = 5;
    expect_refused(asked, "only a single table in a file can be continued in other files");
    asked = ask("labelcap", "packets", "labelled");
    asked->options.output = "./labelled";
    asked->options.overwrite = true;
    expect_refused(asked, "./labelled is an input and would be overwritten");
    asked = ask("labelcap", "packets", "labelled");
    asked->options.output = "same";
    asked->options.others = &report;
    asked->options.other_count = 1;
    expect_refused(asked, "same: the table and the report would both be written to it");
    asked = ask("labelcap", "packets", "labelled");
    asked->options.number_format = "five";
    expect_refused(asked, "number format \"five\": expected a point, a precision from 0 to 30, and "
                          "f, g or e, such as .4f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_in_a_table),         cmocka_unit_test(a_table_for_each_class),
        cmocka_unit_test(rows_for_listeners),      cmocka_unit_test(progress_of_all_threads),
        cmocka_unit_test(a_listener_ends_the_run), cmocka_unit_test(rows_that_wait),
        cmocka_unit_test(faults_of_columns),       cmocka_unit_test(what_is_refused),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
