/* One message to many viewers, straight to their sockets where nothing waits; see pure/sending.py. */
#include "native.h"

#include <errno.h>
#include <sys/socket.h>

PyTypeObject *Sender_Type;

/* Sender(descriptor) */
static PyObject *sender_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    int descriptor;
    if (!PyArg_ParseTuple(args, "i", &descriptor)) return NULL;
    Sender *sender = (Sender *)object_new(type);
    if (sender != NULL) sender->descriptor = descriptor;
    return (PyObject *)sender;
}

static PyMemberDef sender_members[] = {
    {"clear", T_BOOL, offsetof(Sender, clear), 0, NULL},
    {"bytes_out", T_LONGLONG, offsetof(Sender, bytes_out), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyType_Slot sender_slots[] = {{Py_tp_new, sender_new},
                                     {Py_tp_dealloc, object_free},
                                     {Py_tp_members, sender_members},
                                     {0, NULL}};
PyType_Spec Sender_spec = {"gameserver.accel.native._core.Sender", sizeof(Sender), 0,
                           Py_TPFLAGS_DEFAULT, sender_slots};

/* The names of an outlet's attributes; made by the first batch. */
static PyObject *offer_name, *part_name;

static int make_names(void) {
    if (part_name != NULL) return 0;
    offer_name = PyUnicode_InternFromString("offer");
    part_name = PyUnicode_InternFromString("sent_in_part");
    return offer_name == NULL || part_name == NULL ? -1 : 0;
}

/* --- what is kept --------------------------------------------------------------------------------- */

/* One message for one viewer. All are owned; `frame` is that of `message`. */
typedef struct {
    PyObject *viewer, *message, *frame, *tick, *before; /* `before` is what `last_sent` was */
} Kept;

typedef struct {
    PyObject_HEAD
    size_t count, room;
    Kept *kept;
} SendBatch;

PyTypeObject *SendBatch_Type;

static void kept_clear(Kept *kept) {
    Py_CLEAR(kept->viewer);
    Py_CLEAR(kept->message);
    Py_CLEAR(kept->frame);
    Py_CLEAR(kept->tick);
    Py_CLEAR(kept->before);
}

/* Keeps a message for a viewer, and notes that it was sent; returns -1 with an exception set on failure. */
static int keep(SendBatch *batch, PyObject *viewer, PyObject *message, PyObject *frame, PyObject *tick) {
    if (batch->count == batch->room) {
        size_t room = 2 * batch->room + 64;
        Kept *kept = PyMem_Realloc(batch->kept, room * sizeof *kept);
        if (kept == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        batch->kept = kept;
        batch->room = room;
    }
    PyObject *before = viewer_last_sent(viewer);
    if (before == NULL || viewer_sent(viewer, tick) < 0) {
        Py_XDECREF(before);
        return -1;
    }
    batch->kept[batch->count++] = (Kept){Py_NewRef(viewer), Py_NewRef(message), Py_NewRef(frame),
                                         Py_NewRef(tick), before};
    return 0;
}

/* --- one viewer ----------------------------------------------------------------------------------- */

/* Whether frames may be sent over a sender. */
static int is_clear(PyObject *sender) {
    return Py_TYPE(sender) == Sender_Type && ((Sender *)sender)->clear &&
           ((Sender *)sender)->descriptor >= 0;
}

/* Calls a method of a viewer's outlet; a new reference. */
static PyObject *call_outlet(PyObject *viewer, PyObject *name, PyObject *first, PyObject *second) {
    PyObject *outlet = viewer_outlet(viewer);
    if (outlet == NULL) return NULL;
    PyObject *answer = PyObject_CallMethodObjArgs(outlet, name, first, second, NULL);
    Py_DECREF(outlet);
    return answer;
}

/* Offers a message to a viewer's outlet; returns 1 if it was taken, 0 if not, -1 on failure. */
static int offer(PyObject *viewer, PyObject *message) {
    PyObject *answer = call_outlet(viewer, offer_name, message, NULL);
    int taken = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    return taken;
}

/* Sends what is kept for a viewer; returns as `offer`. */
static int send_kept(const Kept *kept) {
    PyObject *sender = viewer_sender(kept->viewer);
    char *data;
    Py_ssize_t size;
    if (sender == NULL || PyBytes_AsStringAndSize(kept->frame, &data, &size) < 0) {
        Py_XDECREF(sender);
        return -1;
    }
    ssize_t sent = 0;
    if (is_clear(sender)) {
        sent = send(((Sender *)sender)->descriptor, data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) ((Sender *)sender)->bytes_out += sent;
    }
    Py_DECREF(sender);
    if (sent == size) return 1;
    if (sent <= 0) return offer(kept->viewer, kept->message); /* the outlet meets what is wrong, too */
    PyObject *count = PyLong_FromSsize_t(sent), *done = NULL;
    if (count != NULL) done = call_outlet(kept->viewer, part_name, kept->frame, count);
    Py_XDECREF(count);
    Py_XDECREF(done);
    return done == NULL ? -1 : 1;
}

/* --- SendBatch ------------------------------------------------------------------------------------ */

/* SendBatch() */
static PyObject *batch_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    if (!PyArg_ParseTuple(args, "") || make_names() < 0) return NULL;
    return object_new(type);
}

static void batch_dealloc(PyObject *self) {
    SendBatch *batch = (SendBatch *)self;
    for (size_t i = 0; i < batch->count; i++) kept_clear(&batch->kept[i]);
    PyMem_Free(batch->kept);
    object_free(self);
}

/* Takes a message for one viewer; returns as `offer`. The viewer's outlet is looked at only where that is
 * needed: it is spread over much memory, and so for each viewer. */
static int take_for(SendBatch *batch, PyObject *viewer, PyObject *message, PyObject **frame,
                    PyObject *tick) {
    int fits = viewer_fits(viewer);
    if (fits <= 0) return fits;
    PyObject *sender = viewer_sender(viewer);
    if (sender == NULL) return -1;
    int clear = is_clear(sender);
    Py_DECREF(sender);
    if (clear) {
        if (*frame == NULL && (*frame = native_binary_frame(NULL, message)) == NULL) return -1;
        return keep(batch, viewer, message, *frame, tick) < 0 ? -1 : 1;
    }
    int taken = offer(viewer, message);
    if (taken <= 0) return taken;
    return viewer_sent(viewer, tick) < 0 ? -1 : 1;
}

/* fan_out(message, viewers, tick) -> (how many took it, [the others]) */
static PyObject *batch_fan_out(PyObject *self, PyObject *args) {
    PyObject *message, *given, *tick, *frame = NULL;
    long long taken = 0;
    if (!PyArg_ParseTuple(args, "OOO", &message, &given, &tick)) return NULL;
    PyObject *viewers = PySequence_List(given);
    if (viewers == NULL) return NULL;
    viewers_fetch(viewers);
    PyObject *others = PyList_New(0);
    for (Py_ssize_t i = 0; others != NULL && i < PyList_Size(viewers); i++) {
        PyObject *viewer = PyList_GetItem(viewers, i);
        int done = take_for((SendBatch *)self, viewer, message, &frame, tick);
        if (done > 0) taken++;
        else if (done == 0) done = PyList_Append(others, viewer);
        if (done < 0) Py_CLEAR(others);
    }
    Py_DECREF(viewers);
    Py_XDECREF(frame);
    return others == NULL ? NULL : Py_BuildValue("LN", taken, others);
}

/* Notes that a viewer was refused; returns -1 with an exception set on failure. */
static int note_refused(PyObject *refused, const Kept *kept) {
    PyObject *pair = PyTuple_Pack(2, kept->viewer, kept->tick);
    int failed = pair == NULL || viewer_sent(kept->viewer, kept->before) < 0 ||
                 PyList_Append(refused, pair) < 0;
    Py_XDECREF(pair);
    return failed ? -1 : 0;
}

/* flush() -> [(viewer, tick)] of those that were refused */
static PyObject *batch_flush(PyObject *self, PyObject *unused) {
    (void)unused;
    SendBatch *batch = (SendBatch *)self;
    PyObject *refused = PyList_New(0);
    if (refused == NULL) return NULL;
    /* Taken out first: an outlet's code may bring further messages. */
    Kept *all = batch->kept;
    size_t count = batch->count;
    batch->kept = NULL;
    batch->count = batch->room = 0;
    for (size_t i = 0; i < count; i++) {
        int taken = send_kept(&all[i]);
        if (taken < 0) PyErr_WriteUnraisable(all[i].viewer);
        if (taken <= 0 && note_refused(refused, &all[i]) < 0) PyErr_WriteUnraisable(all[i].viewer);
        kept_clear(&all[i]);
    }
    if (batch->kept == NULL) {
        batch->kept = all;
        batch->room = count;
    } else {
        PyMem_Free(all);
    }
    return refused;
}

static PyMethodDef batch_methods[] = {{"fan_out", batch_fan_out, METH_VARARGS, NULL},
                                      {"flush", batch_flush, METH_NOARGS, NULL},
                                      {NULL, NULL, 0, NULL}};
static PyType_Slot batch_slots[] = {{Py_tp_new, batch_new},
                                    {Py_tp_dealloc, batch_dealloc},
                                    {Py_tp_methods, batch_methods},
                                    {0, NULL}};
PyType_Spec SendBatch_spec = {"gameserver.accel.native._core.SendBatch", sizeof(SendBatch), 0,
                              Py_TPFLAGS_DEFAULT, batch_slots};
