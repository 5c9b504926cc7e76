// Dialect `colyseus`: a seat reserved over HTTP, then the room's WebSocket; protocol of 0.18.
//
// An input is [19, changed fields]: a field is its index with the bit of "added", and its value.
// A patch is code 15, with bit 128 where the server's time stands before its body.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "load.h"

enum { JOIN_ROOM = 10, ERROR = 11, ROOM_STATE = 14, PATCH = 15, INPUT = 19, TIMED = 128, ADDED = 128 };

static int asking(const client *c, char *out, size_t capacity) {
    (void)c;
    return snprintf(out, capacity,
                    "POST /matchmake/joinOrCreate/field HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                    "Content-Type: application/json\r\nContent-Length: 2\r\n"
                    "Connection: close\r\n\r\n{}",
                    option.port);
}

static bool text_of(const char *body, const char *key, char *out, size_t capacity) {
    char quoted[32];
    snprintf(quoted, sizeof quoted, "\"%s\":\"", key);
    const char *found = strstr(body, quoted);
    if (!found) return false;
    found += strlen(quoted);
    snprintf(out, capacity, "%.*s", (int)strcspn(found, "\""), found);
    return true;
}

static bool answered(client *c, char *body) {
    char session[32], room_id[32], process[32];
    bool whole = text_of(body, "sessionId", session, sizeof session) &&
                 text_of(body, "roomId", room_id, sizeof room_id) &&
                 text_of(body, "processId", process, sizeof process);
    if (whole)
        snprintf(c->path, sizeof c->path, "/%s/%s?sessionId=%s", process, room_id, session);
    return whole;
}

static int opening(const client *c, char *out, size_t capacity) {
    return snprintf(out, capacity,
                    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                    c->path, option.port);
}

static void opened(client *c) { (void)c; }

static void message(client *c, uint8_t *payload, size_t length, bool text) {
    static const uint8_t joined = JOIN_ROOM;
    if (text || !length) return;
    switch (payload[0] & ~TIMED) {
    case JOIN_ROOM: send_message(c, &joined, 1, false); break;
    case ROOM_STATE: now_playing(c); break;
    case PATCH: state_arrived(c); break;
    case ERROR: refused(c, "room error"); break;
    default: break;
    }
}

static int input(client *c, uint8_t *out, size_t capacity, bool *text) {
    (void)capacity, (void)text;
    hands before = c->hands;
    bool first = !c->seq++;
    move_hands(&c->hands);
    const hands *h = &c->hands;
    uint8_t *p = out;
    *p++ = INPUT;
    if (first || h->dx != before.dx) *p++ = ADDED | 0, *p++ = (uint8_t)h->dx;
    if (first || h->dy != before.dy) *p++ = ADDED | 1, *p++ = (uint8_t)h->dy;
    if (first || h->angle != before.angle)
        *p++ = ADDED | 2, *p++ = (uint8_t)h->angle, *p++ = (uint8_t)(h->angle >> 8);
    return (int)(p - out);
}

const dialect colyseus_dialect = {.name = "colyseus", .asking = asking, .answered = answered,
    .opening = opening, .opened = opened, .message = message, .input = input};
