/* Whether an entity's fields are within their bounds; see pure/bounds.py. */
#include "native.h"

PyTypeObject *Bounds_Type;

typedef struct {
    Slot slot;
    Kind kind;
    int64_t lo, hi; /* inclusive; of a text those of its length */
} Bound;

typedef struct {
    PyObject_HEAD
    int count;
    Bound *fields;
} Bounds;

/* Bounds(entity class, [(name, kind, lo, hi)]) */
static PyObject *bounds_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    PyObject *entity, *rows;
    if (!PyArg_ParseTuple(args, "O!O!", &PyType_Type, &entity, &PyList_Type, &rows)) return NULL;
    Py_ssize_t count = PyList_Size(rows);
    Bounds *bounds = (Bounds *)object_new(type);
    if (bounds == NULL) return NULL;
    bounds->fields = PyMem_Calloc(count ? (size_t)count : 1, sizeof *bounds->fields);
    if (bounds->fields == NULL) {
        Py_DECREF(bounds);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Bound *field = &bounds->fields[i];
        PyObject *name;
        int kind;
        long long lo, hi;
        if (!PyArg_ParseTuple(PyList_GetItem(rows, i), "UiLL", &name, &kind, &lo, &hi)) goto failed;
        field->kind = (Kind)kind;
        field->lo = lo;
        field->hi = hi;
        bounds->count++;
        if (slot_find(&field->slot, entity, name) < 0) goto failed;
    }
    return (PyObject *)bounds;
failed:
    Py_DECREF(bounds);
    return NULL;
}

static void bounds_dealloc(PyObject *self) {
    Bounds *bounds = (Bounds *)self;
    for (int i = 0; i < bounds->count; i++) slot_clear(&bounds->fields[i].slot);
    PyMem_Free(bounds->fields);
    object_free(self);
}

static PyType_Slot bounds_slots[] = {
    {Py_tp_new, bounds_new}, {Py_tp_dealloc, bounds_dealloc}, {0, NULL}};
PyType_Spec Bounds_spec = {"gameserver.accel.native._core.Bounds", sizeof(Bounds), 0,
                           Py_TPFLAGS_DEFAULT, bounds_slots};

/* Of the very class, not of a subclass: a bool is no int here, as in Python's part. */
static int value_fits(const Bound *field, PyObject *value) {
    switch (field->kind) {
    case INT: {
        if (!PyLong_CheckExact(value)) return 0;
        int beyond;
        long long number = PyLong_AsLongLongAndOverflow(value, &beyond);
        return !beyond && field->lo <= number && number <= field->hi;
    }
    case BOOL: return PyBool_Check(value);
    case STR: {
        if (!PyUnicode_CheckExact(value)) return 0;
        Py_ssize_t length = PyUnicode_GetLength(value);
        return field->lo <= length && length <= field->hi;
    }
    default: {
        if (!PyFloat_CheckExact(value)) return 0;
        double number = PyFloat_AsDouble(value);
        return (double)field->lo <= number && number <= (double)field->hi; /* false for NaN */
    }
    }
}

/* Returns 1, 0, or -1 with an exception set. */
static int entity_fits(const Bounds *bounds, PyObject *entity) {
    for (int i = 0; i < bounds->count; i++) {
        PyObject *value = slot_get(&bounds->fields[i].slot, entity);
        if (value == NULL) return -1;
        int fits = value_fits(&bounds->fields[i], value);
        Py_DECREF(value);
        if (!fits) return 0;
    }
    return 1;
}

/* first_unfit({class: Bounds}, entities) -> entity or None */
PyObject *native_first_unfit(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *all, *entities, *entity;
    if (!PyArg_ParseTuple(args, "O!O", &PyDict_Type, &all, &entities)) return NULL;
    PyObject *each = PyObject_GetIter(entities);
    if (each == NULL) return NULL;
    while ((entity = PyIter_Next(each)) != NULL) {
        PyObject *bounds = PyDict_GetItemWithError(all, (PyObject *)Py_TYPE(entity));
        int fits = bounds == NULL && PyErr_Occurred() ? -1 : 0;
        if (bounds != NULL && Py_TYPE(bounds) != Bounds_Type) {
            PyErr_SetString(PyExc_TypeError, "the bounds must come from bounds()");
            fits = -1;
        } else if (bounds != NULL) {
            fits = entity_fits((Bounds *)bounds, entity);
        }
        if (fits != 1) {
            Py_DECREF(each);
            if (fits == 0) return entity;
            Py_DECREF(entity);
            return NULL;
        }
        Py_DECREF(entity);
    }
    Py_DECREF(each);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}
