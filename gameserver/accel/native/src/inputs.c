/* Inputs of one seat: read from bytes, kept until their tick; see pure/inputs.py. */
#include "native.h"

PyTypeObject *InputTable_Type, *InputCounts_Type, *InputBuffer_Type;

/* --- InputTable ----------------------------------------------------------------------------------- */

/* Stores the row of a sequence of integers; returns -1 with an exception set if it does not fit. */
static int row_of(const InputTable *table, PyObject *given, int64_t *fields) {
    Py_ssize_t size = PyTuple_Check(given) ? PyTuple_Size(given) : -1;
    if (size != table->count) {
        PyErr_Format(PyExc_ValueError, "a row of %d integers is needed", table->count);
        return -1;
    }
    for (int i = 0; i < table->count; i++) {
        fields[i] = PyLong_AsLongLong(PyTuple_GetItem(given, i));
        if (fields[i] == -1 && PyErr_Occurred()) return -1;
    }
    return 0;
}

static PyObject *tuple_of(const InputTable *table, const int64_t *fields) {
    PyObject *row = PyTuple_New(table->count);
    for (int i = 0; row != NULL && i < table->count; i++) {
        PyObject *value = PyLong_FromLongLong(fields[i]);
        if (value == NULL || PyTuple_SetItem(row, i, value) < 0) Py_CLEAR(row);
    }
    return row;
}

/* Returns a command of a row; edges of a repeated one are cleared. */
static PyObject *made(InputTable *table, const Row *row, int repeated) {
    int64_t fields[MAX_FIELDS];
    for (int i = 0; i < table->count; i++)
        fields[i] = repeated && table->edge[i] ? 0 : row->fields[i];
    if (table->command == NULL) {
        PyObject *given = tuple_of(table, fields);
        if (given == NULL) return NULL;
        PyObject *command = PyObject_CallFunction(table->make, "NL", given, (long long)row->view);
        return command;
    }
    PyObject *command = table->alloc((PyTypeObject *)table->command, 0);
    if (command == NULL) return NULL;
    for (int i = 0; i <= table->count; i++) {
        const Slot *slot = i < table->count ? &table->slots[i] : &table->view;
        PyObject *value = i == table->count ? PyLong_FromLongLong(row->view)
                          : table->edge[i]  ? PyBool_FromLong(fields[i] == 1)
                                            : PyLong_FromLongLong(fields[i]);
        if (value == NULL) {
            Py_DECREF(command);
            return NULL;
        }
        /* A new object: its slot is empty, and takes this reference. */
        *(PyObject **)((char *)command + slot->offset) = value;
    }
    return command;
}

/* Finds the slots of the command class; leaves `command` NULL if one field has none. */
static int find_slots(InputTable *table, PyObject *command, PyObject *names) {
    if (command == Py_None) return 0;
    int slotted = 1;
    for (int i = 0; i <= table->count; i++) {
        Slot *slot = i < table->count ? &table->slots[i] : &table->view;
        PyObject *name = PyTuple_GetItem(names, i);
        if (name == NULL || slot_find(slot, command, name) < 0) return -1;
        slotted = slotted && slot->offset >= 0;
    }
    if (slotted) {
        table->command = Py_NewRef(command);
        table->alloc = (allocfunc)PyType_GetSlot((PyTypeObject *)command, Py_tp_alloc);
    }
    return 0;
}

/* InputTable(kind, longest, below, bounds, edges, neutral, make, command, names): `names` are those
 * of the fields, then that of the view; `command` is None if instances must be made by `make`. */
static PyObject *table_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    long long kind, longest, below[4];
    PyObject *bounds, *edges, *neutral, *make, *command, *names;
    if (!PyArg_ParseTuple(args, "LL(LLLL)O!O!O!OOO!", &kind, &longest, &below[0], &below[1],
                          &below[2], &below[3], &PyTuple_Type, &bounds, &PyTuple_Type, &edges,
                          &PyTuple_Type, &neutral, &make, &command, &PyTuple_Type, &names))
        return NULL;
    if (PyTuple_Size(bounds) > MAX_FIELDS || PyTuple_Size(names) != PyTuple_Size(bounds) + 1) {
        PyErr_SetString(PyExc_ValueError, "too many fields");
        return NULL;
    }
    InputTable *table = (InputTable *)object_new(type);
    if (table == NULL) return NULL;
    table->kind = kind;
    table->longest = longest;
    table->count = (int)PyTuple_Size(bounds);
    table->make = Py_NewRef(make);
    for (int i = 0; i < 4; i++) table->below[i] = below[i];
    for (int i = 0; i < table->count; i++) {
        long long lo, hi;
        if (!PyArg_ParseTuple(PyTuple_GetItem(bounds, i), "LL", &lo, &hi)) goto failed;
        table->lo[i] = lo;
        table->hi[i] = hi;
    }
    for (Py_ssize_t i = 0; i < PyTuple_Size(edges); i++) {
        long index = PyLong_AsLong(PyTuple_GetItem(edges, i));
        if (index < 0 || index >= table->count) {
            if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "no such field");
            goto failed;
        }
        table->edge[index] = 1;
        table->edges++;
    }
    if (row_of(table, neutral, table->neutral + 2) < 0) goto failed;
    if (find_slots(table, command, names) < 0) goto failed;
    return (PyObject *)table;
