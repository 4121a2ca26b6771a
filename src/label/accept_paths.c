/*
 * Walks BPF programs with expressions in place of values. At a jump that the
 * conditions so far don't decide, both ways are gone, each with its own A, X,
 * M[] and conditions. Programs whose jumps lead backward are given up, so every
 * way ends.
 */
#include "label/accept_paths.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/*
 * Where a program is given up. Usual filters have 1 to 36 accept paths of some
 * ten instructions; a list of 40 hosts has 240.
 */
#define MAX_PATHS 256
#define MAX_STEPS 20000

/*
 * Ways still to go. Going the way of "true" first ends soon for a list of
 * alternatives, so few are open at a time.
 */
#define MAX_PENDING 64

/* Conditions followed on the way, also those that a path does not keep in the end. */
#define MAX_BOUNDS 32

struct way {
    size_t at; /* the next instruction */
    uint32_t a, x;
    uint32_t memory[INSN_MEMORY];
    size_t bound_count;
    struct condition bounds[MAX_BOUNDS];
};

struct walk {
    struct accept_paths *paths;
    const struct filter_program *code;
    uint32_t program, rank;
    size_t steps, found, pending_count;
    bool given_up;
    struct way way; /* the one being gone */
    struct way pending[MAX_PENDING];
};

/* What a jump's outcome says: whether it is possible, and where the value of A lies then. */
struct outcome {
    bool possible;
    uint32_t low, high;
};

int accept_paths_init(struct accept_paths *paths, struct lcap_error *error)
{
    *paths = (struct accept_paths){0};
    return expressions_init(&paths->expressions, error);
}

void accept_paths_release(struct accept_paths *paths)
{
    expressions_release(&paths->expressions);
    free(paths->conditions);
    free(paths->items);
    *paths = (struct accept_paths){0};
}

static struct condition *find_bounds(struct way *way, uint32_t expression)
{
    for (size_t i = 0; i < way->bound_count; i++) {
        if (way->bounds[i].expression == expression)
            return &way->bounds[i];
    }
    return NULL;
}

/* Where the value of an expression lies, as far as this way has shown. */
static struct outcome bounds_of(struct walk *w, uint32_t expression)
{
    struct outcome all = {.possible = true, .low = 0, .high = UINT32_MAX};
    if (expression_is_constant(&w->paths->expressions, expression, &all.low)) {
        all.high = all.low;
        return all;
    }
    const struct condition *known = find_bounds(&w->way, expression);
    if (known) {
        all.low = known->low;
        all.high = known->high;
    }
    return all;
}

static struct outcome within(struct outcome bounds, uint32_t low, uint32_t high)
{
    if (bounds.low < low)
        bounds.low = low;
    if (bounds.high > high)
        bounds.high = high;
    bounds.possible = bounds.low <= bounds.high;
    return bounds;
}

static struct outcome impossible(void)
{
    return (struct outcome){.possible = false};
}

/* Both outcomes of comparing A, which lies in `a`, with k: [0] of false, [1] of true. */
static void compare(unsigned jump, struct outcome a, uint32_t k, struct outcome outcomes[2])
{
    outcomes[0] = outcomes[1] = a;
    switch (jump) {
    case JUMP_EQUAL:
        outcomes[1] = within(a, k, k);
        if (a.low == a.high && a.low == k)
            outcomes[0] = impossible();
        break;
    case JUMP_GREATER:
        outcomes[1] = k == UINT32_MAX ? impossible() : within(a, k + 1, UINT32_MAX);
        outcomes[0] = within(a, 0, k);
        break;
    case JUMP_NOT_LESS:
        outcomes[1] = within(a, k, UINT32_MAX);
        outcomes[0] = k == 0 ? impossible() : within(a, 0, k - 1);
        break;
    default: /* JUMP_SET says nothing of where the value lies */
        if (a.low == a.high)
            outcomes[(a.low & k) == 0] = impossible();
        break;
    }
}

