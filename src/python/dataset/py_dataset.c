/* labelcap.Dataset: the samples of a data set, or some of them. */
#include "python/dataset/py_dataset_internal.h"

#include "python/dataset/py_id_list.h"
#include "python/dataset/py_sampler.h"
#include "python/py_arrays.h"
#include "python/py_errors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

static PyObject *open_dataset(const struct py_state *state, void *place)
{
    PyStore *store = py_store_open(state, place);
    PyDataset *self = store ? py_new(state, PY_DATASET) : NULL;
    if (!self) {
        Py_XDECREF(store);
        return NULL;
    }
    self->store = store;
    self->count = store->samples;
    return (PyObject *)self;
}

static PyObject *dataset_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static const struct py_signature signature = {"Dataset", py_store_arguments, 3, 1};
    struct py_store_place place = {.path = NULL};
    return py_with_arguments(PyType_GetModuleState(type), &signature, args, keywords, &place,
                             open_dataset);
}

PyObject *py_dataset_part(PyDataset *self, size_t *positions, size_t count)
{
    PyDataset *part = py_new(py_dataset_state(self), PY_DATASET);
    if (!part) {
        free(positions);
        return NULL;
    }
    part->store = (PyStore *)Py_NewRef(self->store);
    part->positions = positions;
    part->count = count;
    return (PyObject *)part;
}

static size_t *new_positions(size_t count)
{
    size_t *positions = calloc(count > 0 ? count : 1, sizeof *positions);
    if (!positions)
        PyErr_NoMemory();
    return positions;
}

static void dataset_dealloc(PyDataset *self)
{
    Py_XDECREF(self->store);
    Py_XDECREF(self->labels);
    Py_XDECREF(self->ids);
    free(self->positions);
    py_free(self);
}

/* ---- the sequence ---- */

static Py_ssize_t dataset_length(PyDataset *self)
{
    return (Py_ssize_t)self->count;
}

static PyObject *dataset_item(PyDataset *self, Py_ssize_t index)
{
    if (index >= 0 && index < dataset_length(self))
        return py_store_sample(self->store, py_dataset_position(self, (size_t)index), true);
    PyErr_SetString(PyExc_IndexError, "the data set has no sample at this position");
    return NULL;
}

static PyObject *dataset_slice(PyDataset *self, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0)
        return NULL;
    const Py_ssize_t count = PySlice_AdjustIndices(dataset_length(self), &start, &stop, step);
    size_t *positions = new_positions((size_t)count);
    for (Py_ssize_t i = 0; positions && i < count; i++)
        positions[i] = py_dataset_position(self, (size_t)(start + i * step));
    return positions ? py_dataset_part(self, positions, (size_t)count) : NULL;
}

static PyObject *dataset_subscript(PyDataset *self, PyObject *key)
{
    if (PySlice_Check(key))
        return dataset_slice(self, key);
    const Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (index == -1 && PyErr_Occurred())
        return NULL;
    return dataset_item(self, index < 0 ? index + dataset_length(self) : index);
}

static PyObject *dataset_iter(PyDataset *self)
{
    return py_sampler_new(py_dataset_state(self), self->store, self->positions, self->count,
                          (PyObject *)self, true);
}

static PyObject *dataset_repr(PyDataset *self)
{
    PyObject *path = PyUnicode_DecodeFSDefault(self->store->path);
    if (!path)
        return NULL;
    PyObject *text = PyUnicode_FromFormat("<labelcap.Dataset %R, %zu sample%s>", path, self->count,
                                          self->count == 1 ? "" : "s");
    Py_DECREF(path);
    return text;
}

/* ---- samples by ID ---- */

static bool has_position(const PyDataset *self, size_t position)
{
    if (!self->positions)
        return true;
    for (size_t i = 0; i < self->count; i++)
        if (self->positions[i] == position)
            return true;
    return false;
}

static int find(PyDataset *self, uint64_t id, size_t *position)
{
    struct lcap_error error = {0};
    struct lcap_dataset *set = py_store_enter(self->store);
    if (!set)
        return -1;
    const int rc = lcap_dataset_find(set, id, position, &error);
    py_store_leave(self->store);
    if (rc < 0)
        py_raise(py_dataset_state(self), &error);
    return rc == 1 ? has_position(self, *position) : rc;
}

static PyObject *dataset_sample(PyDataset *self, PyObject *given)
{
    size_t position;
    uint64_t id;
    if (py_sample_id_take(given, &id) < 0)
        return NULL;
    const int rc = find(self, id, &position);
    if (rc == 0)
        PyErr_SetObject(PyExc_KeyError, given);
    return rc == 1 ? py_store_sample(self->store, position, true) : NULL;
}

/* ---- lists of a split ---- */