failed:
    Py_DECREF(table);
    return NULL;
}

static int table_traverse(PyObject *self, visitproc visit, void *arg) {
    InputTable *table = (InputTable *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(table->make);
    Py_VISIT(table->command);
    return 0;
}

static int table_clear(PyObject *self) {
    InputTable *table = (InputTable *)self;
    Py_CLEAR(table->make);
    Py_CLEAR(table->command);
    return 0;
}

static void table_dealloc(PyObject *self) {
    InputTable *table = (InputTable *)self;
    PyObject_GC_UnTrack(self);
    table_clear(self);
    for (int i = 0; i < MAX_FIELDS; i++) slot_clear(&table->slots[i]);
    slot_clear(&table->view);
    object_free(self);
}

int table_read(const InputTable *table, const uint8_t *data, size_t size, Input *input) {
    const uint8_t *at = data, *end = data + size;
    int64_t kind;
    if ((int64_t)size > table->longest) return 0;
    if (msgpack_read_array(&at, end) != table->count + 5) return 0;
    if (!msgpack_read_int(&at, end, &kind) || kind != table->kind) return 0;
    int64_t *head[] = {&input->seq, &input->tick, &input->seen, &input->view};
    for (int i = 0; i < 4; i++) {
        if (!msgpack_read_int(&at, end, head[i])) return 0;
        if (*head[i] < 0 || *head[i] >= table->below[i]) return 0;
    }
    for (int i = 0; i < table->count; i++) {
        int64_t value;
        if (!msgpack_read_int(&at, end, &value)) return 0;
        if (value < table->lo[i] || value > table->hi[i]) return 0;
        input->fields[i] = value;
    }
    return at == end;
}

/* table(message) -> (seq, tick, seen, view, row), or None if the message is no valid input. */
static PyObject *table_call(PyObject *self, PyObject *args, PyObject *keywords) {
    (void)keywords;
    InputTable *table = (InputTable *)self;
    PyObject *message;
    char *data;
    Py_ssize_t size;
    Input input;
    if (!PyArg_ParseTuple(args, "O", &message)) return NULL;
    if (PyBytes_AsStringAndSize(message, &data, &size) < 0) {
        PyErr_Clear(); /* no bytes: no input */
        Py_RETURN_NONE;
    }
    if (!table_read(table, (const uint8_t *)data, (size_t)size, &input)) Py_RETURN_NONE;
    PyObject *row = tuple_of(table, input.fields);
    if (row == NULL) return NULL;
    return Py_BuildValue("LLLLN", (long long)input.seq, (long long)input.tick, (long long)input.seen,
                         (long long)input.view, row);
}

static PyType_Slot table_slots[] = {
    {Py_tp_new, table_new},           {Py_tp_dealloc, table_dealloc}, {Py_tp_call, table_call},
    {Py_tp_traverse, table_traverse}, {Py_tp_clear, table_clear},     {0, NULL},
};
PyType_Spec InputTable_spec = {"gameserver.accel.native._core.InputTable", sizeof(InputTable), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, table_slots};

/* --- InputCounts ---------------------------------------------------------------------------------- */

#define COUNT(name) {#name, T_LONGLONG, offsetof(InputCounts, name), 0, NULL}
static PyMemberDef counts_members[] = {COUNT(applied),   COUNT(late),   COUNT(early), COUNT(doubled),
                                       COUNT(malformed), COUNT(missed), {NULL, 0, 0, 0, NULL}};
static PyType_Slot counts_slots[] = {
    {Py_tp_dealloc, object_free}, {Py_tp_members, counts_members}, {0, NULL}};
PyType_Spec InputCounts_spec = {"gameserver.accel.native._core.InputCounts", sizeof(InputCounts), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, counts_slots};

/* --- InputBuffer ---------------------------------------------------------------------------------- */

static size_t row_bytes(const InputTable *table) {
    return sizeof(Row) + (size_t)table->count * sizeof(int64_t);
}

static Row *row_at(const InputBuffer *buffer, size_t place) {
    return (Row *)((char *)buffer->rows + place * row_bytes(buffer->table));
}

static Row *last_row(const InputBuffer *buffer) { return row_at(buffer, buffer->ring); }

static Row *next_row(const InputBuffer *buffer) { return row_at(buffer, buffer->ring + 1); }

/* InputBuffer(table, ahead, repeat, margins) */
static PyObject *input_buffer_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    PyObject *table;
    long long ahead, repeat, margins;
    if (!PyArg_ParseTuple(args, "O!LLL", InputTable_Type, &table, &ahead, &repeat, &margins))
        return NULL;
    if (ahead < 0 || ahead > 1 << 20) {
        PyErr_SetString(PyExc_ValueError, "ahead must be from 0 to 2^20 ticks");
        return NULL;
    }
    InputBuffer *buffer = (InputBuffer *)object_new(type);
    if (buffer == NULL) return NULL;
    buffer->table = (InputTable *)Py_NewRef(table);
    buffer->ahead = ahead;
    buffer->repeat = repeat;
    buffer->ring = (size_t)ahead + 2;
    extremes_init(&buffer->margins, margins);
    buffer->rows = PyMem_Calloc(buffer->ring + 2, row_bytes(buffer->table));
    buffer->counts = (InputCounts *)object_new(InputCounts_Type);
    if (buffer->rows == NULL || buffer->counts == NULL) {
        Py_DECREF(buffer);
        return PyErr_NoMemory();
    }
    memcpy(last_row(buffer), buffer->table->neutral, row_bytes(buffer->table));
    return (PyObject *)buffer;
}

