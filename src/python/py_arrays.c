/* What models read, in memory of NumPy. */
#include "python/py_arrays.h"

#include "python/dataset/py_sample.h"
#include "python/py_call.h"
#include "python/py_errors.h"
#include "python/py_numpy.h"
#include <string.h>

#define ARRAYS                                                                                     \
    OPTION(PY_TEXT, arrays, form), OPTION(PY_NUMBER, arrays, packets),                             \
        OPTION(PY_NUMBER, arrays, bytes), OPTION(PY_LIST, arrays, mask),                           \
        OPTION(PY_TEXT, arrays, per), OPTION(PY_TEXT, arrays, part),                               \
        OPTION(PY_LIST, arrays, headers), OPTION(PY_LIST, arrays, series),                         \
        OPTION(PY_COUNT, arrays, min_packets), OPTION(PY_COUNT, arrays, seed),                     \
        OPTION(PY_FLAG, arrays, inner_tunnels), OPTION(PY_FLAG, arrays, compat)

static const struct py_argument arrays_arguments[] = {
    ARRAYS,
    OPTION(PY_AUTO, arrays, pcapml_times),
    OPTION(PY_NUMBER, arrays, threads),
    END,
};

static const struct py_argument write_arguments[] = {
    OUTPUT,
    ARRAYS,
    OPTION(PY_PATH, arrays, splits),
    OPTION(PY_TEXT, arrays, format),
    SHARD(arrays),
    READING,
    WRITING,
    END,
};

/* The arrays of one call. */
enum { MOST_ARRAYS = 16 };

struct filling {
    struct lcap_arrays *arrays;
    size_t count;
    PyObject *objects[MOST_ARRAYS];
    Py_buffer buffers[MOST_ARRAYS];
    void *memory[MOST_ARRAYS];
    struct py_watch *watch;
};

static PyObject *shape_of(const struct lcap_array *array)
{
    PyObject *shape = PyTuple_New((Py_ssize_t)array->dimensions);
    for (size_t i = 0; shape && i < array->dimensions; i++) {
        PyObject *extent = PyLong_FromUnsignedLongLong(array->shape[i]);
        if (!extent)
            Py_CLEAR(shape);
        else
            PyTuple_SET_ITEM(shape, (Py_ssize_t)i, extent);
    }
    return shape;
}

/* Makes the next array. */
static int make_array(struct filling *filling, const struct lcap_array *array)
{
    const size_t at = filling->count;
    PyObject *shape = at < MOST_ARRAYS ? shape_of(array) : NULL;
    if (!shape)
        return -1;
    filling->objects[at] = py_numpy_empty(shape, array->type, &filling->buffers[at]);
    Py_DECREF(shape);
    if (!filling->objects[at])
        return -1;
    filling->memory[at] = filling->buffers[at].buf;
    filling->count++;
    return 0;
}

static void release(struct filling *filling)
{
    for (size_t i = 0; i < filling->count; i++) {
        PyBuffer_Release(&filling->buffers[i]);
        Py_DECREF(filling->objects[i]);
    }
    lcap_arrays_free(filling->arrays);
}

/* ---- what is returned ---- */

/* The place of a label of the rows among those of the whole data set; -1 with an exception. */
static int64_t place_of(const struct lcap_arrays *arrays, size_t number, PyObject *labels)
{
    size_t len;
    const char *text = lcap_arrays_label(arrays, number, &len);
    PyObject *label = py_text(text, len);
    const int64_t place = label ? PySequence_Index(labels, label) : -1;
    Py_XDECREF(label);
    return place;
}

static void renumber(int64_t *y, uint64_t rows, const int64_t *places)
{
    for (uint64_t i = 0; i < rows; i++)
        y[i] = places[y[i]];
}

