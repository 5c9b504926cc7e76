/* What the parts of the native hot path share.
 *
 * Everything uses the limited API of Python 3.11, so that one build serves all later versions. The
 * definition of what is right is gameserver/accel/pure; tests/accel compares the two. */
#ifndef GAMESERVER_NATIVE_H
#define GAMESERVER_NATIVE_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <structmember.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Most fields of a command: gameserver.protocol.limits.INPUT_FIELDS. */
#define MAX_FIELDS 32

/* Begins to bring the memory at an address nearer. What a tick touches of each player is in no cache by
 * then; asked for together, all of it takes little longer than one of it. The address may be any. */
#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif
/* Most players that memory is asked for ahead. */
#define MOST_FETCHED 64

/* --- window.c: smallest and largest sample of a sliding window; see pure/window.py ------------ */

typedef struct {
    int64_t half, turn, least, most, lo, hi, old_lo, old_hi;
} Extremes;

#define NO_SAMPLE ((int64_t)1 << 60)

void extremes_init(Extremes *extremes, int64_t window);
void extremes_clear(Extremes *extremes);
int extremes_turn(Extremes *extremes, int64_t now);
int extremes_add(Extremes *extremes, int64_t now, int64_t sample);

/* --- objects.c: instances of our own types -------------------------------------------------------- */

/* A new instance with all members zero; NULL with an exception set without memory. */
PyObject *object_new(PyTypeObject *type);
/* Frees an instance whose members are released. */
void object_free(PyObject *self);

/* --- slots.c: attributes of slotted classes, read and written without a look-up ---------------- */

/* Where instances of one class keep an attribute; `offset` is -1 if it is not in a slot. */
typedef struct {
    PyObject *name; /* interned, owned */
    Py_ssize_t offset;
} Slot;

/* Finds the slot of `name` in a class; returns -1 with an exception set on failure. */
int slot_find(Slot *slot, PyObject *cls, PyObject *name);
void slot_clear(Slot *slot);
/* What is in a slot, borrowed; NULL if it is empty or the attribute is in none. */
PyObject *slot_peek(const Slot *slot, PyObject *object);
/* A new reference; NULL with an exception set if there is no such attribute. */
PyObject *slot_get(const Slot *slot, PyObject *object);
/* Returns 0, or -1 with an exception set. */
int slot_set(const Slot *slot, PyObject *object, PyObject *value);
/* An integer attribute; -1 with an exception set on failure, which `PyErr_Occurred` tells. */
int64_t slot_int(const Slot *slot, PyObject *object);

/* --- msgpack.c ---------------------------------------------------------------------------------- */

/* Reads one integer at *at, which must be before end, and moves *at behind it. Returns 0 if there is
 * something else, or only a part of an integer, or an integer of 2^63 or more. */
int msgpack_read_int(const uint8_t **at, const uint8_t *end, int64_t *value);
/* Reads the header of an array in any of its forms; returns its length, -1 if it is none. */
int64_t msgpack_read_array(const uint8_t **at, const uint8_t *end);

/* Bytes that grow; `failed` once memory has run out. */
typedef struct {
    uint8_t *data;
    size_t size, room;
    int failed;
    uint8_t inlined[1024];
} Buffer;

void buffer_init(Buffer *buffer);
void buffer_free(Buffer *buffer);
int buffer_reserve(Buffer *buffer, size_t more);
void buffer_append(Buffer *buffer, const void *data, size_t size);

/* --- frames.c ------------------------------------------------------------------------------------- */

/* Bytes of a frame's header that `frame_head` writes at most. */
#define FRAME_HEAD_BYTES 10
size_t frame_head(uint8_t *head, size_t payload);
/* Longest payload whose length stands in the second byte of a frame. */
#define SHORT_BYTES 125
/* The payload's length if `data` begins with a whole short masked binary frame, else 0. The payload is
 * written to `clear`, which must have room for SHORT_BYTES; *frame is set to the frame's bytes. */
size_t short_frame(const uint8_t *data, size_t size, uint8_t *clear, size_t *frame);

PyObject *native_unmasked(PyObject *module, PyObject *args);
PyObject *native_binary_frame(PyObject *module, PyObject *payload);

/* Of an entity's field; the numbers stand in native/plans.py, too. */
typedef enum { INT, BOOL, STR, FLOAT } Kind;

/* --- bounds.c, inputs.c, links.c, intake.c, residuals.c, bodies.c, sending.c ------------------------------------------ */

/* One command. Rows are as long as the fields of their table: the buffers of all players together must fit
 * into the processor's caches. */
typedef struct {
    int64_t tick, view, fields[];
} Row;

