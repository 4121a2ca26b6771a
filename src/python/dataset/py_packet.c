/* labelcap.Packet: five fields to unpack, and more by name. */
#include "python/dataset/py_sample.h"

#include <math.h>

typedef struct {
    PyObject_HEAD PySample *sample;
    Py_ssize_t index;
} PyPacket;

enum { FIELDS = 5 };

PyObject *py_packet_new(const struct py_state *state, PySample *sample, Py_ssize_t index)
{
    PyPacket *packet = PyObject_New(PyPacket, state->classes[PY_PACKET]);
    if (!packet)
        return NULL;
    packet->sample = (PySample *)Py_NewRef(sample);
    packet->index = index;
    return (PyObject *)packet;
}

static void packet_dealloc(PyPacket *self)
{
    Py_DECREF(self->sample);
    py_free(self);
}

static const struct sample_packet *facts_of(const PyPacket *self)
{
    return &self->sample->data.packets[self->index];
}

/* Never NULL, even if there are no bytes. */
static char *bytes_of(const PyPacket *self)
{
    uint8_t *bytes = self->sample->data.bytes;
    return bytes ? (char *)bytes + facts_of(self)->data : "";
}

/* ---- fields ---- */

static PyObject *get_index(PyPacket *self, void *unused)
{
    (void)unused;
    return PyLong_FromSsize_t(self->index);
}

static PyObject *get_sample_id(PyPacket *self, void *unused)
{
    (void)unused;
    return Py_NewRef(self->sample->id);
}

static PyObject *get_metadata(PyPacket *self, void *unused)
{
    (void)unused;
    return Py_NewRef(self->sample->metadata);
}

static PyObject *get_timestamp(PyPacket *self, void *unused)
{
    (void)unused;
    const struct sample_packet *facts = facts_of(self);
    return PyFloat_FromDouble(facts->has_time ? (double)facts->time_ns / 1e9 : NAN);
}

static PyObject *get_data(PyPacket *self, void *unused)
{
    (void)unused;
    if (self->sample->views)
        return PyMemoryView_FromObject((PyObject *)self);
    return PyBytes_FromStringAndSize(bytes_of(self), facts_of(self)->caplen);
}

static PyObject *get_ts_ns(PyPacket *self, void *unused)
{
    (void)unused;
    const struct sample_packet *facts = facts_of(self);
    return facts->has_time ? PyLong_FromLongLong(facts->time_ns) : Py_NewRef(Py_None);
}

static PyObject *get_linktype(PyPacket *self, void *unused)
{
    (void)unused;
    return PyLong_FromLong(facts_of(self)->linktype);
}

static PyObject *get_wire_length(PyPacket *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(facts_of(self)->len);
}

static PyObject *get_comment(PyPacket *self, void *unused)
{
    (void)unused;
    const struct sample_packet *facts = facts_of(self);
    if (!facts->has_comment)
        return Py_NewRef(Py_None);
    return py_text((const char *)self->sample->data.bytes + facts->comment, facts->comment_len);
}

static PyGetSetDef members[] = {
    {"index", (getter)get_index, NULL, "its position in the sample, from 0: int", NULL},
    {"sample_id", (getter)get_sample_id, NULL, "the sampleID: int", NULL},
    {"metadata", (getter)get_metadata, NULL, "the metadata of the sample: str", NULL},
    {"timestamp", (getter)get_timestamp, NULL,
     "seconds since 1970-01-01 UTC: float, rounded; nan for a packet without a time", NULL},
    {"data", (getter)get_data, NULL,
     "the captured bytes: bytes from sampler(), a memoryview from a Dataset", NULL},
    {"ts_ns", (getter)get_ts_ns, NULL,
     "nanoseconds since 1970-01-01 UTC: int, exact; None for a packet without a time", NULL},
    {"linktype", (getter)get_linktype, NULL, "the LINKTYPE_ number, 1 for Ethernet: int", NULL},
    {"wire_length", (getter)get_wire_length, NULL, "bytes on the wire: int", NULL},
    {"comment", (getter)get_comment, NULL, "its first comment, the label: str, or None", NULL},
    {0},
};

/* ---- the sequence of the first five ---- */

static Py_ssize_t packet_length(PyPacket *self)
{
    (void)self;
    return FIELDS;
}

static PyObject *packet_item(PyPacket *self, Py_ssize_t number)
{
    if (number < 0 || number >= FIELDS) {
        PyErr_SetString(PyExc_IndexError, "a packet has five fields");
        return NULL;
    }
    return members[number].get((PyObject *)self, NULL);
}

/* Makes the fields one by one, without a tuple of them. */
typedef struct {
    PyObject_HEAD PyPacket *packet;
    Py_ssize_t next;
} PyFields;

static PyObject *packet_iter(PyPacket *self)
{
    PyFields *fields = PyObject_New(PyFields, py_state_of((PyObject *)self)->classes[PY_FIELDS]);
    if (!fields)
        return NULL;
    fields->packet = (PyPacket *)Py_NewRef(self);
    fields->next = 0;
    return (PyObject *)fields;
}

static void fields_dealloc(PyFields *self)
{
    Py_DECREF(self->packet);
    py_free(self);
}

static PyObject *fields_next(PyFields *self)
{
    return self->next < FIELDS ? members[self->next++].get((PyObject *)self->packet, NULL) : NULL;
}

static PyType_Slot fields_slots[] = {
    {Py_tp_dealloc, fields_dealloc},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, fields_next},
    {0, NULL},
};

PyType_Spec py_fields_spec =
    PY_SPEC("_Fields", PyFields, Py_TPFLAGS_DISALLOW_INSTANTIATION, fields_slots);

/* Pickled as what it is of its sample. */
static PyObject *packet_reduce(PyPacket *self, PyObject *unused)
{
    (void)unused;
    PyObject *module = PyImport_ImportModule("operator");
    PyObject *item = module ? PyObject_GetAttrString(module, "getitem") : NULL;
    PyObject *reduced = item ? Py_BuildValue("O(On)", item, self->sample, self->index) : NULL;
    Py_XDECREF(item);
    Py_XDECREF(module);
    return reduced;
}

static PyMethodDef methods[] = {
    {"__reduce__", (PyCFunction)packet_reduce, METH_NOARGS, NULL},
    {0},
};

/* ---- the bytes ---- */

static int packet_buffer(PyPacket *self, Py_buffer *view, int flags)
{
    return PyBuffer_FillInfo(view, (PyObject *)self, bytes_of(self), facts_of(self)->caplen, 1,
                             flags);
}

static PyObject *packet_repr(PyPacket *self)
{
    const struct sample_packet *facts = facts_of(self);
    return PyUnicode_FromFormat("<labelcap.Packet %zd of sample %S, %lu bytes>", self->index,
                                self->sample->id, (unsigned long)facts->caplen);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "A packet of a sample. It unpacks to five fields:\n\n"
                "    index, sample_id, metadata, timestamp, data = packet\n\n"
                "It also serves wherever bytes are read, such as memoryview(packet) or\n"
                "numpy.frombuffer(packet, 'uint8'), without a copy."},
    {Py_tp_dealloc, packet_dealloc},
    {Py_tp_repr, packet_repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, members},
    {Py_tp_iter, packet_iter},
    {Py_sq_length, packet_length},
    {Py_sq_item, packet_item},
    {Py_bf_getbuffer, packet_buffer},
    {0, NULL},
};

PyType_Spec py_packet_spec =
    PY_SPEC("Packet", PyPacket, Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_SEQUENCE, slots);
