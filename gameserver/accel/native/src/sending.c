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

/* The names of an outlet's attributes; made by the first `fan_out`. */
static PyObject *offer_name, *part_name;

static int make_names(void) {
    if (part_name != NULL) return 0;
    offer_name = PyUnicode_InternFromString("offer");
    part_name = PyUnicode_InternFromString("sent_in_part");
    return offer_name == NULL || part_name == NULL ? -1 : 0;
}

typedef struct {
    PyObject *message, *frame; /* `frame` is made when a first viewer needs it */
} Sending;

/* Tells the outlet how much of the frame was sent; returns -1 with an exception set on failure. */
static int told_part(const Sending *sending, PyObject *viewer, ssize_t sent) {
    PyObject *outlet = viewer_outlet(viewer), *count = PyLong_FromSsize_t(sent), *done = NULL;
    if (outlet != NULL && count != NULL)
        done = PyObject_CallMethodObjArgs(outlet, part_name, sending->frame, count, NULL);
    Py_XDECREF(outlet);
    Py_XDECREF(count);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* Sends the frame over a viewer's sender, if it is clear. Returns 1 if it was taken, in part or whole; 0
 * if the outlet must do it, since nothing was taken; -1 with an exception set on failure. */
static int send_direct(Sending *sending, PyObject *viewer, PyObject *sender) {
    Sender *way = (Sender *)sender;
    char *data;
    Py_ssize_t size;
    if (Py_TYPE(sender) != Sender_Type || !way->clear || way->descriptor < 0) return 0;
    if (sending->frame == NULL &&
        (sending->frame = native_binary_frame(NULL, sending->message)) == NULL)
        return -1;
    if (PyBytes_AsStringAndSize(sending->frame, &data, &size) < 0) return -1;
    ssize_t sent = send(way->descriptor, data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0) return 0; /* it is full or broken: the outlet meets that, too */
    way->bytes_out += sent;
    if (sent < size && told_part(sending, viewer, sent) < 0) return -1;
    return 1;
}

static int offer(const Sending *sending, PyObject *viewer) {
    PyObject *outlet = viewer_outlet(viewer);
    if (outlet == NULL) return -1;
    PyObject *answer = PyObject_CallMethodObjArgs(outlet, offer_name, sending->message, NULL);
    Py_DECREF(outlet);
    if (answer == NULL) return -1;
    int taken = PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return taken;
}

/* Sends to one viewer if it may get the shared message; returns as `send_direct`. The viewer's outlet is
 * looked at only where that is needed: it is spread over much memory, and so for each viewer. */
static int send_to(Sending *sending, PyObject *viewer, PyObject *tick) {
    int fits = viewer_fits(viewer);
    if (fits <= 0) return fits;
    PyObject *sender = viewer_sender(viewer);
    if (sender == NULL) return -1;
    int taken = send_direct(sending, viewer, sender);
    Py_DECREF(sender);
    if (taken == 0) taken = offer(sending, viewer);
    if (taken <= 0) return taken;
    return viewer_sent(viewer, tick) < 0 ? -1 : 1;
}

/* fan_out(message, viewers, tick) -> (how many took it, [the others]) */
PyObject *native_fan_out(PyObject *module, PyObject *args) {
    (void)module;
    Sending sending = {NULL, NULL};
    PyObject *given, *tick;
    long long taken = 0;
    if (!PyArg_ParseTuple(args, "OOO", &sending.message, &given, &tick)) return NULL;
    if (make_names() < 0) return NULL;
    PyObject *viewers = PySequence_List(given);
    if (viewers == NULL) return NULL;
    viewers_fetch(viewers);
    PyObject *others = PyList_New(0);
    for (Py_ssize_t i = 0; others != NULL && i < PyList_Size(viewers); i++) {
        PyObject *viewer = PyList_GetItem(viewers, i);
        int done = send_to(&sending, viewer, tick);
        if (done > 0) taken++;
        else if (done == 0) done = PyList_Append(others, viewer);
        if (done < 0) Py_CLEAR(others);
    }
    Py_DECREF(viewers);
    Py_XDECREF(sending.frame);
    if (others == NULL || PyErr_Occurred()) {
        Py_XDECREF(others);
        return NULL;
    }
    return Py_BuildValue("LN", taken, others);
}
