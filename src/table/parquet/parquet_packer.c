/* A pipeline of pages: cut from the columns, packed, and written. */
#include "table/parquet/parquet_packer.h"

#include "base/memory.h"
#include "base/pipeline.h"
#include "table/parquet/parquet_footer.h"
#include <stdlib.h>

/* A page on its way. */
struct job {
    struct parquet_page page;
    struct parquet_part part; /* of a page of data */
    struct parquet_column *column;
    const struct parquet_dictionary *dictionary; /* NULL: the column has none */
    bool ends_column;
    int status;
    struct lcap_error error;
};

struct parquet_packer {
    struct output *out;
    unsigned threads;
    struct pipeline *pipeline;
    struct parquet_press *presses; /* one for each thread */
    /* Of the columns that have pages in the pipeline, in turns. */
    struct parquet_dictionary *dictionaries;
    size_t dictionary_count;

    /* The group: what of it is cut into pages, */
    struct parquet_column *columns;
    size_t column_count, column; /* all; the one at hand */
    bool has_begun;              /* its dictionary is made, or there is none */
    const struct parquet_dictionary *dictionary;
    struct parquet_cutter cutter;
    /* and what is written. */
    struct parquet_chunk chunk;
    struct thrift *group;
    uint64_t *unpacked;
};

int parquet_packer_new(struct parquet_packer **packer, struct output *out, unsigned threads,
                       struct lcap_error *error)
{
    struct parquet_packer *made = memory_new(1, sizeof *made, error);
    if (!made)
        return LCAP_ERR_MEMORY;
    made->out = out;
    made->threads = threads;
    *packer = made;
    return LCAP_OK;
}

void parquet_packer_free(struct parquet_packer *packer)
{
    if (!packer)
        return;
    pipeline_free(packer->pipeline);
    for (size_t i = 0; packer->presses && i < packer->threads; i++)
        parquet_press_release(&packer->presses[i]);
    for (size_t i = 0; packer->dictionaries && i < packer->dictionary_count; i++)
        parquet_dictionary_release(&packer->dictionaries[i]);
    free(packer->presses);
    free(packer->dictionaries);
    free(packer);
}

/* ---- cutting ---- */

static enum parquet_encoding encoding_of(const struct parquet_packer *p,
                                         const struct parquet_column *column)
{
    if (p->dictionary)
        return PARQUET_BY_DICTIONARY;
    return column->type == PARQUET_DOUBLE ? PARQUET_BYTE_STREAM_SPLIT : PARQUET_PLAIN;
}

/* Tries to make a dictionary. Of the columns with pages in the pipeline, none has the same one. */
static int begin_column(struct parquet_packer *p, struct lcap_error *error)
{
    const struct parquet_column *column = &p->columns[p->column];
    struct parquet_dictionary *dictionary = &p->dictionaries[p->column % p->dictionary_count];
    const int made = parquet_dictionary_make(dictionary, column, error);
    p->dictionary = made > 0 ? dictionary : NULL;
    parquet_cutter_begin(&p->cutter, column);
    p->has_begun = true;
    return made;
}

static int cut_data(struct parquet_packer *p, struct job *job)
{
    const int more = parquet_cutter_next(&p->cutter, &job->part, &job->error);
    job->page.type = PARQUET_DATA_PAGE;
    job->page.encoding = encoding_of(p, job->column);
    job->ends_column = more == 0;
    if (more == 0) {
        p->column++;
        p->has_begun = false;
    }
    return more;
}

static void plan_dictionary(struct job *job)
{
    job->page.type = PARQUET_DICTIONARY_PAGE;
    job->page.encoding = PARQUET_PLAIN;
    job->ends_column = false;
}

static bool cut(void *context, void *buffer)
{
    struct parquet_packer *p = context;
    struct job *job = buffer;
    int rc = 0;
    lcap_error_clear(&job->error);
    job->column = &p->columns[p->column];
    const bool begins = !p->has_begun;
    if (begins)
        rc = begin_column(p, &job->error);
    job->dictionary = p->dictionary;
    if (begins && rc > 0)
        plan_dictionary(job);
    else if (rc == 0)
        rc = cut_data(p, job);
    job->status = rc < 0 ? rc : LCAP_OK;
    return rc >= 0 && p->column < p->column_count;
}

/* ---- packing ---- */