static int find_all(struct lcap_dataset *set, const struct py_id_list *list, size_t *positions,
                    struct lcap_error *error)
{
    int rc = 1;
    for (size_t i = 0; i < list->count && rc == 1; i++) {
        rc = lcap_dataset_find(set, list->ids[i], &positions[i], error);
        if (rc == 0)
            rc = lcap_error_set(error, LCAP_ERR_LABEL,
                                "%s: sample %" PRIu64 " is not in the data set", list->name,
                                list->ids[i]);
    }
    return rc < 0 ? rc : LCAP_OK;
}

/* The positions of these samples, or NULL with an exception set. */
static size_t *find_ids(PyDataset *self, const struct py_id_list *list)
{
    struct lcap_error error = {0};
    size_t *positions = new_positions(list->count);
    struct lcap_dataset *set = positions ? py_store_enter(self->store) : NULL;
    int rc = LCAP_OK;
    if (set) {
        Py_BEGIN_ALLOW_THREADS
        rc = find_all(set, list, positions, &error);
        Py_END_ALLOW_THREADS
        py_store_leave(self->store);
    }
    if (set && rc == LCAP_OK)
        return positions;
    free(positions);
    return py_raise(py_dataset_state(self), &error);
}

/* The list is read before the handle is taken, because it may be a pipe, or run any code. */
static PyObject *dataset_split(PyDataset *self, PyObject *given)
{
    struct py_id_list list = {0};
    const int rc = py_id_list_take(py_dataset_state(self), given, &list);
    size_t *positions = rc == 0 ? find_ids(self, &list) : NULL;
    PyObject *part = positions ? py_dataset_part(self, positions, list.count) : NULL;
    py_id_list_release(&list);
    return part;
}

/* ---- the file ---- */

PyObject *py_dataset_path(PyObject *dataset)
{
    return PyBytes_FromString(((PyDataset *)dataset)->store->path);
}

enum lcap_pcapml_times py_dataset_times(PyObject *dataset)
{
    return ((PyDataset *)dataset)->store->pcapml_times;
}

static PyObject *get_path(PyDataset *self, void *unused)
{
    (void)unused;
    return PyUnicode_DecodeFSDefault(self->store->path);
}

/* ---- arrays ---- */

/* A split list or slice without samples. */
static PyObject *refuse_empty(PyDataset *self)
{
    struct lcap_error error = {0};
    lcap_error_set(&error, LCAP_ERR_LABEL, "%s: has no rows: this Dataset has no samples",
                   self->store->path);
    return py_raise(py_dataset_state(self), &error);
}

typedef PyObject *array_maker(const struct py_state *state, const struct py_array_source *source,
                              PyObject *args, PyObject *keywords);

/* `labels` is NULL if they are not needed. */
static PyObject *call_with_source(PyDataset *self, array_maker *make, PyObject *labels,
                                  PyObject *args, PyObject *keywords)
{
    PyObject *ids = self->positions ? py_dataset_ids((PyObject *)self) : NULL;
    const struct py_array_source source = {.path = self->store->path,
                                           .catalogue = self->store->catalogue,
                                           .pcapml_times = self->store->pcapml_times,
                                           .ids = ids ? (void *)PyBytes_AS_STRING(ids) : NULL,
                                           .count = self->count,
                                           .labels = labels};
    PyObject *made =
        PyErr_Occurred() ? NULL : make(py_dataset_state(self), &source, args, keywords);
    Py_XDECREF(ids);
    return made;
}

static PyObject *dataset_arrays(PyDataset *self, PyObject *args, PyObject *keywords)
{
    if (self->count == 0)
        return refuse_empty(self);
    PyObject *labels = py_dataset_classes(self);
    return labels ? call_with_source(self, py_arrays, labels, args, keywords) : NULL;
}

static PyObject *dataset_write_arrays(PyDataset *self, PyObject *args, PyObject *keywords)
{
    if (self->count == 0)
        return refuse_empty(self);
    return call_with_source(self, py_write_arrays, NULL, args, keywords);
}

/* ---- pickling ---- */

/* A temporary catalogue ends with its process, so it is not named: another one is made. */
static PyObject *saved_catalogue(const PyStore *store)
{
    if (!store->catalogue || store->folder)
        return Py_NewRef(Py_None);
    return PyUnicode_DecodeFSDefault(store->catalogue);
}

static PyObject *saved_times(const PyStore *store)
{
    if (store->pcapml_times == LCAP_PCAPML_TIMES_AUTO)
        return Py_NewRef(Py_None);
    return PyBool_FromLong(store->pcapml_times == LCAP_PCAPML_TIMES_YES);
}

/* Not the positions, where other samples may be when it is read. */
static PyObject *saved_ids(PyDataset *self)
{
    return self->positions ? py_dataset_make_ids(self) : Py_NewRef(Py_None);
}

