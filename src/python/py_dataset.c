/* labelcap.Dataset: the samples of a data set, or some of them. */
#include "python/py_arrays.h"
#include "python/py_errors.h"
#include "python/py_paths.h"
#include "python/py_sampler.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    PyObject_HEAD PyStore *store;
    size_t *positions; /* in the data set; NULL: all, in its order */
    size_t count;
    PyObject *labels, *ids; /* NULL until they are asked for */
} PyDataset;

static struct py_state *state_of(PyDataset *self)
{
    return py_state_of((PyObject *)self);
}

static size_t position_of(const PyDataset *self, size_t index)
{
    return self->positions ? self->positions[index] : index;
}

/* ---- making ---- */

static PyObject *dataset_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"path", "catalogue", NULL};
    const struct py_state *state = PyType_GetModuleState(type);
    PyObject *path = NULL, *catalogue = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O&|O&:Dataset", names, PyUnicode_FSConverter,
                                     &path, py_optional_path, &catalogue))
        return NULL;
    PyStore *store = py_store_open(state, PyBytes_AS_STRING(path), py_path_text(catalogue));
    Py_DECREF(path);
    Py_XDECREF(catalogue);
    PyDataset *self = store ? py_new(state, PY_DATASET) : NULL;
    if (!self) {
        Py_XDECREF(store);
        return NULL;
    }
    self->store = store;
    self->count = store->samples;
    return (PyObject *)self;
}

