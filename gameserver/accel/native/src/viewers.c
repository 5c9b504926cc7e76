/* What the hot path reads of a viewer, and what it takes in of one; see pure/intake.py. */
#include "native.h"

/* The attributes of one class of viewers. There is one class in a server, so one is remembered. */
static struct {
    PyTypeObject *type;
    Slot seat, seen, last_sent, in_sync, patience, link, outlet;
} known;

static Slot *const all_slots[] = {&known.seat,     &known.seen, &known.last_sent, &known.in_sync,
                                  &known.patience, &known.link, &known.outlet};
static const char *const all_names[] = {"seat",     "seen", "last_sent", "in_sync",
                                        "patience", "link", "outlet"};
enum { SLOTS = sizeof all_slots / sizeof *all_slots };

static int learn(PyTypeObject *type) {
    if (known.type == type) return 0;
    Py_CLEAR(known.type);
    for (int i = 0; i < SLOTS; i++) {
        slot_clear(all_slots[i]);
        PyObject *name = PyUnicode_InternFromString(all_names[i]);
        if (name == NULL) return -1;
        int failed = slot_find(all_slots[i], (PyObject *)type, name);
        Py_DECREF(name);
        if (failed < 0) return -1;
    }
    known.type = (PyTypeObject *)Py_NewRef((PyObject *)type);
    return 0;
}

/* Sets a viewer's `seen` if that snapshot was sent, and measures its link. */
static int saw(PyObject *viewer, LinkMeasure *link, int64_t now, int64_t seen) {
    int64_t before = slot_int(&known.seen, viewer);
    if (before == -1 && PyErr_Occurred()) return -1;
    if (before < seen) {
        int64_t sent = slot_int(&known.last_sent, viewer);
        if (sent == -1 && PyErr_Occurred()) return -1;
        if (seen <= sent) {
            PyObject *value = PyLong_FromLongLong(seen);
            if (value == NULL) return -1;
            int failed = slot_set(&known.seen, viewer, value);
            Py_DECREF(value);
            if (failed < 0) return -1;
            before = seen;
        }
    }
    link_saw(link, now, before);
    return 0;
}

typedef struct {
    InputTable *table;
    PyObject *viewers, *buffers, *odd;
    int64_t now, least, clamped, unseated;
    int addressed;
} Taking;

static int take_read(Taking *taking, PyObject *viewer, const Input *input) {
    PyObject *link = slot_get(&known.link, viewer);
    if (link == NULL) return -1;
    if (Py_TYPE(link) != LinkMeasure_Type) {
        PyErr_SetString(PyExc_TypeError, "a viewer's link must come from link_measure()");
        Py_DECREF(link);
        return -1;
    }
    int failed = saw(viewer, (LinkMeasure *)link, taking->now, input->seen);
    PyObject *seat = failed < 0 ? NULL : slot_get(&known.seat, viewer);
    if (seat == NULL) {
        Py_DECREF(link);
        return -1;
    }
    PyObject *buffer = PyDict_GetItemWithError(taking->buffers, seat);
    Py_DECREF(seat);
    if (buffer == NULL) {
        Py_DECREF(link);
        taking->unseated++;
        return PyErr_Occurred() ? -1 : 0;
    }
    int64_t margin = 0;
    if (input->tick) {
        margin = input->tick - taking->now - 1;
        if (!taking->addressed || margin < taking->least) taking->least = margin;
        taking->addressed = 1;
    }
    int64_t view = link_clamp_view((LinkMeasure *)link, input->view, margin);
    Py_DECREF(link);
    taking->clamped += view < input->view;
    if (Py_TYPE(buffer) != InputBuffer_Type) {
        PyErr_SetString(PyExc_TypeError, "a seat's buffer must come from input_buffer()");
        return -1;
    }
    input_put((InputBuffer *)buffer, taking->now, input->seq, input->tick, input->fields, view);
    return 0;
}

/* One message of a player: an input, or passed on as odd. */
static int take_message(Taking *taking, PyObject *player, PyObject *message) {
    char *data;
    Py_ssize_t size;
    Input input;
    PyObject *viewer = PyDict_GetItemWithError(taking->viewers, player);
    if (viewer == NULL) return PyErr_Occurred() ? -1 : 0;
    if (PyBytes_AsStringAndSize(message, &data, &size) < 0 || learn(Py_TYPE(viewer)) < 0) return -1;
    /* Passing on an odd message may end the viewer or the message's list. */
    Py_INCREF(viewer);
    int failed = 0;
    if (table_read(taking->table, (const uint8_t *)data, (size_t)size, &input)) {
        failed = take_read(taking, viewer, &input);
    } else {
        PyObject *done = PyObject_CallFunctionObjArgs(taking->odd, viewer, message, NULL);
        failed = done == NULL ? -1 : 0;
        Py_XDECREF(done);
    }
    Py_DECREF(viewer);
    return failed;
}

