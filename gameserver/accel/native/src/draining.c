/* Read many sockets in one call, and take the inputs from what they sent; see pure/draining.py. */
#include "native.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

PyTypeObject *Heads_Type, *Tap_Type;

/* --- Heads ------------------------------------------------------------------------------------------ */

#define MOST_HEADS 64

/* The first bytes of wanted payloads; heads of other lengths than 2 and 4 match nothing. */
typedef struct {
    PyObject_HEAD
    int shorts, longs;
    uint16_t short_heads[MOST_HEADS];
    uint32_t long_heads[MOST_HEADS];
} Heads;

/* Heads(iterable of bytes) */
static PyObject *heads_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    PyObject *given, *each, *item;
    if (!PyArg_ParseTuple(args, "O", &given) || (each = PyObject_GetIter(given)) == NULL) return NULL;
    Heads *heads = (Heads *)object_new(type);
    while (heads != NULL && (item = PyIter_Next(each)) != NULL) {
        char *data;
        Py_ssize_t size;
        if (PyBytes_AsStringAndSize(item, &data, &size) == 0) {
            if (size == 2 && heads->shorts < MOST_HEADS)
                memcpy(&heads->short_heads[heads->shorts++], data, 2);
            else if (size == 4 && heads->longs < MOST_HEADS)
                memcpy(&heads->long_heads[heads->longs++], data, 4);
            else
                PyErr_SetString(PyExc_ValueError, "at most 64 heads of 2 and of 4 bytes each are known");
        }
        Py_DECREF(item);
        if (PyErr_Occurred()) Py_CLEAR(heads);
    }
    Py_DECREF(each);
    return (PyObject *)heads;
}

static int is_wanted(const Heads *heads, const uint8_t *payload, size_t size) {
    uint16_t two;
    memcpy(&two, payload, 2);
    for (int i = 0; i < heads->shorts; i++)
        if (heads->short_heads[i] == two) return 1;
    if (size < 4) return 0;
    uint32_t four;
    memcpy(&four, payload, 4);
    for (int i = 0; i < heads->longs; i++)
        if (heads->long_heads[i] == four) return 1;
    return 0;
}

static PyType_Slot heads_slots[] = {
    {Py_tp_new, heads_new}, {Py_tp_dealloc, object_free}, {0, NULL}};
PyType_Spec Heads_spec = {"gameserver.accel.native._core.Heads", sizeof(Heads), 0, Py_TPFLAGS_DEFAULT,
                          heads_slots};

/* --- Tap -------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    Heads *heads;
    PyObject *take;
    int64_t bytes_in;
    char ready;
} Tap;

/* Tap(heads, take) */
static PyObject *tap_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    PyObject *heads, *take;
    if (!PyArg_ParseTuple(args, "O!O", Heads_Type, &heads, &take)) return NULL;
    Tap *tap = (Tap *)object_new(type);
    if (tap == NULL) return NULL;
    tap->heads = (Heads *)Py_NewRef(heads);
    tap->take = Py_NewRef(take);
    return (PyObject *)tap;
}

static int tap_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Tap *)self)->take);
    return 0;
}

static int tap_clear(PyObject *self) {
    Py_CLEAR(((Tap *)self)->take);
    return 0;
}

static void tap_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self);
    tap_clear(self);
    Py_XDECREF((PyObject *)((Tap *)self)->heads);
    object_free(self);
}

/* Takes whole wanted frames from the front; returns their bytes, or -1 with an exception set. */
static Py_ssize_t take_frames(Tap *tap, const uint8_t *data, size_t size) {
    size_t at = 0;
    uint8_t clear[SHORT_BYTES];
    /* A taken message may close the lane: what follows it is for the next one. */
    while (tap->ready && tap->take != NULL) {
        size_t frame = 0, length = short_frame(data + at, size - at, clear, &frame);
        if (length == 0 || !is_wanted(tap->heads, clear, length)) break;
        if (Py_TYPE(tap->take) == InputQueue_Type) {
            if (queue_append((InputQueue *)tap->take, clear, length) < 0) {
                PyErr_NoMemory();
                return -1;
            }
            at += frame;
            tap->bytes_in += (int64_t)frame;
            continue;
        }
        PyObject *payload = PyBytes_FromStringAndSize((const char *)clear, (Py_ssize_t)length);
        if (payload == NULL) return -1;
        PyObject *done = PyObject_CallFunctionObjArgs(tap->take, payload, NULL);
        Py_DECREF(payload);
        if (done == NULL) return -1;
        Py_DECREF(done);
        if (done == Py_False) break;
        at += frame;
        tap->bytes_in += (int64_t)frame;
    }
    return (Py_ssize_t)at;
}

