// Dialect `plain`: path /ROOM; an input is msgpack [seq, dx, dy, angle], a state is an array of
// [id, x, y, angle, hp, score], and the first message is the client's own id.
#define _GNU_SOURCE
#include <stdio.h>

#include "load.h"
#include "pack.h"

static int opening(const client *c, char *out, size_t capacity) {
    const char *name = *option.subprotocol ? "Sec-WebSocket-Protocol: " : "";
    return snprintf(out, capacity,
                    "GET /%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n%s%s%s"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                    c->room, option.port, name, option.subprotocol, *name ? "\r\n" : "");
}

static void opened(client *c) { now_playing(c); }

static void look_for_effect(client *c, const uint8_t *p, const uint8_t *end) {
    int64_t players = 0, fields = 0, value[4] = {0};
    p = read_array(p, end, &players);
    for (int64_t i = 0; p && i < players; i++) {
        p = read_array(p, end, &fields);
        for (int64_t k = 0; p && k < fields; k++)
            p = k < 4 ? read_int(p, end, &value[k]) : skip_object(p, end);
        if (p && value[0] == c->own_entity && value[3] == c->probed_angle) effect_seen(c);
    }
}

static void message(client *c, uint8_t *payload, size_t length, bool text) {
    (void)text;
    int64_t id = 0;
    if (c->own_entity < 0 && read_int(payload, payload + length, &id)) {
        c->own_entity = id;
        return;
    }
    state_arrived(c);
    if (option.probe && c->probed_at > 0) look_for_effect(c, payload, payload + length);
}

static int input(client *c, uint8_t *out, size_t capacity, bool *text) {
    (void)capacity, (void)text;
    move_hands(&c->hands);
    if (option.probe && c->member == 0) probe_angle(c);
    uint8_t *p = out;
    *p++ = 0x94;
    p = pack_int(p, ++c->seq & 0xffff);
    p = pack_int(p, c->hands.dx);
    p = pack_int(p, c->hands.dy);
    p = pack_int(p, c->hands.angle);
    return (int)(p - out);
}

const dialect plain_dialect = {
    .name = "plain", .opening = opening, .opened = opened, .message = message, .input = input};