static void pack(void *context, void *buffer, unsigned thread)
{
    struct parquet_press *press = &((struct parquet_packer *)context)->presses[thread];
    struct job *job = buffer;
    if (job->status < 0)
        return;
    job->status =
        job->page.type == PARQUET_DATA_PAGE
            ? parquet_page_data(press, &job->part, job->dictionary, &job->page, &job->error)
            : parquet_page_dictionary(press, job->dictionary, &job->page, &job->error);
}

/* ---- writing ---- */

static void note_place(struct parquet_packer *p, const struct job *job)
{
    struct parquet_chunk *chunk = &p->chunk;
    const uint64_t at = output_bytes(p->out);
    chunk->encoding = job->page.encoding;
    if (job->page.type == PARQUET_DICTIONARY_PAGE)
        chunk->dictionary_at = at;
    else if (chunk->data_at == 0)
        chunk->data_at = at;
}

/* Writes the page, and adds its sizes to the chunk. */
static int write_page(struct parquet_packer *p, const struct job *job, struct lcap_error *error)
{
    const struct parquet_page *page = &job->page;
    struct thrift header = {.error = error};
    note_place(p, job);
    parquet_page_header(&header, page);
    if (header.rc == LCAP_OK) {
        output_write(p->out, header.bytes.data, header.bytes.len);
        output_write(p->out, page->packed.data, page->packed.len);
        p->chunk.unpacked += header.bytes.len + page->unpacked;
        p->chunk.packed += header.bytes.len + page->packed.len;
    }
    buffer_release(&header.bytes);
    return header.rc == LCAP_OK ? output_error(p->out, error) : header.rc;
}

static void end_column(struct parquet_packer *p, const struct job *job)
{
    if (job->dictionary) {
        const struct buffer *values = &job->dictionary->values;
        p->chunk.values = (struct parquet_bytes){values->data, values->len};
    } else {
        p->chunk.values = parquet_column_values(job->column);
    }
    parquet_footer_chunk(p->group, job->column, &p->chunk);
    *p->unpacked += p->chunk.unpacked;
    p->chunk = (struct parquet_chunk){0};
    parquet_column_clear(job->column);
}

static void write_job(void *context, void *buffer)
{
    struct parquet_packer *p = context;
    const struct job *job = buffer;
    struct thrift *group = p->group;
    if (group->rc == LCAP_OK && job->status < 0)
        group->rc = lcap_error_copy(group->error, &job->error);
    if (group->rc == LCAP_OK)
        group->rc = write_page(p, job, group->error);
    if (group->rc == LCAP_OK && job->ends_column)
        end_column(p, job);
}

static void release_job(void *buffer)
{
    struct job *job = buffer;
    buffer_release(&job->page.packed);
    parquet_part_release(&job->part);
}

/* ---- a group ---- */

/* Not more than have something to do: a table may be short, and many are written. */
static unsigned threads_for(const struct parquet_packer *p)
{
    size_t bytes = 0;
    for (size_t i = 0; i < p->column_count; i++)
        bytes += parquet_column_bytes(&p->columns[i]);
    const size_t most = p->threads < PIPELINE_THREADS ? p->threads : PIPELINE_THREADS;
    const size_t useful = 1 + bytes / PARQUET_PAGE_BYTES;
    return (unsigned)(useful < most ? useful : most > 0 ? most : 1);
}

/* The first group, which is the largest one, decides. */
static int prepare(struct parquet_packer *p, struct lcap_error *error)
{
    const struct pipeline_plan plan = {
        .buffer_size = sizeof(struct job),
        .threads = threads_for(p),
        .context = p,
        .first = cut,
        .thread_work = pack,
        .last = write_job,
        .release = release_job,
    };
    if (p->pipeline)
        return LCAP_OK;
    p->threads = plan.threads;
    p->dictionary_count = pipeline_buffers(plan.threads);
    p->presses = memory_new(p->threads, sizeof *p->presses, error);
    p->dictionaries = memory_new(p->dictionary_count, sizeof *p->dictionaries, error);
    return p->presses && p->dictionaries ? pipeline_new(&p->pipeline, &plan, error)
                                         : LCAP_ERR_MEMORY;
}

void parquet_packer_write(struct parquet_packer *packer, struct parquet_column *columns,
                          size_t count, struct thrift *group, uint64_t *unpacked)
{
    packer->columns = columns;
    packer->column_count = count;
    packer->column = 0;
    packer->has_begun = false;
    packer->group = group;
    packer->unpacked = unpacked;
    group->rc = prepare(packer, group->error);
    if (group->rc < 0)
        return;
    pipeline_restart(packer->pipeline);
    pipeline_run(packer->pipeline);
}
