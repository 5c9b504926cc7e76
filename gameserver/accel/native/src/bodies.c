/* Bodies of one section's snapshots: bits by learned probabilities. See accel/rangecoding.py, which says
 * what a context is, and pure/chains.py, which says which bits there are. */
#include "bodies.h"

PyTypeObject *BodyWriter_Type;

enum {
    SLOTS = 289, PRIOR = 2048 << 3, RARE = 4064 << 3 | 4, LOWEST = 32, HIGHEST = 4064, SLOWEST = 4,
    REPEAT = 4, NOT_ZERO = 4, SIGN = 6, LENGTH = 9, LENGTHS = 24, TREE = 33, TREE_LENGTHS = 8,
    TREE_NODES = 32, MOST_BITS = 63, AHEAD = 4,
};

/* Of accel/contexts.py. */
enum { SECTION = 0, TOLD = 0, MORE = 1, FIRST_CLASS = 8, CLASS = 130 };

/* A number of a list of contexts; the largest game has fewer. */
#define MOST_LISTS (1 << 20)
#define WHOLE 0xFFFFFFFFu
#define TOP (1u << 24)

typedef struct {
    PyObject_HEAD
    uint16_t **lists; /* `count` of them; NULL where nothing was learned */
    Py_ssize_t count;
    uint64_t low;
    uint32_t range;
    Buffer out;
} BodyWriter;

/* --- contexts ---------------------------------------------------------------------------------------- */

/* The list of a number; NULL with an exception set on failure. */
static uint16_t *contexts(BodyWriter *writer, int64_t number) {
    if (number < writer->count && number >= 0 && writer->lists[number] != NULL)
        return writer->lists[number];
    if (number < 0 || number >= MOST_LISTS) {
        PyErr_SetString(PyExc_ValueError, "there is no such list of contexts");
        return NULL;
    }
    if (number >= writer->count) {
        Py_ssize_t count = number + 1 + writer->count / 2;
        uint16_t **lists = PyMem_Realloc(writer->lists, (size_t)count * sizeof *lists);
        if (lists == NULL) return (uint16_t *)PyErr_NoMemory();
        memset(lists + writer->count, 0, (size_t)(count - writer->count) * sizeof *lists);
        writer->lists = lists;
        writer->count = count;
    }
    uint16_t *made = PyMem_Malloc(SLOTS * sizeof *made);
    if (made == NULL) return (uint16_t *)PyErr_NoMemory();
    for (int i = 0; i < SLOTS; i++) made[i] = PRIOR;
    return writer->lists[number] = made;
}

static void forget(BodyWriter *writer) {
    for (Py_ssize_t i = 0; i < writer->count; i++) {
        PyMem_Free(writer->lists[i]);
        writer->lists[i] = NULL;
    }
}

/* --- bits -------------------------------------------------------------------------------------------- */

static void carry(BodyWriter *writer) {
    if (writer->low <= WHOLE || writer->out.failed) return;
    writer->low &= WHOLE;
    uint8_t *at = writer->out.data + writer->out.size;
    while (*--at == 0xFF) *at = 0;
    ++*at;
}

static void shift(BodyWriter *writer) {
    carry(writer);
    while (writer->range < TOP) {
        uint8_t byte = (uint8_t)(writer->low >> 24);
        buffer_append(&writer->out, &byte, 1);
        writer->low = writer->low << 8 & WHOLE;
        writer->range <<= 8;
    }
}

static void write_bit(BodyWriter *writer, uint16_t *context, int one) {
    uint32_t p = *context >> 3, n = *context & 7;
    uint32_t bound = (writer->range >> 12) * p;
    if (one) {
        writer->low += bound;
        writer->range -= bound;
        p -= (p - LOWEST) >> (n + 1);
    } else {
        writer->range = bound;
        p += (HIGHEST - p) >> (n + 1);
    }
    *context = (uint16_t)(p << 3 | (n < SLOWEST ? n + 1 : n));
    if (writer->range < TOP) shift(writer);
}

static void write_direct(BodyWriter *writer, uint64_t value, int bits) {
    while (bits-- > 0) {
        writer->range >>= 1;
        if (value >> bits & 1) writer->low += writer->range;
        if (writer->range < TOP) shift(writer);
    }
}

/* A number that is not zero; returns -1 with an exception set if it is too large. */
static int write_signed(BodyWriter *writer, uint16_t *learned, int64_t value, int64_t near) {
    write_bit(writer, &learned[SIGN + (near > 0) + 2 * (near < 0)], value < 0);
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int length = 0;
    while (length < 63 && magnitude >> (length + 1)) length++;
    if (length >= MOST_BITS) {
        PyErr_SetString(PyExc_OverflowError, "a residual has more than 63 bits");
        return -1;
    }
    for (int i = 0; i <= length; i++)
        write_bit(writer, &learned[LENGTH + (i < LENGTHS ? i : LENGTHS - 1)], i < length);
    if (length >= TREE_LENGTHS) {
        write_direct(writer, magnitude, length);
        return 0;
    }
    uint16_t *tree = &learned[TREE + TREE_NODES * length];
    uint32_t node = 1;
    while (length-- > 0) {
        int one = magnitude >> length & 1;
        if (node < TREE_NODES) write_bit(writer, &tree[node], one);
        else write_direct(writer, (uint64_t)one, 1);
        node = 2 * node + (uint32_t)one;
    }
    return 0;
}

