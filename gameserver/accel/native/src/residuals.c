/* Residuals of one class's fields for one audience; see pure/residuals.py, which says what they are.
 *
 * Numbers and booleans are kept as integers, texts as objects. An entity's fields are read from their
 * slots. */
#include "bodies.h"

#include <math.h>

PyTypeObject *Plan_Type, *Track_Type;

/* A mask has no more bits. */
#define MOST_PLANNED 64

/* Of all entities: the slots of id and owner, which are those of their common base class. */
static Slot id_slot, owner_slot;

/* --- Plan ------------------------------------------------------------------------------------------- */

/* Plan(entity class, number, [(name, kind, once, linear, wrap or 0, precision or 0.0)]) */
static PyObject *plan_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    PyObject *entity, *rows;
    long long number;
    if (!PyArg_ParseTuple(args, "O!LO!", &PyType_Type, &entity, &number, &PyList_Type, &rows))
        return NULL;
    Py_ssize_t count = PyList_Size(rows);
    if (count > MOST_PLANNED) {
        PyErr_SetString(PyExc_ValueError, "an entity has at most 64 networked fields");
        return NULL;
    }
    Plan *plan = (Plan *)object_new(type);
    if (plan == NULL) return NULL;
    plan->entity = (PyTypeObject *)Py_NewRef(entity);
    plan->number = number;
    plan->fields = PyMem_Calloc(count ? (size_t)count : 1, sizeof *plan->fields);
    if (plan->fields == NULL) {
        Py_DECREF(plan);
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Field *field = &plan->fields[i];
        PyObject *name;
        int kind;
        long long wrap;
        if (!PyArg_ParseTuple(PyList_GetItem(rows, i), "UippLd", &name, &kind, &field->once,
                              &field->linear, &wrap, &field->precision))
            goto failed;
        field->kind = (Kind)kind;
        field->wrap = wrap;
        plan->linear += field->linear;
        plan->count++;
        if (slot_find(&field->slot, entity, name) < 0) goto failed;
    }
    return (PyObject *)plan;
failed:
    Py_DECREF(plan);
    return NULL;
}

static void plan_dealloc(PyObject *self) {
    Plan *plan = (Plan *)self;
    for (int i = 0; i < plan->count; i++) slot_clear(&plan->fields[i].slot);
    PyMem_Free(plan->fields);
    Py_XDECREF((PyObject *)plan->entity);
    object_free(self);
}

static PyType_Slot plan_slots[] = {
    {Py_tp_new, plan_new}, {Py_tp_dealloc, plan_dealloc}, {0, NULL}};
PyType_Spec Plan_spec = {"gameserver.accel.native._core.Plan", sizeof(Plan), 0, Py_TPFLAGS_DEFAULT,
                         plan_slots};

/* --- values ------------------------------------------------------------------------------------------ */

/* Reads a field as it goes on the wire; a text is a new reference. Returns -1 on failure. */
static int read_value(const Field *field, PyObject *entity, Value *value) {
    PyObject *given = slot_get(&field->slot, entity);
    if (given == NULL) return -1;
    if (field->kind == STR) {
        value->text = given;
        return 0;
    }
    if (field->kind == FLOAT) {
        /* `round` of Python rounds halves to even, as `nearbyint` does by default. */
        double counted = nearbyint(PyFloat_AsDouble(given) / field->precision);
        if (!(counted > -9.2e18 && counted < 9.2e18) && !PyErr_Occurred())
            PyErr_SetString(PyExc_OverflowError, "a float is too large for its precision");
        else
            value->number = (int64_t)counted;
    } else {
        value->number = PyLong_AsLongLong(given);
    }
    Py_DECREF(given);
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *object_of(const Field *field, const Value *value) {
    switch (field->kind) {
    case STR: return Py_NewRef(value->text);
    case BOOL: return PyBool_FromLong(value->number != 0);
    default: return PyLong_FromLongLong(value->number);
    }
}

/* --- Track ------------------------------------------------------------------------------------------- */

/* Track(plan, entity, table) */
static PyObject *track_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    PyObject *plan, *entity, *table;
    if (!PyArg_ParseTuple(args, "O!OO", Plan_Type, &plan, &entity, &table)) return NULL;
    if (id_slot.name == NULL) {
        PyObject *names[] = {PyUnicode_InternFromString("id"), PyUnicode_InternFromString("owner")};
        int failed = names[0] == NULL || names[1] == NULL ||
                     slot_find(&id_slot, (PyObject *)Py_TYPE(entity), names[0]) < 0 ||
                     slot_find(&owner_slot, (PyObject *)Py_TYPE(entity), names[1]) < 0;
        Py_XDECREF(names[0]);
        Py_XDECREF(names[1]);
        if (failed) return NULL;
    }
    if ((PyObject *)Py_TYPE(entity) != (PyObject *)((Plan *)plan)->entity) {
        PyErr_SetString(PyExc_TypeError, "the entity is of another class than the table");
        return NULL;
    }
    Track *track = (Track *)object_new(type);
    if (track == NULL) return NULL;
    track->plan = (Plan *)Py_NewRef(plan);
    track->entity = Py_NewRef(entity);
    track->table = Py_NewRef(table);
    track->id = slot_int(&id_slot, entity);
    track->owner = slot_int(&owner_slot, entity);
    size_t count = (size_t)track->plan->count;
    track->values = PyMem_Calloc(count + 1, sizeof *track->values);
    track->memory = PyMem_Calloc((size_t)track->plan->linear + 1, sizeof *track->memory);
    track->residuals = PyMem_Calloc(2 * count + 1, sizeof *track->residuals);
    if (track->values == NULL || track->memory == NULL || track->residuals == NULL) PyErr_NoMemory();
    else track->last = track->residuals + count;
    for (size_t i = 0; i < count && !PyErr_Occurred(); i++)
        read_value(&track->plan->fields[i], entity, &track->values[i]);
    if (PyErr_Occurred()) Py_CLEAR(track);
    return (PyObject *)track;
}

