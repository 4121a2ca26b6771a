/* Rows in a thread: all flows, in order, released once each, whatever fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "features/row_thread.h"

/* Many times the ring, and no multiple of a batch. */
enum { FLOWS = 10007, NEVER = FLOWS };

struct state {
    uint64_t value;
    char *owned;
};

struct made {
    uint64_t next;    /* flow that is due */
    uint64_t fail_at; /* its row fails */
    uint64_t rows;    /* made */
    uint64_t released;
    bool in_order, right;
};

static int make(void *context, struct flow *flow, const struct sample *sample,
                struct lcap_error *error)
{
    struct made *made = context;
    const struct state *state = flow_state(flow);
    made->in_order = made->in_order && flow->number == made->next;
    made->right = made->right && state->value == flow->number * 3 && strcmp(state->owned, "x") == 0;
    made->right = made->right && sample->id == flow->number;
    made->next++;
    if (flow->number == made->fail_at)
        return lcap_error_set(error, LCAP_ERR_IO, "the row of flow %d failed", (int)flow->number);
    made->rows++;
    return LCAP_OK;
}

static void release(void *context, struct flow *flow)
{
    struct made *made = context;
    struct state *state = flow_state(flow);
    made->released++;
    free(state->owned);
}

static const struct row_maker maker = {.make = make, .release = release};

/* A flow as a table has it, with its state behind it. */
static struct flow *flow_new(void)
{
    struct flow *flow = calloc(1, flow_size(sizeof(struct state)));
    assert_non_null(flow);
    return flow;
}

static int push(struct row_thread *rows, struct flow *flow, uint64_t number,
                struct lcap_error *error)
{
    struct state *state = flow_state(flow);
    const struct sample sample = {.id = number};
    flow->number = number;
    *state = (struct state){.value = number * 3, .owned = strdup("x")};
    const int rc = row_thread_push(rows, flow, &sample, error);
    assert_true(state->value == 0 && !state->owned);
    return rc;
}

static struct made all_right(uint64_t fail_at)
{
    return (struct made){.fail_at = fail_at, .in_order = true, .right = true};
}

static void all_flows_in_order(void **state)
{
    (void)state;
    struct made made = all_right(NEVER);
    struct row_thread *rows = NULL;
    struct flow *flow = flow_new();
    assert_int_equal(row_thread_new(&rows, sizeof(struct state), &maker, &made, NULL), 0);
    assert_int_equal(row_thread_wait(rows, NULL), 0);
    for (uint64_t i = 0; i < FLOWS; i++)
        assert_int_equal(push(rows, flow, i, NULL), 0);
    assert_int_equal(row_thread_wait(rows, NULL), 0);
    assert_int_equal(made.rows, FLOWS);
    assert_int_equal(made.released, FLOWS);
    assert_int_equal(push(rows, flow, FLOWS + 1, NULL), 0); /* a stream may follow */
    row_thread_free(rows);
    assert_int_equal(made.released, FLOWS + 1);
    assert_true(made.right);
    free(flow);
}

/* The first error ends it: it is told to whoever pushes or waits next, and no rows follow. */
static void an_error_ends_it(void **state)
{
    (void)state;
    struct made made = all_right(1234);
    struct lcap_error error = {0};
    struct row_thread *rows = NULL;
    struct flow *flow = flow_new();
    uint64_t pushed = 0;
    assert_int_equal(row_thread_new(&rows, sizeof(struct state), &maker, &made, NULL), 0);
    while (pushed < FLOWS && push(rows, flow, pushed, &error) == 0)
        pushed++;
    pushed += pushed < FLOWS; /* the one that was answered with the error was taken all the same */
    lcap_error_clear(&error);
    assert_int_equal(row_thread_wait(rows, &error), LCAP_ERR_IO);
    assert_string_equal(error.text, "the row of flow 1234 failed");
    row_thread_free(rows);
    assert_true(made.in_order && made.right);
    assert_int_equal(made.rows, 1234);
    assert_int_equal(made.released, pushed);
    free(flow);
}

static void what_waits_is_released(void **state)
{
    (void)state;
    struct made made = all_right(NEVER);
    struct row_thread *rows = NULL;
    struct flow *flow = flow_new();
    assert_int_equal(row_thread_new(&rows, sizeof(struct state), &maker, &made, NULL), 0);
    for (uint64_t i = 0; i < 77; i++)
        assert_int_equal(push(rows, flow, i, NULL), 0);
    row_thread_free(rows);
    assert_int_equal(made.released, 77);
    free(flow);
    row_thread_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_flows_in_order),
        cmocka_unit_test(an_error_ends_it),
        cmocka_unit_test(what_waits_is_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
