/* The pipeline of stretches. */
#include "dataset/split/split_stretches.h"

#include "base/pipeline.h"
#include "base/shared_watcher.h"
#include "capture/parts/reader_guess.h"

/* So that looks for blocks and cold caches take little of the time. */
#define LENGTH ((uint64_t)4 << 20)

/* Read for a look: enough for some packets. */
#define LOOK ((size_t)16 << 10)

struct stretch {
    struct lcap_position from;  /* where it is guessed to begin */
    uint64_t end;               /* a place; 0: the end of the file */
    struct reader_place begin;  /* where it begins, … */
    struct reader_place finish; /* … and where reading it has ended */
    struct input_options options;
    struct input_pass input; /* stays open for more stretches */
    struct split_survey found;
    bool is_left; /* to the caller */
};

struct run {
    struct split_survey *survey;
    struct input_pass *whole;
    struct lcap_reader *guesser;
    struct lcap_position from; /* where the next stretch begins */
    struct reader_place place; /* up to which all is surveyed */
    bool is_there;             /* the reader of the whole */
    bool is_over;              /* nothing follows, or the caller has read it */
    struct shared_watcher watcher;
};

/* ---- the threads ---- */

static bool ask_watcher(void *context)
{
    const struct run *run = context;
    return input_pass_tell_read(run->whole, run->place.position.offset, NULL) == LCAP_OK;
}

static void look_while_waiting(void *context)
{
    struct run *run = context;
    shared_watcher_ask(&run->watcher);
}

static bool look_on(void *context, const struct lcap_progress *progress)
{
    struct run *run = context;
    (void)progress;
    return shared_watcher_goes_on(&run->watcher);
}

/* The first stage. What comes before the first guess is read by the caller, which then knows the
 * interfaces. */
static bool begin_stretch(void *context, void *begun)
{
    struct run *run = context;
    struct stretch *stretch = begun;
    const uint64_t size = lcap_reader_file_size(run->whole->reader);
    stretch->from = run->from;
    const uint64_t near = run->from.offset + LENGTH;
    const bool more = !atomic_load(&run->watcher.is_over) && near < size &&
                      reader_guess_near(run->guesser, near, &run->from, NULL) == LCAP_OK &&
                      run->from.offset < size;
    stretch->end = more ? run->from.offset : 0;
    return more;
}

static int enter(struct run *run, struct stretch *stretch)
{
    struct input_pass *input = &stretch->input;
    const struct lcap_watcher watcher = {look_on, run};
    int rc = LCAP_OK;
    if (!input->reader)
        rc = input_pass_open_parts(input, run->whole, &stretch->options, &watcher, NULL);
    if (rc == LCAP_OK)
        rc = lcap_reader_seek(input->reader, &stretch->from, NULL);
    if (rc == LCAP_OK)
        rc = reader_place_take(&stretch->begin, input->reader, NULL);
    if (rc < 0)
        return rc;
    input_pass_begin_part(input, stretch->end);
    input_pass_expect(input, &(struct input_seen){.stamp = run->whole->seen.stamp});
    split_survey_release(&stretch->found);
    stretch->found = (struct split_survey){.format = run->survey->format};
    stretch->found.cuts.distance = run->survey->cuts.distance;
    return survey_init(&stretch->found.survey, NULL);
}

/* A block that is kept is left to the caller, with all others of the stretch. */
static int take_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    struct stretch *stretch = context;
    return split_survey_keeps(&stretch->found, block)
               ? 1
               : split_survey_block(&stretch->found, &stretch->input, block, error);
}

/* The second stage. What goes wrong, the caller meets again, or it was a wrong guess. */
static void survey_stretch(void *context, void *surveyed)
{
    struct run *run = context;
    struct stretch *stretch = surveyed;
    struct input_pass *input = &stretch->input;
    stretch->is_left = stretch->from.offset == 0 || atomic_load(&run->watcher.is_over) ||
                       enter(run, stretch) < 0 ||
                       input_pass_walk(input, take_block, stretch, NULL) != LCAP_OK;
    if (!stretch->is_left && input->outcome.status == LCAP_OK)
        stretch->is_left = reader_place_take(&stretch->finish, input->reader, NULL) < 0;
}

