// Options from the command line, and histograms of seconds that are printed whole.
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

// Buckets grow by 1 % each from 10 microseconds: every quantile is exact to 1 %.
enum { BUCKETS = 1600 };

typedef struct {
    uint64_t buckets[BUCKETS];
    double longest;
} histogram;

static inline void add(histogram *h, double seconds) {
    double at = seconds > 1e-5 ? log(seconds * 1e5) / log(1.01) : 0;
    int bucket = at < BUCKETS - 1 ? (int)at : BUCKETS - 1;
    h->buckets[bucket]++;
    if (seconds > h->longest) h->longest = seconds;
}

// As pairs [bucket, count] of those that are not empty.
static inline void print_histogram(const char *name, const histogram *h) {
    const char *comma = "";
    printf("\"%s\": {\"longest_s\": %.6f, \"buckets\": [", name, h->longest);
    for (int i = 0; i < BUCKETS; i++) {
        if (!h->buckets[i]) continue;
        printf("%s[%d, %llu]", comma, i, (unsigned long long)h->buckets[i]);
        comma = ", ";
    }
    printf("]}");
}

// Options are pairs: --name value.
static inline void read_options(int count, char **arguments) {
    for (int i = 1; i + 1 < count; i += 2) {
        const char *name = arguments[i], *value = arguments[i + 1];
        if (!strcmp(name, "--dialect")) option.dialect = value;
        else if (!strcmp(name, "--game")) option.game = value;
        else if (!strcmp(name, "--config")) option.config = value;
        else if (!strcmp(name, "--subprotocol")) option.subprotocol = value;
        else if (!strcmp(name, "--port")) option.port = atoi(value);
        else if (!strcmp(name, "--clients")) option.clients = atoi(value);
        else if (!strcmp(name, "--room-size")) option.room_size = atoi(value);
        else if (!strcmp(name, "--pid")) option.pid = atoi(value);
        else if (!strcmp(name, "--lead")) option.lead = atoi(value);
        else if (!strcmp(name, "--hz")) option.hz = atof(value);
        else if (!strcmp(name, "--join-s")) option.join_s = atof(value);
        else if (!strcmp(name, "--warm-s")) option.warm_s = atof(value);
        else if (!strcmp(name, "--measure-s")) option.measure_s = atof(value);
        else if (!strcmp(name, "--probe")) option.probe = atoi(value);
        else if (!strcmp(name, "--idle")) option.idle = atoi(value);
        else if (!strcmp(name, "--stall")) option.stall = atoi(value);
        else if (!strcmp(name, "--resume")) option.resume = atoi(value);
        else if (!strcmp(name, "--resume-s")) option.resume_s = atof(value);
        else if (!strcmp(name, "--arrive-s")) option.arrive_s = atof(value);
        else if (!strcmp(name, "--early")) option.early = atoi(value);
        else {
            fprintf(stderr, "load: unknown option %s\n", name);
            exit(2);
        }
    }
}

#endif