static void input_buffer_dealloc(PyObject *self) {
    InputBuffer *buffer = (InputBuffer *)self;
    Py_XDECREF((PyObject *)buffer->table);
    Py_XDECREF((PyObject *)buffer->counts);
    PyMem_Free(buffer->rows);
    object_free(self);
}

static void join_edges(const InputTable *table, const int64_t *earlier, int64_t *later) {
    for (int i = 0; i < table->count; i++)
        if (table->edge[i]) later[i] |= earlier[i];
}

int input_put(InputBuffer *buffer, int64_t now, int64_t seq, int64_t tick, const int64_t *fields,
              int64_t view) {
    const InputTable *table = buffer->table;
    InputCounts *counts = buffer->counts;
    size_t bytes = (size_t)table->count * sizeof *fields;
    if (seq <= buffer->last_seq) {
        counts->doubled++;
        return 0;
    }
    buffer->last_seq = seq;
    if (tick == 0) {
        int64_t earlier[MAX_FIELDS];
        Row *next = next_row(buffer);
        memcpy(earlier, next->fields, bytes);
        memcpy(next->fields, fields, bytes);
        if (buffer->has_next) join_edges(table, earlier, next->fields);
        next->view = view;
        buffer->has_next = 1;
        return 1;
    }
    int64_t margin = tick - now - 1;
    if (margin > buffer->ahead) margin = buffer->ahead + 1;
    extremes_add(&buffer->margins, now, margin);
    if (margin > buffer->ahead) {
        counts->early++;
        return 0;
    }
    if (margin < 0) {
        counts->late++;
        return 0;
    }
    Row *row = row_at(buffer, (size_t)tick % buffer->ring);
    if (row->tick == tick) {
        counts->doubled++;
        return 0;
    }
    row->tick = tick;
    row->view = view;
    memcpy(row->fields, fields, bytes);
    return 1;
}

/* put(now, seq, tick, row, view=0) -> bool */
static PyObject *input_buffer_put(PyObject *self, PyObject *args, PyObject *keywords) {
    static char *names[] = {"now", "seq", "tick", "row", "view", NULL};
    InputBuffer *buffer = (InputBuffer *)self;
    long long now, seq, tick, view = 0;
    PyObject *given;
    int64_t fields[MAX_FIELDS];
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "LLLO|L", names, &now, &seq, &tick, &given, &view))
        return NULL;
    if (row_of(buffer->table, given, fields) < 0) return NULL;
    return PyBool_FromLong(input_put(buffer, now, seq, tick, fields, view));
}

