/* Flows by key, against a plain list; lists from the oldest to the newest; the pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/flow_table.h"
#include "random_traffic.h"

static struct flow_table *new_table(size_t state_size)
{
    struct flow_table *table = NULL;
    assert_int_equal(flow_table_new(&table, state_size, NULL), 0);
    assert_non_null(table);
    return table;
}

static struct flow_key key_of(uint32_t n)
{
    struct flow_key key = {.family = FAMILY_IPV4, .protocol = IP_PROTOCOL_UDP};
    memcpy(key.address[1], &n, sizeof n);
    return key;
}

static struct flow *find(const struct flow_table *table, const struct flow_key *key)
{
    return flow_table_find(table, key, flow_table_hash(table, key));
}

static struct flow *add(struct flow_table *table, const struct flow_key *key)
{
    struct flow *flow = flow_table_add(table, key, flow_table_hash(table, key), NULL);
    assert_non_null(flow);
    return flow;
}

static void every_byte_of_a_key_counts(void **unused)
{
    (void)unused;
    struct flow_table *table = new_table(0);
    const struct flow_key key = key_of(1);
    struct flow *flow = add(table, &key);
    assert_ptr_equal(find(table, &key), flow);
    for (size_t i = 0; i < sizeof key; i++) {
        struct flow_key other = key;
        ((uint8_t *)&other)[i] ^= 1;
        assert_null(find(table, &other));
        /* Nor where the hashes are the same. */
        assert_null(flow_table_find(table, &other, flow->hash));
    }
    flow_table_free(table);
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

static void begins_zeroed(void **unused)
{
    enum { STATE = 37 };
    (void)unused;
    struct flow_table *table = new_table(STATE);
    const struct flow_key keys[] = {key_of(1), key_of(2)};
    for (int round = 0; round < 3; round++) {
        struct flow *flows[2];
        for (size_t i = 0; i < 2; i++) {
            struct flow *flow = flows[i] = add(table, &keys[i]);
            assert_int_equal((uintptr_t)flow_state(flow) % 16, 0);
            assert_true(all_zero(flow_state(flow), STATE));
            assert_int_equal(flow->number, round * 2 + i);
            assert_int_equal(flow->list, 0);
            assert_memory_equal(&flow->key, &keys[i], sizeof keys[i]);
            const size_t rest = offsetof(struct flow, syn_seq);
            assert_true(all_zero((uint8_t *)flow + rest, sizeof *flow - rest));
            assert_true(flow->first_ns == 0 && flow->last_ns == 0 && flow->seen_ns == 0);
        }
        for (size_t i = 0; i < 2; i++) {
            flow_table_remove(table, flows[i]);
            memset(flow_state(flows[i]), 0xAA, STATE); /* still ours */
            flows[i]->first_ns = flows[i]->last_ns = flows[i]->seen_ns = 1;
            flows[i]->syn_seq = 1;
            memset(&flows[i]->vlan, 0xAA, sizeof *flows[i] - offsetof(struct flow, vlan));
            flow_table_drop(table, flows[i]);
        }
    }
    flow_table_free(table);
}

static void lists(void **unused)
{
    (void)unused;
    struct flow_table *table = new_table(8);
    struct flow *flows[4];
    assert_null(flow_table_oldest(table, 0));
    assert_null(flow_table_oldest(table, 1));
    for (uint32_t i = 0; i < 4; i++) {
        const struct flow_key key = key_of(i);
        flows[i] = add(table, &key);
    }
    flow_table_touch(table, flows[0], 0); /* 1 2 3 0 */
    flow_table_touch(table, flows[2], 1); /* 1 3 0, 2 */
    flow_table_touch(table, flows[1], 1); /* 3 0, 2 1 */
    flow_table_touch(table, flows[1], 1);
    flow_table_touch(table, flows[0], 0);
    assert_ptr_equal(flow_table_oldest(table, 0), flows[3]);
    assert_ptr_equal(flows[3]->newer, flows[0]);
    assert_ptr_equal(flows[0]->older, flows[3]);
    assert_null(flows[0]->newer);
    assert_ptr_equal(flow_table_oldest(table, 1), flows[2]);
    assert_ptr_equal(flows[2]->newer, flows[1]);
    assert_int_equal(flows[1]->list, 1);
    flow_table_touch(table, flows[2], 0); /* 3 0 2, 1 */
    flow_table_remove(table, flows[0]);
    flow_table_remove(table, flows[1]);
    assert_ptr_equal(flows[3]->newer, flows[2]);
    assert_ptr_equal(flows[2]->older, flows[3]);
    assert_null(flow_table_oldest(table, 1));
    assert_int_equal(flow_table_count(table), 2);
    flow_table_drop(table, flows[0]);
    flow_table_drop(table, flows[1]);
    flow_table_free(table);
}

/* What the table should hold: for each key its flow, or NULL, and the lists as flows in order. */
enum { KEYS = 3000 };

struct model {
    struct flow *flows[KEYS];
    size_t count;
    uint64_t next_number;
    struct flow *list[FLOW_LISTS][KEYS];
    size_t list_count[FLOW_LISTS];
};