static PyObject *tap_take(PyObject *self, PyObject *data) {
    char *bytes;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(data, &bytes, &size) < 0) return NULL;
    Py_ssize_t taken = take_frames((Tap *)self, (const uint8_t *)bytes, (size_t)size);
    return taken < 0 ? NULL : PyLong_FromSsize_t(taken);
}

static PyMethodDef tap_methods[] = {{"take", tap_take, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyMemberDef tap_members[] = {
    {"ready", T_BOOL, offsetof(Tap, ready), 0, NULL},
    {"bytes_in", T_LONGLONG, offsetof(Tap, bytes_in), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyType_Slot tap_slots[] = {
    {Py_tp_new, tap_new},         {Py_tp_dealloc, tap_dealloc}, {Py_tp_traverse, tap_traverse},
    {Py_tp_clear, tap_clear},     {Py_tp_methods, tap_methods}, {Py_tp_members, tap_members},
    {0, NULL},
};
PyType_Spec Tap_spec = {"gameserver.accel.native._core.Tap", sizeof(Tap), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, tap_slots};

/* --- drain ------------------------------------------------------------------------------------------ */

/* Most bytes that are read from a socket at once, whatever is asked for. */
#define READ_BYTES 4096
#define USUAL_EVENTS 64

/* The names of a member's attributes; made by the first `drain`. */
static PyObject *tap_name, *received_name;

static int make_names(void) {
    if (received_name != NULL) return 0;
    tap_name = PyUnicode_InternFromString("tap");
    received_name = PyUnicode_InternFromString("received_nowait");
    return tap_name == NULL || received_name == NULL ? -1 : 0;
}

/* What a drain knows of a member whose socket is ready. Nothing is owned: it holds as long as no code of
 * Python has run since it was found, which might let members leave, or give them other taps. So a member's
 * tap must be a plain attribute, which runs none. */
typedef struct {
    PyObject *member; /* NULL if there is none */
    Tap *tap;         /* NULL if it has no tap of this kind */
} Found;

typedef struct {
    PyObject *members;
    size_t most_bytes;
    int stale; /* whether code of Python has run since all were found */
} Draining;

/* Finds the member of a descriptor; returns -1 with an exception set on failure. */
static int find_member(PyObject *members, int descriptor, Found *found) {
    *found = (Found){NULL, NULL};
    PyObject *key = PyLong_FromLong(descriptor);
    if (key == NULL) return -1;
    found->member = PyDict_GetItemWithError(members, key);
    Py_DECREF(key);
    return found->member == NULL && PyErr_Occurred() ? -1 : 0;
}

/* Finds the tap of the member, if there is one; returns as `find_member`. */
static int find_tap(Found *found) {
    if (found->member == NULL) return 0;
    PyObject *tap = PyObject_GetAttr(found->member, tap_name);
    if (tap == NULL) return -1;
    if (Py_TYPE(tap) == Tap_Type && Py_REFCNT(tap) > 1) found->tap = (Tap *)tap;
    Py_DECREF(tap);
    return 0;
}

/* Gives a member what its tap does not take of these bytes; returns -1 with an exception set. */
static int give(Draining *draining, PyObject *member, Tap *tap, const uint8_t *data, size_t size) {
    Py_ssize_t taken = 0;
    if (size > 0 && tap != NULL) {
        if (tap->take != NULL && Py_TYPE(tap->take) != InputQueue_Type) draining->stale = 1;
        taken = take_frames(tap, data, size);
        if (taken < 0) return -1;
        if ((size_t)taken == size) return 0;
    }
    draining->stale = 1;
    PyObject *rest =
        PyBytes_FromStringAndSize((const char *)data + taken, (Py_ssize_t)size - taken);
    if (rest == NULL) return -1;
    PyObject *done = PyObject_CallMethodObjArgs(member, received_name, rest, NULL);
    Py_DECREF(rest);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* Reads one socket that is ready; returns -1 with an exception set on failure. */
static int drain_one(Draining *draining, int descriptor, Found found) {
    if (draining->stale &&
        (find_member(draining->members, descriptor, &found) < 0 || find_tap(&found) < 0))
        return -1;
    if (found.member == NULL) return 0; /* it left while another one was read */
    uint8_t data[READ_BYTES];
    ssize_t size;
    do size = read(descriptor, data, draining->most_bytes);
    while (size < 0 && errno == EINTR);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
    Py_INCREF(found.member);
    Py_XINCREF((PyObject *)found.tap);
    int failed = give(draining, found.member, found.tap, data, size < 0 ? 0 : (size_t)size);
    Py_XDECREF((PyObject *)found.tap);
    Py_DECREF(found.member);
    return failed;
}

/* Finds the members whose sockets are ready, at most MOST_FETCHED of them, and fetches what is looked at of
 * each. Returns how many: none if one of them cannot be found, which is told when its turn comes. */
static int find_all(PyObject *members, const struct epoll_event *events, int ready, Found *found) {
    int count = ready < MOST_FETCHED ? ready : MOST_FETCHED, failed = 0;
    for (int i = 0; i < count && !failed; i++) {
        failed = find_member(members, events[i].data.fd, &found[i]) < 0;
        FETCH(found[i].member);
    }
    for (int i = 0; i < count && !failed; i++) {
        failed = find_tap(&found[i]) < 0;
        FETCH(found[i].tap);
    }
    if (failed) {
        PyErr_Clear();
        return 0;
    }
    for (int i = 0; i < count; i++)
        if (found[i].tap != NULL) FETCH(found[i].tap->take);
    for (int i = 0; i < count; i++)
        if (found[i].tap != NULL && found[i].tap->take != NULL &&
            Py_TYPE(found[i].tap->take) == InputQueue_Type)
            FETCH(((InputQueue *)found[i].tap->take)->data);
    return count;
}

/* drain(epoll, {descriptor: member}, most members, most bytes) */
PyObject *native_drain(PyObject *module, PyObject *args) {
    (void)module;
    int most;
    PyObject *selector, *members;
    Py_ssize_t most_bytes;
    if (!PyArg_ParseTuple(args, "OO!in", &selector, &PyDict_Type, &members, &most, &most_bytes))
        return NULL;
    int epoll = PyObject_AsFileDescriptor(selector);
    if (epoll < 0 || make_names() < 0) return NULL;
    if (most < 1 || most_bytes < 1) {
        PyErr_SetString(PyExc_ValueError, "at least one member and one byte must be allowed");
        return NULL;
    }
    struct epoll_event usual[USUAL_EVENTS], *events = usual;
    if (most > USUAL_EVENTS) {
        events = PyMem_Malloc((size_t)most * sizeof *events);
        if (events == NULL) return PyErr_NoMemory();
    }
    int ready = epoll_wait(epoll, events, most, 0);
    if (ready < 0 && errno != EINTR) PyErr_SetFromErrno(PyExc_OSError);
    Found found[MOST_FETCHED];
    Draining draining = {members, most_bytes < READ_BYTES ? (size_t)most_bytes : READ_BYTES, 0};
    int known = find_all(members, events, ready, found);
    for (int i = 0; i < ready && !PyErr_Occurred(); i++) {
        if (i == known) draining.stale = 1;
        drain_one(&draining, events[i].data.fd, i < known ? found[i] : (Found){NULL, NULL});
    }
    if (events != usual) PyMem_Free(events);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}
