/* The ordered pipeline: what passes is the same for any number of threads, whatever takes long. */
#include "scratch.h"

#include "base/pipeline.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { ITEMS = 300 };

struct item {
    uint64_t number, squared;
    void *memory; /* freed by release: as many as were made */
};

struct line {
    uint64_t next, end;
    uint64_t came[ITEMS];
    size_t count;
    uint64_t joined;
    atomic_int in_first, in_join, in_last;
    unsigned threads;
    atomic_int in_thread[1000];
    bool first_here, last_here;
    pthread_t caller;
};

static void check_thread(const struct line *line, bool here)
{
    assert_true(!here || pthread_equal(pthread_self(), line->caller));
}

/* Some take longer than others. */
static void dawdle(uint64_t number)
{
    const struct timespec time = {.tv_nsec = (long)(number * 7919 % 13) * 10000};
    nanosleep(&time, NULL);
}

static bool make_item(void *context, void *buffer)
{
    struct line *line = context;
    struct item *item = buffer;
    assert_int_equal(atomic_fetch_add(&line->in_first, 1), 0);
    check_thread(line, line->first_here);
    if (!item->memory)
        item->memory = malloc(1);
    item->number = line->next++;
    dawdle(item->number);
    atomic_fetch_sub(&line->in_first, 1);
    return line->next < line->end;
}

static void square_item(void *context, void *buffer)
{
    struct item *item = buffer;
    (void)context;
    dawdle(item->number + 5);
    item->squared = item->number * item->number;
}

static void store_item(void *context, void *buffer)
{
    struct line *line = context;
    const struct item *item = buffer;
    assert_int_equal(atomic_fetch_add(&line->in_last, 1), 0);
    check_thread(line, line->last_here);
    dawdle(item->number + 3);
    line->came[line->count++] = item->squared;
    atomic_fetch_sub(&line->in_last, 1);
}

static void release_item(void *buffer)
{
    free(((struct item *)buffer)->memory);
}

static struct pipeline *new_pipeline(struct line *line, unsigned threads, bool in, bool work)
{
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct item),
        .threads = threads,
        .start = PIPELINE_START,
        .context = line,
        .first = in ? make_item : NULL,
        .work = work ? square_item : NULL,
        .last = in ? NULL : store_item,
        .release = release_item,
    };
    struct pipeline *pipeline = NULL;
    assert_int_equal(pipeline_new(&pipeline, &plan, NULL), 0);
    return pipeline;
}

static const unsigned counts[] = {0, 1, 2, 3, 7, 64, 1000};

static void what_is_filled_comes_out_in_order(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        struct line line = {0};
        struct pipeline *pipeline = new_pipeline(&line, counts[c], false, true);
        for (uint64_t i = 0; i < ITEMS; i++) {
            struct item *item = pipeline_blank(pipeline);
            item->number = i;
            pipeline_submit(pipeline);
            if (i % 97 == 96) {
                pipeline_finish(pipeline);
                assert_int_equal(line.count, i + 1);
            }
        }
        pipeline_finish(pipeline);
        assert_int_equal(line.count, ITEMS);
        for (uint64_t i = 0; i < ITEMS; i++)
            assert_int_equal(line.came[i], i * i);
        pipeline_free(pipeline);
    }
}

static void take_all(struct pipeline *pipeline, uint64_t first, uint64_t end, bool work)
{
    const struct item *item;
    for (uint64_t i = first; i < end; i++) {
        assert_non_null(item = pipeline_take(pipeline));
        assert_int_equal(item->number, i);
        if (work)
            assert_int_equal(item->squared, i * i);
        pipeline_give_back(pipeline);
    }
}

static void what_is_taken_comes_in_order(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        for (int work = 0; work <= 1; work++) {
            struct line line = {.end = ITEMS};
            struct pipeline *pipeline = new_pipeline(&line, counts[c], true, work);
            take_all(pipeline, 0, ITEMS, work);
            assert_null(pipeline_take(pipeline));
            assert_null(pipeline_take(pipeline));
            pipeline_free(pipeline);
        }
    }
}

static void square_by_thread(void *context, void *buffer, unsigned thread)
{
    struct line *line = context;
    assert_true(thread < line->threads);
    assert_int_equal(atomic_fetch_add(&line->in_thread[thread], 1), 0);
    square_item(context, buffer);
    atomic_fetch_sub(&line->in_thread[thread], 1);
}

/* One after another, whatever takes long. */
static void double_in_order(void *context, void *buffer)
{
    struct line *line = context;
    struct item *item = buffer;
    assert_int_equal(atomic_fetch_add(&line->in_join, 1), 0);
    assert_int_equal(item->number, line->joined++);
    dawdle(item->number + 1);
    item->squared *= 2;
    atomic_fetch_sub(&line->in_join, 1);
}

static void halve(void *context, void *buffer)
{
    struct item *item = buffer;
    (void)context;
    dawdle(item->number + 2);
    item->squared /= 2;
}

