// The public section of the minimal game as a player sees it: docs/protocol.md, "Bodies".
//
// Law: only those who probe read bodies. The game has one class, whose fields are x and y (linear),
// angle (wrap 1024), hp and score, and no events.
#ifndef BENCH_BODIES_H
#define BENCH_BODIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WALKER_FIELDS = 5, ANGLE_FIELD = 2, LISTS = 19, SLOTS = 289, MOST_WALKERS = 256 };

typedef struct {
    int64_t id, owner;
    int64_t memory[2], last[WALKER_FIELDS];
    int told[WALKER_FIELDS], history;
} walker;

typedef struct section {
    walker walkers[MOST_WALKERS];
    int count;
    uint16_t lists[LISTS][SLOTS];
} section;

typedef struct {
    const uint8_t *at, *end;
    uint32_t code, range;
} bits;

static inline void unlearn(section *s) {
    for (int i = 0; i < LISTS; i++)
        for (int j = 0; j < SLOTS; j++) s->lists[i][j] = 8 * 2048;
}

static inline void fill(bits *b) {
    while (b->range < 1u << 24) {
        b->code = b->code << 8 | (b->at < b->end ? *b->at : 0);
        b->at++;
        b->range <<= 8;
    }
}

static inline bits bits_of(const uint8_t *data, size_t length) {
    bits b = {data, data + length, 0, UINT32_MAX};
    for (int i = 0; i < 4; i++, b.at++) b.code = b.code << 8 | (b.at < b.end ? *b.at : 0);
    return b;
}

static inline int bit(bits *b, uint16_t *context) {
    int p = *context >> 3, n = *context & 7;
    uint32_t bound = (b->range >> 12) * (uint32_t)p;
    int one = b->code >= bound;
    if (one) b->code -= bound, b->range -= bound, p -= (p - 32) >> (n + 1);
    else b->range = bound, p += (4064 - p) >> (n + 1);
    *context = (uint16_t)(p << 3 | (n < 4 ? n + 1 : n));
    fill(b);
    return one;
}

static inline uint64_t plain(bits *b, int count) {
    uint64_t value = 0;
    while (count-- > 0) {
        b->range >>= 1;
        int one = b->code >= b->range;
        if (one) b->code -= b->range;
        value = value << 1 | (uint64_t)one;
        fill(b);
    }
    return value;
}

static inline int64_t signed_number(bits *b, uint16_t *list, int64_t near) {
    int negative = bit(b, &list[6 + (near > 0) + 2 * (near < 0)]), length = 0;
    while (length < 62 && bit(b, &list[9 + (length < 23 ? length : 23)])) length++;
    uint64_t value = 1;
    for (int i = 0; i < length; i++) {
        bool learned = length < 8 && value < 32;
        value = value << 1 | (learned ? (uint64_t)bit(b, &list[33 + 32 * length + (int)value])
                                      : plain(b, 1));
    }
    return negative ? -(int64_t)value : (int64_t)value;
}

static inline int64_t whole(bits *b, uint16_t *list) {
    return bit(b, &list[4]) ? signed_number(b, list, 0) : 0;
}

static inline void put_walker(section *s, int64_t id, int64_t owner) {
    int i = 0;
    while (i < s->count && s->walkers[i].id != id) i++;
    if (i == MOST_WALKERS) return;
    s->count += i == s->count;
    s->walkers[i] = (walker){.id = id, .owner = owner};
}

static inline void read_record(section *s, bits *b) {
    uint16_t(*list)[SLOTS] = s->lists;
    int high = bit(b, &list[0][3]), kind = 2 * high + bit(b, &list[0][4 + high]);
    if (kind == 0) {
        int64_t id = whole(b, list[1]), owner = (whole(b, list[2]), whole(b, list[3]));
        if (bit(b, &list[3][0])) whole(b, list[4]), whole(b, list[5]);
        for (int i = 0; i < WALKER_FIELDS; i++) whole(b, list[14 + i]);
        put_walker(s, id, owner);
    } else if (kind == 1) {
        int64_t id = whole(b, list[6]);
        for (int i = 0; i < s->count; i++)
            if (s->walkers[i].id == id) {
                memmove(&s->walkers[i], &s->walkers[i + 1],
                        (size_t)(--s->count - i) * sizeof *s->walkers);
                break;
            }
    } else if (kind == 3) {
        plain(b, 32);
    }
}

// Read one walker's changes; returns whether its angle is one.
static inline bool read_walker(section *s, bits *b, walker *w) {
    int changed = bit(b, &s->lists[8][w->history]), before = 0;
    w->history = (w->history << 1 | changed) & 3;
    for (int i = 0; i < WALKER_FIELDS; i++) {
        uint16_t *list = s->lists[9 + i];
        int was = w->told[i];
        w->told[i] = before = changed && bit(b, &list[2 * was + before]);
        if (!before) continue;
        if (i < 2) w->memory[i] += signed_number(b, list, w->memory[i]);
        else if (!w->last[i] || !bit(b, &list[4 + was]))
            w->last[i] = signed_number(b, list, w->last[i]);
    }
    return changed && w->told[ANGLE_FIELD];
}

// Read a body that is no keyframe; returns whether the angle of `seat` changed.
static inline bool read_changes(section *s, const uint8_t *data, size_t length, int64_t seat) {
    if (!length) return false;
    bits b = bits_of(data, length);
    uint16_t rare = 8 * 4064 + 4;
    bool turned = false;
    if (bit(&b, &rare)) {
        unlearn(s);
        for (int i = 0; i < s->count; i++) {
            walker *w = &s->walkers[i];
            w->history = 0;
            memset(w->told, 0, sizeof w->told), memset(w->last, 0, sizeof w->last);
        }
    }
    if (bit(&b, &s->lists[0][0]))
        for (int i = 0; i < s->count; i++)
            turned |= read_walker(s, &b, &s->walkers[i]) && s->walkers[i].owner == seat;
    while (bit(&b, &s->lists[0][1]) && b.at < b.end + 8) read_record(s, &b);
    if (!s->count) unlearn(s);
    return turned;
}

#endif
