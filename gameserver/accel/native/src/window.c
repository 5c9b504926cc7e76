/* Smallest and largest sample of a sliding window, in two halves; see pure/window.py. */
#include "native.h"

void extremes_clear(Extremes *extremes) {
    extremes->turn = 0;
    extremes->least = extremes->lo = extremes->old_lo = NO_SAMPLE;
    extremes->most = extremes->hi = extremes->old_hi = -NO_SAMPLE;
}

void extremes_init(Extremes *extremes, int64_t window) {
    extremes->half = window / 2 > 1 ? window / 2 : 1;
    extremes_clear(extremes);
}

int extremes_turn(Extremes *extremes, int64_t now) {
    if (now < extremes->turn) return 0;
    if (now < extremes->turn + extremes->half) {
        extremes->old_lo = extremes->lo;
        extremes->old_hi = extremes->hi;
        extremes->turn += extremes->half;
    } else {
        extremes->old_lo = NO_SAMPLE;
        extremes->old_hi = -NO_SAMPLE;
        extremes->turn = now + extremes->half;
    }
    extremes->lo = NO_SAMPLE;
    extremes->hi = -NO_SAMPLE;
    extremes->least = extremes->old_lo;
    extremes->most = extremes->old_hi;
    return 1;
}

int extremes_add(Extremes *extremes, int64_t now, int64_t sample) {
    if (now < extremes->turn && extremes->lo <= sample && sample <= extremes->hi) return 0;
    int turned = extremes_turn(extremes, now);
    if (sample < extremes->lo) extremes->lo = sample;
    if (sample > extremes->hi) extremes->hi = sample;
    if (sample < extremes->least) extremes->least = sample;
    else if (sample <= extremes->most) return turned;
    if (sample > extremes->most) extremes->most = sample;
    return 1;
}