/* Some of the samples; takes over the positions. */
static PyObject *new_part(PyDataset *self, size_t *positions, size_t count)
{
    PyDataset *part = py_new(state_of(self), PY_DATASET);
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
        return py_store_sample(self->store, position_of(self, (size_t)index), true);
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
        positions[i] = position_of(self, (size_t)(start + i * step));
    return positions ? new_part(self, positions, (size_t)count) : NULL;
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
    return py_sampler_new(state_of(self), self->store, self->positions, self->count,
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
        py_raise(state_of(self), &error);
    return rc == 1 ? has_position(self, *position) : rc;
}

/* A number, or its digits as text. Returns 0, or -1 with an exception set. */
static int take_sample_id(PyObject *given, uint64_t *id)
{
    PyObject *number =
        PyUnicode_Check(given) ? PyLong_FromUnicodeObject(given, 10) : PyNumber_Index(given);
    *id = number ? PyLong_AsUnsignedLongLong(number) : 0;
    Py_XDECREF(number);
    if (!PyErr_Occurred())
        return 0;
    if (PyErr_ExceptionMatches(PyExc_ValueError))
        PyErr_Format(PyExc_ValueError, "expected a sampleID, a number below 2**64, found %R",
                     given);
    return -1;
}

static PyObject *dataset_sample(PyDataset *self, PyObject *given)
{
    size_t position;
    uint64_t id;
    if (take_sample_id(given, &id) < 0)
        return NULL;
    const int rc = find(self, id, &position);
    if (rc == 0)
        PyErr_SetObject(PyExc_KeyError, given);
    return rc == 1 ? py_store_sample(self->store, position, true) : NULL;
}

/* ---- lists of a split ---- */

struct id_list {
    struct lcap_dataset *set;
    const char *name; /* of its file, or what it is, in errors */
    size_t *positions;
    size_t count, capacity;
};

static int grow_list(struct id_list *list, struct lcap_error *error)
{
    const size_t capacity = list->capacity ? list->capacity * 2 : 1024;
    size_t *moved = realloc(list->positions, capacity * sizeof *moved);
    if (!moved)
        return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory");
    list->positions = moved;
    list->capacity = capacity;
    return LCAP_OK;
}

static int take_id(void *context, uint64_t id, struct lcap_error *error)
{
    struct id_list *list = context;
    int rc = list->count == list->capacity ? grow_list(list, error) : LCAP_OK;
    if (rc == LCAP_OK)
        rc = lcap_dataset_find(list->set, id, &list->positions[list->count], error);
    if (rc == 0)
        return lcap_error_set(error, LCAP_ERR_LABEL,
                              "%s: sample %" PRIu64 " is not in the data set", list->name, id);
    list->count += rc == 1;
    return rc < 0 ? rc : LCAP_OK;
}

static int read_file(PyDataset *self, PyObject *given, struct id_list *list)
{
    struct lcap_error error = {0};
    PyObject *path;
    int rc;
    if (!PyUnicode_FSConverter(given, &path))
        return -1;
    list->name = PyBytes_AS_STRING(path);
    list->set = py_store_enter(self->store);
    if (list->set) {
        Py_BEGIN_ALLOW_THREADS
        rc = lcap_id_list_read(list->name, take_id, list, &error);
        Py_END_ALLOW_THREADS
        py_store_leave(self->store);
        if (rc < 0)
            py_raise(state_of(self), &error);
    }
    Py_DECREF(path);
    return PyErr_Occurred() ? -1 : 0;
}

/* Objects of the user are asked for numbers, which may run any code, outside of the handle. */
static int find_id(PyDataset *self, PyObject *given, struct id_list *list)
{
    struct lcap_error error = {0};
    uint64_t id;
    if (take_sample_id(given, &id) < 0)
        return -1;
    list->set = py_store_enter(self->store);
    if (!list->set)
        return -1;
    const int rc = take_id(list, id, &error);
    py_store_leave(self->store);
    if (rc < 0)
        py_raise(state_of(self), &error);
    return rc;
}

static int read_ids(PyDataset *self, PyObject *given, struct id_list *list)
{
    PyObject *iterator = PyObject_GetIter(given), *item;
    list->name = "the list";
    if (!iterator)
        return -1;
    while ((item = PyIter_Next(iterator))) {
        find_id(self, item, list);
        Py_DECREF(item);
        if (PyErr_Occurred())
            break;
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

static bool is_path(PyObject *given)
{
    return PyUnicode_Check(given) || PyBytes_Check(given) ||
           PyObject_HasAttrString(given, "__fspath__");
}

static PyObject *dataset_split(PyDataset *self, PyObject *given)
{
    struct id_list list = {0};
    const int rc = is_path(given) ? read_file(self, given, &list) : read_ids(self, given, &list);
    if (rc == 0)
        return new_part(self, list.positions, list.count);
    free(list.positions);
    return NULL;
}

/* ---- labels and IDs ---- */

/* Passes every sample to a function, which returns false with an exception set. */
static bool each_sample(PyDataset *self,
                        bool (*take)(void *context, size_t index,
                                     const struct lcap_dataset_sample *sample),
                        void *context)
{
    struct lcap_error error = {0};
    const struct lcap_dataset_sample *sample;
    bool done = true;
    struct lcap_dataset *set = py_store_enter(self->store);
    for (size_t i = 0; set && done && i < self->count; i++)
        if (i % 4096 == 0 && PyErr_CheckSignals() < 0)
            done = false;
        else if (lcap_dataset_sample(set, position_of(self, i), &sample, &error) == LCAP_OK)
            done = take(context, i, sample);
        else
            done = py_raise(state_of(self), &error);
    if (set)
        py_store_leave(self->store);
    return set && done;
}

static bool take_label(void *context, size_t index, const struct lcap_dataset_sample *sample)
{
    PyObject *label = py_text(sample->metadata, sample->metadata_len);
    if (label)
        PyTuple_SET_ITEM((PyObject *)context, (Py_ssize_t)index, label);
    return label;
}

static PyObject *get_labels(PyDataset *self, void *unused)
{
    (void)unused;
    if (!self->labels) {
        PyObject *labels = PyTuple_New(dataset_length(self));
        if (!labels || !each_sample(self, take_label, labels))
            Py_CLEAR(labels);
        self->labels = labels;
    }
    return Py_XNewRef(self->labels);
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

static PyObject *get_ids(PyDataset *self, void *unused)
{
    (void)unused;
    if (!self->ids) {
        PyObject *bytes =
            PyBytes_FromStringAndSize(NULL, dataset_length(self) * (Py_ssize_t)sizeof(uint64_t));
        if (bytes && each_sample(self, copy_id, PyBytes_AS_STRING(bytes)))
            self->ids = make_array(bytes);
        Py_XDECREF(bytes);
    }
    return Py_XNewRef(self->ids);
}

static PyObject *get_path(PyDataset *self, void *unused)
{
    (void)unused;
    return PyUnicode_DecodeFSDefault(self->store->path);
}

/* ---- arrays ---- */

/* The labels of the whole data set, each once, in order. Borrowed. */
static PyObject *classes_of(PyDataset *self)
{
    PyStore *store = self->store;
    if (store->classes)
        return store->classes;
    PyObject *all = new_part(self, NULL, store->samples);
    PyObject *labels = all ? get_labels((PyDataset *)all, NULL) : NULL;
    PyObject *set = labels ? PySet_New(labels) : NULL;
    PyObject *list = set ? PySequence_List(set) : NULL;
    if (list && PyList_Sort(list) == 0)
        store->classes = PyList_AsTuple(list);
    Py_XDECREF(list);
    Py_XDECREF(set);
    Py_XDECREF(labels);
    Py_XDECREF(all);
    return store->classes;
}

/* A split list or slice without samples. */
static PyObject *refuse_empty(PyDataset *self)
{
    struct lcap_error error = {0};
    lcap_error_set(&error, LCAP_ERR_LABEL, "%s: has no rows: this Dataset has no samples",
                   self->store->path);
    return py_raise(state_of(self), &error);
}

static PyObject *dataset_arrays(PyDataset *self, PyObject *args, PyObject *keywords)
{
    if (self->count == 0)
        return refuse_empty(self);
    struct py_array_source source = {.path = self->store->path,
                                     .catalogue = self->store->catalogue,
                                     .count = self->count,
                                     .labels = classes_of(self)};
    if (!source.labels)
        return NULL;
    if (!self->positions)
        return py_arrays(state_of(self), &source, args, keywords);
    Py_buffer memory;
    PyObject *ids = get_ids(self, NULL);
    const int rc = ids ? PyObject_GetBuffer(ids, &memory, PyBUF_SIMPLE) : -1;
    Py_XDECREF(ids);
    if (rc < 0)
        return NULL;
    source.ids = memory.buf;
    PyObject *arrays = py_arrays(state_of(self), &source, args, keywords);
    PyBuffer_Release(&memory);
    return arrays;
}

/* ---- pickling ---- */

/* A temporary catalogue ends with its process, so it is not named: another one is made. */
static PyObject *saved_catalogue(const PyStore *store)
{
    if (!store->catalogue || store->folder)
        return Py_NewRef(Py_None);
    return PyUnicode_DecodeFSDefault(store->catalogue);
}

static PyObject *saved_positions(const PyDataset *self)
{
    if (!self->positions)
        return Py_NewRef(Py_None);
    return PyBytes_FromStringAndSize((const char *)self->positions,
                                     (Py_ssize_t)(self->count * sizeof *self->positions));
}

static PyObject *dataset_reduce(PyDataset *self, PyObject *unused)
{
    (void)unused;
    return Py_BuildValue("O(NN)N", Py_TYPE(self), PyUnicode_DecodeFSDefault(self->store->path),
                         saved_catalogue(self->store), saved_positions(self));
}

static bool are_positions(const size_t *positions, size_t count, size_t samples)
{
    for (size_t i = 0; i < count; i++)
        if (positions[i] >= samples)
            return false;
    return true;
}

static PyObject *dataset_setstate(PyDataset *self, PyObject *state)
{
    char *bytes;
    Py_ssize_t len;
    if (PyBytes_AsStringAndSize(state, &bytes, &len) < 0)
        return NULL;
    const size_t count = (size_t)len / sizeof(size_t);
    size_t *positions = new_positions(count);
    if (!positions)
        return NULL;
    memcpy(positions, bytes, count * sizeof *positions);
    if (!are_positions(positions, count, self->store->samples)) {
        free(positions);
        PyErr_SetString(PyExc_ValueError,
                        "the data set has fewer samples than when it was pickled");
        return NULL;
    }
    free(self->positions);
    self->positions = positions;
    self->count = count;
    return Py_NewRef(Py_None);
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
    {"__reduce__", (PyCFunction)dataset_reduce, METH_NOARGS, NULL},
    {"__setstate__", (PyCFunction)dataset_setstate, METH_O, NULL},
    {0},
};

static PyGetSetDef members[] = {
    {"labels", (getter)get_labels, NULL, "the metadata of each sample: a tuple of str", NULL},
    {"ids", (getter)get_ids, NULL,
     "the sampleID of each sample: array.array('Q'), which NumPy takes as uint64", NULL},
    {"path", (getter)get_path, NULL, "the path of the file: str", NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "Dataset(path, catalogue=None)\n--\n\n"
     "The samples of a labelled capture, read in any order: plain, or compressed as BGZF\n"
     "(.gz as labelcap writes it) without unpacking it; other compressed files are unpacked\n"
     "up to the sample.\n\n"
     "len(ds), ds[i], ds[-1] and iteration give labelcap.Sample; a slice is a Dataset. The\n"
     "bytes of packets are memoryviews into the memory of their sample. Samples are in the\n"
     "order of their first packets, in a sorted file that of their IDs.\n\n"
     "The catalogue is PATH.sqlite, or the file `catalogue`. It is made if it is missing,\n"
     "in a temporary folder where nothing can be written; 'labelcap index' makes it, too.\n"
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

PyType_Spec py_dataset_spec = {
    .name = "labelcap.Dataset",
    .basicsize = sizeof(PyDataset),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_SEQUENCE,
    .slots = slots,
};
