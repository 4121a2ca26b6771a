/* Iteration over samples. */
#include "python/dataset/py_sampler.h"

#include "python/dataset/sample_stream.h"
#include "python/py_errors.h"
#include "python/py_watch.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    PyObject_HEAD struct sample_stream
        stream;            /* has a reader if the samples are read in one go … */
    struct py_watch watch; /* … with this watch. */
    PyStore *store;        /* where samples are looked up, unless they are in the stream, or NULL */
    const size_t *positions; /* NULL: all */
    size_t next, count;
    PyObject *owner;     /* of the positions, or NULL */
    uint64_t looked_up;  /* packets */
    uint64_t worth_most; /* that many; then the stream is worth while, if there can be one */
    bool views;
    bool busy; /* in another thread */
    pid_t pid; /* of the stream */
} PySampler;

/* Each packet that is looked up takes as long as copying some bytes of the file: 4 KiB (measured).
 * At most a fourth of the time that a copy would take is spent before it is made. */
#define BYTES_OF_LOOK_UPS ((uint64_t)16 << 10)

static PySampler *new_sampler(const struct py_state *state, bool views)
{
    PySampler *sampler = py_new(state, PY_SAMPLER);
    if (!sampler)
        return NULL;
    sampler->views = views;
    sampler->pid = getpid();
    return sampler;
}

static PyObject *open_stream(const struct py_state *state, const char *path,
                             enum lcap_pcapml_times times, bool views)
{
    struct lcap_error error = {0};
    PySampler *sampler = new_sampler(state, views);
    if (!sampler)
        return NULL;
    const struct lcap_watcher watcher = py_watcher(&sampler->watch);
    py_watch_leave(&sampler->watch);
    const int rc = sample_stream_open(&sampler->stream, path, times, &watcher, &error);
    py_watch_return(&sampler->watch);
    if (rc == LCAP_OK)
        return (PyObject *)sampler;
    py_raise(state, &error);
    Py_DECREF(sampler);
    return NULL;
}

