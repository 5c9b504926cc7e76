/* Short WebSocket frames (RFC 6455, 5.2 and 5.3); see pure/frames.py and accel/frameform.py. */
#include "native.h"

enum { BINARY = 0x82, MASKED = 0x80, HEADER = 6, LEAST = 2, LONGEST = SHORT_BYTES };

static void unmask(const uint8_t *mask, const uint8_t *masked, size_t size, uint8_t *clear) {
    uint32_t word;
    memcpy(&word, mask, 4);
    uint64_t both = (uint64_t)word << 32 | word;
    size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        uint64_t part;
        memcpy(&part, masked + at, 8);
        part ^= both;
        memcpy(clear + at, &part, 8);
    }
    for (; at < size; at++) clear[at] = masked[at] ^ mask[at & 3];
}

size_t short_frame(const uint8_t *data, size_t size, uint8_t *clear, size_t *frame) {
    if (size < HEADER + LEAST || data[0] != BINARY || data[1] < MASKED + LEAST ||
        data[1] > MASKED + LONGEST)
        return 0;
    size_t length = data[1] - MASKED;
    if (size < HEADER + length) return 0;
    unmask(data + 2, data + HEADER, length, clear);
    *frame = HEADER + length;
    return length;
}

PyObject *native_unmasked(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *masked;
    char *data;
    Py_ssize_t size, length;
    if (!PyArg_ParseTuple(args, "Sn", &masked, &length)) return NULL;
    if (PyBytes_AsStringAndSize(masked, &data, &size) < 0) return NULL;
    if (length < 0 || length > LONGEST || size != length + 4) {
        PyErr_SetString(PyExc_ValueError, "a mask of 4 bytes and at most 125 masked bytes are needed");
        return NULL;
    }
    uint8_t clear[LONGEST];
    unmask((const uint8_t *)data, (const uint8_t *)data + 4, (size_t)length, clear);
    return PyBytes_FromStringAndSize((const char *)clear, length);
}

size_t frame_head(uint8_t *head, size_t payload) {
    int bytes = payload < 126 ? 0 : payload < 1 << 16 ? 2 : 8;
    head[0] = BINARY;
    head[1] = (uint8_t)(bytes == 0 ? payload : bytes == 2 ? 126 : 127);
    for (int i = 0; i < bytes; i++) head[2 + i] = (uint8_t)((uint64_t)payload >> 8 * (bytes - 1 - i));
    return 2 + (size_t)bytes;
}

PyObject *native_binary_frame(PyObject *module, PyObject *payload) {
    (void)module;
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(payload, &data, &size) < 0) return NULL;
    uint8_t head[FRAME_HEAD_BYTES];
    size_t before = frame_head(head, (size_t)size);
    PyObject *frame = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)before + size);
    if (frame == NULL) return NULL;
    char *at = PyBytes_AsString(frame);
    memcpy(at, head, before);
    memcpy(at + before, data, (size_t)size);
    return frame;
}
