/* The module _core: the types and functions of the native hot path. */
#include "native.h"

static PyMethodDef functions[] = {
    {"unmasked", native_unmasked, METH_VARARGS, NULL},
    {"binary_frame", native_binary_frame, METH_O, NULL},
    {"drain", native_drain, METH_VARARGS, NULL},
    {"collect", native_collect, METH_VARARGS, NULL},
    {"take_in", native_take_in, METH_VARARGS, NULL},
    {"commands", native_commands, METH_VARARGS, NULL},
    {"first_unfit", native_first_unfit, METH_VARARGS, NULL},
    {"advance", native_advance, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_core", NULL, -1, functions, NULL, NULL, NULL, NULL,
};

static int add_type(PyObject *module, const char *name, PyType_Spec *spec, PyTypeObject **type) {
    *type = (PyTypeObject *)PyType_FromSpec(spec);
    return *type == NULL ? -1 : PyModule_AddObjectRef(module, name, (PyObject *)*type);
}

PyMODINIT_FUNC PyInit__core(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) return NULL;
    if (add_type(module, "Bounds", &Bounds_spec, &Bounds_Type) < 0 ||
        add_type(module, "InputTable", &InputTable_spec, &InputTable_Type) < 0 ||
        add_type(module, "InputCounts", &InputCounts_spec, &InputCounts_Type) < 0 ||
        add_type(module, "InputBuffer", &InputBuffer_spec, &InputBuffer_Type) < 0 ||
        add_type(module, "LinkMeasure", &LinkMeasure_spec, &LinkMeasure_Type) < 0 ||
        add_type(module, "Plan", &Plan_spec, &Plan_Type) < 0 ||
        add_type(module, "Track", &Track_spec, &Track_Type) < 0 ||
        add_type(module, "BodyWriter", &BodyWriter_spec, &BodyWriter_Type) < 0 ||
        add_type(module, "Heads", &Heads_spec, &Heads_Type) < 0 ||
        add_type(module, "Tap", &Tap_spec, &Tap_Type) < 0 ||
        add_type(module, "Sender", &Sender_spec, &Sender_Type) < 0 ||
        add_type(module, "SendBatch", &SendBatch_spec, &SendBatch_Type) < 0 ||
        add_type(module, "InputQueue", &InputQueue_spec, &InputQueue_Type) < 0 ||
        add_type(module, "Messages", &Messages_spec, &Messages_Type) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