/* Through all stages, twice. */
static void run_line(unsigned threads, bool first_here, bool last_here)
{
    struct line line = {.threads = threads > 1 ? threads : 1,
                        .first_here = first_here,
                        .last_here = last_here,
                        .caller = pthread_self()};
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct item),
        .threads = threads,
        .start = PIPELINE_START,
        .context = &line,
        .first = make_item,
        .thread_work = square_by_thread,
        .join = threads % 2 ? double_in_order : NULL,
        .work_on = threads % 2 ? halve : NULL,
        .last = store_item,
        .first_here = first_here,
        .last_here = last_here,
        .release = release_item,
    };
    struct pipeline *pipeline = NULL;
    assert_int_equal(pipeline_new(&pipeline, &plan, NULL), 0);
    for (line.end = ITEMS / 2; line.end <= ITEMS; line.end += ITEMS / 2) {
        pipeline_run(pipeline);
        assert_int_equal(line.count, line.end);
        pipeline_restart(pipeline);
    }
    for (uint64_t i = 0; i < ITEMS; i++)
        assert_int_equal(line.came[i], i * i);
    pipeline_free(pipeline);
}

static void what_runs_comes_out_in_order(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(counts); c++)
        for (int here = 0; here < 4; here++)
            run_line(counts[c], here & 1, here & 2);
}

/* Wherever it stood, and though a buffer had been taken. */
static void a_restart_begins_anew(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        struct line line = {.end = ITEMS};
        struct pipeline *pipeline = new_pipeline(&line, counts[c], true, true);
        for (uint64_t taken = 0; taken < 60; taken += 7) {
            take_all(pipeline, 0, taken, true);
            assert_non_null(pipeline_take(pipeline));
            pipeline_restart(pipeline);
            line.next = 0;
        }
        take_all(pipeline, 0, ITEMS, true);
        pipeline_free(pipeline);
    }
}

enum { LANES = 5 };

struct lanes {
    struct line line;
    atomic_ullong next[LANES]; /* that is due */
    atomic_int in_lane[LANES];
};

/* Each lane has one buffer at a time, and all of them in order. */
static void add_to_lane(void *context, void *buffer, unsigned lane)
{
    struct lanes *lanes = context;
    struct item *item = buffer;
    assert_int_equal(atomic_fetch_add(&lanes->in_lane[lane], 1), 0);
    assert_int_equal(item->number, atomic_fetch_add(&lanes->next[lane], 1));
    dawdle(item->number + lane);
    atomic_fetch_sub(&lanes->in_lane[lane], 1);
}

static void store_number(void *context, void *buffer)
{
    struct lanes *lanes = context;
    const struct item *item = buffer;
    for (unsigned i = 0; i < LANES; i++)
        assert_true(lanes->next[i] > item->number);
    lanes->line.came[lanes->line.count++] = item->number;
}

static void lanes_keep_their_order(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        struct lanes lanes = {.next = {0}};
        const struct pipeline_plan plan = {
            .buffer_size = sizeof(struct item),
            .threads = counts[c],
            .start = c % 2 ? PIPELINE_START : 0,
            .context = &lanes,
            .lane = add_to_lane,
            .lanes = LANES,
            .last = store_number,
            .release = release_item,
        };
        struct pipeline *pipeline = NULL;
        assert_int_equal(pipeline_new(&pipeline, &plan, NULL), 0);
        for (uint64_t i = 0; i < ITEMS; i++) {
            ((struct item *)pipeline_blank(pipeline))->number = i;
            pipeline_submit(pipeline);
        }
        pipeline_finish(pipeline);
        assert_int_equal(lanes.line.count, ITEMS);
        for (uint64_t i = 0; i < ITEMS; i++)
            assert_int_equal(lanes.line.came[i], i);
        pipeline_free(pipeline);
    }
}

/* Only the caller reads until the stream is known to be long. */
static void nothing_is_read_ahead_at_first(void **state)
{
    (void)state;
    struct line line = {.end = ITEMS};
    struct pipeline *pipeline = new_pipeline(&line, 4, true, true);
    for (uint64_t i = 0; i < PIPELINE_START; i++) {
        assert_non_null(pipeline_take(pipeline));
        assert_int_equal(line.next, i + 1);
        pipeline_give_back(pipeline);
    }
    pipeline_free(pipeline);
}

static void what_has_not_passed_is_dropped(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        struct line line = {.end = ITEMS};
        struct pipeline *in = new_pipeline(&line, counts[c], true, true);
        take_all(in, 0, 20, true);
        pipeline_free(in);
        struct pipeline *out = new_pipeline(&line, counts[c], false, true);
        for (uint64_t i = 0; i < 20; i++) {
            ((struct item *)pipeline_blank(out))->number = i;
            pipeline_submit(out);
        }
        pipeline_free(out);
        assert_true(line.count <= 20);
    }
    pipeline_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_filled_comes_out_in_order),
        cmocka_unit_test(what_is_taken_comes_in_order),
        cmocka_unit_test(what_runs_comes_out_in_order),
        cmocka_unit_test(lanes_keep_their_order),
        cmocka_unit_test(a_restart_begins_anew),
        cmocka_unit_test(nothing_is_read_ahead_at_first),
        cmocka_unit_test(what_has_not_passed_is_dropped),
    };
    return cmocka_run_group_tests(tests, scratch_enter, scratch_leave);
}
