/* One viewer's link, and the bound on the age of its views; see pure/links.py. */
#include "native.h"

PyTypeObject *LinkMeasure_Type;

static int64_t lesser(int64_t a, int64_t b) { return a < b ? a : b; }

/* LinkMeasure(window, drawing, max_rtt, max_jitter, max_view, view_units) */
static PyObject *link_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    (void)keywords;
    long long window, drawing, max_rtt, max_jitter, max_view, units;
    if (!PyArg_ParseTuple(args, "LLLLLL", &window, &drawing, &max_rtt, &max_jitter, &max_view, &units))
        return NULL;
    LinkMeasure *link = (LinkMeasure *)object_new(type);
    if (link == NULL) return NULL;
    extremes_init(&link->distances, window);
    link->heard = -1;
    link->drawing = drawing;
    link->max_rtt = max_rtt;
    link->max_jitter = max_jitter;
    link->max_view = max_view;
    link->units = units;
    link->allowed = drawing * units;
    return (PyObject *)link;
}

void link_saw(LinkMeasure *link, int64_t now, int64_t seen) {
    if (now == link->heard) return;
    link->heard = now;
    if (!extremes_add(&link->distances, now, now - seen)) return;
    link->rtt = link->distances.least;
    link->jitter = link->distances.most - link->distances.least;
    link->allowed = (lesser(link->rtt, link->max_rtt) + lesser(link->jitter, link->max_jitter) +
                     link->drawing) * link->units;
}

int64_t link_clamp_view(const LinkMeasure *link, int64_t view, int64_t margin) {
    int64_t allowed = link->allowed + margin * link->units;
    if (view <= allowed && view <= link->max_view) return view;
    int64_t most = lesser(allowed, link->max_view);
    return most > 0 ? most : 0;
}

static PyObject *link_saw_py(PyObject *self, PyObject *args) {
    long long now, seen;
    if (!PyArg_ParseTuple(args, "LL", &now, &seen)) return NULL;
    link_saw((LinkMeasure *)self, now, seen);
    Py_RETURN_NONE;
}

static PyObject *link_clamp_view_py(PyObject *self, PyObject *args, PyObject *keywords) {
    static char *names[] = {"view", "margin", NULL};
    long long view, margin = 0;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "L|L", names, &view, &margin)) return NULL;
    return PyLong_FromLongLong(link_clamp_view((LinkMeasure *)self, view, margin));
}

static PyMethodDef link_methods[] = {
    {"saw", link_saw_py, METH_VARARGS, NULL},
    {"clamp_view", (PyCFunction)(void (*)(void))link_clamp_view_py, METH_VARARGS | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyMemberDef link_members[] = {
    {"heard", T_LONGLONG, offsetof(LinkMeasure, heard), 0, NULL},
    {"rtt", T_LONGLONG, offsetof(LinkMeasure, rtt), 0, NULL},
    {"jitter", T_LONGLONG, offsetof(LinkMeasure, jitter), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};
static PyType_Slot link_slots[] = {
    {Py_tp_new, link_new},         {Py_tp_dealloc, object_free}, {Py_tp_methods, link_methods},
    {Py_tp_members, link_members}, {0, NULL},
};
PyType_Spec LinkMeasure_spec = {"gameserver.accel.native._core.LinkMeasure", sizeof(LinkMeasure), 0,
                                Py_TPFLAGS_DEFAULT, link_slots};
