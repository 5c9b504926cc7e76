// Dialect `socketio`: Engine.IO 4 over WebSocket alone, Socket.IO 5, events "input" and "state".
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "load.h"

static int opening(const client *c, char *out, size_t capacity) {
    return snprintf(out, capacity,
                    "GET /socket.io/?EIO=4&transport=websocket&room=%d HTTP/1.1\r\n"
                    "Host: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                    c->room, option.port);
}

static void opened(client *c) { (void)c; }

static void message(client *c, uint8_t *payload, size_t length, bool text) {
    static const char state[] = "42[\"state\"";
    if (!text || !length) return;
    if (payload[0] == '0') {
        send_message(c, (const uint8_t *)"40", 2, true);
    } else if (payload[0] == '2') {
        send_message(c, (const uint8_t *)"3", 1, true);
    } else if (length >= 2 && payload[0] == '4' && payload[1] == '0') {
        now_playing(c);
    } else if (length >= sizeof state - 1 && !memcmp(payload, state, sizeof state - 1)) {
        state_arrived(c);
    } else if (length >= 2 && payload[0] == '4' && payload[1] == '4') {
        refused(c, "connect error");
    }
}

static int input(client *c, uint8_t *out, size_t capacity, bool *text) {
    *text = true;
    move_hands(&c->hands);
    return snprintf((char *)out, capacity, "42[\"input\",%u,%d,%d,%d]", ++c->seq & 0xffff,
                    c->hands.dx, c->hands.dy, c->hands.angle);
}

const dialect socketio_dialect = {
    .name = "socketio", .opening = opening, .opened = opened, .message = message, .input = input};