static void model_unlist(struct model *model, const struct flow *flow)
{
    for (int list = 0; list < FLOW_LISTS; list++)
        for (size_t i = 0; i < model->list_count[list]; i++)
            if (model->list[list][i] == flow) {
                memmove(&model->list[list][i], &model->list[list][i + 1],
                        (--model->list_count[list] - i) * sizeof flow);
                return;
            }
}

static void model_list(struct model *model, struct flow *flow, int list)
{
    model->list[list][model->list_count[list]++] = flow;
}

static void compare(const struct model *model, const struct flow_table *table)
{
    for (uint32_t n = 0; n < KEYS; n++) {
        const struct flow_key key = key_of(n);
        assert_ptr_equal(find(table, &key), model->flows[n]);
        if (model->flows[n])
            assert_int_equal(*(uint32_t *)flow_state(model->flows[n]), n);
    }
    assert_int_equal(flow_table_count(table), model->count);
    for (int list = 0; list < FLOW_LISTS; list++) {
        const struct flow *flow = flow_table_oldest(table, list);
        for (size_t i = 0; i < model->list_count[list]; i++, flow = flow->newer)
            assert_ptr_equal(flow, model->list[list][i]);
        assert_null(flow);
    }
}

static void step(struct model *model, struct flow_table *table, uint32_t n, uint32_t action)
{
    const struct flow_key key = key_of(n);
    struct flow *flow = model->flows[n];
    if (!flow) {
        flow = model->flows[n] = add(table, &key);
        *(uint32_t *)flow_state(flow) = n;
        assert_int_equal(flow->number, model->next_number++);
        model_list(model, flow, 0);
        model->count++;
    } else if (action < FLOW_LISTS) {
        flow_table_touch(table, flow, (int)action);
        model_unlist(model, flow);
        model_list(model, flow, (int)action);
    } else {
        flow_table_remove(table, flow);
        flow_table_drop(table, flow);
        model_unlist(model, flow);
        model->flows[n] = NULL;
        model->count--;
    }
}

/* The keys of the table differ from run to run, and with them who collides. */
static void random_steps(void **unused)
{
    (void)unused;
    struct model *model = calloc(1, sizeof *model);
    struct flow_table *table = new_table(sizeof(uint32_t));
    struct random random = {.state = 20};
    assert_non_null(model);
    for (int round = 0; round < 40; round++) {
        /* By turns it fills and runs nearly empty. */
        const uint32_t actions = round % 2 ? 16 : 2;
        const uint32_t keys = round % 4 < 2 ? KEYS : 760;
        for (int i = 0; i < 2000; i++)
            step(model, table, random_below(&random, keys), random_below(&random, actions + 1));
        compare(model, table);
    }
    flow_table_free(table);
    free(model);
}

static void a_million(void **unused)
{
    enum { MILLION = 1000000 };
    (void)unused;
    struct flow_table *table = new_table(sizeof(uint32_t));
    struct flow **flows = malloc(MILLION * sizeof(struct flow *));
    assert_non_null(flows);
    for (uint32_t n = 0; n < MILLION; n++) {
        const struct flow_key key = key_of(n);
        flows[n] = add(table, &key);
        *(uint32_t *)flow_state(flows[n]) = n;
    }
    for (uint32_t n = 0; n < MILLION; n += 2) {
        flow_table_remove(table, flows[n]);
        flow_table_drop(table, flows[n]);
    }
    assert_int_equal(flow_table_count(table), MILLION / 2);
    size_t wrong = 0;
    for (uint32_t n = 0; n < MILLION; n++) {
        const struct flow_key key = key_of(n);
        wrong += find(table, &key) != (n % 2 ? flows[n] : NULL);
        wrong += n % 2 && *(uint32_t *)flow_state(flows[n]) != n;
    }
    assert_int_equal(wrong, 0);
    free(flows);
    flow_table_free(table);
}

static void without_memory(void **unused)
{
    (void)unused;
    struct flow_table *table = NULL;
    struct lcap_error error = {0};
    for (size_t less = 0; less < 300; less++) {
        lcap_error_clear(&error);
        assert_int_equal(flow_table_new(&table, SIZE_MAX - less, &error), LCAP_ERR_MEMORY);
        assert_int_equal(error.code, LCAP_ERR_MEMORY);
        assert_null(table);
    }
    /* A quarter of the address space for each flow. */
    table = new_table(SIZE_MAX / 4);
    const struct flow_key key = key_of(1);
    lcap_error_clear(&error);
    assert_null(flow_table_add(table, &key, flow_table_hash(table, &key), &error));
    assert_int_equal(error.code, LCAP_ERR_MEMORY);
    assert_int_equal(flow_table_count(table), 0);
    assert_null(find(table, &key));
    flow_table_free(table);
    flow_table_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_of_a_key_counts),
        cmocka_unit_test(begins_zeroed),
        cmocka_unit_test(lists),
        cmocka_unit_test(random_steps),
        cmocka_unit_test(a_million),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
