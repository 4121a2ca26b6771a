/*
 * Executes BPF programs with expressions instead of values. At a jump that the
 * conditions so far do not decide, both ways are followed, each with its own A, X,
 * M[] and conditions. Programs with backward jumps are given up, so every way ends.
 */
#include "label/matching/accept_paths.h"

#include "base/memory.h"
#include <stdlib.h>
#include <string.h>

/*
 * Limits at which a program is given up. Usual filters have 1 to 36 accept paths of
 * some ten instructions; a list of 40 hosts has 240.
 */
#define MAX_PATHS 256
#define MAX_STEPS 20000

/*
 * Ways still to follow. Following "true" first ends soon for a list of
 * alternatives, so few ways are open at a time.
 */
#define MAX_PENDING 64

struct way {
    size_t at; /* the next instruction */
    uint32_t a, x;
    uint32_t memory[INSN_MEMORY];
    struct path_facts facts;
};

struct walk {
    struct accept_paths *paths;
    const struct filter_program *code;
    uint32_t program, rank;
    size_t steps, found, pending_count;
    bool given_up;
    bool ended;          /* the current way has ended */
    struct way way;      /* the current one */
    struct way *pending; /* MAX_PENDING */
};

/* What the outcome of a jump says about the packet. EXPRESSION_UNKNOWN in a condition: nothing. */
struct outcome {
    bool possible;
    bool vague;              /* it says more than is recorded here */
    struct condition bounds; /* of A */
    struct condition other;
};

int accept_paths_init(struct accept_paths *paths, struct lcap_error *error)
{
    *paths = (struct accept_paths){0};
    int rc = expressions_init(&paths->expressions, error);
    return rc == 0 ? condition_set_init(&paths->distinct, error) : rc;
}

void accept_paths_release(struct accept_paths *paths)
{
    expressions_release(&paths->expressions);
    condition_set_release(&paths->distinct);
    free(paths->conditions);
    free(paths->items);
    *paths = (struct accept_paths){0};
}

static void restrict_to(struct outcome *outcome, uint32_t low, uint32_t high)
{
    if (outcome->bounds.low < low)
        outcome->bounds.low = low;
    if (outcome->bounds.high > high)
        outcome->bounds.high = high;
    outcome->possible = outcome->bounds.low <= outcome->bounds.high;
}

/* A != k */
static void exclude(struct outcome *outcome, uint32_t k)
{
    outcome->other = (struct condition){outcome->bounds.expression, k + 1, k - 1};
    outcome->possible = outcome->bounds.low != k || outcome->bounds.high != k;
}

/* Both outcomes of comparing A with k; `masked` is the expression A & k. */
static void compare(unsigned jump, uint32_t k, uint32_t masked, struct outcome *yes,
                    struct outcome *no)
{
    switch (jump) {
    case JUMP_EQUAL:
        restrict_to(yes, k, k);
        exclude(no, k);
        break;
    case JUMP_GREATER:
        restrict_to(no, 0, k);
        if (k == UINT32_MAX)
            yes->possible = false;
        else
            restrict_to(yes, k + 1, UINT32_MAX);
        break;
    case JUMP_NOT_LESS:
        restrict_to(yes, k, UINT32_MAX);
        if (k == 0)
            no->possible = false;
        else
            restrict_to(no, 0, k - 1);
        break;
    default: /* JUMP_SET */
        yes->other = (struct condition){masked, 1, UINT32_MAX};
        no->other = (struct condition){masked, 0, 0};
        yes->vague = no->vague = masked == EXPRESSION_UNKNOWN;
        if (yes->bounds.low == yes->bounds.high) {
            yes->possible = (yes->bounds.low & k) != 0;
            no->possible = !yes->possible;
        }
        break;
    }
}

/* Sets *cell to the expression of a code with these operands. */
static int assign(struct walk *w, uint32_t *cell, unsigned code, uint32_t k,
                  struct lcap_error *error)
{
    struct expression e = {.code = code, .k = k, .a = w->way.a, .x = w->way.x};
    return expressions_add(&w->paths->expressions, &e, cell, error);
}

