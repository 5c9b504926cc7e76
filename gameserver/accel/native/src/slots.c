/* Attributes of slotted classes: the place in the object is found once for each class.
 *
 * A class with __slots__, as attrs makes them, keeps each attribute at a fixed place. Where a class
 * has no slot for a name, the usual look-up is taken instead, with the same result. */
#include "native.h"

static PyMemberDef *members_of(PyObject *cls) {
    return (PyMemberDef *)PyType_GetSlot((PyTypeObject *)cls, Py_tp_members);
}

int slot_find(Slot *slot, PyObject *cls, PyObject *name) {
    slot->offset = -1;
    slot->name = Py_NewRef(name);
    PyUnicode_InternInPlace(&slot->name); /* trades its own reference, never the caller's */
    name = slot->name;
    /* The descriptor that an instance's look-up finds: a subclass may have replaced the slot. */
    PyObject *found = PyObject_GetAttr(cls, name);
    if (found == NULL) {
        PyErr_Clear();
        return 0;
    }
    if (Py_TYPE(found) != &PyMemberDescr_Type) {
        Py_DECREF(found);
        return 0;
    }
    PyObject *owner = PyObject_GetAttrString(found, "__objclass__");
    Py_DECREF(found);
    if (owner == NULL) return -1;
    const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
    if (text == NULL) {
        Py_DECREF(owner);
        return -1;
    }
    for (PyMemberDef *member = members_of(owner); member && member->name; member++)
        if (member->type == T_OBJECT_EX && strcmp(member->name, text) == 0) {
            slot->offset = member->offset;
            break;
        }
    Py_DECREF(owner);
    return 0;
}

void slot_clear(Slot *slot) { Py_CLEAR(slot->name); }

static PyObject **place(const Slot *slot, PyObject *object) {
    return (PyObject **)((char *)object + slot->offset);
}

PyObject *slot_peek(const Slot *slot, PyObject *object) {
    return slot->offset >= 0 ? *place(slot, object) : NULL;
}

PyObject *slot_get(const Slot *slot, PyObject *object) {
    if (slot->offset >= 0) {
        PyObject *value = *place(slot, object);
        if (value != NULL) return Py_NewRef(value);
    }
    return PyObject_GetAttr(object, slot->name);
}

int slot_set(const Slot *slot, PyObject *object, PyObject *value) {
    if (slot->offset < 0) return PyObject_SetAttr(object, slot->name, value);
    PyObject **at = place(slot, object), *old = *at;
    *at = Py_NewRef(value);
    Py_XDECREF(old);
    return 0;
}

int64_t slot_int(const Slot *slot, PyObject *object) {
    if (slot->offset >= 0) {
        PyObject *value = *place(slot, object);
        if (value != NULL) return PyLong_AsLongLong(value);
    }
    PyObject *value = PyObject_GetAttr(object, slot->name);
    if (value == NULL) return -1;
    int64_t number = PyLong_AsLongLong(value);
    Py_DECREF(value);
    return number;
}
