// Dialect `gameserver`: hello, a lobby for each room, the match, inputs addressed to ticks, and
// snapshots, as docs/protocol.md has it.
//
// The first client of a room opens its lobby, the others enter it by id, and the first one starts
// the match when all are there. Tick 0 addresses inputs where --lead is 0.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "bodies.h"
#include "load.h"
#include "pack.h"

enum kind { INPUT = 1, SNAPSHOT, STEER, PING, PONG, HELLO = 16, WELCOME, REQUEST, RESULT, REFUSAL,
            EVENT, ACK, NOTICE, GOODBYE };

static bool may_connect(const client *c) {
    const room *r = &rooms[c->room];
    return option.idle || c->member == 0 || (r->ready && (r->begun || !option.early));
}

static int opening(const client *c, char *out, size_t capacity) {
    (void)c;
    return snprintf(out, capacity,
                    "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Protocol: gameserver.v1\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                    option.port);
}

static void opened(client *c) {
    uint8_t buffer[256], *p = buffer;
    char name[24];
    snprintf(name, sizeof name, "load %d", c->index);
    *p++ = 0x92, *p++ = HELLO, *p++ = 0x83;
    p = pack_text(p, "version"), *p++ = 2;
    p = pack_text(p, "client"), p = pack_text(p, "bench");
    p = pack_text(p, "player_name"), p = pack_text(p, name);
    send_message(c, buffer, (size_t)(p - buffer), false);
}

static void send_ack(client *c) {
    uint8_t buffer[32], *p = buffer;
    *p++ = 0x93, *p++ = ACK;
    p = pack_int(p, c->last_event);
    p = pack_int(p, c->last_reply);
    c->acked_event = c->last_event, c->acked_reply = c->last_reply, c->acked_at = now;
    send_message(c, buffer, (size_t)(p - buffer), false);
}

static void ask(client *c, const char *name, const char *key, const char *value) {
    uint8_t buffer[256], *p = buffer;
    *p++ = 0x94, *p++ = REQUEST;
    p = pack_int(p, ++c->last_request);
    p = pack_text(p, name);
    *p++ = key ? 0x81 : 0x80;
    if (key) p = pack_text(p, key), p = pack_text(p, value);
    send_message(c, buffer, (size_t)(p - buffer), false);
}

// The configuration comes ready-made, in hexadecimal, as the params of lobby.create.
static void open_lobby(client *c) {
    static uint8_t params[1024];
    uint8_t buffer[1100], *p = buffer;
    size_t length = 0;
    for (const char *hex = option.config; hex[0] && hex[1] && length < sizeof params; hex += 2) {
        char two[3] = {hex[0], hex[1], 0};
        params[length++] = (uint8_t)strtoul(two, NULL, 16);
    }
    *p++ = 0x94, *p++ = REQUEST;
    p = pack_int(p, ++c->last_request);
    p = pack_text(p, "lobby.create");
    memcpy(p, params, length);
    send_message(c, buffer, (size_t)(p + length - buffer), false);
}

static void welcomed(client *c) {
    send_ack(c);
    if (option.idle) now_playing(c);
    else if (c->member == 0) open_lobby(c);
    else ask(c, "lobby.join", "lobby_id", rooms[c->room].lobby_id);
}

static void in_lobby(client *c, const uint8_t *p, const uint8_t *end) {
    room *r = &rooms[c->room];
    arrived(c);
    if (c->member == 0) {
        read_text(find_key(p, end, "lobby_id"), end, r->lobby_id, sizeof r->lobby_id);
        r->ready = true;
    }
    r->joined++;
    if (option.arrive_s) {
        crowd_in(r->joined);
        if (option.early && c->member == 0) start_match(c);
    } else if (r->joined == option.room_size) {
        start_match(&clients[c->room * option.room_size]);
    }
}

void start_match(client *host) { ask(host, "lobby.start", NULL, NULL); }

void say_line(client *c, int line) {
    uint8_t buffer[128], *p = buffer;
    char text[16];
    snprintf(text, sizeof text, "line %d", line);
    *p++ = 0x94, *p++ = REQUEST;
    p = pack_int(p, ++c->last_request);
    p = pack_text(p, "chat.send");
    *p++ = 0x82;
    p = pack_text(p, "channel"), p = pack_text(p, "lobby");
    p = pack_text(p, "text"), p = pack_text(p, text);
    send_message(c, buffer, (size_t)(p - buffer), false);
}

static void entered(client *c, const uint8_t *p, const uint8_t *end) {
    int64_t value = 0;
    if (read_int(find_key(p, end, "next_seq"), end, &value)) c->seq = (uint32_t)value;
    if (read_int(find_key(p, end, "seat"), end, &value)) c->seat = (int)value;
    now_playing(c);
}

static void result(client *c, const uint8_t *p, const uint8_t *end) {
    int64_t id = 0;
    p = read_int(p, end, &id);
    if (!p) return;
    if (id > c->last_reply) c->last_reply = id;
    if (find_key(p, end, "next_seq")) entered(c, p, end);
    else if (find_key(p, end, "lobby_id")) in_lobby(c, p, end);
}

static void give_up(client *c, const uint8_t *p, const uint8_t *end) {
    char code[48];
    read_text(find_key(p, end, "code"), end, code, sizeof code);
    refused(c, code);
}

static void event(client *c, const uint8_t *p, const uint8_t *end) {
    int64_t number = 0;
    char name[LOBBY_BYTES];
    p = read_int(p, end, &number);
    if (!p) return;
    if (number > c->last_event) c->last_event = number;
    read_text(p, end, name, sizeof name);
    if (option.arrive_s && strcmp(name, "chat.said") == 0) {
        char text[LOBBY_BYTES];
        int line;
        read_text(find_key(p, end, "text"), end, text, sizeof text);
        if (sscanf(text, "line %d", &line) == 1) crowd_heard(line);
    }
    if (strcmp(name, "match.started") != 0) return;
    rooms[c->room].begun = true;
    crowd_begun();
    read_text(find_key(p, end, "match_id"), end, c->match_id, sizeof c->match_id);
    ask(c, "match.enter", "match_id", c->match_id);
}

// Read a public body of the minimal game, and look for one's own entity's angle.
static void look_for_effect(client *c, const uint8_t *p, size_t length, bool keyframe) {
    if (!c->section && !(c->section = calloc(1, sizeof *c->section))) return;
    section *s = c->section;
    if (!keyframe) {
        if (read_changes(s, p, length, c->seat) && c->probed_at > 0) effect_seen(c);
        return;
    }
    const uint8_t *end = p + length;
    s->count = 0;
    unlearn(s);
    while (p && p < end) {
        int64_t head = 0, id = 0, owner = 0, type = 0;
        p = read_int(p, end, &head);
        if (head == -4) {
            p = skip_object(p, end);
            continue;
        }
        p = read_int(read_int(read_int(p, end, &id), end, &type), end, &owner);
        put_walker(s, id, owner);
        walker *w = &s->walkers[s->count - 1];
        for (int values = 6; p && values; values--) p = skip_object(p, end);
        for (int i = 0; p && i < 2; i++) p = read_int(p, end, &w->memory[i]);
    }
}

static void snapshot(client *c, const uint8_t *p, const uint8_t *end, int64_t items) {
    int64_t tick = 0, header = 0, length = 0;
    p = read_int(p, end, &tick);
    if (!p) return;
    if (tick > c->newest_tick) {
        c->newest_tick = tick;
        state_arrived(c);
    }
    if (c->deaf_since > 0 && items >= 4) {
        // A section that is a keyframe says so in its header: 2 * number + 1.
        if (read_int(p, end, &header) && header == 1) c->keyframes++;
    }
    for (items -= 2; option.probe && c->member == 0 && p && items >= 2; items -= 2) {
        p = read_binary(read_int(p, end, &header), end, &length);
        if (!p) return;
        if (header < 2) look_for_effect(c, p, (size_t)length, header == 1);
        p += length;
    }
}

static const uint8_t *read_varint(const uint8_t *p, const uint8_t *end, int64_t *value) {
    *value = 0;
    for (int shift = 0; p && p < end && shift < 35; shift += 7) {
        *value |= (int64_t)(*p & 0x7f) << shift;
        if (*p++ < 0x80) return p;
    }
    return NULL;
}

// A snapshot that goes on from the one before.
static void delta(client *c, const uint8_t *p, const uint8_t *end) {
    int64_t count = *p >> 5, tick = c->newest_tick + (*p & 31), number = 0, size = 0;
    bool whole = !(*p++ & 31);
    if (whole) p = read_varint(p, end, &tick);
    if (count == 3) p = read_varint(p, end, &count);
    if (!p) return;
    if (tick > c->newest_tick) {
        c->newest_tick = tick;
        state_arrived(c);
    }
    if (!option.probe || c->member) return;
    for (; p && count > 0; count--) {
        p = read_varint(read_varint(p, end, &number), end, &size);
        p = p && size <= end - p ? p + size : NULL;
    }
    if (p && p < end) look_for_effect(c, p, (size_t)(end - p), false);
}

static void message(client *c, uint8_t *payload, size_t length, bool text) {
    (void)text;
    const uint8_t *p = payload, *end = payload + length;
    if (length && *p < 0x80) {
        delta(c, p, end);
        return;
    }
    while (p && p < end && c->fd >= 0) {
        const uint8_t *object_end = skip_object(p, end);
        int64_t items = 0, kind = 0, value = 0, ticks = 0;
        const uint8_t *body = read_int(read_array(p, end, &items), end, &kind);
        if (!object_end || !body) return;
        switch (kind) {
        case SNAPSHOT: snapshot(c, body, object_end, items); break;
        case STEER:
            if (read_int(read_int(body, object_end, &value), object_end, &ticks))
                c->next_tick += ticks;
            break;
        case PING: {
            uint8_t answer[32], *q = answer;
            *q++ = 0x93, *q++ = PONG;
            if (!read_int(body, object_end, &value)) break;
            q = pack_int(q, value);
            q = pack_int(q, (int64_t)(now * 1e3) & 0x7fffffff);
            send_message(c, answer, (size_t)(q - answer), false);
            break;
        }
        case WELCOME: welcomed(c); break;
        case RESULT: result(c, body, object_end); break;
        case REFUSAL: case GOODBYE: give_up(c, body, object_end); break;
        case EVENT: event(c, body, object_end); break;
        default: break;
        }
        p = object_end;
    }
}

static uint8_t *pack_arena(client *c, uint8_t *p) {
    static const int ways[3][3] = {{6, 7, 8}, {5, 0, 1}, {4, 3, 2}};
    const hands *h = &c->hands;
    p = pack_int(p, ways[h->dy + 1][h->dx + 1]);
    p = pack_int(p, h->angle);
    p = pack_int(p, c->seq % 40 < 12);
    p = pack_int(p, c->seq % 97 == 0);
    return pack_int(p, c->seq % 71 == 0);
}

static int input(client *c, uint8_t *out, size_t capacity, bool *text) {
    (void)capacity, (void)text;
    if (!c->newest_tick) return 0;
    bool arena = option.game[0] == 'a';
    move_hands(&c->hands);
    if (option.probe && c->member == 0) probe_angle(c);
    if (c->next_tick <= c->newest_tick) c->next_tick = c->newest_tick + option.lead;
    uint8_t *p = out;
    *p++ = arena ? 0x9a : 0x98;
    *p++ = INPUT;
    p = pack_int(p, c->seq++);
    p = pack_int(p, option.lead ? c->next_tick : 0);
    p = pack_int(p, c->newest_tick);
    p = pack_int(p, option.lead ? 40 : 0);
    c->next_tick++;
    if (arena) return (int)(pack_arena(c, p) - out);
    p = pack_int(p, c->hands.dx);
    p = pack_int(p, c->hands.dy);
    return (int)(pack_int(p, c->hands.angle) - out);
}

static void now_and_then(client *c) {
    if (c->last_event != c->acked_event || c->last_reply != c->acked_reply) send_ack(c);
}

const dialect gameserver_dialect = {.name = "gameserver", .may_connect = may_connect,
    .opening = opening, .opened = opened, .message = message, .input = input,
    .now_and_then = now_and_then};