static void narrow(struct way *way, uint32_t expression, struct outcome outcome)
{
    struct condition *bounds = find_bounds(way, expression);
    if (!bounds && outcome.low == 0 && outcome.high == UINT32_MAX)
        return;
    if (!bounds && way->bound_count < MAX_BOUNDS)
        bounds = &way->bounds[way->bound_count++];
    if (bounds)
        *bounds = (struct condition){expression, outcome.low, outcome.high};
}

static void go_on(struct walk *w, struct way *way, size_t at, struct outcome outcome)
{
    uint32_t constant;
    way->at = at;
    if (way->a != EXPRESSION_UNKNOWN &&
        !expression_is_constant(&w->paths->expressions, way->a, &constant))
        narrow(way, way->a, outcome);
}

/* False where the way ends here. */
static bool jump(struct walk *w, const struct filter_insn *insn)
{
    struct outcome outcomes[2] = {{.possible = true, .high = UINT32_MAX},
                                  {.possible = true, .high = UINT32_MAX}};
    struct way *way = &w->way;
    size_t targets[2] = {way->at + insn->jf, way->at + insn->jt};
    uint32_t k = insn->k;
    if (insn_operation(insn->code) == JUMP_ALWAYS) {
        w->given_up = k > INT32_MAX; /* backwards: the loop of "protochain" */
        way->at += k;
        return !w->given_up;
    }
    bool known = insn_operand(insn->code) == OPERAND_K ||
                 expression_is_constant(&w->paths->expressions, way->x, &k);
    if (way->a != EXPRESSION_UNKNOWN) {
        outcomes[0] = outcomes[1] = bounds_of(w, way->a);
        if (known)
            compare(insn_operation(insn->code), outcomes[0], k, outcomes);
    }
    if (outcomes[0].possible && outcomes[1].possible) {
        if (w->pending_count == MAX_PENDING) {
            w->given_up = true;
            return false;
        }
        struct way *other = &w->pending[w->pending_count++];
        *other = *way;
        go_on(w, other, targets[0], outcomes[0]);
    }
    int taken = outcomes[1].possible;
    go_on(w, way, targets[taken], outcomes[taken]);
    return outcomes[taken].possible;
}

/* Only what cuts the value off on both sides tells packets apart well. */
static bool is_worth_keeping(const struct condition *bounds)
{
    return bounds->low == bounds->high || (bounds->low > 0 && bounds->high < UINT32_MAX);
}

/*
 * In the order of the expressions' numbers, which is the order in which the
 * programs first used them: link type, protocol, then the rest.
 */
static void insert_condition(struct condition *kept, size_t count, const struct condition *added)
{
    for (; count > 0 && kept[count - 1].expression > added->expression; count--)
        kept[count] = kept[count - 1];
    kept[count] = *added;
}

static int add_path(struct walk *w, struct lcap_error *error)
{
    struct accept_paths *paths = w->paths;
    int rc = memory_grow((void **)&paths->items, &paths->items_capacity, paths->count + 1,
                         sizeof *paths->items, error);
    if (rc == 0)
        rc = memory_grow((void **)&paths->conditions, &paths->conditions_capacity,
                         paths->condition_count + PATH_MAX_CONDITIONS, sizeof *paths->conditions,
                         error);
    if (rc < 0)
        return rc;
    uint32_t count = 0;
    for (size_t i = 0; i < w->way.bound_count && count < PATH_MAX_CONDITIONS; i++) {
        if (is_worth_keeping(&w->way.bounds[i]))
            insert_condition(paths->conditions + paths->condition_count, count++,
                             &w->way.bounds[i]);
    }
    paths->items[paths->count++] = (struct accept_path){.first = (uint32_t)paths->condition_count,
                                                        .program = w->program,
                                                        .rank = w->rank,
                                                        .count = count};
    paths->condition_count += count;
    w->given_up = ++w->found > MAX_PATHS || paths->condition_count > UINT32_MAX / 2;
    return LCAP_OK;
}

/* Gives *cell the expression of a code with these operands. */
static int assign(struct walk *w, uint32_t *cell, unsigned code, uint32_t k,
                  struct lcap_error *error)
{
    struct expression e = {.code = code, .k = k, .a = w->way.a, .x = w->way.x};
    return expressions_add(&w->paths->expressions, &e, cell, error);
}