/* So that y means the same in all parts of a data set. */
static int renumber_labels(const struct filling *filling, PyObject *labels)
{
    const size_t count = lcap_arrays_labels(filling->arrays);
    int64_t *places = PyMem_Calloc(count > 0 ? count : 1, sizeof *places);
    bool done = places;
    for (size_t i = 0; i < count && done; i++) {
        places[i] = place_of(filling->arrays, i, labels);
        done = places[i] >= 0;
    }
    for (size_t i = 0; i < filling->count && done; i++)
        if (strcmp(lcap_arrays_get(filling->arrays, i)->name, "y") == 0)
            renumber(filling->memory[i], lcap_arrays_get(filling->arrays, i)->shape[0], places);
    PyMem_Free(places);
    return done ? 0 : -1;
}

/* None if they have no names. */
static PyObject *columns_of(struct lcap_arrays *arrays)
{
    if (!lcap_arrays_column(arrays, 0))
        return Py_NewRef(Py_None);
    PyObject *list = PyList_New(0);
    const char *name;
    for (size_t i = 0; list && (name = lcap_arrays_column(arrays, i)) != NULL; i++) {
        PyObject *text = PyUnicode_FromString(name);
        if (!text || PyList_Append(list, text) < 0)
            Py_CLEAR(list);
        Py_XDECREF(text);
    }
    PyObject *columns = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return columns;
}

/* Takes over the value, which may be NULL. */
static int put(PyObject *dictionary, const char *name, PyObject *value)
{
    const int rc = value ? PyDict_SetItemString(dictionary, name, value) : -1;
    Py_XDECREF(value);
    return rc;
}

static PyObject *namespace_of(const struct py_state *state, struct filling *filling,
                              PyObject *labels)
{
    PyObject *named = PyDict_New();
    int rc = named ? put(named, "labels", Py_NewRef(labels)) : -1;
    if (rc == 0)
        rc = put(named, "columns", columns_of(filling->arrays));
    for (size_t i = 0; i < filling->count && rc == 0; i++)
        rc = PyDict_SetItemString(named, lcap_arrays_get(filling->arrays, i)->name,
                                  filling->objects[i]);
    PyObject *none = rc == 0 ? PyTuple_New(0) : NULL;
    PyObject *made =
        none ? PyObject_Call((PyObject *)state->classes[PY_ARRAYS], none, named) : NULL;
    Py_XDECREF(none);
    Py_XDECREF(named);
    return made;
}

/* ---- the call ---- */

static int fill(struct filling *filling, struct lcap_error *error)
{
    for (size_t i = 0; i < lcap_arrays_count(filling->arrays); i++)
        if (make_array(filling, lcap_arrays_get(filling->arrays, i)) < 0)
            return LCAP_ERR_MEMORY; /* and an exception is set */
    py_watch_leave(filling->watch);
    const int rc = lcap_arrays_fill(filling->arrays, filling->memory, error);
    py_watch_return(filling->watch);
    return rc;
}

struct array_call {
    struct py_call call; /* which the arguments fill */
    PyObject *labels;
};

static PyObject *make_arrays(const struct py_state *state, void *filled)
{
    struct py_call *call = filled;
    PyObject *labels = ((struct array_call *)filled)->labels;
    struct lcap_error error = {0};
    struct filling filling = {.watch = &call->watch};
    struct lcap_array_options *options = &call->options.arrays;
    PyObject *made = NULL;
    options->size = sizeof *options;
    options->watcher = py_watcher(&call->watch);
    py_watch_leave(&call->watch);
    int rc = lcap_arrays_open(&filling.arrays, call->inputs.items[0], options, &error);
    py_watch_return(&call->watch);
    if (rc == LCAP_OK)
        rc = fill(&filling, &error);
    if (rc < 0)
        py_raise(state, &error);
    else if (renumber_labels(&filling, labels) == 0)
        made = namespace_of(state, &filling, labels);
    release(&filling);
    return made;
}

