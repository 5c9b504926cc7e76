// The load generator's shared types.
//
// Law: one thread, one epoll loop, no allocation while measuring; a dialect decides what bytes
// mean, the core decides when they leave and counts what arrives.
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum phase { IDLE, CONNECTING, ASKING, UPGRADING, JOINING, PLAYING, DEAD };

enum { MESSAGE_BYTES = 4096, LOBBY_BYTES = 64, TRACK_BYTES = 96 };

typedef struct client client;

// Cumulative counts of one client; the core takes differences over the measured window.
typedef struct {
    uint64_t states;
    uint64_t payload_bytes;
    uint64_t socket_bytes;
    uint64_t reads;
    uint64_t inputs;
    uint64_t input_bytes;
} counts;

// What players hold in their hands: the same walk for every stack, from the client's own seed.
typedef struct {
    uint64_t random;
    int dx, dy, angle, turn;
} hands;

struct client {
    int fd;
    int index;
    int room;
    int member; // place in the room; 0 leads it
    enum phase phase;
    bool started;
    bool arriving; // one of the few that come at the same time
    bool writable_wanted;
    bool deaf;            // stopped reading; goes on sending
    double deaf_since;    // 0 for those who always read
    int keyframes;        // since it stopped reading
    uint8_t *in; // bytes of an unfinished message
    uint32_t in_length, in_capacity;
    uint8_t *out; // bytes that the kernel did not take
    uint32_t out_length, out_capacity;
    uint32_t seq;
    hands hands;
    counts counts;
    double last_state; // time of the newest state inside the window, 0 without one
    // gameserver: what the conversation remembers
    int64_t newest_tick, next_tick, last_event, acked_event;
    int64_t last_request, last_reply, acked_reply;
    double acked_at;
    int seat;
    int64_t own_entity; // -1 until seen
    struct section *section; // of those who probe: what they see
    char match_id[LOBBY_BYTES];
    // colyseus: the reserved seat
    char path[TRACK_BYTES * 2];
    // latency: one input in flight at a time
    double probed_at; // 0 while none is in flight
    int probed_angle;
};

typedef struct {
    char lobby_id[LOBBY_BYTES];
    int joined;
    bool ready; // followers may come
    bool begun; // the match runs
} room;

typedef struct {
    const char *name;
    // Whether a client of this room may connect now.
    bool (*may_connect)(const client *c);
    // Write the HTTP request that opens the WebSocket, and return its length.
    int (*opening)(const client *c, char *out, size_t capacity);
    // The WebSocket stands.
    void (*opened)(client *c);
    // One whole message arrived.
    void (*message)(client *c, uint8_t *payload, size_t length, bool text);
    // Write the input of this tick and return its length; 0 sends none.
    int (*input)(client *c, uint8_t *out, size_t capacity, bool *text);
    // Once a second or so, for acknowledgements. May be null.
    void (*now_and_then)(client *c);
    // Write an HTTP request to be answered before the opening, or null.
    int (*asking)(const client *c, char *out, size_t capacity);
    // Take the answer's body; return whether it was of use.
    bool (*answered)(client *c, char *body);
} dialect;

typedef struct {
    const char *dialect, *game, *config, *subprotocol;
    int port, clients, room_size, pid, lead;
    double hz, join_s, warm_s, measure_s;
    bool probe, idle;
    int stall, resume; // how many stop reading when measuring begins; how many of them resume
    double resume_s;   // after this time
    double arrive_s;   // all come within this time, see crowd.c; 0 for as fast as they are let in
    bool early;        // whether the match is started before they come
} options;

extern options option;
extern client *clients;
extern room *rooms;
extern double now; // seconds of the monotonic clock, read once per turn of the loop

extern const dialect plain_dialect, gameserver_dialect, socketio_dialect, colyseus_dialect;

// For dialects.
void send_message(client *c, const uint8_t *payload, size_t length, bool text);
void arrived(client *c); // let the next one come; `now_playing` says it too
void now_playing(client *c);
void state_arrived(client *c);
void refused(client *c, const char *why);
void effect_seen(client *c);
void move_hands(hands *h);
void probe_angle(client *c);
double clock_s(void);

// A crowd: see crowd.c. Called by the core and by the dialect as things happen.
bool crowd_may_come(int started);
void crowd_in(int joined);
void crowd_begun(void);
void crowd_heard(int line);
void crowd_state(void);
bool crowd_turn(int playing, int dead);
void crowd_print(void);
void say_line(client *c, int line); // the dialect `gameserver` has these two
void start_match(client *host);

#endif
