// Plays many clients against one server from one core, and counts what comes back.
//
// Law: every client sends on an absolute schedule, clients spread evenly over the tick, so a server
// that falls behind is not spared; nothing is sent early because something arrived. The generator
// prints its own share of its core: figures count only while that is well below 1.
//
// Lines on standard output are JSON objects: {"phase": ...} as it goes on, then {"result": ...}.
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

enum { IN_FLIGHT = 64, EVENTS = 1024, READ_BYTES = 1 << 18, KINDS_OF_REFUSAL = 16 };

options option = {.dialect = "plain", .game = "minimal", .config = "", .subprotocol = "", .port = 0,
                  .clients = 10, .room_size = 10, .lead = 2, .hz = 20, .join_s = 30, .warm_s = 2,
                  .measure_s = 5};
client *clients;
room *rooms;
double now;

static const dialect *speech;
static int epoll_fd, in_flight, playing, dead, unstarted;
static bool measuring;
static double measured_since;
static histogram gaps, effects, dropped;
static uint8_t incoming[READ_BYTES];
static char why[KINDS_OF_REFUSAL][80];
static int why_count[KINDS_OF_REFUSAL];

double clock_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

// --- the hands --------------------------------------------------------------------------------

static uint32_t draw(hands *h) { // xorshift64*
    h->random ^= h->random >> 12;
    h->random ^= h->random << 25;
    h->random ^= h->random >> 27;
    return (uint32_t)((h->random * 0x2545f4914f6cdd1dULL) >> 32);
}

// A new direction about twice a second, a turn now and then: what people do, roughly.
void move_hands(hands *h) {
    if (draw(h) % 12 == 0) {
        h->dx = (int)(draw(h) % 3) - 1;
        h->dy = (int)(draw(h) % 3) - 1;
    }
    if (draw(h) % 7 == 0) h->turn = draw(h) % 2 ? 0 : (int)(draw(h) % 33) - 16;
    h->angle = (h->angle + h->turn) & 1023;
}

// Give the next input an angle that the last effect cannot be mistaken for.
void probe_angle(client *c) {
    hands *h = &c->hands;
    h->angle = (h->angle + 341) & 1023;
    if (c->probed_at == 0) c->probed_at = clock_s(), c->probed_angle = h->angle;
    h->angle = c->probed_angle;
}

void effect_seen(client *c) {
    if (measuring && c->probed_at >= measured_since) add(&effects, now - c->probed_at);
    c->probed_at = 0;
}

// --- connections ------------------------------------------------------------------------------