static int track_traverse(PyObject *self, visitproc visit, void *arg) {
    Track *track = (Track *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(track->entity);
    Py_VISIT(track->table);
    return 0;
}

static int track_clear(PyObject *self) {
    Track *track = (Track *)self;
    Py_CLEAR(track->entity);
    Py_CLEAR(track->table);
    return 0;
}

static void track_dealloc(PyObject *self) {
    Track *track = (Track *)self;
    PyObject_GC_UnTrack(self);
    track_clear(self);
    if (track->values != NULL)
        for (int i = 0; i < track->plan->count; i++) Py_XDECREF(track->values[i].text);
    PyMem_Free(track->values);
    PyMem_Free(track->memory);
    PyMem_Free(track->residuals);
    Py_XDECREF((PyObject *)track->plan);
    object_free(self);
}

static PyObject *track_state(PyObject *self, void *unused) {
    (void)unused;
    const Track *track = (Track *)self;
    const Plan *plan = track->plan;
    PyObject *state = PyList_New(plan->count + plan->linear);
    for (int i = 0; state != NULL && i < plan->count + plan->linear; i++) {
        PyObject *value = i < plan->count ? object_of(&plan->fields[i], &track->values[i])
                                          : PyLong_FromLongLong(track->memory[i - plan->count]);
        if (value == NULL || PyList_SetItem(state, i, value) < 0) Py_CLEAR(state);
    }
    return state;
}

static PyMemberDef track_members[] = {
    {"entity", T_OBJECT, offsetof(Track, entity), READONLY, NULL},
    {"owner", T_LONGLONG, offsetof(Track, owner), READONLY, NULL},
    {"table", T_OBJECT, offsetof(Track, table), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyGetSetDef track_getters[] = {{"state", track_state, NULL, NULL, NULL},
                                      {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot track_slots[] = {
    {Py_tp_new, track_new},         {Py_tp_dealloc, track_dealloc}, {Py_tp_traverse, track_traverse},
    {Py_tp_clear, track_clear},     {Py_tp_members, track_members}, {Py_tp_getset, track_getters},
    {0, NULL},
};
PyType_Spec Track_spec = {"gameserver.accel.native._core.Track", sizeof(Track), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, track_slots};

/* --- advance ----------------------------------------------------------------------------------------- */

int64_t short_way(int64_t difference, int64_t wrap) {
    if (wrap == 0) return difference;
    int64_t half = wrap / 2, rest = (difference + half) % wrap;
    return (rest < 0 ? rest + wrap : rest) - half;
}

/* Moves one field on; returns 1 with its residual in *residual, 0 if it was right, -1 on failure. */
static int advance_field(const Field *field, PyObject *entity, Value *held, int64_t *memory,
                         int64_t *residual) {
    Value now = {0, NULL};
    if (read_value(field, entity, &now) < 0) return -1;
    if (field->kind == STR) {
        int differs = PyObject_RichCompareBool(now.text, held->text, Py_NE);
        PyObject *before = held->text;
        held->text = now.text;
        Py_XDECREF(before);
        return differs;
    }
    int64_t before = held->number;
    held->number = now.number;
    if (field->kind == BOOL) {
        *residual = now.number;
        return now.number != before;
    }
    if (!field->linear) {
        *residual = short_way(now.number - before, field->wrap);
        return *residual != 0;
    }
    int64_t difference = short_way(now.number - before, field->wrap);
    *residual = short_way(difference - *memory, field->wrap);
    if (*residual == 0) return 0;
    *memory = difference;
    return 1;
}

/* Moves one track on, and keeps in it what changed; returns -1 with an exception set on failure. */
static int advance_track(Track *track) {
    const Plan *plan = track->plan;
    int64_t *memory = track->memory;
    track->update = 0;
    for (int i = 0; i < plan->count; i++) {
        const Field *field = &plan->fields[i];
        if (field->once) continue;
        int differs = advance_field(field, track->entity, &track->values[i], memory,
                                    &track->residuals[i]);
        memory += field->linear;
        if (differs < 0) return -1;
        track->update |= (uint64_t)differs << i;
    }
    return 0;
}

/* Moves an entity's track on; returns 1 if it has one, 0 if it has none, -1 on failure. */
static int advance_entity(PyObject *tracks, PyObject *entity, int *changed) {
    PyObject *number = slot_get(&id_slot, entity);
    if (number == NULL) return -1;
    PyObject *found = PyDict_GetItemWithError(tracks, number);
    Py_DECREF(number);
    if (found == NULL) return PyErr_Occurred() ? -1 : 0;
    Track *track = (Track *)found;
    if (Py_TYPE(found) != Track_Type) {
        PyErr_SetString(PyExc_TypeError, "tracks must come from track()");
        return -1;
    }
    if (track->entity != entity) return 0;
    int64_t owner = slot_int(&owner_slot, entity);
    if (owner == -1 && PyErr_Occurred()) return -1;
    if (track->owner != owner) return 0;
    if (advance_track(track) < 0) return -1;
    *changed |= track->update != 0;
    return 1;
}

/* Fetches what `advance_track` looks at of the tracks of these entities. */
static void fetch_tracks(PyObject *tracks, PyObject *entities) {
    Track *found[MOST_FETCHED];
    Py_ssize_t size = PyList_Size(entities), count = size < MOST_FETCHED ? size : MOST_FETCHED;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *number = slot_peek(&id_slot, PyList_GetItem(entities, i));
        PyObject *track = number == NULL ? NULL : PyDict_GetItemWithError(tracks, number);
        if (track == NULL) PyErr_Clear();
        found[i] = track != NULL && Py_TYPE(track) == Track_Type ? (Track *)track : NULL;
        if (found[i] != NULL) FETCH(&found[i]->update);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (found[i] == NULL) continue;
        FETCH(found[i]->values);
        FETCH(found[i]->values + 4);
        FETCH(found[i]->memory);
        FETCH(found[i]->residuals);
    }
}

/* advance({id: Track}, entities) -> (whether one changed, how many have a track, [the others]) */
PyObject *native_advance(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *tracks, *entities, *entity;
    long long alive = 0;
    int changed = 0;
    if (!PyArg_ParseTuple(args, "O!O", &PyDict_Type, &tracks, &entities)) return NULL;
    PyObject *others = PySequence_List(entities);
    if (others == NULL || PyDict_Size(tracks) == 0) {
        return others == NULL ? NULL : Py_BuildValue("OiN", Py_False, 0, others);
    }
    fetch_tracks(tracks, others);
    PyObject *each = PyObject_GetIter(others);
    PyObject *left = PyList_New(0);
    while (each != NULL && left != NULL && (entity = PyIter_Next(each)) != NULL) {
        int has = advance_entity(tracks, entity, &changed);
        if (has == 0 && PyList_Append(left, entity) < 0) has = -1;
        alive += has > 0;
        Py_DECREF(entity);
        if (has < 0) break;
    }
    Py_XDECREF(each);
    Py_DECREF(others);
    PyObject *done = NULL;
    if (!PyErr_Occurred() && left != NULL)
        done = Py_BuildValue("OLO", changed ? Py_True : Py_False, alive, left);
    Py_XDECREF(left);
    return done;
}
