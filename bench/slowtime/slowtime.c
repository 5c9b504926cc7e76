// A library to preload: the clock of a process runs several times slower than it is.
//
// A server under valgrind takes some fifty times as long for its work. With a slower clock it keeps
// up with its ticks, also beside other programs, and so does the same work per tick as it does
// without valgrind. SLOWTIME is the factor. Clocks of processor time and the wall clock
// are left alone.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

static long factor;
static int (*real_gettime)(clockid_t, struct timespec *);
static int (*real_wait)(int, struct epoll_event *, int, int);
static int (*real_sem)(sem_t *, clockid_t, const struct timespec *);

__attribute__((constructor)) static void begin(void) {
    const char *said = getenv("SLOWTIME");
    factor = said ? atol(said) : 1;
    real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    real_wait = dlsym(RTLD_NEXT, "epoll_wait");
    real_sem = dlsym(RTLD_NEXT, "sem_clockwait");
}

int clock_gettime(clockid_t id, struct timespec *at) {
    if (!real_gettime) begin(); // called by another library's constructor
    int result = real_gettime(id, at);
    if (result == 0 && id == CLOCK_MONOTONIC) {
        long rest = at->tv_sec % factor;
        at->tv_sec /= factor;
        at->tv_nsec = (rest * 1000000000L + at->tv_nsec) / factor;
    }
    return result;
}

int epoll_wait(int fd, struct epoll_event *events, int most, int timeout) {
    if (timeout > 0) timeout = timeout > INT_MAX / factor ? INT_MAX : (int)(timeout * factor);
    return real_wait(fd, events, most, timeout);
}

int sem_clockwait(sem_t *sem, clockid_t id, const struct timespec *until) {
    struct timespec at = *until;
    if (id == CLOCK_MONOTONIC) {
        at.tv_sec = until->tv_sec * factor + until->tv_nsec * factor / 1000000000L;
        at.tv_nsec = until->tv_nsec * factor % 1000000000L;
    }
    return real_sem(sem, id, &at);
}
