/* The exceptions of the module. */
#include "python/py_errors.h"

#include <string.h>

struct exception_row {
    const char *name;
    PyObject **other_base; /* besides labelcap.Error, so that usual handlers catch it, or NULL */
    const char *doc;
};

static const struct exception_row rows[PY_EXCEPTIONS] = {
    [PY_ERROR] = {"labelcap.Error", NULL, "An error of labelcap; its text says what and where."},
    [PY_FILE_ERROR] = {"labelcap.FileError", &PyExc_OSError,
                       "A file cannot be opened, read or written. `errno` is the number of the\n"
                       "error of the system, or None."},
    [PY_FORMAT_ERROR] = {"labelcap.FormatError", NULL,
                         "A file is not a capture, not a catalogue, or of an unsupported kind."},
    [PY_DAMAGE_ERROR] = {"labelcap.DamageError", NULL,
                         "A capture is damaged; the text names the place."},
    [PY_RULES_ERROR] = {"labelcap.RulesError", NULL,
                        "A rules file is invalid; the text names the line and the column."},
    [PY_LABEL_ERROR] = {"labelcap.LabelError", NULL,
                        "Labels contradict each other or what was asked for."},
    [PY_ARGUMENT_ERROR] = {"labelcap.ArgumentError", &PyExc_ValueError,
                           "An argument asks for something impossible."},
};

static PyObject *create(const struct exception_row *row, PyObject *base)
{
    if (!base || !row->other_base)
        return PyErr_NewExceptionWithDoc(row->name, row->doc, base, NULL);
    PyObject *bases = PyTuple_Pack(2, base, *row->other_base);
    if (!bases)
        return NULL;
    PyObject *exception = PyErr_NewExceptionWithDoc(row->name, row->doc, bases, NULL);
    Py_DECREF(bases);
    return exception;
}

/* The text names what the system says, so its number does not stand in front of it. */
static PyObject *text_of_file_error(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *text = PyObject_GetAttrString(self, "strerror");
    if (!text || PyUnicode_Check(text))
        return text;
    Py_DECREF(text);
    return ((PyTypeObject *)PyExc_Exception)->tp_str(self);
}

static int give_text(PyObject *exception)
{
    static PyMethodDef method = {"__str__", text_of_file_error, METH_NOARGS, NULL};
    PyObject *descriptor = PyDescr_NewMethod((PyTypeObject *)exception, &method);
    const int rc = descriptor ? PyObject_SetAttrString(exception, "__str__", descriptor) : -1;
    Py_XDECREF(descriptor);
    return rc;
}

int py_errors_create(PyObject *module, struct py_state *state)
{
    for (int i = 0; i < PY_EXCEPTIONS; i++) {
        PyObject *exception = create(&rows[i], i == PY_ERROR ? NULL : state->exceptions[PY_ERROR]);
        state->exceptions[i] = exception;
        if (!exception ||
            PyModule_AddObjectRef(module, strchr(rows[i].name, '.') + 1, exception) < 0)
            return -1;
    }
    return give_text(state->exceptions[PY_FILE_ERROR]);
}

static enum py_exception kind_of(int code)
{
    switch (code) {
    case LCAP_ERR_IO:
        return PY_FILE_ERROR;
    case LCAP_ERR_FORMAT:
        return PY_FORMAT_ERROR;
    case LCAP_ERR_DAMAGED:
        return PY_DAMAGE_ERROR;
    case LCAP_ERR_RULES:
        return PY_RULES_ERROR;
    case LCAP_ERR_LABEL:
        return PY_LABEL_ERROR;
    case LCAP_ERR_ARGUMENT:
        return PY_ARGUMENT_ERROR;
    default:
        return PY_ERROR;
    }
}

/* As those of the system are made, so that both parts survive pickling. */
static PyObject *file_error(PyObject *class, int errnum, PyObject *text)
{
    return errnum ? PyObject_CallFunction(class, "iO", errnum, text)
                  : PyObject_CallFunction(class, "OO", Py_None, text);
}

void *py_raise(const struct py_state *state, const struct lcap_error *error)
{
    if (PyErr_Occurred())
        return NULL;
    if (error->code == LCAP_ERR_MEMORY)
        return PyErr_NoMemory();
    PyObject *class = state->exceptions[kind_of(error->code)];
    PyObject *text =
        PyUnicode_DecodeUTF8(error->text, (Py_ssize_t)strlen(error->text), "surrogateescape");
    if (!text)
        return NULL;
    PyObject *exception = error->code == LCAP_ERR_IO ? file_error(class, error->errnum, text)
                                                     : PyObject_CallOneArg(class, text);
    Py_DECREF(text);
    if (exception)
        PyErr_SetObject(class, exception);
    Py_XDECREF(exception);
    return NULL;
}
