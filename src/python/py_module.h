/*
 * The Python module `labelcap`: what its files share.
 *
 * Everything that belongs to a module is in its state, so that each interpreter has its
 * own. The global interpreter lock is released while the library reads or writes.
 */
#ifndef PYTHON_PY_MODULE_H
#define PYTHON_PY_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "python/dataset/sample_data.h"
#include <labelcap/error.h>

/* The exceptions: labelcap.Error, and a subclass of it for each kind of error. */
enum py_exception {
    PY_ERROR,
    PY_FILE_ERROR,
    PY_FORMAT_ERROR,
    PY_DAMAGE_ERROR,
    PY_RULES_ERROR,
    PY_LABEL_ERROR,
    PY_ARGUMENT_ERROR,
    PY_EXCEPTIONS
};

enum py_class {
    PY_PACKET,
    PY_FIELDS,
    PY_SAMPLE,
    PY_SAMPLER,
    PY_STORE,
    PY_DATASET,
    PY_ARRAYS,
    PY_TABLE,
    PY_CLASSES
};

/* In a loop over samples there are two at a time: the new one is made before the old one goes. */
enum { PY_SPARES = 2 };

struct py_state {
    PyObject *exceptions[PY_EXCEPTIONS];
    PyTypeObject *classes[PY_CLASSES];
    struct sample_data spares[PY_SPARES]; /* memory of samples that are gone, for new ones */
};

extern struct PyModuleDef py_module;

/* The state of the module to which the class of an object belongs; classes have no subclasses. */
static inline struct py_state *py_state_of(PyObject *object)
{
    return PyType_GetModuleState(Py_TYPE(object));
}

/* An uninitialised object of a class, whose memory is all zero. */
static inline void *py_new(const struct py_state *state, enum py_class class)
{
    PyTypeObject *type = state->classes[class];
    return type->tp_alloc(type, 0);
}

/* Frees an object whose contents were released. */
static inline void py_free(void *object)
{
    PyTypeObject *type = Py_TYPE((PyObject *)object);
    type->tp_free(object);
    Py_DECREF(type);
}

/* What a class is made of. Nobody changes it, or derives others from it. */
#define PY_SPEC(NAME, OBJECT, FLAGS, SLOTS)                                                        \
    {                                                                                              \
        .name = "labelcap." NAME, .basicsize = sizeof(OBJECT),                                     \
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | (FLAGS), .slots = (SLOTS)         \
    }

extern PyType_Spec py_packet_spec, py_fields_spec, py_sample_spec, py_sampler_spec, py_store_spec,
    py_dataset_spec, py_arrays_spec, py_table_spec;

#endif