/* A message with its player; this is called for each, and the parser of arguments takes its time. */
static int take_pair(Taking *taking, PyObject *pair) {
    if (!PyTuple_Check(pair) || PyTuple_Size(pair) != 2) {
        PyErr_SetString(PyExc_TypeError, "a message must be a pair of a player and bytes");
        return -1;
    }
    return take_message(taking, PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1));
}

/* One player's queue; returns -1 with an exception set on failure. */
static int collect_one(PyObject *player, PyObject *queue, long long calm, PyObject *messages,
                       PyObject *floods) {
    static PyObject *popleft;
    if (popleft == NULL && (popleft = PyUnicode_InternFromString("popleft")) == NULL) return -1;
    Py_ssize_t count = PyObject_Size(queue);
    if (count < 0) return -1;
    if (count > calm) {
        PyObject *flood = Py_BuildValue("On", player, count);
        int failed = flood == NULL ? -1 : PyList_Append(floods, flood);
        Py_XDECREF(flood);
        if (failed < 0) return -1;
    }
    for (; count > 0; count--) {
        PyObject *message = PyObject_CallMethodObjArgs(queue, popleft, NULL);
        PyObject *pair = message == NULL ? NULL : PyTuple_Pack(2, player, message);
        Py_XDECREF(message);
        int failed = pair == NULL ? -1 : PyList_Append(messages, pair);
        Py_XDECREF(pair);
        if (failed < 0) return -1;
    }
    return 0;
}

/* collect({player: queue}, calm) -> ([(player, message)], [(player, count)]) */
PyObject *native_collect(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *queues, *player, *queue;
    long long calm;
    Py_ssize_t at = 0;
    if (!PyArg_ParseTuple(args, "O!L", &PyDict_Type, &queues, &calm)) return NULL;
    PyObject *messages = PyList_New(0), *floods = PyList_New(0);
    int failed = messages == NULL || floods == NULL;
    while (!failed && PyDict_Next(queues, &at, &player, &queue))
        failed = collect_one(player, queue, calm, messages, floods) < 0;
    if (failed) {
        Py_XDECREF(messages);
        Py_XDECREF(floods);
        return NULL;
    }
    return Py_BuildValue("NN", messages, floods);
}

/* take_in(read, messages, viewers, buffers, now, odd) -> (least margin or None, clamped, unseated) */
PyObject *native_take_in(PyObject *module, PyObject *args) {
    (void)module;
    Taking taking = {0};
    PyObject *table, *messages, *pair;
    long long now;
    if (!PyArg_ParseTuple(args, "O!OO!O!LO", InputTable_Type, &table, &messages, &PyDict_Type,
                          &taking.viewers, &PyDict_Type, &taking.buffers, &now, &taking.odd))
        return NULL;
    taking.table = (InputTable *)table;
    taking.now = now;
    PyObject *each = PyObject_GetIter(messages);
    if (each == NULL) return NULL;
    while ((pair = PyIter_Next(each)) != NULL) {
        int failed = take_pair(&taking, pair) < 0;
        Py_DECREF(pair);
        if (failed) break;
    }
    Py_DECREF(each);
    if (PyErr_Occurred()) return NULL;
    PyObject *least = taking.addressed ? PyLong_FromLongLong(taking.least) : Py_NewRef(Py_None);
    return Py_BuildValue("NLL", least, (long long)taking.clamped, (long long)taking.unseated);
}

/* --- for sending.c -------------------------------------------------------------------------------- */

int viewer_fits(PyObject *viewer) {
    if (learn(Py_TYPE(viewer)) < 0) return -1;
    PyObject *in_sync = slot_get(&known.in_sync, viewer);
    if (in_sync == NULL) return -1;
    int synced = PyObject_IsTrue(in_sync);
    Py_DECREF(in_sync);
    if (synced <= 0) return synced;
    int64_t sent = slot_int(&known.last_sent, viewer);
    int64_t seen = slot_int(&known.seen, viewer);
    int64_t patience = slot_int(&known.patience, viewer);
    if (PyErr_Occurred()) return -1;
    return sent - seen <= patience;
}

PyObject *viewer_outlet(PyObject *viewer) { return slot_get(&known.outlet, viewer); }

int viewer_sent(PyObject *viewer, PyObject *tick) {
    /* Sending may have run code that met a viewer of another class. */
    if (learn(Py_TYPE(viewer)) < 0) return -1;
    return slot_set(&known.last_sent, viewer, tick);
}