/* The command for a tick; NULL with an exception set on failure. */
static PyObject *take(InputBuffer *buffer, int64_t tick) {
    const InputTable *table = buffer->table;
    Row *row = tick > 0 ? row_at(buffer, (size_t)tick % buffer->ring) : NULL, *given = NULL;
    if (row != NULL && row->tick == tick) given = row;
    if (buffer->has_next) {
        if (given != NULL)
            join_edges(table, next_row(buffer)->fields, given->fields);
        else
            given = next_row(buffer);
        buffer->has_next = 0;
    }
    if (row != NULL && row->tick == tick) row->tick = 0;
    if (given != NULL) {
        buffer->counts->applied++;
        memcpy(last_row(buffer), given, row_bytes(table));
        buffer->last_tick = tick;
        return made(buffer->table, given, 0);
    }
    if (buffer->last_tick) buffer->counts->missed++;
    if (tick - buffer->last_tick > buffer->repeat) return made(buffer->table, (const Row *)table->neutral, 0);
    return made(buffer->table, last_row(buffer), 1);
}

static PyObject *input_buffer_take(PyObject *self, PyObject *number) {
    int64_t tick = PyLong_AsLongLong(number);
    if (tick == -1 && PyErr_Occurred()) return NULL;
    return take((InputBuffer *)self, tick);
}

static PyObject *input_buffer_smallest_margin(PyObject *self, PyObject *now) {
    InputBuffer *buffer = (InputBuffer *)self;
    int64_t tick = PyLong_AsLongLong(now);
    if (tick == -1 && PyErr_Occurred()) return NULL;
    extremes_turn(&buffer->margins, tick);
    if (buffer->margins.least == NO_SAMPLE) Py_RETURN_NONE;
    return PyLong_FromLongLong(buffer->margins.least);
}

static PyObject *input_buffer_forget_margins(PyObject *self, PyObject *unused) {
    (void)unused;
    extremes_clear(&((InputBuffer *)self)->margins);
    Py_RETURN_NONE;
}

static PyMethodDef input_buffer_methods[] = {
    {"put", (PyCFunction)(void (*)(void))input_buffer_put, METH_VARARGS | METH_KEYWORDS, NULL},
    {"take", input_buffer_take, METH_O, NULL},
    {"smallest_margin", input_buffer_smallest_margin, METH_O, NULL},
    {"forget_margins", input_buffer_forget_margins, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyMemberDef input_buffer_members[] = {
    {"last_seq", T_LONGLONG, offsetof(InputBuffer, last_seq), 0, NULL},
    {"counts", T_OBJECT, offsetof(InputBuffer, counts), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyType_Slot input_buffer_slots[] = {
    {Py_tp_new, input_buffer_new},         {Py_tp_dealloc, input_buffer_dealloc},
    {Py_tp_methods, input_buffer_methods}, {Py_tp_members, input_buffer_members},
    {0, NULL},
};
PyType_Spec InputBuffer_spec = {"gameserver.accel.native._core.InputBuffer", sizeof(InputBuffer), 0,
                                Py_TPFLAGS_DEFAULT, input_buffer_slots};

/* --- commands ------------------------------------------------------------------------------------- */

/* The command of a seat; `tick` is `number`. */
static PyObject *command_of(PyObject *source, PyObject *number, int64_t tick) {
    static PyObject *take_name;
    if (Py_TYPE(source) == InputBuffer_Type) return take((InputBuffer *)source, tick);
    if (take_name == NULL && (take_name = PyUnicode_InternFromString("take")) == NULL) return NULL;
    return PyObject_CallMethodObjArgs(source, take_name, number, NULL);
}

/* commands([(seat, source)], tick) -> {seat: command} */
PyObject *native_commands(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *given, *number;
    if (!PyArg_ParseTuple(args, "OO", &given, &number)) return NULL;
    int64_t tick = PyLong_AsLongLong(number);
    if (tick == -1 && PyErr_Occurred()) return NULL;
    /* A copy: a bot's code runs in between. */
    PyObject *sources = PySequence_List(given);
    if (sources == NULL) return NULL;
    PyObject *commands = PyDict_New();
    for (Py_ssize_t i = 0; commands != NULL && i < PyList_Size(sources); i++) {
        PyObject *pair = PyList_GetItem(sources, i);
        PyObject *command = NULL;
        if (PyTuple_Check(pair) && PyTuple_Size(pair) == 2)
            command = command_of(PyTuple_GetItem(pair, 1), number, tick);
        else
            PyErr_SetString(PyExc_TypeError, "a source must be a pair of a seat and its source");
        if (command == NULL || PyDict_SetItem(commands, PyTuple_GetItem(pair, 0), command) < 0)
            Py_CLEAR(commands);
        Py_XDECREF(command);
    }
    Py_DECREF(sources);
    return commands;
}
