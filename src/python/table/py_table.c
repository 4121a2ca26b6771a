/* labelcap.Table: columns for NumPy, pandas and readers of Arrow. */
#include "python/table/py_table.h"

#include "python/py_numpy.h"
#include "python/table/arrow_export.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void table_dealloc(PyTable *self)
{
    table_columns_free(self->columns);
    py_free(self);
}

static Py_ssize_t table_length(PyTable *self)
{
    return (Py_ssize_t)self->columns->rows;
}

static PyObject *get_columns(PyTable *self, void *unused)
{
    (void)unused;
    PyObject *names = PyTuple_New((Py_ssize_t)self->columns->count);
    for (size_t i = 0; names && i < self->columns->count; i++) {
        PyObject *name = PyUnicode_FromString(self->columns->items[i].about->name);
        if (!name)
            Py_CLEAR(names);
        else
            PyTuple_SET_ITEM(names, (Py_ssize_t)i, name);
    }
    return names;
}

static const struct table_column *find_column(PyTable *self, PyObject *name)
{
    const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    for (size_t i = 0; text && i < self->columns->count; i++)
        if (strcmp(self->columns->items[i].about->name, text) == 0)
            return &self->columns->items[i];
    if (!PyErr_Occurred())
        PyErr_SetObject(PyExc_KeyError, name);
    return NULL;
}

/* ---- NumPy, by its Python interface ---- */

static double real_at(const struct table_column *column, size_t row)
{
    const uint8_t *at = column->values.bytes + row * sizeof(uint64_t);
    uint64_t word;
    double real;
    if (!table_column_has(column, row))
        return NAN;
    if (column->about->kind == LCAP_CELL_BOOL)
        return column->values.bytes[row / 8] >> row % 8 & 1;
    memcpy(&word, at, sizeof word);
    if (column->about->kind == LCAP_CELL_UNSIGNED)
        return (double)word;
    if (column->about->kind == LCAP_CELL_SIGNED)
        return (double)(int64_t)word;
    memcpy(&real, at, sizeof real);
    return real;
}

static void fill_bits(const struct table_column *column, uint8_t *out)
{
    for (size_t i = 0; i < column->rows; i++)
        out[i] = column->values.bytes[i / 8] >> i % 8 & 1;
}

static void fill_reals(const struct table_column *column, double *out, size_t stride)
{
    for (size_t i = 0; i < column->rows; i++)
        out[i * stride] = real_at(column, i);
}

static const char *dtype_of(const struct table_column *column)
{
    if (column->nulls > 0)
        return "float64";
    switch (column->about->kind) {
    case LCAP_CELL_UNSIGNED:
        return "uint64";
    case LCAP_CELL_SIGNED:
        return "int64";
    case LCAP_CELL_BOOL:
        return "bool";
    default:
        return "float64";
    }
}

static PyObject *array_of(const struct table_column *column)
{
    Py_buffer memory;
    PyObject *shape = PyLong_FromSize_t(column->rows);
    PyObject *array = shape ? py_numpy_empty(shape, dtype_of(column), &memory) : NULL;
    Py_XDECREF(shape);
    if (!array)
        return NULL;
    if (column->nulls > 0)
        fill_reals(column, memory.buf, 1);
    else if (column->about->kind == LCAP_CELL_BOOL)
        fill_bits(column, memory.buf);
    else if (column->rows > 0)
        memcpy(memory.buf, column->values.bytes, column->rows * sizeof(uint64_t));
    PyBuffer_Release(&memory);
    return array;
}

/* ---- texts and series ---- */

static PyObject *series_of(const uint8_t *at, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list && i < count; i++) {
        int64_t number;
        memcpy(&number, at + i * sizeof number, sizeof number);
        PyObject *object = PyLong_FromLongLong(number);
        if (!object)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, object);
    }
    return list;
}

static PyObject *object_at(const struct table_column *column, size_t row)
{
    uint64_t offsets[2];
    if (!table_column_has(column, row))
        return Py_NewRef(Py_None);
    memcpy(offsets, column->offsets.bytes + row * sizeof *offsets, sizeof offsets);
    const size_t count = (size_t)(offsets[1] - offsets[0]);
    if (column->about->kind == LCAP_CELL_SERIES)
        return series_of(column->values.bytes + offsets[0] * sizeof(int64_t), count);
    const char *text = (const char *)column->values.bytes + offsets[0];
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)count, "backslashreplace");
}

static PyObject *list_of(const struct table_column *column)
{
    PyObject *list = PyList_New((Py_ssize_t)column->rows);
    for (size_t i = 0; list && i < column->rows; i++) {
        PyObject *object = object_at(column, i);
        if (!object)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, object);
    }
    return list;
}

static PyObject *values_of(const struct table_column *column)
{
    return table_column_is_long(column) ? list_of(column) : array_of(column);
}

static PyObject *table_subscript(PyTable *self, PyObject *name)
{
    const struct table_column *column = find_column(self, name);
    return column ? values_of(column) : NULL;
}

/* ---- whole tables ---- */