static uint64_t file_size(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

PyObject *py_sampler_new(const struct py_state *state, PyStore *store, const size_t *positions,
                         size_t count, PyObject *owner, bool views)
{
    if (!positions && store->sorted)
        return open_stream(state, store->path, store->pcapml_times, views);
    PySampler *sampler = new_sampler(state, views);
    if (!sampler)
        return NULL;
    sampler->store = (PyStore *)Py_NewRef(store);
    sampler->worth_most = file_size(store->path) / BYTES_OF_LOOK_UPS;
    sampler->positions = positions;
    sampler->count = count;
    sampler->owner = Py_XNewRef(owner);
    return (PyObject *)sampler;
}

static void sampler_dealloc(PySampler *self)
{
    sample_stream_release(&self->stream);
    Py_XDECREF(self->store);
    Py_XDECREF(self->owner);
    py_free(self);
}

static PyObject *make_sample(struct py_state *state, struct stream_sample *found, bool views)
{
    PyObject *metadata = py_text(found->metadata, found->metadata_len);
    if (!metadata) {
        sample_data_release(&found->data);
        return NULL;
    }
    PyObject *sample = py_sample_new(state, found->id, metadata, &found->data, views);
    Py_DECREF(metadata);
    return sample;
}

static PyObject *next_of_stream(PySampler *self)
{
    struct py_state *state = py_state_of((PyObject *)self);
    struct lcap_error error = {0};
    struct stream_sample found = {.data = py_sample_room(state)};
    self->busy = true;
    py_watch_leave(&self->watch);
    const int rc = sample_stream_next(&self->stream, &found, &error);
    py_watch_return(&self->watch);
    self->busy = false;
    if (rc == 1)
        return make_sample(state, &found, self->views);
    py_sample_give_back(state, &found.data);
    return rc < 0 ? py_raise(state, &error) : NULL;
}

static PyObject *next_of_store(PySampler *self)
{
    if (self->next >= self->count)
        return NULL;
    const size_t number = self->next++;
    PyObject *sample = py_store_sample(
        self->store, self->positions ? self->positions[number] : number, self->views);
    if (sample)
        self->looked_up += (uint64_t)PySequence_Size(sample);
    return sample;
}

/* A handle of its own: what handles a signal meanwhile may use that of the store. */
static int gather(PySampler *self, struct lcap_reader **reader, struct lcap_error *error)
{
    const struct lcap_dataset_options options = {.size = sizeof options,
                                                 .catalogue = self->store->catalogue,
                                                 .pcapml_times = self->store->pcapml_times};
    const struct lcap_watcher watcher = py_watcher(&self->watch);
    struct lcap_dataset *set = NULL;
    int rc = lcap_dataset_open(&set, self->store->path, &options, error);
    if (rc == LCAP_OK)
        rc = lcap_dataset_gather(set, self->positions, self->next, self->count, &watcher, reader,
                                 error);
    lcap_dataset_free(set);
    return rc;
}

/* From now on, the samples come from the stream if there can be one; whatever is wrong with the
 * file, looking them up meets it again. Returns -1 with an exception set. */
static int try_stream(PySampler *self)
{
    struct lcap_error error = {0};
    struct lcap_reader *reader = NULL;
    self->worth_most = UINT64_MAX;
    self->busy = true;
    py_watch_leave(&self->watch);
    const int rc = gather(self, &reader, &error);
    py_watch_return(&self->watch);
    self->busy = false;
    if (rc == LCAP_ERR_INTERRUPTED || rc == LCAP_ERR_MEMORY)
        py_raise(py_state_of((PyObject *)self), &error);
    if (rc == 1)
        sample_stream_take(&self->stream, reader);
    self->pid = getpid();
    return PyErr_Occurred() ? -1 : 0;
}

/* After a fork, the position in the copy is that of the parent, too. */
static PyObject *next_of_either(PySampler *self)
{
    if (self->stream.reader && self->pid != getpid())
        sample_stream_release(&self->stream);
    if (self->looked_up > self->worth_most && self->next < self->count && try_stream(self) < 0)
        return NULL;
    if (!self->stream.reader)
        return next_of_store(self);
    self->next++;
    return next_of_stream(self);
}

static PyObject *sampler_next(PySampler *self)
{
    if (self->busy)
        PyErr_SetString(PyExc_ValueError, "the sampler is already used by another thread");
    else if (self->store)
        return next_of_either(self);
    else if (self->pid != getpid())
        PyErr_SetString(PyExc_ValueError, "the sampler was made in another process");
    else
        return next_of_stream(self);
    return NULL;
}

static bool is_regular(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && (stat(path, &st) < 0 || S_ISREG(st.st_mode));
}

const char py_sampler_doc[] =
    "sampler(path, *, catalogue=None, pcapml_times=None)\n--\n\n"
    "Iterate over the samples of a labelled capture, plain or compressed.\n\n"
    "Yields a labelcap.Sample for each sample, in the order of their first packets; the\n"
    "bytes of packets are `bytes`. A file is looked up in its catalogue, PATH.sqlite or\n"
    "`catalogue`, which is made if it is missing: in a temporary folder where nothing can\n"
    "be written. So a file need not be sorted: samples that are mixed are copied to a\n"
    "temporary file, one after the other. A sorted file is read in one go, like a pipe or\n"
    "'-' (standard input), which must be sorted. Packets without a label are passed over.\n"
    "One sample at a time is in memory. pcapml_times is None (find out), True or False.\n\n"
    "Raises FileError, FormatError, DamageError (once what comes before the damage is\n"
    "yielded), or LabelError (no packet is labelled, the catalogue is out of date, a stream\n"
    "or a damaged file is not sorted).";

/* A damaged file gets no catalogue; what comes before the damage can be read if it is sorted. */
static PyObject *open_file(const struct py_state *state, const struct py_store_place *place)
{
    PyStore *store = py_store_open(state, place);
    if (!store && PyErr_ExceptionMatches(state->exceptions[PY_DAMAGE_ERROR])) {
        PyErr_Clear();
        return open_stream(state, place->path, place->pcapml_times, false);
    }
    if (!store)
        return NULL;
    PyObject *sampler = py_sampler_new(state, store, NULL, store->samples, NULL, false);
    Py_DECREF(store);
    return sampler;
}

static PyObject *open_sampler(const struct py_state *state, void *given)
{
    const struct py_store_place *place = given;
    return is_regular(place->path) ? open_file(state, place)
                                   : open_stream(state, place->path, place->pcapml_times, false);
}

PyObject *py_sampler(PyObject *module, PyObject *args, PyObject *keywords)
{
    static const struct py_signature signature = {"sampler", py_store_arguments, 1, 1};
    struct py_store_place place = {.path = NULL};
    return py_with_arguments(PyModule_GetState(module), &signature, args, keywords, &place,
                             open_sampler);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "An iterator over samples: see sampler() and Dataset."},
    {Py_tp_dealloc, sampler_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, sampler_next},
    {0, NULL},
};

PyType_Spec py_sampler_spec =
    PY_SPEC("Sampler", PySampler, Py_TPFLAGS_DISALLOW_INSTANTIATION, slots);
