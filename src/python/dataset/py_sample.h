/* labelcap.Sample and labelcap.Packet. */
#ifndef PYTHON_DATASET_PY_SAMPLE_H
#define PYTHON_DATASET_PY_SAMPLE_H

#include "python/dataset/sample_data.h"
#include "python/py_module.h"

typedef struct {
    PyObject_HEAD PyObject *id; /* int */
    PyObject *metadata;         /* str */
    struct sample_data data;
    bool views; /* packets give their bytes as views, not as copies */
} PySample;

/* Text of a capture, which may not be UTF-8. */
PyObject *py_text(const char *text, size_t len);

/* Empty data, with memory of a sample that is gone. */
struct sample_data py_sample_room(struct py_state *state);

/* Keeps the memory for the next sample, or frees it, as it does without a state. */
void py_sample_give_back(struct py_state *state, struct sample_data *data);

/* Takes over the packets, even if it fails. */
PyObject *py_sample_new(struct py_state *state, uint64_t id, PyObject *metadata,
                        struct sample_data *data, bool views);

/* A packet of a sample. */
PyObject *py_packet_new(const struct py_state *state, PySample *sample, Py_ssize_t index);

#endif
