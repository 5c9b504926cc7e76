/* What the hot path reads of a viewer, and what it takes in of one; see pure/intake.py. */
#include "native.h"

/* The attributes of one class of viewers. There is one class in a server, so one is remembered. */
static struct {
    PyTypeObject *type;
    Slot seat, seen, last_sent, in_sync, patience, link, outlet, sender;
} known;

static Slot *const all_slots[] = {&known.seat,     &known.seen, &known.last_sent, &known.in_sync,
                                  &known.patience, &known.link, &known.outlet, &known.sender};
static const char *const all_names[] = {"seat",     "seen", "last_sent", "in_sync",
                                        "patience", "link", "outlet", "sender"};
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

#define LINE 64

static void fetch_bytes(const void *address, size_t size) {
    for (size_t at = 0; at < size; at += LINE) FETCH((const char *)address + at);
}

/* Fetches the slots of a viewer of the known class. */
static void fetch_slots(PyObject *viewer) {
    for (int i = 0; i < SLOTS; i++)
        if (all_slots[i]->offset >= 0) FETCH((char *)viewer + all_slots[i]->offset);
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

/* Passes a message on that is no input. It may end the viewer. */
static int pass_odd(const Taking *taking, PyObject *viewer, const uint8_t *data, size_t size) {
    PyObject *message = PyBytes_FromStringAndSize((const char *)data, (Py_ssize_t)size);
    if (message == NULL) return -1;
    Py_INCREF(viewer);
    PyObject *done = PyObject_CallFunctionObjArgs(taking->odd, viewer, message, NULL);
    Py_DECREF(viewer);
    Py_DECREF(message);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* One message of a player: an input, or passed on as odd. */
static int take_message(Taking *taking, PyObject *player, const uint8_t *data, size_t size) {
    Input input;
    PyObject *viewer = PyDict_GetItemWithError(taking->viewers, player);
    if (viewer == NULL) return PyErr_Occurred() ? -1 : 0;
    if (learn(Py_TYPE(viewer)) < 0) return -1;
    return table_read(taking->table, data, size, &input) ? take_read(taking, viewer, &input)
                                                         : pass_odd(taking, viewer, data, size);
}

static int take_pair(Taking *taking, PyObject *pair) {
    if (!PyTuple_Check(pair) || PyTuple_Size(pair) != 2) {
        PyErr_SetString(PyExc_TypeError, "a message must be a pair of a player and bytes");
        return -1;
    }
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(PyTuple_GetItem(pair, 1), &data, &size) < 0) return -1;
    return take_message(taking, PyTuple_GetItem(pair, 0), (const uint8_t *)data, (size_t)size);
}

/* Takes all messages of an iterable of pairs; returns -1 with an exception set on failure. */
static int take_pairs(Taking *taking, PyObject *messages) {
    PyObject *pair, *each = PyObject_GetIter(messages);
    if (each == NULL) return -1;
    while ((pair = PyIter_Next(each)) != NULL) {
        int failed = take_pair(taking, pair) < 0;
        Py_DECREF(pair);
        if (failed) break;
    }
    Py_DECREF(each);
    return PyErr_Occurred() ? -1 : 0;
}

/* Fetches what `take_read` looks at of each sender. */
static void fetch_senders(const Taking *taking, const Messages *messages) {
    PyObject *viewers[MOST_FETCHED], *link, *seat, *buffer;
    size_t count = messages->players < MOST_FETCHED ? messages->players : MOST_FETCHED;
    for (size_t i = 0; i < count; i++) {
        viewers[i] = PyDict_GetItemWithError(taking->viewers, messages->of[i].player);
        if (viewers[i] == NULL) PyErr_Clear();
        else if (learn(Py_TYPE(viewers[i])) < 0) return PyErr_Clear();
        else fetch_slots(viewers[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (viewers[i] == NULL || Py_TYPE(viewers[i]) != known.type) continue;
        if ((link = slot_peek(&known.link, viewers[i])) != NULL) fetch_bytes(link, sizeof(LinkMeasure));
        if ((seat = slot_peek(&known.seat, viewers[i])) == NULL) continue;
        if ((buffer = PyDict_GetItemWithError(taking->buffers, seat)) == NULL) PyErr_Clear();
        else fetch_bytes(buffer, sizeof(InputBuffer));
    }
}

static int take_collected(Taking *taking, const Messages *messages) {
    Cursor cursor = {0};
    fetch_senders(taking, messages);
    while (messages_next(messages, &cursor))
        if (take_message(taking, cursor.player, cursor.data, cursor.size) < 0) return -1;
    return 0;
}

/* take_in(read, messages, viewers, buffers, now, odd) -> (least margin or None, clamped, unseated) */
PyObject *native_take_in(PyObject *module, PyObject *args) {
    (void)module;
    Taking taking = {0};
    PyObject *table, *messages;
    long long now;
    if (!PyArg_ParseTuple(args, "O!OO!O!LO", InputTable_Type, &table, &messages, &PyDict_Type,
                          &taking.viewers, &PyDict_Type, &taking.buffers, &now, &taking.odd))
        return NULL;
    taking.table = (InputTable *)table;
    taking.now = now;
    int failed = Py_TYPE(messages) == Messages_Type
                     ? take_collected(&taking, (Messages *)messages)
                     : take_pairs(&taking, messages);
    if (failed < 0) return NULL;
    PyObject *least = taking.addressed ? PyLong_FromLongLong(taking.least) : Py_NewRef(Py_None);
    return Py_BuildValue("NLL", least, (long long)taking.clamped, (long long)taking.unseated);
}

/* --- for sending.c -------------------------------------------------------------------------------- */

void viewers_fetch(PyObject *viewers) {
    static const Slot *const looked_at[] = {&known.seen, &known.last_sent, &known.patience, &known.sender};
    Py_ssize_t count = PyList_Size(viewers);
    for (Py_ssize_t i = 0; i < count && i < MOST_FETCHED; i++) {
        PyObject *viewer = PyList_GetItem(viewers, i);
        if (learn(Py_TYPE(viewer)) < 0) return PyErr_Clear();
        fetch_slots(viewer);
    }
    for (Py_ssize_t i = 0; i < count && i < MOST_FETCHED; i++) {
        PyObject *viewer = PyList_GetItem(viewers, i);
        for (size_t k = 0; k < sizeof looked_at / sizeof *looked_at && Py_TYPE(viewer) == known.type; k++)
            FETCH(slot_peek(looked_at[k], viewer));
    }
}

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

PyObject *viewer_sender(PyObject *viewer) {
    return learn(Py_TYPE(viewer)) < 0 ? NULL : slot_get(&known.sender, viewer);
}

PyObject *viewer_last_sent(PyObject *viewer) {
    return learn(Py_TYPE(viewer)) < 0 ? NULL : slot_get(&known.last_sent, viewer);
}

PyObject *viewer_outlet(PyObject *viewer) {
    /* A part of a tick may have run code that met a viewer of another class. */
    return learn(Py_TYPE(viewer)) < 0 ? NULL : slot_get(&known.outlet, viewer);
}

int viewer_sent(PyObject *viewer, PyObject *tick) {
    /* Sending may have run code that met a viewer of another class. */
    if (learn(Py_TYPE(viewer)) < 0) return -1;
    return slot_set(&known.last_sent, viewer, tick);
}
