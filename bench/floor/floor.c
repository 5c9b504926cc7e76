// Receives and sends, nothing else: what the kernel asks of any server with this workload.
//
// Law: speaks dialect `plain` far enough for the load generator (handshake, then an id), drains its
// sockets once per tick and sends every client one frame of fixed size. No frame is parsed, no
// state kept, nothing is safe. Clients are dealt to ten slices of the tick.
// Usage: floor HZ FRAME_BYTES, prints "listening PORT".
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SLICES = 10, MOST = 20000 };

static const char answer[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    "\x82\x01\x01";

static double clock_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void sleep_until(double due) {
    struct timespec t = {(time_t)due, (long)((due - (double)(time_t)due) * 1e9)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

typedef struct {
    int epoll, count;
    int fds[MOST / SLICES];
} slice;

static slice slices[SLICES];
static int guests;

// A newcomer's request is read whole: on loopback it comes in one piece.
static void welcome(int listener) {
    static char request[4096];
    static int waiting[256], count;
    for (int fd; count < 256 && (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        waiting[count++] = fd;
    }
    for (int i = 0; i < count;) {
        slice *s = &slices[guests % SLICES];
        int fd = waiting[i];
        if (recv(fd, request, sizeof request, 0) <= 0 || s->count == MOST / SLICES) {
            i++;
            continue;
        }
        send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event);
        s->fds[s->count++] = fd;
        guests++;
        waiting[i] = waiting[--count];
    }
}

static void tick(slice *s, const char *frame, size_t length) {
    static struct epoll_event events[MOST / SLICES];
    static char bytes[65536];
    int ready = epoll_wait(s->epoll, events, MOST / SLICES, 0);
    for (int i = 0; i < ready; i++) {
        int fd = events[i].data.fd;
        if (recv(fd, bytes, sizeof bytes, 0) > 0) continue;
        for (int k = 0; k < s->count; k++)
            if (s->fds[k] == fd) s->fds[k] = s->fds[--s->count];
        close(fd);
    }
    for (int i = 0; i < s->count; i++) send(s->fds[i], frame, length, MSG_NOSIGNAL);
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    double hz = atof(arguments[1]);
    size_t payload = (size_t)atoi(arguments[2]), head = payload < 126 ? 2 : 4;
    static char frame[65536] = {(char)0x82};
    if (payload > sizeof frame - 4) return 2;
    frame[1] = (char)(payload < 126 ? payload : 126);
    if (head == 4) frame[2] = (char)(payload >> 8), frame[3] = (char)payload;
    frame[head] = (char)0x90;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (void *)&address, size) < 0 || listen(listener, 4096) < 0) return 1;
    getsockname(listener, (void *)&address, &size);
    for (int i = 0; i < SLICES; i++) slices[i].epoll = epoll_create1(0);
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    double began = clock_s();
    for (unsigned long turn = 1;; turn++) {
        sleep_until(began + (double)turn / hz / SLICES);
        welcome(listener);
        tick(&slices[turn % SLICES], frame, head + payload);
    }
}
