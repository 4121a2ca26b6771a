/* Open data sets. */
#include "python/dataset/py_store.h"

#include "python/py_errors.h"
#include "python/py_watch.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLACE(KIND, MEMBER)                                                                        \
    {                                                                                              \
        .name = #MEMBER, .kind = (KIND), .offset = offsetof(struct py_store_place, MEMBER)         \
    }

const struct py_argument py_store_arguments[] = {
    PLACE(PY_PATH, path),
    PLACE(PY_PATH, catalogue),
    PLACE(PY_AUTO, pcapml_times),
    {.kind = PY_LAST},
};

/* ---- opening ---- */

/* With a watch, makes the catalogue if there is none. */
static int open_set(PyStore *store, struct py_watch *watch, struct lcap_error *error)
{
    struct lcap_dataset_options options = {
        .size = sizeof options, .catalogue = store->catalogue, .pcapml_times = store->pcapml_times};
    options.make_catalogue = watch != NULL;
    if (watch)
        options.watcher = py_watcher(watch);
    const int rc = lcap_dataset_open(&store->set, store->path, &options, error);
    if (rc < 0)
        return rc;
    store->samples = lcap_dataset_samples(store->set);
    store->sorted = lcap_dataset_is_sorted(store->set);
    return LCAP_OK;
}

/* A folder for a catalogue that cannot be beside its data set. */
static int make_folder(PyStore *store, struct lcap_error *error)
{
    const char *base = getenv("TMPDIR");
    char *folder, *catalogue;
    if (asprintf(&folder, "%s/labelcap-XXXXXX", base && *base ? base : "/tmp") < 0)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory");
    if (!mkdtemp(folder)) {
        const int rc = lcap_error_set_errno(error, errno, "%s: cannot create", folder);
        free(folder);
        return rc;
    }
    store->folder = folder;
    store->maker = getpid();
    if (asprintf(&catalogue, "%s/catalogue.sqlite", folder) < 0)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory");
    store->catalogue = catalogue;
    return LCAP_OK;
}

static bool is_forbidden(const struct lcap_error *error)
{
    return error->errnum == EACCES || error->errnum == EROFS || error->errnum == EPERM;
}

static int open_or_make(PyStore *store, struct py_watch *watch, struct lcap_error *error)
{
    int rc = open_set(store, watch, error);
    if (rc == LCAP_OK || store->catalogue || !is_forbidden(error) || access(store->path, R_OK) < 0)
        return rc;
    lcap_error_clear(error);
    rc = make_folder(store, error);
    return rc == LCAP_OK ? open_set(store, watch, error) : rc;
}

static int begin(PyStore *store, const struct py_store_place *place, struct lcap_error *error)
{
    store->path = strdup(place->path);
    store->catalogue = place->catalogue ? strdup(place->catalogue) : NULL;
    store->pcapml_times = place->pcapml_times;
    store->lock = PyThread_allocate_lock();
    store->pid = getpid();
    if (store->path && (store->catalogue || !place->catalogue) && store->lock)
        return LCAP_OK;
    return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory");
}

PyStore *py_store_open(const struct py_state *state, const struct py_store_place *place)
{
    struct lcap_error error = {0};
    struct py_watch watch;
    PyStore *store = py_new(state, PY_STORE);
    if (!store)
        return NULL;
    int rc = begin(store, place, &error);
    if (rc == LCAP_OK) {
        py_watch_leave(&watch);
        rc = open_or_make(store, &watch, &error);
        py_watch_return(&watch);
    }
    if (rc == LCAP_OK)
        return store;
    py_raise(state, &error);
    Py_DECREF(store);
    return NULL;
}

static void store_dealloc(PyStore *self)
{
    if (self->pid == getpid())
        lcap_dataset_free(self->set);
    if (self->folder && self->maker == getpid()) {
        unlink(self->catalogue);
        rmdir(self->folder);
    }
    Py_XDECREF(self->classes);
    if (self->lock)
        PyThread_free_lock(self->lock);
    free(self->folder);
    free(self->catalogue);
    free(self->path);
    py_free(self);
}

/* ---- use ---- */

/*
 * After a fork, the handle belongs to the parent: its file has a position that both share, and
 * SQLite forbids even to close it here. So it is left alone, and so is the lock, which a thread
 * of the parent may hold.
 */
static int open_again(PyStore *store)
{
    struct lcap_error error = {0};
    store->set = NULL;
    store->lock = PyThread_allocate_lock();
    store->pid = getpid();
    if (!store->lock)
        return PyErr_NoMemory() ? 0 : -1;
    if (open_set(store, NULL, &error) == LCAP_OK)
        return 0;
    py_raise(py_state_of((PyObject *)store), &error);
    return -1;
}

struct lcap_dataset *py_store_enter(PyStore *store)
{
    if ((store->pid != getpid() || !store->set) && open_again(store) < 0)
        return NULL;
    if (!PyThread_acquire_lock(store->lock, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(store->lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    py_wording_begin();
    return store->set;
}

void py_store_leave(PyStore *store)
{
    py_wording_end();
    PyThread_release_lock(store->lock);
}

static PyObject *make_sample(PyStore *store, const struct lcap_dataset_sample *known,
                             struct sample_data *data, bool views)
{
    PyObject *metadata = py_text(known->metadata, known->metadata_len);
    if (!metadata) {
        sample_data_release(data);
        return NULL;
    }
    PyObject *sample =
        py_sample_new(py_state_of((PyObject *)store), known->id, metadata, data, views);
    Py_DECREF(metadata);
    return sample;
}

PyObject *py_store_sample(PyStore *store, size_t position, bool views)
{
    struct py_state *state = py_state_of((PyObject *)store);
    struct lcap_error error = {0};
    struct sample_data data;
    const struct lcap_dataset_sample *known;
    PyObject *sample = NULL;
    int rc;
    struct lcap_dataset *set = py_store_enter(store);
    if (!set)
        return NULL;
    data = py_sample_room(state);
    Py_BEGIN_ALLOW_THREADS
    rc = sample_data_read(&data, set, position, &error);
    if (rc == LCAP_OK)
        rc = lcap_dataset_sample(set, position, &known, &error);
    Py_END_ALLOW_THREADS
    if (rc == LCAP_OK) {
        sample = make_sample(store, known, &data, views);
    } else {
        py_sample_give_back(state, &data);
        py_raise(state, &error);
    }
    py_store_leave(store);
    return sample;
}

static PyType_Slot slots[] = {
    {Py_tp_dealloc, store_dealloc},
    {0, NULL},
};

PyType_Spec py_store_spec = PY_SPEC("_Store", PyStore, Py_TPFLAGS_DISALLOW_INSTANTIATION, slots);
