/* labelcap.Sample: a sequence of packets. */
#include "python/dataset/py_sample.h"

PyObject *py_text(const char *text, size_t len)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "backslashreplace");
}

/* Larger memory is not kept while nobody needs it. */
#define MOST_SPARE ((size_t)16 << 20)

struct sample_data py_sample_room(struct py_state *state)
{
    struct sample_data room = {0};
    for (int i = 0; i < PY_SPARES && !room.bytes; i++) {
        room = state->spares[i];
        state->spares[i] = (struct sample_data){0};
    }
    return room;
}

void py_sample_give_back(struct py_state *state, struct sample_data *data)
{
    const size_t size = data->capacity + data->packet_capacity * sizeof *data->packets;
    data->len = data->count = 0;
    for (int i = 0; state && i < PY_SPARES && data->bytes && size <= MOST_SPARE; i++)
        if (!state->spares[i].bytes) {
            state->spares[i] = *data;
            return;
        }
    sample_data_release(data);
}

/* A small sample in the memory of a large one moves, and leaves that for other samples. */
static void take_data(PySample *sample, struct py_state *state, struct sample_data *data)
{
    if (sample_data_is_sparse(data) && sample_data_copy(&sample->data, data))
        py_sample_give_back(state, data);
    else
        sample->data = *data;
}

PyObject *py_sample_new(struct py_state *state, uint64_t id, PyObject *metadata,
                        struct sample_data *data, bool views)
{
    PySample *sample = py_new(state, PY_SAMPLE);
    if (!sample) {
        py_sample_give_back(state, data);
        return NULL;
    }
    take_data(sample, state, data);
    sample->views = views;
    sample->metadata = Py_NewRef(metadata);
    sample->id = PyLong_FromUnsignedLongLong(id);
    if (!sample->id)
        Py_CLEAR(sample);
    return (PyObject *)sample;
}

/* NULL if the interpreter has already cleared the class. */
static struct py_state *state_left(PySample *self)
{
    const PyHeapTypeObject *class = (const PyHeapTypeObject *)Py_TYPE((PyObject *)self);
    return class->ht_module ? py_state_of((PyObject *)self) : NULL;
}

static void sample_dealloc(PySample *self)
{
    py_sample_give_back(state_left(self), &self->data);
    Py_XDECREF(self->id);
    Py_XDECREF(self->metadata);
    py_free(self);
}

static Py_ssize_t sample_length(PySample *self)
{
    return (Py_ssize_t)self->data.count;
}

static PyObject *sample_item(PySample *self, Py_ssize_t index)
{
    if (index < 0 || index >= sample_length(self)) {
        PyErr_SetString(PyExc_IndexError, "the sample has no packet at this position");
        return NULL;
    }
    return py_packet_new(py_state_of((PyObject *)self), self, index);
}

static PyObject *sample_slice(PySample *self, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0)
        return NULL;
    const Py_ssize_t count = PySlice_AdjustIndices(sample_length(self), &start, &stop, step);
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *packet = sample_item(self, start + i * step);
        if (!packet)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, packet);
    }
    return list;
}

static PyObject *sample_subscript(PySample *self, PyObject *key)
{
    if (PySlice_Check(key))
        return sample_slice(self, key);
    const Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (index == -1 && PyErr_Occurred())
        return NULL;
    return sample_item(self, index < 0 ? index + sample_length(self) : index);
}

static PyObject *sample_repr(PySample *self)
{
    return PyUnicode_FromFormat("<labelcap.Sample %S %R, %zd packet%s>", self->id, self->metadata,
                                sample_length(self), sample_length(self) == 1 ? "" : "s");
}

static PyObject *get_id(PySample *self, void *unused)
{
    (void)unused;
    return Py_NewRef(self->id);
}

static PyObject *get_metadata(PySample *self, void *unused)
{
    (void)unused;
    return Py_NewRef(self->metadata);
}

/* ---- pickling ---- */

static PyObject *sample_reduce(PySample *self, PyObject *unused)
{
    const struct sample_data *data = &self->data;
    (void)unused;
    return Py_BuildValue(
        "N(OOy#y#i)", PyObject_GetAttrString((PyObject *)Py_TYPE((PyObject *)self), "_restore"),
        self->id, self->metadata, data->bytes, (Py_ssize_t)data->len, data->packets,
        (Py_ssize_t)(data->count * sizeof *data->packets), self->views);
}

static PyObject *sample_restore(PyObject *class, PyObject *args)
{
    unsigned long long id;
    PyObject *metadata;
    Py_buffer bytes, packets;
    int views;
    if (!PyArg_ParseTuple(args, "KUy*y*p:_restore", &id, &metadata, &bytes, &packets, &views))
        return NULL;
    const struct sample_data given = {.bytes = bytes.buf,
                                      .len = (size_t)bytes.len,
                                      .packets = packets.buf,
                                      .count = (size_t)packets.len / sizeof *given.packets};
    struct sample_data data = {0};
    PyObject *sample = NULL;
    if (!sample_data_copy(&data, &given)) {
        PyErr_NoMemory();
    } else if (sample_data_is_sound(&data)) {
        sample =
            py_sample_new(PyType_GetModuleState((PyTypeObject *)class), id, metadata, &data, views);
    } else {
        sample_data_release(&data);
        PyErr_SetString(PyExc_ValueError, "these are no packets of a sample");
    }
    PyBuffer_Release(&bytes);
    PyBuffer_Release(&packets);
    return sample;
}

static PyMethodDef methods[] = {
    {"__reduce__", (PyCFunction)sample_reduce, METH_NOARGS, NULL},
    {"_restore", sample_restore, METH_VARARGS | METH_CLASS, NULL},
    {0},
};

static PyGetSetDef members[] = {
    {"id", (getter)get_id, NULL, "the sampleID: int, below 2**64", NULL},
    {"metadata", (getter)get_metadata, NULL, "the metadata: str", NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "A sample: a sequence of its packets, labelcap.Packet, in the order of the file.\n\n"
     "len(sample), sample[i], sample[-1], slices (lists of packets) and iteration work. A\n"
     "sample can be pickled, so worker processes can return it."},
    {Py_tp_dealloc, sample_dealloc},
    {Py_tp_repr, sample_repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, members},
    {Py_tp_iter, PySeqIter_New},
    {Py_sq_length, sample_length},
    {Py_sq_item, sample_item},
    {Py_mp_length, sample_length},
    {Py_mp_subscript, sample_subscript},
    {0, NULL},
};

PyType_Spec py_sample_spec =
    PY_SPEC("Sample", PySample, Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_SEQUENCE, slots);
