// Just enough msgpack: write small objects, walk over any, read integers.
//
// Law: reading never goes past `end`; what is malformed makes the walk stop with a null pointer.
#ifndef BENCH_PACK_H
#define BENCH_PACK_H

#include <stdint.h>
#include <string.h>

static inline uint8_t *pack_int(uint8_t *p, int64_t v) {
    if (v >= 0 && v < 128) {
        *p++ = (uint8_t)v;
    } else if (v < 0 && v >= -32) {
        *p++ = (uint8_t)(int8_t)v;
    } else if (v >= 0 && v < 256) {
        *p++ = 0xcc, *p++ = (uint8_t)v;
    } else if (v >= 0 && v < 65536) {
        *p++ = 0xcd, *p++ = (uint8_t)(v >> 8), *p++ = (uint8_t)v;
    } else if (v >= -128 && v < 0) {
        *p++ = 0xd0, *p++ = (uint8_t)v;
    } else if (v >= -32768 && v < 0) {
        *p++ = 0xd1, *p++ = (uint8_t)(v >> 8), *p++ = (uint8_t)v;
    } else {
        *p++ = v < 0 ? 0xd2 : 0xce;
        for (int shift = 24; shift >= 0; shift -= 8) *p++ = (uint8_t)(v >> shift);
    }
    return p;
}

static inline uint8_t *pack_text(uint8_t *p, const char *text) {
    size_t length = strlen(text);
    if (length < 32) {
        *p++ = (uint8_t)(0xa0 | length);
    } else {
        *p++ = 0xd9, *p++ = (uint8_t)length;
    }
    memcpy(p, text, length);
    return p + length;
}

static inline uint64_t big_endian(const uint8_t *p, int bytes) {
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++) v = v << 8 | p[i];
    return v;
}

// Read one integer; null where there is none.
static inline const uint8_t *read_int(const uint8_t *p, const uint8_t *end, int64_t *v) {
    if (!p || p >= end) return NULL;
    uint8_t b = *p++;
    if (b < 0x80) return *v = b, p;
    if (b >= 0xe0) return *v = (int8_t)b, p;
    if (b < 0xcc || b > 0xd3) return NULL;
    int bytes = 1 << (b & 3);
    if (end - p < bytes) return NULL;
    uint64_t raw = big_endian(p, bytes);
    if (b >= 0xd0 && bytes < 8) {
        int shift = 64 - 8 * bytes;
        *v = (int64_t)(raw << shift) >> shift;
    } else {
        *v = (int64_t)raw;
    }
    return p + bytes;
}

// Read an array's header; null where there is none.
static inline const uint8_t *read_array(const uint8_t *p, const uint8_t *end, int64_t *count) {
    if (!p || p >= end) return NULL;
    if ((*p & 0xf0) == 0x90) return *count = *p & 15, p + 1;
    int bytes = *p == 0xdc ? 2 : *p == 0xdd ? 4 : 0;
    if (!bytes || end - p <= bytes) return NULL;
    *count = (int64_t)big_endian(p + 1, bytes);
    return p + 1 + bytes;
}

// Read a binary's header; null where there is none.
static inline const uint8_t *read_binary(const uint8_t *p, const uint8_t *end, int64_t *length) {
    if (!p || p >= end || *p < 0xc4 || *p > 0xc6) return NULL;
    int bytes = 1 << (*p - 0xc4);
    if (end - p <= bytes) return NULL;
    *length = (int64_t)big_endian(p + 1, bytes);
    p += 1 + bytes;
    return end - p < *length ? NULL : p;
}

// Step over one whole object.
static inline const uint8_t *skip_object(const uint8_t *p, const uint8_t *end) {
    static const uint8_t fixed[32] = {
        [0x00] = 1, [0x02] = 1, [0x03] = 1, [0x0a] = 5, [0x0b] = 9, [0x0c] = 2, [0x0d] = 3,
        [0x0e] = 5, [0x0f] = 9, [0x10] = 2, [0x11] = 3, [0x12] = 5, [0x13] = 9,
    };
    uint64_t left = 1;
    while (p && left--) {
        if (p >= end) return NULL;
        uint8_t b = *p;
        uint64_t size = 1, more = 0;
        int bytes = 0;
        if (b < 0x80 || b >= 0xe0) {
            size = 1;
        } else if (b < 0x90) {
            more = 2 * (b & 15u);
        } else if (b < 0xa0) {
            more = b & 15u;
        } else if (b < 0xc0) {
            size = 1 + (b & 31u);
        } else if (b >= 0xc4 && b <= 0xc6) {
            bytes = 1 << (b - 0xc4);
        } else if (b >= 0xd9 && b <= 0xdb) {
            bytes = 1 << (b - 0xd9);
        } else if (b >= 0xdc) {
            int width = b & 1 ? 4 : 2;
            if (end - p <= width) return NULL;
            size = 1 + (uint64_t)width;
            more = big_endian(p + 1, width) * (b >= 0xde ? 2 : 1);
        } else {
            size = fixed[b - 0xc0];
            if (!size) return NULL;
        }
        if (bytes) {
            if (end - p <= bytes) return NULL;
            size = 1 + (uint64_t)bytes + big_endian(p + 1, bytes);
        }
        if ((uint64_t)(end - p) < size) return NULL;
        p += size;
        left += more;
    }
    return p;
}

// Find the value behind a key, wherever in the object it stands: for keys that stand there once.
static inline const uint8_t *find_key(const uint8_t *p, const uint8_t *end, const char *key) {
    uint8_t wanted[34];
    size_t length = (size_t)(pack_text(wanted, key) - wanted);
    const uint8_t *found = memmem(p, (size_t)(end - p), wanted, length);
    return found ? found + length : NULL;
}

// Copy a short text; an empty one where there is none.
static inline void read_text(const uint8_t *p, const uint8_t *end, char *out, size_t capacity) {
    size_t length = 0;
    if (p && p < end && (*p & 0xe0) == 0xa0) {
        length = *p++ & 31;
    } else if (p && end - p > 1 && *p == 0xd9) {
        length = p[1], p += 2;
    }
    if (length >= capacity || !p || (size_t)(end - p) < length) length = 0;
    if (length) memcpy(out, p, length);
    out[length] = 0;
}

#endif
