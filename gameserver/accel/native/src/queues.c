/* What each viewer has sent since the last tick, without an object of Python for each message; see
 * pure/intake.py. */
#include "native.h"

PyTypeObject *InputQueue_Type, *Messages_Type;

/* --- InputQueue ----------------------------------------------------------------------------------- */

/* In front of each message stands its length. */
typedef uint32_t Length;

/* Bytes that an empty queue keeps for the next messages. */
#define KEPT 1024

/* Appends a message, and drops the oldest one if the queue is full; returns -1 without memory. */
int queue_append(InputQueue *queue, const uint8_t *data, size_t size) {
    Length length = (Length)size;
    size_t needed = sizeof length + size;
    if (size > UINT32_MAX) return -1;
    if (queue->count == queue->most) {
        Length oldest;
        memcpy(&oldest, queue->data + queue->start, sizeof oldest);
        queue->start += sizeof oldest + oldest;
        queue->count--;
    }
    if (queue->count == 0) queue->start = queue->end = 0;
    if (queue->end + needed > queue->room) {
        size_t used = queue->end - queue->start;
        if (used + needed > queue->room / 2) {
            size_t room = 2 * (used + needed) + 64;
            uint8_t *data = PyMem_Realloc(queue->data, room);
            if (data == NULL) return -1;
            queue->data = data;
            queue->room = room;
        }
        memmove(queue->data, queue->data + queue->start, used);
        queue->start = 0;
        queue->end = used;
    }
    memcpy(queue->data + queue->end, &length, sizeof length);
    memcpy(queue->data + queue->end + sizeof length, data, size);
    queue->end += needed;
    queue->count++;
    return 0;
}

/* InputQueue(most) */
static PyObject *queue_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    Py_ssize_t most;
    if (!PyArg_ParseTuple(args, "n", &most)) return NULL;
    if (most < 1) {
        PyErr_SetString(PyExc_ValueError, "a queue must have room for a message");
        return NULL;
    }
    InputQueue *queue = (InputQueue *)object_new(type);
    if (queue != NULL) queue->most = (size_t)most;
    return (PyObject *)queue;
}

static void queue_dealloc(PyObject *self) {
    PyMem_Free(((InputQueue *)self)->data);
    object_free(self);
}

/* queue(message) */
static PyObject *queue_call(PyObject *self, PyObject *args, PyObject *keywords) {
    (void)keywords;
    PyObject *message;
    char *data;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "O", &message) || PyBytes_AsStringAndSize(message, &data, &size) < 0)
        return NULL;
    if (queue_append((InputQueue *)self, (const uint8_t *)data, (size_t)size) < 0)
        return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static Py_ssize_t queue_length(PyObject *self) { return (Py_ssize_t)((InputQueue *)self)->count; }

static PyType_Slot queue_slots[] = {{Py_tp_new, queue_new},
                                    {Py_tp_dealloc, queue_dealloc},
                                    {Py_tp_call, queue_call},
                                    {Py_sq_length, queue_length},
                                    {0, NULL}};
PyType_Spec InputQueue_spec = {"gameserver.accel.native._core.InputQueue", sizeof(InputQueue), 0,
                               Py_TPFLAGS_DEFAULT, queue_slots};

/* --- Messages ------------------------------------------------------------------------------------- */

static void messages_dealloc(PyObject *self) {
    Messages *messages = (Messages *)self;
    for (size_t i = 0; i < messages->players; i++) Py_DECREF(messages->of[i].player);
    PyMem_Free(messages->of);
    PyMem_Free(messages->data);
    object_free(self);
}

int messages_next(const Messages *messages, Cursor *cursor) {
    while (cursor->left == 0) {
        if (cursor->next == messages->players) return 0;
        const Sent *sent = &messages->of[cursor->next++];
        cursor->player = sent->player;
        cursor->left = sent->count;
    }
    Length length;
    memcpy(&length, messages->data + cursor->at, sizeof length);
    cursor->data = messages->data + cursor->at + sizeof length;
    cursor->size = length;
    cursor->at += sizeof length + length;
    cursor->left--;
    return 1;
}