static int judge(struct walk *w, const struct filter_insn *insn, struct outcome *yes,
                 struct outcome *no, struct lcap_error *error)
{
    const struct expressions *expressions = &w->paths->expressions;
    uint32_t a = w->way.a, k = insn->k, constant, masked = EXPRESSION_UNKNOWN;
    *yes = (struct outcome){.possible = true,
                            .bounds = {.expression = EXPRESSION_UNKNOWN},
                            .other = {.expression = EXPRESSION_UNKNOWN}};
    bool known =
        insn_operand(insn->code) == OPERAND_K || expression_is_constant(expressions, w->way.x, &k);
    yes->vague = !known || a == EXPRESSION_UNKNOWN;
    *no = *yes;
    if (yes->vague)
        return LCAP_OK;
    bool is_constant = expression_is_constant(expressions, a, &constant);
    int rc = LCAP_OK;
    if (insn_operation(insn->code) == JUMP_SET && !is_constant)
        rc = assign(w, &masked, INSN_ALU | ALU_AND | OPERAND_K, k, error);
    yes->bounds = path_facts_bounds(&w->way.facts, a);
    if (is_constant)
        yes->bounds.low = yes->bounds.high = constant;
    no->bounds = yes->bounds;
    compare(insn_operation(insn->code), k, masked, yes, no);
    if (is_constant) { /* the outcome says nothing about the packet */
        yes->bounds.expression = yes->other.expression = EXPRESSION_UNKNOWN;
        no->bounds.expression = no->other.expression = EXPRESSION_UNKNOWN;
        yes->vague = no->vague = false;
    }
    return rc;
}

static void go_on(struct way *way, size_t at, const struct outcome *outcome)
{
    way->at = at;
    if (outcome->vague)
        way->facts.complete = false;
    if (outcome->bounds.expression != EXPRESSION_UNKNOWN)
        path_facts_narrow(&way->facts, &outcome->bounds);
    if (outcome->other.expression != EXPRESSION_UNKNOWN)
        path_facts_add(&way->facts, &outcome->other);
}

static int jump(struct walk *w, const struct filter_insn *insn, struct lcap_error *error)
{
    struct outcome yes, no;
    struct way *way = &w->way;
    size_t at = way->at;
    if (insn_operation(insn->code) == JUMP_ALWAYS) {
        w->given_up = insn->k > INT32_MAX; /* backwards: the loop of "protochain" */
        way->at += insn->k;
        return LCAP_OK;
    }
    int rc = judge(w, insn, &yes, &no, error);
    if (rc < 0)
        return rc;
    if (yes.possible && no.possible) {
        if (w->pending_count == MAX_PENDING) {
            w->given_up = true;
            return LCAP_OK;
        }
        struct way *other = &w->pending[w->pending_count++];
        *other = *way;
        go_on(other, at + insn->jf, &no);
    }
    if (yes.possible)
        go_on(way, at + insn->jt, &yes);
    else if (no.possible)
        go_on(way, at + insn->jf, &no);
    else
        w->ended = true;
    return LCAP_OK;
}

/* Writes the conditions of the current way behind those of the other paths. */
static int add_conditions(struct walk *w, struct accept_path *path, struct lcap_error *error)
{
    struct accept_paths *paths = w->paths;
    struct condition found[PATH_MAX_CONDITIONS + PATH_MAX_CHECKS];
    uint32_t count, checks;
    path->complete =
        path_facts_conditions(&w->way.facts, &paths->expressions, found, &count, &checks);
    path->count = (uint16_t)count;
    path->checks = (uint8_t)checks;
    int rc = memory_grow((void **)&paths->conditions, &paths->conditions_capacity,
                         paths->condition_count + count + checks, sizeof *paths->conditions, error);
    for (uint32_t i = 0; rc == 0 && i < count + checks; i++)
        rc = condition_set_add(&paths->distinct, &found[i],
                               &paths->conditions[paths->condition_count + i], error);
    if (rc == 0)
        paths->condition_count += count + checks;
    return rc;
}

static int add_path(struct walk *w, struct lcap_error *error)
{
    struct accept_paths *paths = w->paths;
    struct accept_path path = {
        .first = (uint32_t)paths->condition_count, .program = w->program, .rank = w->rank};
    int rc = memory_grow((void **)&paths->items, &paths->items_capacity, paths->count + 1,
                         sizeof *paths->items, error);
    if (rc == 0)
        rc = add_conditions(w, &path, error);
    if (rc < 0)
        return rc;
    paths->items[paths->count++] = path;
    w->given_up = ++w->found > MAX_PATHS || paths->condition_count > UINT32_MAX / 2;
    return LCAP_OK;
}

