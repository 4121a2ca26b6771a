/* sampleIDs that are given to functions. */
#include "python/dataset/py_id_list.h"

#include "python/py_arguments.h"
#include "python/py_errors.h"
#include "python/py_watch.h"
#include <labelcap/dataset.h>
#include <stdlib.h>

int py_sample_id_take(PyObject *given, uint64_t *id)
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

static int add(void *context, uint64_t id, struct lcap_error *error)
{
    struct py_id_list *list = context;
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? list->capacity * 2 : 1024;
        uint64_t *moved = realloc(list->ids, capacity * sizeof *moved);
        if (!moved)
            return lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory");
        list->ids = moved;
        list->capacity = capacity;
    }
    list->ids[list->count++] = id;
    return LCAP_OK;
}

static int take_file(const struct py_state *state, PyObject *given, struct py_id_list *list)
{
    struct lcap_error error = {0};
    struct py_watch watch;
    if (!PyUnicode_FSConverter(given, &list->owner))
        return -1;
    list->name = PyBytes_AS_STRING(list->owner);
    py_watch_leave(&watch);
    const int rc = lcap_id_list_read(list->name, add, list, &error);
    py_watch_return(&watch);
    return rc == LCAP_OK || py_raise(state, &error) ? 0 : -1;
}

static int take_items(const struct py_state *state, PyObject *given, struct py_id_list *list)
{
    struct lcap_error error = {0};
    PyObject *iterator = PyObject_GetIter(given), *item;
    uint64_t id;
    list->name = "the list";
    if (!iterator)
        return -1;
    while ((item = PyIter_Next(iterator))) {
        if (py_sample_id_take(item, &id) == 0 && add(list, id, &error) < 0)
            py_raise(state, &error);
        Py_DECREF(item);
        if (PyErr_Occurred())
            break;
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

int py_id_list_take(const struct py_state *state, PyObject *given, struct py_id_list *list)
{
    return py_is_path(given) ? take_file(state, given, list) : take_items(state, given, list);
}

void py_id_list_release(struct py_id_list *list)
{
    Py_XDECREF(list->owner);
    free(list->ids);
}
