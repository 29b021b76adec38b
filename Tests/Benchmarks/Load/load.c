/* A load generator on one thread: the same request so often, over so many kept connections, one at a time on each.
 *
 * usage: load PORT CONNECTIONS REQUESTS EXPECTED-STATUS METHOD TARGET [BODY]
 *
 * An answer with status 503 is back-pressure: it is counted and the request is sent again on the same connection. Any
 * other status than the expected one, and an answer without Content-Length, ends the run with exit status 1. The result
 * is one JSON object on standard output; times are seconds of CLOCK_MONOTONIC, latencies microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, MAX_CONNECTIONS = 1024, BUCKETS = 1 << 16 };

typedef struct {
    int descriptor;
    size_t held;
    uint64_t sent_at;
    char buffer[BUFFER];
} Connection;

static char request[BUFFER];
static size_t request_length;
static long wanted, started, answered, refused, received;
static int expected;
/* Latencies: one bucket per microsecond, the last for all that are longer. */
static long histogram[BUCKETS];

static void fail(const char *what) {
    fprintf(stderr, "load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static void send_request(Connection *connection) {
    connection->sent_at = now();
    ssize_t sent = send(connection->descriptor, request, request_length, MSG_NOSIGNAL);
    if (sent != (ssize_t)request_length) fail("a request could not be sent whole");
}

static void connect_to(Connection *connection, int port, int poll) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->descriptor < 0) fail("no socket");
    if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("no connection");
    int one = 1;
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, connection->descriptor, &event) != 0) fail("epoll");
}

/* The length of the answer that the buffer starts with, 0 if it is not there yet. */
static size_t whole_answer(Connection *connection, int *status) {
    char *end = memmem(connection->buffer, connection->held, "\r\n\r\n", 4);
    if (!end) return 0;
    if (memcmp(connection->buffer, "HTTP/1.1 ", 9) != 0) fail("not an answer");
    *status = atoi(connection->buffer + 9);
    size_t head = (size_t)(end - connection->buffer) + 4;
    for (char *line = connection->buffer; line < end; line = memchr(line, '\n', (size_t)(end + 4 - line)) + 1) {
        if (strncasecmp(line, "Content-Length:", 15) != 0) continue;
        size_t length = head + strtoul(line + 15, NULL, 10);
        if (length > BUFFER) fail("an answer is too long");
        return connection->held >= length ? length : 0;
    }
    fail("an answer has no Content-Length");
    return 0;
}

static void take_answer(Connection *connection) {
    ssize_t count = recv(connection->descriptor, connection->buffer + connection->held, BUFFER - connection->held, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) fail("the server closed a connection");
    connection->held += (size_t)count;
    int status = 0;
    size_t length = whole_answer(connection, &status);
    if (length == 0) return;
    if (length != connection->held) fail("an answer that nothing asked for");
    connection->held = 0;
    if (status == 503) {
        refused += 1;
        send_request(connection);
        return;
    }
    if (status != expected) {
        errno = 0;
        fprintf(stderr, "%.*s\n", (int)length, connection->buffer);
        fail("another status than expected");
    }
    uint64_t latency = (now() - connection->sent_at) / 1000;
    histogram[latency < BUCKETS ? latency : BUCKETS - 1] += 1;
    received += (long)length;
    answered += 1;
    if (started < wanted) {
        started += 1;
        send_request(connection);
    }
}

static long percentile(double share) {
    long left = (long)((double)answered * share);
    for (long bucket = 0; bucket < BUCKETS; bucket += 1) {
        left -= histogram[bucket];
        if (left < 0) return bucket;
    }
    return BUCKETS - 1;
}

int main(int count, char **arguments) {
    if (count < 7) {
        fprintf(stderr, "usage: load PORT CONNECTIONS REQUESTS EXPECTED-STATUS METHOD TARGET [BODY]\n");
        return 2;
    }
    int port = atoi(arguments[1]);
    long connections = atol(arguments[2]);
    wanted = atol(arguments[3]);
    expected = atoi(arguments[4]);
    if (connections < 1 || connections > MAX_CONNECTIONS) fail("too many connections");
    if (connections > wanted) connections = wanted;
    const char *body = count > 7 ? arguments[7] : "";
    char fields[128] = "";
    if (*body) {
        snprintf(fields, sizeof fields, "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
    }
    int length = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n%s", arguments[5],
                          arguments[6], port, fields, body);
    if (length < 0 || length >= (int)sizeof request) fail("the request is too long");
    request_length = (size_t)length;

    int poll = epoll_create1(EPOLL_CLOEXEC);
    Connection *all = calloc((size_t)connections, sizeof(Connection));
    if (poll < 0 || !all) fail("out of memory or descriptors");
    for (long index = 0; index < connections; index += 1) connect_to(&all[index], port, poll);

    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    uint64_t begin = now();
    started = connections;
    for (long index = 0; index < connections; index += 1) send_request(&all[index]);
    struct epoll_event events[MAX_CONNECTIONS];
    while (answered < wanted) {
        int ready = epoll_wait(poll, events, MAX_CONNECTIONS, 30000);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) fail("no answer for 30 seconds");
        for (int index = 0; index < ready; index += 1) take_answer(events[index].data.ptr);
    }
    uint64_t end = now();
    getrusage(RUSAGE_SELF, &after);
    double elapsed = (double)(end - begin) / 1e9;
    double busy = seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) - seconds(before.ru_stime);
    printf("{\"begin\": %.9f, \"seconds\": %.6f, \"answered\": %ld, \"refused\": %ld, \"received\": %ld, \"p50\": %ld, "
           "\"p99\": %ld, \"busy\": %.3f}\n",
           (double)begin / 1e9, elapsed, answered, refused, received, percentile(0.5), percentile(0.99), busy / elapsed);
    return 0;
}