/* Loads without what does not matter: A and X take the same constants and lengths. */
static int load(struct walk *w, const struct filter_insn *insn, uint32_t *cell,
                struct lcap_error *error)
{
    unsigned mode = insn_mode(insn->code);
    switch (mode) {
    case MODE_MEM:
        *cell = insn->k < INSN_MEMORY ? w->way.memory[insn->k] : EXPRESSION_UNKNOWN;
        return LCAP_OK;
    case MODE_IMM:
        return assign(w, cell, INSN_LD | MODE_IMM, insn->k, error);
    case MODE_LEN:
        return assign(w, cell, INSN_LD | MODE_LEN, 0, error);
    case MODE_MSH:
        return assign(w, cell, INSN_LDX | MODE_MSH | SIZE_BYTE, insn->k, error);
    default: /* MODE_ABS, MODE_IND */
        return assign(w, cell, insn->code, insn->k, error);
    }
}

/* An instruction that neither jumps nor returns. */
static int execute(struct walk *w, const struct filter_insn *insn, struct lcap_error *error)
{
    struct way *way = &w->way;
    switch (insn_class(insn->code)) {
    case INSN_LD:
        return load(w, insn, &way->a, error);
    case INSN_LDX:
        return load(w, insn, &way->x, error);
    case INSN_ALU:
        return assign(w, &way->a, insn->code, insn_operand(insn->code) ? 0 : insn->k, error);
    case INSN_ST:
    case INSN_STX:
        if (insn->k < INSN_MEMORY)
            way->memory[insn->k] = insn_class(insn->code) == INSN_ST ? way->a : way->x;
        return LCAP_OK;
    default: /* INSN_MISC */
        if ((insn->code & 0xF8) == MISC_TAX)
            way->x = way->a;
        else
            way->a = way->x;
        return LCAP_OK;
    }
}

/* Goes one way to its end. */
static int go_way(struct walk *w, struct lcap_error *error)
{
    while (w->way.at < w->code->count) {
        const struct filter_insn *insn = &w->code->insns[w->way.at++];
        uint32_t value = insn->k;
        if (++w->steps > MAX_STEPS)
            w->given_up = true;
        if (w->given_up)
            return LCAP_OK;
        switch (insn_class(insn->code)) {
        case INSN_RET:
            if ((insn->code & 0x18) == RETURN_A &&
                !expression_is_constant(&w->paths->expressions, w->way.a, &value))
                value = 1;
            return value ? add_path(w, error) : LCAP_OK;
        case INSN_JMP:
            if (!jump(w, insn))
                return LCAP_OK;
            break;
        default:
            if (execute(w, insn, error) < 0)
                return LCAP_ERR_MEMORY;
        }
    }
    return LCAP_OK;
}

/* A and X begin as 0; what M[] holds before it is stored to is left open. */
static int start(struct walk *w, struct lcap_error *error)
{
    w->way = (struct way){0};
    memset(w->way.memory, 0xFF, sizeof w->way.memory); /* EXPRESSION_UNKNOWN */
    int rc = assign(w, &w->way.a, INSN_LD | MODE_IMM, 0, error);
    w->way.x = w->way.a;
    return rc;
}

int accept_paths_add(struct accept_paths *paths, const struct filter_program *code,
                     uint32_t program, uint32_t rank, struct lcap_error *error)
{
    size_t count = paths->count, conditions = paths->condition_count;
    struct walk *w = memory_new(1, sizeof *w, error);
    if (!w)
        return LCAP_ERR_MEMORY;
    w->paths = paths;
    w->code = code;
    w->program = program;
    w->rank = rank;
    int rc = start(w, error);
    if (rc == 0)
        rc = go_way(w, error);
    while (rc == 0 && !w->given_up && w->pending_count > 0) {
        w->way = w->pending[--w->pending_count];
        rc = go_way(w, error);
    }
    if (rc == 0 && w->given_up) {
        paths->count = count;
        paths->condition_count = conditions;
        w->way.bound_count = 0;
        rc = add_path(w, error);
    }
    free(w);
    return rc;
}