static int write_whole(BodyWriter *writer, uint16_t *learned, int64_t value) {
    write_bit(writer, &learned[NOT_ZERO], value != 0);
    return value == 0 ? 0 : write_signed(writer, learned, value, 0);
}

static int write_text(BodyWriter *writer, uint16_t *learned, PyObject *text) {
    Py_ssize_t size;
    const char *bytes = PyUnicode_AsUTF8AndSize(text, &size);
    if (bytes == NULL || write_whole(writer, learned, size) < 0) return -1;
    for (Py_ssize_t i = 0; i < size; i++) write_direct(writer, (uint8_t)bytes[i], 8);
    return 0;
}

/* --- updates ----------------------------------------------------------------------------------------- */

static int write_field(BodyWriter *writer, const Field *field, Track *track, int i, int64_t memory,
                       uint16_t *learned, int was) {
    int64_t residual = track->residuals[i], near;
    if (field->kind == BOOL) return 0;
    if (field->kind == STR) return write_text(writer, learned, track->values[i].text);
    if (field->linear) {
        near = short_way(memory - residual, field->wrap);
    } else {
        near = track->last[i];
        track->last[i] = residual;
        if (near != 0) {
            write_bit(writer, &learned[REPEAT + was], residual == near);
            if (residual == near) return 0;
        }
    }
    return write_signed(writer, learned, residual, near);
}

static int write_update(BodyWriter *writer, Track *track) {
    const Plan *plan = track->plan;
    int64_t first = FIRST_CLASS + CLASS * plan->number;
    uint16_t *learned = contexts(writer, first);
    if (learned == NULL) return -1;
    int told = track->update != 0, present = 0;
    write_bit(writer, &learned[track->history], told);
    track->history = (track->history << 1 | told) & 3;
    const int64_t *memory = track->memory;
    for (int i = 0; told && i < plan->count; i++) {
        const Field *field = &plan->fields[i];
        if (field->once) continue;
        int was = (int)(track->mask >> i & 1);
        if ((learned = contexts(writer, first + 1 + i)) == NULL) return -1;
        int slot = 2 * was + present;
        present = (int)(track->update >> i & 1);
        write_bit(writer, &learned[slot], present);
        if (present && write_field(writer, field, track, i, *memory, learned, was) < 0) return -1;
        memory += field->linear;
    }
    track->mask = track->update;
    track->update = 0;
    return 0;
}

/* --- BodyWriter -------------------------------------------------------------------------------------- */

static PyObject *writer_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    if (!PyArg_ParseTuple(args, "")) return NULL;
    BodyWriter *writer = (BodyWriter *)object_new(type);
    if (writer != NULL) {
        buffer_init(&writer->out);
        writer->range = WHOLE;
    }
    return (PyObject *)writer;
}

static void writer_dealloc(PyObject *self) {
    BodyWriter *writer = (BodyWriter *)self;
    forget(writer);
    PyMem_Free(writer->lists);
    buffer_free(&writer->out);
    object_free(self);
}

static PyObject *writer_forget(PyObject *self, PyObject *unused) {
    (void)unused;
    forget((BodyWriter *)self);
    return Py_NewRef(Py_None);
}

/* Begins a body with the updates of a list of tracks; returns -1 with an exception set on failure. */
static int begin(BodyWriter *writer, PyObject *tracks, int changed, int restart) {
    Py_ssize_t count = PyList_Size(tracks);
    for (Py_ssize_t i = 0; i < count; i++)
        if (Py_TYPE(PyList_GetItem(tracks, i)) != Track_Type) {
            PyErr_SetString(PyExc_TypeError, "tracks must come from track()");
            return -1;
        }
    buffer_free(&writer->out);
    buffer_init(&writer->out);
    writer->low = 0;
    writer->range = WHOLE;
    uint16_t rare = RARE;
    write_bit(writer, &rare, restart);
    if (restart) {
        forget(writer);
        for (Py_ssize_t i = 0; i < count; i++) {
            Track *track = (Track *)PyList_GetItem(tracks, i);
            track->history = 0;
            track->mask = 0;
            memset(track->last, 0, (size_t)track->plan->count * sizeof *track->last);
        }
    }
    uint16_t *learned = contexts(writer, SECTION);
    if (learned == NULL) return -1;
    write_bit(writer, &learned[TOLD], changed);
    for (Py_ssize_t i = 0; changed && i < count; i++)
        if (write_update(writer, (Track *)PyList_GetItem(tracks, i)) < 0) return -1;
    return 0;
}

