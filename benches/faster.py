"""A clock that goes faster, for the programs that are started with it: hours of what a program does by the clock, in minutes.

A library that is loaded before the system's answers what time it is, and shortens what is waited for by as much. Nothing in a program knows
of it. Linux only, and a C compiler is needed.
"""

import os
import subprocess
import time

# What a program of Rust asks the system's library for. Calls of the kernel that go past that library keep its clock: they wait too long.
SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#define SECOND 1000000000LL
#define NEXT(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))
static long long faster = 1, since[2];
static __typeof__(&clock_gettime) real_time;
static __typeof__(&syscall) real_call;
__attribute__((constructor)) static void begin(void) {
    real_time = NEXT(clock_gettime);
    real_call = NEXT(syscall);
    char *words = getenv("FASTER");
    if (words) {
        faster = strtoll(words, &words, 10);
        since[0] = strtoll(words, &words, 10);
        since[1] = strtoll(words, &words, 10);
    }
}
static int scaled(clockid_t id) { return real_time && (id == CLOCK_REALTIME || id == CLOCK_MONOTONIC); }
static long long ns(const struct timespec *at) { return at->tv_sec * SECOND + at->tv_nsec; }
static struct timespec spec(long long ns) { return (struct timespec){ns / SECOND, ns % SECOND}; }
static struct timespec shorter(const struct timespec *wait) { return spec(ns(wait) / faster); }
static struct timespec sooner(clockid_t id, const struct timespec *at) { return spec(since[id] + (ns(at) - since[id]) / faster); }
static int milliseconds(int wait) { return wait > 0 ? (wait + faster - 1) / faster : wait; }

int clock_gettime(clockid_t id, struct timespec *now) {
    if (!scaled(id)) return (real_time ? real_time : NEXT(clock_gettime))(id, now);
    int status = real_time(id, now);
    if (status == 0) *now = spec(since[id] + (ns(now) - since[id]) * faster);
    return status;
}
int clock_nanosleep(clockid_t id, int flags, const struct timespec *wait, struct timespec *left) {
    struct timespec then = *wait;
    if (scaled(id)) then = flags & TIMER_ABSTIME ? sooner(id, wait) : shorter(wait);
    return NEXT(clock_nanosleep)(id, flags, &then, left);
}
int epoll_wait(int epoll, struct epoll_event *events, int most, int wait) {
    return NEXT(epoll_wait)(epoll, events, most, milliseconds(wait));
}
int poll(struct pollfd *fds, nfds_t count, int wait) { return NEXT(poll)(fds, count, milliseconds(wait)); }
int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *wait) {
    struct timespec then = wait ? shorter(wait) : spec(0);
    return NEXT(sigtimedwait)(set, info, wait ? &then : 0);
}
long syscall(long number, ...) {
    va_list words;
    va_start(words, number);
    long w[6];
    for (int n = 0; n < 6; n++) w[n] = va_arg(words, long);
    va_end(words);
    struct timespec then;
    int what = w[1] & FUTEX_CMD_MASK;
    if (number == SYS_futex && w[3] && (what == FUTEX_WAIT || what == FUTEX_WAIT_BITSET)) {
        const struct timespec *wait = (const struct timespec *) w[3];
        then = what == FUTEX_WAIT ? shorter(wait) : sooner(w[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, wait);
        w[3] = (long) &then;
    }
    return (real_call ? real_call : NEXT(syscall))(number, w[0], w[1], w[2], w[3], w[4], w[5]);
}
"""


def environment(times, folder):
    """What makes the clock of a program `times` as fast, from now on, where all programs that have it agree on the time."""
    if times == 1:
        return {}
    library = os.path.join(folder, "faster.so")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=SOURCE, text=True, check=True)
    return {"LD_PRELOAD": library, "FASTER": f"{times} {time.time_ns()} {time.clock_gettime_ns(time.CLOCK_MONOTONIC)}"}