typedef struct {
    PyObject_HEAD
    int count;
    int64_t kind, longest, below[4];
    int64_t lo[MAX_FIELDS], hi[MAX_FIELDS];
    uint8_t edge[MAX_FIELDS];
    int edges;
    int64_t neutral[2 + MAX_FIELDS]; /* a Row */
    PyObject *make;    /* callable(row, view) */
    PyObject *command; /* the class, if its instances can be made without a call, else NULL */
    allocfunc alloc;
    Slot slots[MAX_FIELDS], view;
} InputTable;

/* An input as it was read. */
typedef struct {
    int64_t seq, tick, seen, view, fields[MAX_FIELDS];
} Input;

int table_read(const InputTable *table, const uint8_t *data, size_t size, Input *input);

typedef struct {
    PyObject_HEAD
    int64_t applied, late, early, doubled, malformed, missed;
} InputCounts;

typedef struct {
    PyObject_HEAD
    InputTable *table;
    InputCounts *counts;
    int64_t ahead, repeat, last_seq, last_tick;
    Extremes margins;
    size_t ring;
    int64_t *rows; /* `ring` rows, of which that of tick t is at t % ring, and has that tick if it waits;
                    * then the last command, and the next one */
    int has_next;
} InputBuffer;

int input_put(InputBuffer *buffer, int64_t now, int64_t seq, int64_t tick, const int64_t *fields,
              int64_t view);

typedef struct {
    PyObject_HEAD
    int64_t heard, rtt, jitter, drawing, max_rtt, max_jitter, max_view, units, allowed;
    Extremes distances;
} LinkMeasure;

void link_saw(LinkMeasure *link, int64_t now, int64_t seen);
int64_t link_clamp_view(const LinkMeasure *link, int64_t view, int64_t margin);

/* What is known of the way to one peer's socket; see accel/port.py. */
typedef struct {
    PyObject_HEAD
    int descriptor; /* -1 if only its outlet may send */
    char clear;
    int64_t bytes_out;
} Sender;

/* --- queues.c ------------------------------------------------------------------------------------- */

/* Messages of one viewer that wait for the next tick; `count` of them from `start` to `end`. */
typedef struct {
    PyObject_HEAD
    size_t most, count, start, end, room;
    uint8_t *data;
} InputQueue;

int queue_append(InputQueue *queue, const uint8_t *data, size_t size);

/* How many messages of one player stand in a row. */
typedef struct {
    PyObject *player;
    size_t count;
} Sent;

/* The messages of all viewers for one tick. */
typedef struct {
    PyObject_HEAD
    size_t players, size, room;
    Sent *of; /* `players` of them */
    uint8_t *data;
} Messages;

/* A place among them, and the message in front of it; zero at the start. */
typedef struct {
    size_t next, left, at, size;
    PyObject *player;
    const uint8_t *data;
} Cursor;

/* Goes on to the next message; returns 0 behind the last one. */
int messages_next(const Messages *messages, Cursor *cursor);

/* --- viewers.c ------------------------------------------------------------------------------------ */

/* Fetches what `viewer_fits`, `viewer_sender` and `viewer_sent` look at of each viewer of a list. */
void viewers_fetch(PyObject *viewers);
/* Whether a viewer is in sync and not too far behind; -1 with an exception set on failure. */
int viewer_fits(PyObject *viewer);
/* A new reference. */
PyObject *viewer_sender(PyObject *viewer);
/* A new reference. */
PyObject *viewer_outlet(PyObject *viewer);
/* The tick of the snapshot that was sent last; a new reference. */
PyObject *viewer_last_sent(PyObject *viewer);
/* Notes that the snapshot of this tick was sent; -1 with an exception set on failure. */
int viewer_sent(PyObject *viewer, PyObject *tick);

PyObject *native_drain(PyObject *module, PyObject *args);
PyObject *native_collect(PyObject *module, PyObject *args);
PyObject *native_take_in(PyObject *module, PyObject *args);
PyObject *native_commands(PyObject *module, PyObject *args);
PyObject *native_first_unfit(PyObject *module, PyObject *args);
PyObject *native_advance(PyObject *module, PyObject *args);

extern PyTypeObject *Bounds_Type, *InputTable_Type, *InputCounts_Type, *InputBuffer_Type, *LinkMeasure_Type,
    *Plan_Type, *Track_Type, *BodyWriter_Type, *Heads_Type, *Tap_Type, *Sender_Type, *SendBatch_Type,
    *InputQueue_Type, *Messages_Type;
extern PyType_Spec Bounds_spec, InputTable_spec, InputCounts_spec, InputBuffer_spec, LinkMeasure_spec, Plan_spec,
    Track_spec, BodyWriter_spec, Heads_spec, Tap_spec, Sender_spec, SendBatch_spec, InputQueue_spec,
    Messages_spec;

#endif