/* begin([Track], changed, restart) */
static PyObject *writer_begin(PyObject *self, PyObject *args) {
    PyObject *tracks;
    int changed, restart;
    if (!PyArg_ParseTuple(args, "O!pp", &PyList_Type, &tracks, &changed, &restart)) return NULL;
    if (begin((BodyWriter *)self, tracks, changed, restart) < 0) return NULL;
    return Py_NewRef(Py_None);
}

static PyObject *writer_flag(PyObject *self, PyObject *args) {
    long long number, slot;
    int value;
    if (!PyArg_ParseTuple(args, "LLp", &number, &slot, &value)) return NULL;
    if (slot < 0 || slot >= SLOTS) {
        PyErr_SetString(PyExc_IndexError, "there is no such slot");
        return NULL;
    }
    uint16_t *learned = contexts((BodyWriter *)self, number);
    if (learned == NULL) return NULL;
    write_bit((BodyWriter *)self, &learned[slot], value);
    return Py_NewRef(Py_None);
}

static PyObject *writer_whole(PyObject *self, PyObject *args) {
    long long number, value;
    if (!PyArg_ParseTuple(args, "LL", &number, &value)) return NULL;
    uint16_t *learned = contexts((BodyWriter *)self, number);
    if (learned == NULL || write_whole((BodyWriter *)self, learned, value) < 0) return NULL;
    return Py_NewRef(Py_None);
}

static PyObject *writer_text(PyObject *self, PyObject *args) {
    long long number;
    PyObject *text;
    if (!PyArg_ParseTuple(args, "LU", &number, &text)) return NULL;
    uint16_t *learned = contexts((BodyWriter *)self, number);
    if (learned == NULL || write_text((BodyWriter *)self, learned, text) < 0) return NULL;
    return Py_NewRef(Py_None);
}

static PyObject *writer_direct(PyObject *self, PyObject *args) {
    unsigned long long value;
    int bits;
    if (!PyArg_ParseTuple(args, "Ki", &value, &bits)) return NULL;
    write_direct((BodyWriter *)self, value, bits);
    return Py_NewRef(Py_None);
}

/* Ends the body, and returns it. */
static PyObject *end(BodyWriter *writer) {
    for (int count = 0; count <= AHEAD; count++) {
        uint64_t rest = (uint64_t)WHOLE >> 8 * count;
        uint64_t value = (writer->low + rest) & ~rest;
        if (value - writer->low >= writer->range) continue;
        writer->low = value;
        carry(writer);
        for (int i = 0; i < count; i++) {
            uint8_t byte = (uint8_t)(writer->low >> (24 - 8 * i));
            buffer_append(&writer->out, &byte, 1);
        }
        break;
    }
    if (writer->out.failed) return PyErr_NoMemory();
    return PyBytes_FromStringAndSize((const char *)writer->out.data, (Py_ssize_t)writer->out.size);
}

static PyObject *writer_end(PyObject *self, PyObject *unused) {
    (void)unused;
    return end((BodyWriter *)self);
}

/* updates({id: Track}, restart) */
static PyObject *writer_updates(PyObject *self, PyObject *args) {
    BodyWriter *writer = (BodyWriter *)self;
    PyObject *tracks;
    int restart;
    if (!PyArg_ParseTuple(args, "O!p", &PyDict_Type, &tracks, &restart)) return NULL;
    PyObject *each = PyDict_Values(tracks);
    if (each == NULL) return NULL;
    uint16_t *learned = NULL;
    if (begin(writer, each, 1, restart) == 0) learned = contexts(writer, SECTION);
    Py_DECREF(each);
    if (learned == NULL) return NULL;
    write_bit(writer, &learned[MORE], 0);
    return end(writer);
}

static PyMethodDef writer_methods[] = {
    {"forget", writer_forget, METH_NOARGS, NULL}, {"begin", writer_begin, METH_VARARGS, NULL},
    {"flag", writer_flag, METH_VARARGS, NULL},    {"whole", writer_whole, METH_VARARGS, NULL},
    {"text", writer_text, METH_VARARGS, NULL},    {"direct", writer_direct, METH_VARARGS, NULL},
    {"end", writer_end, METH_NOARGS, NULL},       {"updates", writer_updates, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot writer_slots[] = {{Py_tp_new, writer_new},
                                     {Py_tp_dealloc, writer_dealloc},
                                     {Py_tp_methods, writer_methods},
                                     {0, NULL}};
PyType_Spec BodyWriter_spec = {"gameserver.accel.native._core.BodyWriter", sizeof(BodyWriter), 0,
                               Py_TPFLAGS_DEFAULT, writer_slots};