static void release_stretch(void *released)
{
    struct stretch *stretch = released;
    split_survey_release(&stretch->found);
    input_pass_close(&stretch->input);
    reader_place_release(&stretch->begin);
    reader_place_release(&stretch->finish);
}

/* ---- the caller ---- */

static int survey_block(void *context, const struct lcap_block *block, struct lcap_error *error)
{
    const struct run *run = context;
    return split_survey_block(run->survey, run->whole, block, error);
}

/* Reads up to a place; 0: the end of the file. */
static int read_on(struct run *run, uint64_t end, struct lcap_error *error)
{
    struct input_pass *whole = run->whole;
    int rc = run->is_there ? LCAP_OK : reader_place_go(&run->place, whole->reader, error);
    run->is_there = true;
    whole->end = end;
    if (rc == LCAP_OK)
        rc = input_pass_walk(whole, survey_block, run, error);
    run->is_over = whole->outcome.status < 0 || end == 0;
    return rc == LCAP_OK && !run->is_over ? reader_place_take(&run->place, whole->reader, error)
                                          : rc;
}

static int join(struct run *run, struct stretch *stretch, struct lcap_error *error)
{
    struct input_pass *whole = run->whole;
    const int rc = split_survey_join(run->survey, &stretch->found, whole->outcome.packets, error);
    if (rc == 1)
        return read_on(run, stretch->end, error);
    const struct reader_place before = run->place;
    run->place = stretch->finish;
    stretch->finish = before;
    run->is_there = false;
    run->is_over = stretch->input.outcome.status < 0 || stretch->end == 0;
    input_pass_join(whole, &stretch->input);
    return rc;
}

static int take_stretch(struct run *run, struct stretch *stretch, struct lcap_error *error)
{
    /* The first packets are looked at in a walk. */
    if (stretch->is_left || run->whole->outcome.packets < PACKETS_LOOKED_AT)
        return read_on(run, stretch->end, error);
    if (!reader_place_equal(&run->place, &stretch->begin))
        return read_on(run, 0, error);
    return join(run, stretch, error);
}

static int take_stretches(struct run *run, struct pipeline *pipeline, struct lcap_error *error)
{
    struct stretch *stretch;
    int rc = LCAP_OK;
    while (rc == LCAP_OK && !run->is_over && (stretch = pipeline_take(pipeline))) {
        rc = shared_watcher_check(&run->watcher, run->whole->outcome.name, error);
        if (rc == LCAP_OK)
            rc = take_stretch(run, stretch, error);
        pipeline_give_back(pipeline);
    }
    return rc;
}

static int open_guesser(struct run *run, struct lcap_error *error)
{
    const int rc = reader_open_beside(&run->guesser, run->whole->reader, error);
    if (rc < 0)
        return rc;
    reader_limit_reads(run->guesser, LOOK);
    reader_meet_blocks(run->guesser);
    return LCAP_OK;
}

int split_stretches_survey(struct split_survey *survey, struct input_pass *input,
                           struct lcap_error *error)
{
    struct run run = {
        .survey = survey,
        .whole = input,
        .from = {.size = sizeof run.from},
        .is_there = true,
        .watcher = {.ask = ask_watcher, .context = &run, .caller = pthread_self()},
    };
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct stretch),
        .threads = input->options->threads,
        .context = &run,
        .first = begin_stretch,
        .work = survey_stretch,
        .release = release_stretch,
        .waiting = look_while_waiting,
    };
    struct pipeline *pipeline = NULL;
    int rc = open_guesser(&run, error);
    if (rc == LCAP_OK)
        rc = pipeline_new(&pipeline, &plan, error);
    if (rc == LCAP_OK)
        rc = take_stretches(&run, pipeline, error);
    atomic_store(&run.watcher.is_over, true);
    input->end = 0;
    pipeline_free(pipeline);
    lcap_reader_free(run.guesser);
    reader_place_release(&run.place);
    return rc;
}