/* Loads, normalised: constants and lengths are the same for A and X. */
static int load(struct walk *w, const struct filter_insn *insn, uint32_t *cell,
                struct lcap_error *error)
{
    unsigned mode = insn_mode(insn->code), code = insn->code;
    if (mode == MODE_MEM) {
        *cell = insn->k < INSN_MEMORY ? w->way.memory[insn->k] : EXPRESSION_UNKNOWN;
        return LCAP_OK;
    }
    if (mode == MODE_IMM || mode == MODE_LEN)
        code = INSN_LD | mode;
    int rc = assign(w, cell, code, mode == MODE_LEN ? 0 : insn->k, error);
    if (rc == 0 && mode != MODE_IMM && mode != MODE_LEN && *cell != EXPRESSION_UNKNOWN)
        path_facts_load(&w->way.facts, *cell);
    return rc;
}

/* An instruction that neither jumps nor returns. */
static int execute(struct walk *w, const struct filter_insn *insn, struct lcap_error *error)
{
    struct way *way = &w->way;
    int rc = LCAP_OK;
    switch (insn_class(insn->code)) {
    case INSN_LD:
        rc = load(w, insn, &way->a, error);
        break;
    case INSN_LDX:
        rc = load(w, insn, &way->x, error);
        break;
    case INSN_ALU:
        rc = assign(w, &way->a, insn->code, insn_operand(insn->code) ? 0 : insn->k, error);
        break;
    case INSN_ST:
    case INSN_STX:
        if (insn->k < INSN_MEMORY)
            way->memory[insn->k] = insn_class(insn->code) == INSN_ST ? way->a : way->x;
        break;
    default: /* INSN_MISC */
        if ((insn->code & 0xF8) == MISC_TAX)
            way->x = way->a;
        else
            way->a = way->x;
    }
    /* A load or a division that is not followed may reject the packet. */
    if (way->a == EXPRESSION_UNKNOWN || way->x == EXPRESSION_UNKNOWN)
        way->facts.complete = false;
    return rc;
}

static int finish(struct walk *w, const struct filter_insn *insn, struct lcap_error *error)
{
    uint32_t value = insn->k;
    w->ended = true;
    if ((insn->code & 0x18) == RETURN_A &&
        !expression_is_constant(&w->paths->expressions, w->way.a, &value)) {
        w->way.facts.complete = false;
        value = 1;
    }
    return value && path_facts_possible(&w->way.facts) ? add_path(w, error) : LCAP_OK;
}

/* Follows one way to its end. */
static int go_way(struct walk *w, struct lcap_error *error)
{
    int rc = LCAP_OK;
    for (w->ended = false; rc == 0 && !w->ended && !w->given_up;) {
        if (w->way.at >= w->code->count || ++w->steps > MAX_STEPS) {
            w->given_up = true;
            break;
        }
        const struct filter_insn *insn = &w->code->insns[w->way.at++];
        if (insn_class(insn->code) == INSN_RET)
            rc = finish(w, insn, error);
        else if (insn_class(insn->code) == INSN_JMP)
            rc = jump(w, insn, error);
        else
            rc = execute(w, insn, error);
    }
    return rc;
}

/* A and X begin as 0; M[] is unknown before it is stored to. */
static int start(struct walk *w, struct lcap_error *error)
{
    w->way = (struct way){.facts = {.complete = true}};
    memset(w->way.memory, 0xFF, sizeof w->way.memory); /* EXPRESSION_UNKNOWN */
    int rc = assign(w, &w->way.a, INSN_LD | MODE_IMM, 0, error);
    w->way.x = w->way.a;
    return rc;
}

int accept_paths_add(struct accept_paths *paths, const struct filter_program *code,
                     uint32_t program, uint32_t rank, struct lcap_error *error)
{
    size_t count = paths->count, conditions = paths->condition_count;
    struct way pending[MAX_PENDING];
    struct walk w = {
        .paths = paths, .code = code, .program = program, .rank = rank, .pending = pending};
    int rc = start(&w, error);
    if (rc == 0)
        rc = go_way(&w, error);
    while (rc == 0 && !w.given_up && w.pending_count > 0) {
        w.way = w.pending[--w.pending_count];
        rc = go_way(&w, error);
    }
    if (rc == 0 && w.given_up) {
        paths->count = count;
        paths->condition_count = conditions;
        w.way.facts = (struct path_facts){.complete = false};
        rc = add_path(&w, error);
    }
    return rc;
}