const char py_arrays_doc[] =
    "arrays($self, form='bytes', *, packets=0, bytes=0, mask=None, per=None, part=None,\n"
    "       headers=None, series=None, min_packets=0, seed=0, inner_tunnels=False,\n"
    "       compat=False, pcapml_times=None, threads=0)\n--\n\n"
    "What models read of the packets of these samples, as 'labelcap arrays' makes it: see\n"
    "labelcap-arrays(1) for forms and options. 0 and None are the defaults of the form. Forms\n"
    "that make a table, such as 'etbert' and 'netfound', are for write_arrays(). mask, headers\n"
    "and series are names separated by commas, or a sequence of names.\n\n"
    "Returns labelcap.Arrays, with one attribute for each array, whose first dimension is the\n"
    "rows, in the order of sampleIDs:\n"
    "    X              of 'bytes' uint8 (rows, packets, bytes), of 'yatc' and 'netmamba'\n"
    "                   uint8 (rows, 40, 40), of 'nprint' int8 (rows, packets, columns)\n"
    "    y              int64 (rows,): the number of the label in `labels`\n"
    "    sample_id      uint64 (rows,)\n"
    "    flow           uint64 (rows,): its number in the sample, unless a row is a sample\n"
    "    mask           bool (rows, packets): whether the packet is there\n"
    "and those of `series`, (rows, packets):\n"
    "    length         uint32: bytes on the wire\n"
    "    direction      int8: 1 from the initiator, -1 to it, 0 for no packet\n"
    "    inter_arrival  int64: nanoseconds since the packet before\n"
    "X has no dimension of packets if a row is a packet. Besides, there are labels,\n"
    "a tuple of str (those of the whole data set, so that y means the same in each part of it),\n"
    "and columns, the names of the last dimension of X, or None. Memory is what\n"
    "the arrays take. Ctrl-C ends it.\n\n"
    "Raises ArgumentError for unknown names, LabelError if there are no rows.";

static struct py_call call_of(const struct py_array_source *source)
{
    return (struct py_call){
        .inputs = {.items = &source->path, .count = 1},
        .run.pcapml_times = source->pcapml_times,
        .options.arrays = {.sample_ids = source->ids,
                           .sample_id_count = source->count,
                           .pcapml_times = source->pcapml_times,
                           .catalogue = source->catalogue},
    };
}

PyObject *py_arrays(const struct py_state *state, const struct py_array_source *source,
                    PyObject *args, PyObject *keywords)
{
    static const struct py_signature signature = {"arrays", arrays_arguments, 1, 0};
    struct array_call call = {call_of(source), source->labels};
    return py_with_arguments(state, &signature, args, keywords, &call, make_arrays);
}

/* ---- files ---- */

const char py_write_arrays_doc[] =
    "write_arrays($self, output, form='bytes', *, packets=0, bytes=0, mask=None, per=None,\n"
    "             part=None, headers=None, series=None, min_packets=0, seed=0,\n"
    "             inner_tunnels=False, compat=False, splits=None, format=None, shard=0,\n"
    "             shards=0, pcapml_times=None, nanoseconds=False, linktype=None, threads=0,\n"
    "             overwrite=False, no_sync=False)\n--\n\n"
    "Write what models read of the packets of these samples, as 'labelcap arrays -o OUTPUT'\n"
    "does: also the forms of text, and more than memory holds. `output` is a folder of .npy\n"
    "files, or a file whose name tells the format, such as .npz or .parquet; or `format`\n"
    "does: 'npy', 'npz', 'tsv', 'csv', 'parquet', 'arrow', 'png'. With splits, a folder of\n"
    "lists, there is one output for each list, whatever the samples of this Dataset are. y\n"
    "numbers the labels of the rows that are written. shard and shards are as for label(),\n"
    "of a file in the order of its samples.\n\n"
    "Returns a dict: what the command prints with --json. Ctrl-C ends it.\n"
    "Raises ArgumentError for unknown names, LabelError if there are no rows, FileError.";

static int write_arrays(struct py_call *call, struct lcap_result **result, struct lcap_error *error)
{
    struct lcap_array_options *options = &call->options.arrays;
    if (options->splits)
        options->sample_ids = NULL;
    return lcap_write_arrays(&call->run, options, result, error);
}

PyObject *py_write_arrays(const struct py_state *state, const struct py_array_source *source,
                          PyObject *args, PyObject *keywords)
{
    static const struct py_function function = {
        {"write_arrays", write_arguments, 2, 1}, sizeof(struct lcap_array_options), write_arrays};
    struct py_call call = call_of(source);
    return py_call_method(state, &function, args, keywords, &call);
}