static PyObject *numeric_names(PyTable *self)
{
    PyObject *names = PyList_New(0);
    for (size_t i = 0; names && i < self->columns->count; i++) {
        const struct table_column *column = &self->columns->items[i];
        if (table_column_is_long(column))
            continue;
        PyObject *name = PyUnicode_FromString(column->about->name);
        if (!name || PyList_Append(names, name) < 0)
            Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

static int fill_column(PyTable *self, PyObject *name, double *out, size_t stride)
{
    const struct table_column *column = find_column(self, name);
    if (!column)
        return -1;
    if (table_column_is_long(column)) {
        PyErr_Format(PyExc_TypeError, "to_numpy(): the column '%U' does not hold numbers", name);
        return -1;
    }
    fill_reals(column, out, stride);
    return 0;
}

static PyObject *matrix_of(PyTable *self, PyObject *names)
{
    Py_buffer memory;
    const Py_ssize_t count = PyTuple_GET_SIZE(names);
    PyObject *shape = Py_BuildValue("(nn)", table_length(self), count);
    PyObject *array = shape ? py_numpy_empty(shape, "float64", &memory) : NULL;
    Py_XDECREF(shape);
    if (!array)
        return NULL;
    int rc = 0;
    for (Py_ssize_t i = 0; i < count && rc == 0; i++)
        rc = fill_column(self, PyTuple_GET_ITEM(names, i), (double *)memory.buf + i, (size_t)count);
    PyBuffer_Release(&memory);
    if (rc < 0)
        Py_CLEAR(array);
    return array;
}

/* Of the argument of to_numpy(). */
static PyObject *names_of(PyTable *self, PyObject *columns)
{
    if (columns == Py_None)
        return numeric_names(self);
    return PyUnicode_Check(columns) ? PyObject_CallMethod(columns, "split", "s", ",")
                                    : Py_NewRef(columns);
}

static PyObject *table_to_numpy(PyTable *self, PyObject *args, PyObject *keywords)
{
    static char *arguments[] = {"columns", NULL};
    PyObject *columns = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:to_numpy", arguments, &columns))
        return NULL;
    PyObject *wanted = names_of(self, columns);
    PyObject *names = wanted ? PySequence_Tuple(wanted) : NULL; /* a list might change meanwhile */
    PyObject *array = names ? matrix_of(self, names) : NULL;
    Py_XDECREF(names);
    Py_XDECREF(wanted);
    return array;
}

static PyObject *dictionary_of(PyTable *self)
{
    PyObject *dictionary = PyDict_New();
    for (size_t i = 0; dictionary && i < self->columns->count; i++) {
        const struct table_column *column = &self->columns->items[i];
        PyObject *values = values_of(column);
        if (!values || PyDict_SetItemString(dictionary, column->about->name, values) < 0)
            Py_CLEAR(dictionary);
        Py_XDECREF(values);
    }
    return dictionary;
}

static PyObject *table_to_pandas(PyTable *self, PyObject *unused)
{
    (void)unused;
    PyObject *pandas = PyImport_ImportModule("pandas");
    PyObject *dictionary = pandas ? dictionary_of(self) : NULL;
    PyObject *frame = dictionary ? PyObject_CallMethod(pandas, "DataFrame", "O", dictionary) : NULL;
    Py_XDECREF(dictionary);
    Py_XDECREF(pandas);
    return frame;
}

#define STREAM "arrow_array_stream"

static void release_capsule(PyObject *capsule)
{
    struct ArrowArrayStream *stream = PyCapsule_GetPointer(capsule, STREAM);
    if (stream->release)
        stream->release(stream);
    free(stream);
}

static PyObject *table_arrow_stream(PyTable *self, PyObject *args, PyObject *keywords)
{
    static char *arguments[] = {"requested_schema", NULL};
    PyObject *requested = Py_None; /* a wish, which need not be granted */
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:__arrow_c_stream__", arguments,
                                     &requested))
        return NULL;
    struct ArrowArrayStream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return PyErr_NoMemory();
    PyObject *capsule = NULL;
    if (arrow_export_stream(stream, self->columns) == 0)
        capsule = PyCapsule_New(stream, STREAM, release_capsule);
    if (capsule)
        return capsule;
    if (stream->release)
        stream->release(stream);
    free(stream);
    return NULL;
}

static PyObject *table_repr(PyTable *self)
{
    return PyUnicode_FromFormat("<labelcap.Table, %zu row%s, %zu columns>", self->columns->rows,
                                self->columns->rows == 1 ? "" : "s", self->columns->count);
}

static PyMethodDef methods[] = {
    {"to_numpy", (PyCFunction)(void (*)(void))table_to_numpy, METH_VARARGS | METH_KEYWORDS,
     "to_numpy($self, columns=None)\n--\n\n"
     "The named columns, or all that hold numbers, as one array: float64, (rows, columns);\n"
     "nan where there is no value. columns: names separated by commas, or several names. Whole\n"
     "numbers above 2**53, such as sampleIDs, are rounded: table[name] has them exactly. Raises\n"
     "KeyError for an unknown column, TypeError for one that holds texts or series."},
    {"to_pandas", (PyCFunction)table_to_pandas, METH_NOARGS,
     "to_pandas($self)\n--\n\nA pandas.DataFrame with all columns, as table[name] gives them."},
    {"__arrow_c_stream__", (PyCFunction)(void (*)(void))table_arrow_stream,
     METH_VARARGS | METH_KEYWORDS,
     "__arrow_c_stream__($self, requested_schema=None)\n--\n\n"
     "The table for readers of Arrow (PyCapsule interface), without a copy."},
    {0},
};

static PyGetSetDef members[] = {
    {"columns", (getter)get_columns, NULL, "the names of the columns: a tuple of str", NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "A table, by columns: see flows().\n\n"
     "len(table) is the number of rows; table[name] is a column: a NumPy array of uint64,\n"
     "int64, float64 or bool (float64 with nan if values are missing), or a list of str or of\n"
     "lists of int. Times and durations are in seconds."},
    {Py_tp_dealloc, table_dealloc},
    {Py_tp_repr, table_repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, members},
    {Py_mp_length, table_length},
    {Py_mp_subscript, table_subscript},
    {0, NULL},
};

PyType_Spec py_table_spec = PY_SPEC("Table", PyTable, Py_TPFLAGS_DISALLOW_INSTANTIATION, slots);
