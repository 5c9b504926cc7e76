// A library for a Python program under callgrind: which parts of it are counted.
//
// Valgrind sees these requests as odd instructions that do nothing; without it they do nothing.

#include <valgrind/callgrind.h>

// Begin to count, or end.
void count(int on) {
    if (on) CALLGRIND_START_INSTRUMENTATION;
    else CALLGRIND_STOP_INSTRUMENTATION;
}

// Of a thread that began with --collect-atstart=no: switch its counting.
void turn(void) { CALLGRIND_TOGGLE_COLLECT; }
