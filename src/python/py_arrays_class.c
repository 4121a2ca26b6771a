/* What arrays() returns: a namespace whose text says what there is instead of showing it all. */
#include "python/py_module.h"

/* ", X (235, 5, 60) uint8", or nothing for what is no array. */
static PyObject *text_of(PyObject *name, PyObject *value)
{
    PyObject *shape = PyObject_GetAttrString(value, "shape");
    PyObject *type = shape ? PyObject_GetAttrString(value, "dtype") : NULL;
    PyObject *text = type ? PyUnicode_FromFormat(", %S %S %S", name, shape, type) : NULL;
    if (!text && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        text = PyUnicode_FromString("");
    }
    Py_XDECREF(type);
    Py_XDECREF(shape);
    return text;
}

/* The names are copied: what is asked of values runs any code. */
static PyObject *represent(PyObject *self)
{
    PyObject *named = PyObject_GetAttrString(self, "__dict__");
    PyObject *items = named ? PyDict_Items(named) : NULL;
    PyObject *text = items ? PyUnicode_FromString("<labelcap.Arrays") : NULL;
    for (Py_ssize_t i = 0; text && i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = PyList_GET_ITEM(items, i);
        PyUnicode_AppendAndDel(&text,
                               text_of(PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1)));
    }
    if (text)
        PyUnicode_AppendAndDel(&text, PyUnicode_FromString(">"));
    Py_XDECREF(items);
    Py_XDECREF(named);
    return text;
}

static const char doc[] =
    "Arrays by name, and labels and columns: see Dataset.arrays(). vars(arrays) is a dict.";

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)doc},
    {Py_tp_repr, represent},
    {0, NULL},
};

PyType_Spec py_arrays_spec = {.name = "labelcap.Arrays",
                              .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
                              .slots = slots};
