/* The entities of one audience's chain: found and moved on by residuals.c, told by bodies.c. */
#ifndef GAMESERVER_BODIES_H
#define GAMESERVER_BODIES_H

#include "native.h"

typedef struct {
    Slot slot;
    Kind kind;
    int once, linear;
    int64_t wrap;     /* 0 without */
    double precision; /* of a FLOAT */
} Field;

/* What an audience gets of one class. */
typedef struct {
    PyObject_HEAD
    PyTypeObject *entity;
    int64_t number;
    int count, linear;
    Field *fields;
} Plan;

typedef struct {
    int64_t number;
    PyObject *text; /* of a STR, owned */
} Value;

typedef struct {
    PyObject_HEAD
    Plan *plan;
    PyObject *entity, *table;
    int64_t id, owner;
    Value *values;      /* plan->count values, then */
    int64_t *memory;    /* the last difference of each linear field */
    int64_t *residuals; /* of each field in `update` */
    int64_t *last;      /* of each field the residual that was told last */
    uint64_t update;    /* the fields that are to be told; 0 if all extrapolated values were right */
    uint64_t mask;      /* the fields that changed in the last update of the section */
    int history;        /* whether the entity changed in the last two updates of the section */
} Track;

/* The same number the short way round: (difference + half) % wrap - half, with Python's sign of %. */
int64_t short_way(int64_t difference, int64_t wrap);

#endif