static PyObject *messages_list(PyObject *self, PyObject *unused) {
    (void)unused;
    Cursor cursor = {0};
    PyObject *list = PyList_New(0);
    while (list != NULL && messages_next((Messages *)self, &cursor)) {
        PyObject *message =
            PyBytes_FromStringAndSize((const char *)cursor.data, (Py_ssize_t)cursor.size);
        PyObject *pair = message == NULL ? NULL : PyTuple_Pack(2, cursor.player, message);
        Py_XDECREF(message);
        if (pair == NULL || PyList_Append(list, pair) < 0) Py_CLEAR(list);
        Py_XDECREF(pair);
    }
    return list;
}

static PyObject *messages_iter(PyObject *self) {
    PyObject *list = messages_list(self, NULL);
    PyObject *each = list == NULL ? NULL : PyObject_GetIter(list);
    Py_XDECREF(list);
    return each;
}

static PyType_Slot messages_slots[] = {
    {Py_tp_dealloc, messages_dealloc}, {Py_tp_iter, messages_iter}, {0, NULL}};
PyType_Spec Messages_spec = {"gameserver.accel.native._core.Messages", sizeof(Messages), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, messages_slots};

/* --- collect -------------------------------------------------------------------------------------- */

/* Moves what a queue holds to the end of the messages; returns -1 without memory. */
static int move(Messages *messages, PyObject *player, InputQueue *queue) {
    size_t size = queue->end - queue->start;
    if (messages->size + size > messages->room) {
        size_t room = 2 * (messages->size + size);
        uint8_t *data = PyMem_Realloc(messages->data, room);
        if (data == NULL) return -1;
        messages->data = data;
        messages->room = room;
    }
    memcpy(messages->data + messages->size, queue->data + queue->start, size);
    messages->size += size;
    messages->of[messages->players].player = Py_NewRef(player);
    messages->of[messages->players++].count = queue->count;
    queue->start = queue->end = queue->count = 0;
    if (queue->room > KEPT) { /* after a flood; most queues hold a message or two */
        PyMem_Free(queue->data);
        queue->data = NULL;
        queue->room = 0;
    }
    return 0;
}

static int note_flood(PyObject *floods, PyObject *player, size_t count) {
    PyObject *flood = Py_BuildValue("On", player, (Py_ssize_t)count);
    int failed = flood == NULL ? -1 : PyList_Append(floods, flood);
    Py_XDECREF(flood);
    return failed;
}

/* collect({player: queue}, calm) -> (messages, [(player, count)]) */
PyObject *native_collect(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *queues, *player, *queue;
    Py_ssize_t calm, at = 0;
    if (!PyArg_ParseTuple(args, "O!n", &PyDict_Type, &queues, &calm)) return NULL;
    PyObject *floods = PyList_New(0);
    Messages *messages = (Messages *)object_new(Messages_Type);
    int failed = floods == NULL || messages == NULL;
    if (!failed) {
        messages->of = PyMem_Calloc((size_t)PyDict_Size(queues) + 1, sizeof *messages->of);
        failed = messages->of == NULL;
    }
    while (!failed && PyDict_Next(queues, &at, &player, &queue)) {
        if (Py_TYPE(queue) != InputQueue_Type) {
            PyErr_SetString(PyExc_TypeError, "the queues must come from input_queue()");
            failed = 1;
            break;
        }
        InputQueue *held = (InputQueue *)queue;
        if (held->count == 0) continue;
        if ((Py_ssize_t)held->count > calm) failed = note_flood(floods, player, held->count) < 0;
        failed = failed || move(messages, player, held) < 0;
    }
    if (failed) {
        if (!PyErr_Occurred()) PyErr_NoMemory();
        Py_XDECREF(floods);
        Py_XDECREF((PyObject *)messages);
        return NULL;
    }
    return Py_BuildValue("NN", messages, floods);
}
