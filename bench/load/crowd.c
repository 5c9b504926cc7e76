// One room that many clients enter within seconds: how long until it goes at its full rate.
//
// The first client opens the lobby; the others come evenly over --arrive-s. Once all are in, members
// say lines until QUIET of them in a row have each reached everybody within HEARD_S. Then the host
// starts the match; it goes at full rate from the first slice on that begins FULL_SLICES of which
// each has at least FULL of its states. With --early 1 the host starts the match before anybody
// else comes, so all others enter a running match.
#include <stdio.h>

#include "load.h"

enum { LINES = 40, QUIET = 4, SLICES = 600, FULL_SLICES = 8 };

static const double LINE_EVERY_S = 0.5, HEARD_S = 1.0, TALK_S = 25, SLICE_S = 0.25, PLAY_S = 60;
static const double FULL = 0.95; // a slice has five states of a client, one early or late

static struct { double at, took; int heard; } lines[LINES];
static int said, slices[SLICES];
static double first_at, in_at, quiet_at, asked_at, begun_at, playing_at, full_at, done_at;

// Whether one more may come when `started` have: the host first, then evenly from now on.
bool crowd_may_come(int started) {
    if (!option.arrive_s || !started) return true;
    if (!first_at) first_at = now;
    return (now - first_at) * option.clients >= started * option.arrive_s;
}

void crowd_in(int joined) {
    if (joined == option.clients) in_at = now;
}

void crowd_begun(void) {
    if (!begun_at) begun_at = now;
}

void crowd_heard(int line) {
    if (line < 0 || line >= said) return;
    if (++lines[line].heard == option.clients) lines[line].took = now - lines[line].at;
}

void crowd_state(void) {
    int slice = (int)((now - first_at) / SLICE_S);
    if (first_at && slice >= 0 && slice < SLICES) slices[slice]++;
}

// The time from which all states came, behind `from`; 0 if it did not come yet.
static double full_since(double from) {
    int in_a_row = 0, last = (int)((now - first_at) / SLICE_S);
    double due = option.clients * option.hz * SLICE_S * FULL;
    for (int i = (int)((from - first_at) / SLICE_S); i < last && i < SLICES; i++) {
        in_a_row = slices[i] >= due ? in_a_row + 1 : 0;
        if (in_a_row < FULL_SLICES) continue;
        double at = first_at + (i + 1 - FULL_SLICES) * SLICE_S;
        return at > from ? at : from;
    }
    return 0;
}

static bool quiet(void) {
    if (said < QUIET) return false;
    for (int i = said - QUIET; i < said; i++)
        if (!lines[i].took || lines[i].took > HEARD_S) return false;
    quiet_at = lines[said - QUIET].at;
    return true;
}

static void talk(void) {
    bool due = !said || now - lines[said - 1].at >= LINE_EVERY_S;
    if (!due || said == LINES) return;
    client *c = &clients[(said * 97 + 1) % option.clients];
    if (c->fd < 0) return;
    lines[said].at = now;
    say_line(c, said++);
}

// Go on; return whether all is done.
bool crowd_turn(int playing, int dead) {
    if (done_at) return true;
    if (!in_at) return false;
    bool all_play = playing + dead == option.clients;
    if (!playing_at && all_play) playing_at = now;
    if (!asked_at) {
        talk();
        bool long_ago = now - in_at > TALK_S;
        if (!quiet() && !long_ago) return false;
        asked_at = now;
        if (!option.early) start_match(&clients[0]);
        return false;
    }
    if (!playing_at) return now - asked_at > PLAY_S;
    full_at = full_since(option.early ? in_at : begun_at);
    if (full_at || now - asked_at > PLAY_S) done_at = now;
    return done_at;
}

static double since(double at, double from) { return at > 0 && from > 0 ? at - from : -1; }

void crowd_print(void) {
    double begun = option.early ? in_at : begun_at;
    printf(", \"crowd\": {\"in_s\": %.3f, \"quiet_s\": %.3f, \"playing_s\": %.3f, "
           "\"full_s\": %.3f, \"lines\": [",
           since(in_at, first_at), since(quiet_at, in_at), since(playing_at, begun),
           since(full_at, begun));
    for (int i = 0; i < said; i++)
        printf("%s[%.3f, %.3f, %d]", i ? ", " : "", lines[i].at - in_at, lines[i].took,
               lines[i].heard);
    printf("]}");
}
