/* The few msgpack values of the hot path: integers and array headers; and bytes that grow.
 *
 * Source: the msgpack specification, github.com/msgpack/msgpack/blob/master/spec.md. */
#include "native.h"

int msgpack_read_int(const uint8_t **at, const uint8_t *end, int64_t *value) {
    const uint8_t *next = *at;
    if (next >= end) return 0;
    uint8_t first = *next++;
    if (first < 0x80 || first >= 0xE0) {
        *value = (int8_t)first;
        *at = next;
        return 1;
    }
    if (first < 0xCC || first > 0xD3) return 0;
    int bytes = 1 << (first & 3);
    if (end - next < bytes) return 0;
    uint64_t number = 0;
    for (int i = 0; i < bytes; i++) number = number << 8 | next[i];
    if (first >= 0xD0) {
        /* Sign extension without a shift of a negative number. */
        uint64_t sign = (uint64_t)1 << (8 * bytes - 1);
        number = (number ^ sign) - sign;
    } else if (number > INT64_MAX) {
        return 0;
    }
    memcpy(value, &number, sizeof *value);
    *at = next + bytes;
    return 1;
}

int64_t msgpack_read_array(const uint8_t **at, const uint8_t *end) {
    const uint8_t *next = *at;
    if (next >= end) return -1;
    uint8_t first = *next++;
    int bytes = first == 0xDC ? 2 : first == 0xDD ? 4 : 0;
    if (bytes == 0) {
        if ((first & 0xF0) != 0x90) return -1;
        *at = next;
        return first & 0x0F;
    }
    if (end - next < bytes) return -1;
    int64_t length = 0;
    for (int i = 0; i < bytes; i++) length = length << 8 | next[i];
    *at = next + bytes;
    return length;
}

void buffer_init(Buffer *buffer) {
    buffer->data = buffer->inlined;
    buffer->size = 0;
    buffer->room = sizeof buffer->inlined;
    buffer->failed = 0;
}

void buffer_free(Buffer *buffer) {
    if (buffer->data != buffer->inlined) PyMem_Free(buffer->data);
}

int buffer_reserve(Buffer *buffer, size_t more) {
    if (buffer->failed) return 0;
    if (buffer->room - buffer->size >= more) return 1;
    size_t room = buffer->room;
    while (room - buffer->size < more) {
        if (room > PY_SSIZE_T_MAX / 2) {
            buffer->failed = 1;
            return 0;
        }
        room *= 2;
    }
    uint8_t *data = PyMem_Malloc(room);
    if (data == NULL) {
        buffer->failed = 1;
        return 0;
    }
    memcpy(data, buffer->data, buffer->size);
    buffer_free(buffer);
    buffer->data = data;
    buffer->room = room;
    return 1;
}

void buffer_append(Buffer *buffer, const void *data, size_t size) {
    if (!buffer_reserve(buffer, size)) return;
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
}