static PyObject *dataset_reduce(PyDataset *self, PyObject *unused)
{
    (void)unused;
    return Py_BuildValue("O(NNN)N", Py_TYPE(self), PyUnicode_DecodeFSDefault(self->store->path),
                         saved_catalogue(self->store), saved_times(self->store), saved_ids(self));
}

static PyObject *take_ids(PyDataset *self, const Py_buffer *ids)
{
    const struct py_id_list list = {
        .name = self->store->path, .ids = ids->buf, .count = (size_t)ids->len / sizeof(uint64_t)};
    if (!ids->format || strcmp(ids->format, "Q") != 0) {
        PyErr_SetString(PyExc_ValueError,
                        "this part of a Dataset was pickled by labelcap 0.7.0 or before, without "
                        "its sampleIDs: pickle it again");
        return NULL;
    }
    size_t *positions = find_ids(self, &list);
    if (!positions)
        return NULL;
    self->positions = positions;
    self->count = list.count;
    return Py_NewRef(Py_None);
}

static PyObject *dataset_setstate(PyDataset *self, PyObject *state)
{
    Py_buffer ids;
    if (self->positions || self->labels || self->ids) {
        PyErr_SetString(PyExc_ValueError, "only a new data set takes a state");
        return NULL;
    }
    if (PyObject_GetBuffer(state, &ids, PyBUF_FORMAT) < 0)
        return NULL;
    PyObject *taken = take_ids(self, &ids);
    PyBuffer_Release(&ids);
    return taken;
}

/* ---- the class ---- */

static PyMethodDef methods[] = {
    {"sample", (PyCFunction)dataset_sample, METH_O,
     "sample($self, id, /)\n--\n\n"
     "The sample with this sampleID, a number or, as in the results of runs, its digits as text.\n"
     "Raises KeyError if there is none."},
    {"split", (PyCFunction)dataset_split, METH_O,
     "split($self, samples, /)\n--\n\n"
     "The samples of a list as a Dataset, in the order of the list: the path of a CSV file, such\n"
     "as train.csv of 'labelcap partition', with a sampleID in the first column of each line,\n"
     "behind a header or without one; or sampleIDs, numbers or their digits as text. Raises\n"
     "ArgumentError if a line of a file has none, LabelError if a sample is not in the data set."},
    {"arrays", (PyCFunction)(void (*)(void))dataset_arrays, METH_VARARGS | METH_KEYWORDS,
     py_arrays_doc},
    {"write_arrays", (PyCFunction)(void (*)(void))dataset_write_arrays,
     METH_VARARGS | METH_KEYWORDS, py_write_arrays_doc},
    {"__reduce__", (PyCFunction)dataset_reduce, METH_NOARGS, NULL},
    {"__setstate__", (PyCFunction)dataset_setstate, METH_O, NULL},
    {0},
};

static PyGetSetDef members[] = {
    {"labels", (getter)py_dataset_get_labels, NULL, "the metadata of each sample: a tuple of str",
     NULL},
    {"ids", (getter)py_dataset_get_ids, NULL,
     "the sampleID of each sample: array.array('Q'), which NumPy takes as uint64", NULL},
    {"path", (getter)get_path, NULL, "the path of the file: str", NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "Dataset(path, catalogue=None, pcapml_times=None)\n--\n\n"
     "The samples of a labelled capture, read in any order: plain, or compressed as BGZF\n"
     "(.gz as labelcap writes it) without unpacking it; other compressed files are unpacked\n"
     "up to the sample.\n\n"
     "len(ds), ds[i], ds[-1] and iteration give labelcap.Sample; a slice is a Dataset. The\n"
     "bytes of packets are memoryviews into the memory of their sample. Samples are in the\n"
     "order of their first packets, in a sorted file that of their IDs.\n\n"
     "The catalogue is PATH.sqlite, or the file `catalogue`. It is made if it is missing,\n"
     "in a temporary folder where nothing can be written; 'labelcap index' makes it, too.\n"
     "pcapml_times is None (find out), True or False.\n"
     "A Dataset can be pickled, is used after a fork as before, and by several threads.\n\n"
     "Raises FileError, FormatError, DamageError (a damaged file has no catalogue), or\n"
     "LabelError (no packet is labelled, the catalogue is out of date)."},
    {Py_tp_new, dataset_new},
    {Py_tp_dealloc, dataset_dealloc},
    {Py_tp_repr, dataset_repr},
    {Py_tp_iter, dataset_iter},
    {Py_tp_methods, methods},
    {Py_tp_getset, members},
    {Py_sq_length, dataset_length},
    {Py_sq_item, dataset_item},
    {Py_mp_length, dataset_length},
    {Py_mp_subscript, dataset_subscript},
    {0, NULL},
};

PyType_Spec py_dataset_spec = PY_SPEC("Dataset", PyDataset, Py_TPFLAGS_SEQUENCE, slots);