static void watch(client *c, bool writable) {
    if (c->writable_wanted == writable) return;
    c->writable_wanted = writable;
    struct epoll_event event = {.events = (c->deaf ? 0u : EPOLLIN) | (writable ? EPOLLOUT : 0u),
                                .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void append(uint8_t **to, uint32_t *length, uint32_t *capacity, const uint8_t *from,
                   size_t count) {
    if (*length + count > *capacity) {
        *capacity = (uint32_t)(*length + count) * 2;
        if (!(*to = realloc(*to, *capacity))) die("memory");
    }
    memcpy(*to + *length, from, count);
    *length += (uint32_t)count;
}

void arrived(client *c) {
    if (c->arriving) in_flight--;
    c->arriving = false;
}

void refused(client *c, const char *reason) {
    if (c->phase == DEAD) return;
    arrived(c);
    if (c->phase == PLAYING) playing--;
    if (c->deaf) add(&dropped, clock_s() - c->deaf_since);
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->phase = DEAD;
    dead++;
    for (int i = 0; i < KINDS_OF_REFUSAL; i++) {
        if (!why_count[i]) snprintf(why[i], sizeof why[i], "%s", reason);
        if (strncmp(why[i], reason, sizeof why[i] - 1) == 0) {
            why_count[i]++;
            return;
        }
    }
}

static void write_out(client *c, const uint8_t *bytes, size_t length) {
    if (c->out_length) {
        append(&c->out, &c->out_length, &c->out_capacity, bytes, length);
        return;
    }
    ssize_t sent = send(c->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) return; // the reader will see the end
    if (sent < 0) sent = 0;
    if ((size_t)sent < length) {
        append(&c->out, &c->out_length, &c->out_capacity, bytes + sent, length - (size_t)sent);
        watch(c, true);
    }
}

static void flush_out(client *c) {
    uint32_t length = c->out_length;
    c->out_length = 0;
    watch(c, false);
    if (length) write_out(c, c->out, length);
}

static void send_frame(client *c, int opcode, const uint8_t *payload, size_t length) {
    static uint8_t frame[MESSAGE_BYTES + 16];
    if (c->fd < 0 || length > MESSAGE_BYTES) return;
    uint8_t *p = frame;
    *p++ = (uint8_t)(0x80 | opcode);
    if (length < 126) {
        *p++ = (uint8_t)(0x80 | length);
    } else {
        *p++ = 0x80 | 126, *p++ = (uint8_t)(length >> 8), *p++ = (uint8_t)length;
    }
    uint32_t mask = draw(&c->hands) | 1;
    memcpy(p, &mask, 4);
    const uint8_t *key = p;
    p += 4;
    for (size_t i = 0; i < length; i++) *p++ = payload[i] ^ key[i & 3];
    write_out(c, frame, (size_t)(p - frame));
}

void send_message(client *c, const uint8_t *payload, size_t length, bool text) {
    send_frame(c, text ? 1 : 2, payload, length);
}

void now_playing(client *c) {
    if (c->phase != JOINING) return;
    arrived(c);
    c->phase = PLAYING;
    playing++;
}

void state_arrived(client *c) {
    c->counts.states++;
    crowd_state();
    if (!measuring || c->deaf_since > 0) return;
    if (c->last_state) add(&gaps, now - c->last_state);
    c->last_state = now;
}

static void dial(client *c) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)option.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket");
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->fd, (void *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        refused(c, strerror(errno));
        return;
    }
    c->phase = CONNECTING;
    c->in_length = c->out_length = 0;
    c->writable_wanted = true;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

// Say the first words over HTTP: a question where the dialect has one and it is not answered yet.
static void connected(client *c) {
    char request[1024];
    bool asks = speech->asking && !c->path[0];
    int length = (asks ? speech->asking : speech->opening)(c, request, sizeof request);
    c->phase = asks ? ASKING : UPGRADING;
    watch(c, false);
    write_out(c, (uint8_t *)request, (size_t)length);
}

static void start_some(void) {
    static int next;
    int most = option.arrive_s ? option.clients : IN_FLIGHT;
    for (int looked = 0; unstarted && in_flight < most && looked < option.clients; looked++) {
        client *c = &clients[next];
        next = (next + 1) % option.clients;
        if (c->started || (speech->may_connect && !speech->may_connect(c))) continue;
        if (!crowd_may_come(option.clients - unstarted)) break;
        c->started = c->arriving = true;
        unstarted--;
        in_flight++;
        c->phase = CONNECTING;
        dial(c);
    }
}

// --- reading ----------------------------------------------------------------------------------

static size_t take_head(client *c, uint8_t *bytes, size_t length) {
    uint8_t *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (!end) return 0;
    *end = 0;
    if (c->phase == ASKING) {
        const char *said = strcasestr((char *)bytes, "content-length:");
        size_t body = said ? (size_t)atoi(said + 15) : 0;
        if (!said || (size_t)(bytes + length - end - 4) < body) return *end = '\r', (size_t)0;
        char copy[1024];
        snprintf(copy, sizeof copy, "%.*s", (int)body, (char *)end + 4);
        close(c->fd);
        if (speech->answered(c, copy)) dial(c);
        else refused(c, copy);
        return 0;
    }
    if (strncmp((char *)bytes, "HTTP/1.1 101", 12) != 0) {
        char line[64];
        snprintf(line, sizeof line, "%.*s", (int)strcspn((char *)bytes, "\r\n"), (char *)bytes);
        refused(c, line);
        return 0;
    }
    c->phase = JOINING;
    speech->opened(c);
    return (size_t)(end + 4 - bytes);
}

// Return the bytes of the first whole frame, or 0. Servers send neither fragments nor masks here.
static size_t take_frame(client *c, uint8_t *bytes, size_t length) {
    if (length < 2) return 0;
    size_t payload = bytes[1] & 0x7f, head = 2;
    if (payload == 126) {
        if (length < 4) return 0;
        payload = (size_t)bytes[2] << 8 | bytes[3], head = 4;
    } else if (payload == 127) {
        if (length < 10) return 0;
        payload = 0, head = 10;
        for (int i = 2; i < 10; i++) payload = payload << 8 | bytes[i];
    }
    if (length < head + payload) return 0;
    int opcode = bytes[0] & 15;
    if (opcode == 8) {
        char reason[80];
        int code = payload >= 2 ? bytes[head] << 8 | bytes[head + 1] : 0;
        int words = payload > 2 && payload < 60 ? (int)payload - 2 : 0;
        snprintf(reason, sizeof reason, "closed %d %.*s", code, words, (char *)bytes + head + 2);
        refused(c, reason);
        return 0;
    }
    if (opcode == 9) {
        send_frame(c, 10, bytes + head, payload);
    } else if (opcode < 3) {
        c->counts.payload_bytes += payload;
        speech->message(c, bytes + head, payload, opcode == 1);
    }
    return head + payload;
}

static void take(client *c, uint8_t *bytes, size_t length) {
    size_t done = 0;
    while (c->fd >= 0 && c->phase >= ASKING && done < length) {
        bool framed = c->phase >= JOINING;
        size_t step = (framed ? take_frame : take_head)(c, bytes + done, length - done);
        if (!step) break;
        done += step;
    }
    if (c->fd < 0 || c->phase == CONNECTING) return;
    uint32_t rest = (uint32_t)(length - done);
    if (bytes == c->in) {
        memmove(c->in, c->in + done, rest);
        c->in_length = rest;
    } else if (rest) {
        append(&c->in, &c->in_length, &c->in_capacity, bytes + done, rest);
    }
}

static void readable(client *c) {
    ssize_t got = recv(c->fd, incoming, sizeof incoming, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        refused(c, got ? strerror(errno) : "the connection ended");
        return;
    }
    c->counts.socket_bytes += (uint64_t)got;
    c->counts.reads++;
    if (!c->in_length) {
        take(c, incoming, (size_t)got);
        return;
    }
    append(&c->in, &c->in_length, &c->in_capacity, incoming, (size_t)got);
    take(c, c->in, c->in_length);
}

// --- the schedule -----------------------------------------------------------------------------

static void play(client *c) {
    static uint8_t payload[MESSAGE_BYTES];
    if (c->phase != PLAYING) return;
    bool text = false;
    int length = speech->input(c, payload, sizeof payload, &text);
    if (length <= 0) return;
    c->counts.inputs++;
    c->counts.input_bytes += (uint64_t)length;
    send_message(c, payload, (size_t)length, text);
}

static double slot_s, schedule_from;
static uint64_t slot;

static void send_due(void) {
    for (double due; (due = schedule_from + (double)slot * slot_s) <= now; slot++) {
        client *c = &clients[slot % (uint64_t)option.clients];
        play(c);
        uint64_t turn = slot / (uint64_t)option.clients;
        bool its_turn = turn % (uint64_t)(option.hz + 0.5) == (uint64_t)c->index % 17;
        if (its_turn && c->phase >= JOINING && c->fd >= 0 && speech->now_and_then)
            speech->now_and_then(c);
    }
}

// Who stops reading: spread evenly over the rooms. They go on sending, with an old `seen`.
static bool is_to_stall(int index) {
    return option.stall && (int64_t)(index + 1) * option.stall / option.clients >
                               (int64_t)index * option.stall / option.clients;
}

static void listen_or_not(client *c, bool deaf) {
    c->deaf = deaf;
    if (deaf) c->deaf_since = now;
    c->writable_wanted = !c->writable_wanted;
    watch(c, !c->writable_wanted);
}

static void begin_stall(void) {
    for (int i = 0; i < option.clients; i++)
        if (is_to_stall(i) && clients[i].phase == PLAYING) listen_or_not(&clients[i], true);
}

static void resume_some(void) {
    static int resumed;
    for (int i = 0; i < option.clients && resumed < option.resume; i++)
        if (clients[i].deaf && clients[i].fd >= 0) listen_or_not(&clients[i], false), resumed++;
}

// What became of those who stopped reading; how far behind a neighbour the resumed ones are.
static void print_stalled(void) {
    int silent = 0, resumed = 0, keyframes = 0, most = 0;
    int64_t behind = 0;
    for (int i = 0; i < option.clients; i++) {
        client *c = &clients[i];
        silent += c->deaf && c->fd >= 0;
        if (c->deaf || c->deaf_since == 0) continue;
        resumed += c->fd >= 0, keyframes += c->keyframes;
        if (c->keyframes > most) most = c->keyframes;
        for (int k = c->room * option.room_size; k < (c->room + 1) * option.room_size; k++)
            if (clients[k].newest_tick - c->newest_tick > behind)
                behind = clients[k].newest_tick - c->newest_tick;
    }
    printf(", \"stalled\": {\"silent\": %d, \"resumed\": %d, \"keyframes\": %d, "
           "\"most_keyframes\": %d, \"behind\": %lld, ",
           silent, resumed, keyframes, most, (long long)behind);
    print_histogram("dropped", &dropped);
    printf("}");
}

static void turn_until(double end, bool (*enough)(void)) {
    static struct epoll_event events[EVENTS];
    while ((now = clock_s()) < end && !(enough && enough())) {
        start_some();
        send_due();
        int count = epoll_wait(epoll_fd, events, EVENTS, 1);
        for (int i = 0; i < count; i++) {
            if (i % 32 == 0) now = clock_s();
            client *c = events[i].data.ptr;
            if (c->fd < 0) continue;
            if (c->phase == CONNECTING && events[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
                int fault = 0;
                socklen_t size = sizeof fault;
                getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &fault, &size);
                if (fault) refused(c, strerror(fault));
                else connected(c);
            } else if (events[i].events & EPOLLOUT) {
                flush_out(c);
            }
            if (c->fd >= 0 && c->deaf && events[i].events & (EPOLLHUP | EPOLLERR))
                refused(c, "dropped while not reading");
            else if (c->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(c);
        }
    }
}

static bool all_settled(void) {
    return option.arrive_s ? crowd_turn(playing, dead) : playing + dead == option.clients;
}

// --- measuring --------------------------------------------------------------------------------

static double cpu_of(clockid_t id) {
    struct timespec t = {0};
    if (clock_gettime(id, &t) < 0) return 0;
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static counts sum(void) {
    counts all = {0};
    for (int i = 0; i < option.clients; i++) {
        counts *one = &clients[i].counts;
        all.states += one->states, all.payload_bytes += one->payload_bytes;
        all.socket_bytes += one->socket_bytes, all.reads += one->reads;
        all.inputs += one->inputs, all.input_bytes += one->input_bytes;
    }
    return all;
}

static void measure(void) {
    clockid_t server = CLOCK_PROCESS_CPUTIME_ID;
    if (option.pid) clock_getcpuclockid(option.pid, &server);
    counts before = sum();
    double cpu_before = cpu_of(server), own_before = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
    int began_with = playing;
    measured_since = now = clock_s();
    measuring = true;
    begin_stall();
    if (option.resume) turn_until(measured_since + option.resume_s, NULL), resume_some();
    turn_until(measured_since + option.measure_s, NULL);
    measuring = false;
    double took = clock_s() - measured_since, period = 1 / option.hz;
    double cpu = option.pid ? cpu_of(server) - cpu_before : 0;
    double own = cpu_of(CLOCK_PROCESS_CPUTIME_ID) - own_before;
    // A client that hears nothing any more leaves a gap too.
    for (int i = 0; i < option.clients; i++) {
        double since = clients[i].last_state;
        if (since && !clients[i].deaf_since && now - since > 2 * period) add(&gaps, now - since);
    }
    counts after = sum();
    printf("{\"result\": {\"clients\": %d, \"playing\": %d, \"refused\": %d, \"seconds\": %.4f, "
           "\"server_cpu_s\": %.6f, \"load_cpu_s\": %.6f, \"states\": %llu, \"expected\": %.1f, "
           "\"payload_bytes\": %llu, \"socket_bytes\": %llu, \"reads\": %llu, \"inputs\": %llu, "
           "\"input_bytes\": %llu, ",
           option.clients, began_with, option.clients - began_with, took, cpu, own,
           (unsigned long long)(after.states - before.states), took * option.hz * began_with,
           (unsigned long long)(after.payload_bytes - before.payload_bytes),
           (unsigned long long)(after.socket_bytes - before.socket_bytes),
           (unsigned long long)(after.reads - before.reads),
           (unsigned long long)(after.inputs - before.inputs),
           (unsigned long long)(after.input_bytes - before.input_bytes));
    print_histogram("gaps", &gaps);
    printf(", ");
    print_histogram("effects", &effects);
    printf(", \"reasons\": {");
    for (int i = 0; i < KINDS_OF_REFUSAL && why_count[i]; i++) {
        for (char *p = why[i]; *p; p++)
            if (*p == '"' || *p == '\\' || (unsigned char)*p < 32) *p = '\'';
        printf("%s\"%s\": %d", i ? ", " : "", why[i], why_count[i]);
    }
    printf("}");
    print_stalled();
    if (option.arrive_s) crowd_print();
    printf("}}\n");
}

static void say_phase(const char *name) {
    printf("{\"phase\": \"%s\", \"playing\": %d, \"refused\": %d}\n", name, playing, dead);
    fflush(stdout);
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    const dialect *known[] = {&plain_dialect, &gameserver_dialect, &socketio_dialect,
                              &colyseus_dialect};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i]->name, option.dialect) == 0) speech = known[i];
    if (!speech || !option.port || option.clients < 1) die("options");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    clients = calloc((size_t)option.clients, sizeof *clients);
    rooms = calloc((size_t)(option.clients / option.room_size + 1), sizeof *rooms);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!clients || !rooms || epoll_fd < 0) die("start");
    for (int i = 0; i < option.clients; i++) {
        client *c = &clients[i];
        c->index = i, c->fd = -1, c->own_entity = -1, c->seat = -1;
        c->room = i / option.room_size, c->member = i % option.room_size;
        c->hands.random = 0x9e3779b97f4a7c15ULL * (uint64_t)(i + 1);
        for (int k = 0; k < 8; k++) draw(&c->hands);
        c->hands.angle = (int)(draw(&c->hands) & 1023);
    }
    unstarted = option.clients;
    slot_s = 1 / option.hz / option.clients;
    // A probe that keeps its place in the server's tick would measure that place: sweep the tick.
    if (option.probe && !option.lead) slot_s *= 1.01;
    schedule_from = clock_s();
    say_phase("joining");
    turn_until(clock_s() + option.join_s, all_settled);
    say_phase("warming");
    turn_until(clock_s() + option.warm_s, NULL);
    say_phase("measuring");
    measure();
    return 0;
}
