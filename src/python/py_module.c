/* The module `labelcap`. */
#include "python/py_module.h"

#include "python/dataset/py_sampler.h"
#include "python/py_errors.h"
#include "python/py_flows.h"
#include "python/py_runs.h"
#include <labelcap/version.h>
#include <string.h>

PyMODINIT_FUNC PyInit_labelcap(void);

struct class_row {
    PyType_Spec *spec;
    bool is_public;
    const char *base; /* a class of the module types, or NULL */
};

static const struct class_row classes[PY_CLASSES] = {
    [PY_PACKET] = {.spec = &py_packet_spec, .is_public = true},
    [PY_FIELDS] = {.spec = &py_fields_spec},
    [PY_SAMPLE] = {.spec = &py_sample_spec, .is_public = true},
    [PY_SAMPLER] = {.spec = &py_sampler_spec, .is_public = true},
    [PY_STORE] = {.spec = &py_store_spec},
    [PY_DATASET] = {.spec = &py_dataset_spec, .is_public = true},
    [PY_ARRAYS] = {.spec = &py_arrays_spec, .is_public = true, .base = "SimpleNamespace"},
    [PY_TABLE] = {.spec = &py_table_spec, .is_public = true},
};

static int create_class(PyObject *module, const struct class_row *row, PyTypeObject **type)
{
    PyObject *types = row->base ? PyImport_ImportModule("types") : NULL;
    PyObject *base = types ? PyObject_GetAttrString(types, row->base) : NULL;
    if (!row->base || base)
        *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, row->spec, base);
    Py_XDECREF(base);
    Py_XDECREF(types);
    if (!*type)
        return -1;
    return row->is_public ? PyModule_AddType(module, *type) : 0;
}

static int execute(PyObject *module)
{
    struct py_state *state = PyModule_GetState(module);
    if (py_errors_create(module, state) < 0)
        return -1;
    for (int i = 0; i < PY_CLASSES; i++)
        if (create_class(module, &classes[i], &state->classes[i]) < 0)
            return -1;
    if (PyModule_AddFunctions(module, py_run_functions) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "__version__", lcap_version());
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    const struct py_state *state = PyModule_GetState(module);
    for (int i = 0; i < PY_EXCEPTIONS; i++)
        Py_VISIT(state->exceptions[i]);
    for (int i = 0; i < PY_CLASSES; i++)
        Py_VISIT(state->classes[i]);
    return 0;
}

static int clear(PyObject *module)
{
    struct py_state *state = PyModule_GetState(module);
    for (int i = 0; i < PY_EXCEPTIONS; i++)
        Py_CLEAR(state->exceptions[i]);
    for (int i = 0; i < PY_CLASSES; i++)
        Py_CLEAR(state->classes[i]);
    return 0;
}

static void release(void *module)
{
    struct py_state *state = PyModule_GetState(module);
    for (int i = 0; i < PY_SPARES; i++)
        sample_data_release(&state->spares[i]);
    clear(module);
}

static PyMethodDef functions[] = {
    {"sampler", (PyCFunction)(void (*)(void))py_sampler, METH_VARARGS | METH_KEYWORDS,
     py_sampler_doc},
    {"flows", (PyCFunction)(void (*)(void))py_flows, METH_VARARGS | METH_KEYWORDS, py_flows_doc},
    {"write_flows", (PyCFunction)(void (*)(void))py_write_flows, METH_VARARGS | METH_KEYWORDS,
     py_write_flows_doc},
    {"profiles", py_profiles, METH_NOARGS, py_profiles_doc},
    {0},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};

struct PyModuleDef py_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "labelcap",
    .m_doc = "Labelled packet captures for machine learning: see docs/python.md.",
    .m_size = sizeof(struct py_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

PyMODINIT_FUNC PyInit_labelcap(void)
{
    return PyModuleDef_Init(&py_module);
}
