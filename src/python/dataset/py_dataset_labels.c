/* The labels and sampleIDs of a Dataset. */
#include "python/dataset/py_dataset_internal.h"
#include "python/py_errors.h"
#include <string.h>

typedef bool sample_taker(void *context, size_t index, const struct lcap_dataset_sample *sample);

/* The samples from *next on, so many that the handle is not kept for long. */
static bool some_samples(PyDataset *self, size_t *next, sample_taker *take, void *context)
{
    struct lcap_error error = {0};
    const struct lcap_dataset_sample *sample;
    const size_t end = self->count - *next > 4096 ? *next + 4096 : self->count;
    bool done = true;
    struct lcap_dataset *set = py_store_enter(self->store);
    if (!set)
        return false;
    for (; *next < end && done; ++*next)
        if (lcap_dataset_sample(set, py_dataset_position(self, *next), &sample, &error) == LCAP_OK)
            done = take(context, *next, sample);
        else
            done = py_raise(py_dataset_state(self), &error);
    py_store_leave(self->store);
    return done;
}

/* Passes every sample to a function, which returns false with an exception set. Signals are handled
 * outside of the handle, because what handles them may use it. */
static bool each_sample(PyDataset *self, sample_taker *take, void *context)
{
    size_t next = 0;
    while (next < self->count)
        if (PyErr_CheckSignals() < 0 || !some_samples(self, &next, take, context))
            return false;
    return true;
}

static bool take_label(void *context, size_t index, const struct lcap_dataset_sample *sample)
{
    PyObject *label = py_text(sample->metadata, sample->metadata_len);
    if (label)
        PyTuple_SET_ITEM((PyObject *)context, (Py_ssize_t)index, label);
    return label;
}

/* Takes over what was made, unless another thread was faster. Returns what is kept, borrowed. */
static PyObject *keep(PyObject **place, PyObject *made)
{
    if (*place)
        Py_XDECREF(made);
    else
        *place = made;
    return *place;
}

static PyObject *make_labels(PyDataset *self)
{
    PyObject *labels = PyTuple_New((Py_ssize_t)self->count);
    if (labels && !each_sample(self, take_label, labels))
        Py_CLEAR(labels);
    return labels;
}

PyObject *py_dataset_get_labels(PyDataset *self, void *unused)
{
    (void)unused;
    return Py_XNewRef(self->labels ? self->labels : keep(&self->labels, make_labels(self)));
}

static bool copy_id(void *context, size_t index, const struct lcap_dataset_sample *sample)
{
    memcpy((char *)context + index * sizeof sample->id, &sample->id, sizeof sample->id);
    return true;
}

static PyObject *make_array(PyObject *bytes)
{
    PyObject *module = PyImport_ImportModule("array");
    PyObject *array = module ? PyObject_CallMethod(module, "array", "sO", "Q", bytes) : NULL;
    Py_XDECREF(module);
    return array;
}

PyObject *py_dataset_ids(PyObject *dataset)
{
    PyDataset *self = (PyDataset *)dataset;
    PyObject *bytes =
        PyBytes_FromStringAndSize(NULL, (Py_ssize_t)self->count * (Py_ssize_t)sizeof(uint64_t));
    if (bytes && !each_sample(self, copy_id, PyBytes_AS_STRING(bytes)))
        Py_CLEAR(bytes);
    return bytes;
}

PyObject *py_dataset_make_ids(PyDataset *self)
{
    PyObject *bytes = py_dataset_ids((PyObject *)self);
    PyObject *ids = bytes ? make_array(bytes) : NULL;
    Py_XDECREF(bytes);
    return ids;
}

PyObject *py_dataset_get_ids(PyDataset *self, void *unused)
{
    (void)unused;
    return Py_XNewRef(self->ids ? self->ids : keep(&self->ids, py_dataset_make_ids(self)));
}

static PyObject *make_classes(PyDataset *self)
{
    PyObject *all = py_dataset_part(self, NULL, self->store->samples);
    PyObject *labels = all ? py_dataset_get_labels((PyDataset *)all, NULL) : NULL;
    PyObject *set = labels ? PySet_New(labels) : NULL;
    PyObject *list = set ? PySequence_List(set) : NULL;
    PyObject *classes = list && PyList_Sort(list) == 0 ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    Py_XDECREF(set);
    Py_XDECREF(labels);
    Py_XDECREF(all);
    return classes;
}

PyObject *py_dataset_classes(PyDataset *self)
{
    PyObject **place = &self->store->classes;
    return *place ? *place : keep(place, make_classes(self));
}
