/*
 * Rondo's client in C, header only: slates over TCP, a Unix-domain socket or, on the server's host, shared memory. docs/PROTOCOL.md says what goes over the
 * wire. For gcc and clang on little-endian POSIX systems, C11 or C++11. A client belongs to one thread; nothing here allocates after rondo_share.
 *
 *   rondo_client client;
 *   rondo_slate slate;
 *   rondo_request request = {.request_id = 1, .user_id = 42, .k = 20, .route = RONDO_UNPINNED};
 *   if (rondo_connect_tcp(&client, "127.0.0.1", 7400, 1000) || rondo_share(&client, 1000) || rondo_recommend(&client, &request, &slate, 1000))
 *     fprintf(stderr, "%s\n", client.error);
 *   for (int i = 0; i < slate.item_count; i++) printf("%lld\n", (long long) rondo_item_id(&slate, i));
 *   rondo_close(&client);
 *
 * Functions return 0, or -1 with a sentence in client.error.
 */
#ifndef RONDO_H
#define RONDO_H

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "rondo.h is for little-endian systems"
#endif

#define RONDO_FRAME_MAX 65536
#define RONDO_TOKEN_LENGTH 40
#define RONDO_SCHEMA 7001
#define RONDO_SCHEMA_VERSION 2

/* In a request's route: the server decides. */
#define RONDO_UNPINNED 255

enum { RONDO_DRY_RUN = 1, RONDO_STATIC_CHAIN = 2, RONDO_KEEP_SEEN = 4 };

/* The reply's code. */
enum {
  RONDO_OK,
  RONDO_OVERLOADED,
  RONDO_DEADLINE_EXCEEDED,
  RONDO_BAD_REQUEST,
  RONDO_UNSUPPORTED,
  RONDO_NOT_READY,
  RONDO_INTERNAL
};

typedef struct {
  int64_t request_id;
  int64_t user_id;
  uint32_t budget_us; /* that are left; 0: the server's default */
  uint16_t k;
  uint8_t segment_hint;
  uint8_t route;
  uint8_t flags;
  const char *filter; /* or NULL */
} rondo_request;

/* A reply; it lies in the client's memory until the client is used again. */
typedef struct {
  int64_t request_id;
  int64_t catalog_version;
  uint32_t server_ns;
  uint16_t segment;
  uint16_t reasons;
  uint8_t code;
  uint8_t level;
  uint32_t retry_after_us; /* when an overloaded server wants to be asked again; 0 when it does not say */
  const uint8_t *token;
  int item_count;
  int item_length;
  const uint8_t *items;
} rondo_slate;

typedef struct {
  int64_t correlation_id;
  int64_t sequence;
  uint16_t index;
  uint8_t status; /* 0 accepted, 1 duplicate, 2 late, 3 unknown, 4 forged, 5 expired, 6 invalid, 7 retry */
  uint8_t mode;
} rondo_ack;

/* One side of a ring; see docs/PROTOCOL.md. */
typedef struct {
  uint8_t *base;
  int64_t capacity;
  int64_t position;
  int64_t known;
  int64_t current;
} rondo_ring;

typedef struct {
  int socket;
  int dimension;
  int64_t item_count;
  uint8_t *memory;
  size_t memory_length;
  rondo_ring requests;
  rondo_ring replies;
  size_t in_at;
  size_t in_end;
  uint8_t in[2 * (8 + RONDO_FRAME_MAX)];
  uint8_t out[8 + RONDO_FRAME_MAX];
  char error[256];
} rondo_client;

static inline int rondo_fail(rondo_client *c, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(c->error, sizeof c->error, format, args);
  va_end(args);
  return -1;
}

static inline int64_t rondo_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void rondo_put(uint8_t *to, const void *from, size_t length) { memcpy(to, from, length); }

static inline uint16_t rondo_u16(const uint8_t *at) {
  uint16_t value;
  memcpy(&value, at, 2);
  return value;
}

static inline uint32_t rondo_u32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return value;
}

static inline int64_t rondo_i64(const uint8_t *at) {
  int64_t value;
  memcpy(&value, at, 8);
  return value;
}

/* ---- shared memory ---------------------------------------------------------------------------------------------------------------------- */

static inline int64_t rondo_record(int64_t length) { return (8 + length + 63) & -64; }

/* 1 when the message was written, 0 when there is no room, -1 when the other side broke the ring. */
static inline int rondo_ring_write(rondo_ring *r, const uint8_t *message, int64_t length) {
  int64_t record = rondo_record(length), at = r->position & (r->capacity - 1);
  int64_t unused = record > r->capacity - at ? r->capacity - at : 0;
  uint8_t *data = r->base + 128;
  int64_t zero = 0;
  if (r->position + unused + record + 64 - r->known > r->capacity) {
    int64_t read = __atomic_load_n((int64_t *) r->base, __ATOMIC_ACQUIRE);
    if (read < r->known || read > r->position) return -1;
    r->known = read;
    if (r->position + unused + record + 64 - read > r->capacity) return 0;
  }
  if (unused > 0) {
    rondo_put(data, &zero, 8);
    __atomic_store_n((int64_t *) (data + at), -unused, __ATOMIC_RELEASE);
    r->position += unused;
    at = 0;
  }
  rondo_put(data + at + 8, message, (size_t) length);
  rondo_put(data + ((at + record) & (r->capacity - 1)), &zero, 8);
  __atomic_store_n((int64_t *) (data + at), length, __ATOMIC_RELEASE);
  r->position += record;
  return 1;
}

/* The length of the next message and where it lies; 0 when there is none, -1 when the ring is broken. */
static inline int64_t rondo_ring_poll(rondo_ring *r, const uint8_t **message) {
  int64_t at = r->position & (r->capacity - 1), header;
  uint8_t *data = r->base + 128;
  header = __atomic_load_n((int64_t *) (data + at), __ATOMIC_ACQUIRE);
  if (header < 0) {
    if (header != at - r->capacity) return -1;
    r->position += r->capacity - at;
    at = 0;
    header = __atomic_load_n((int64_t *) data, __ATOMIC_ACQUIRE);
  }
  if (header == 0) return 0;
  if (header < 0 || header > r->capacity / 2 || rondo_record(header) > r->capacity - at) return -1;
  r->current = rondo_record(header);
  *message = data + at + 8;
  return header;
}

static inline void rondo_ring_done(rondo_ring *r) {
  r->position += r->current;
  r->current = 0;
  __atomic_store_n((int64_t *) r->base, r->position, __ATOMIC_RELEASE);
}

static inline void rondo_ring_sleep(rondo_ring *r, int32_t is_sleeping) {
  __atomic_store_n((int32_t *) (r->base + 64), is_sleeping, __ATOMIC_SEQ_CST);
}

static inline int rondo_ring_take_sleeper(rondo_ring *r) {
  int32_t sleeping = 1;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  return __atomic_load_n((int32_t *) (r->base + 64), __ATOMIC_RELAXED) != 0
      && __atomic_compare_exchange_n((int32_t *) (r->base + 64), &sleeping, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* ---- the socket ------------------------------------------------------------------------------------------------------------------------- */

static inline int rondo_socket_send(rondo_client *c, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(c->socket, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return rondo_fail(c, "cannot send to the server: %s", strerror(errno));
    bytes += sent;
    length -= (size_t) sent;
  }
  return 0;
}

/* The length of the next message and where it lies; 0 when none came in time, -1 when the server is gone or speaks something else. */
static inline int64_t rondo_socket_receive(rondo_client *c, const uint8_t **message, int timeout_ms) {
  int64_t end_ms = rondo_now_ms() + timeout_ms;
  for (;;) {
    size_t have = c->in_end - c->in_at;
    if (have >= 8) {
      const uint8_t *frame = c->in + c->in_at;
      uint32_t length = rondo_u32(frame);
      if (length < 8 || length > RONDO_FRAME_MAX || rondo_u16(frame + 4) != 0x4F52 || frame[6] != 1 || frame[7] != 0)
        return rondo_fail(c, "the peer does not speak Rondo's protocol: frameLength=%u", length);
      if (have >= 8 + (size_t) length) {
        *message = frame + 8;
        c->in_at += 8 + (size_t) length;
        return (int64_t) length;
      }
    }
    memmove(c->in, c->in + c->in_at, have);
    c->in_at = 0;
    c->in_end = have;
    struct pollfd readable = {c->socket, POLLIN, 0};
    int64_t left_ms = end_ms - rondo_now_ms();
    int ready = poll(&readable, 1, left_ms > 0 ? (int) left_ms : 0);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ready == 0 ? 0 : rondo_fail(c, "cannot wait for the server: %s", strerror(errno));
    ssize_t count = recv(c->socket, c->in + c->in_end, sizeof c->in - c->in_end, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return rondo_fail(c, "the server closed the connection");
    c->in_end += (size_t) count;
  }
}

/* ---- messages --------------------------------------------------------------------------------------------------------------------------- */

/* Writes a message header into the client's buffer; returns where its block begins. */
static inline uint8_t *rondo_begin(rondo_client *c, uint16_t block_length, uint16_t template_id) {
  uint16_t header[4] = {block_length, template_id, RONDO_SCHEMA, RONDO_SCHEMA_VERSION};
  rondo_put(c->out + 8, header, sizeof header);
  memset(c->out + 16, 0, block_length);
  return c->out + 16;
}

/* Sends what was written up to {@code end}. */
static inline int rondo_send(rondo_client *c, const uint8_t *end) {
  uint32_t length = (uint32_t) (end - (c->out + 8));
  if (c->memory != NULL) {
    int64_t start_ms = rondo_now_ms();
    int written;
    while ((written = rondo_ring_write(&c->requests, c->out + 8, length)) == 0) {
      const uint8_t *ignored;
      if (rondo_socket_receive(c, &ignored, 0) < 0) return -1;
      if (rondo_now_ms() - start_ms > 5000) return rondo_fail(c, "the server takes no requests: waitedMs=5000");
    }
    if (written < 0) return rondo_fail(c, "the server's side of the shared memory holds what nobody wrote");
    if (!rondo_ring_take_sleeper(&c->requests)) return 0;
    rondo_begin(c, 0, 13);
    length = 8;
  }
  rondo_put(c->out, &length, 4);
  rondo_put(c->out + 4, "RO\1\0", 4);
  return rondo_socket_send(c, c->out, 8 + (size_t) length);
}

/* As rondo_socket_receive, over whatever the client uses. */
static inline int64_t rondo_receive(rondo_client *c, const uint8_t **message, int timeout_ms) {
  int64_t length, start_ms = rondo_now_ms();
  const uint8_t *ignored;
  if (c->memory == NULL) return rondo_socket_receive(c, message, timeout_ms);
  if (c->replies.current > 0) rondo_ring_done(&c->replies);
  for (int look = 0; look < 20000; look++) {
    if ((length = rondo_ring_poll(&c->replies, message)) != 0) goto found;
    if (timeout_ms == 0) return 0;
  }
  for (;;) {
    int64_t left_ms = timeout_ms - (rondo_now_ms() - start_ms);
    if (left_ms <= 0) return 0;
    rondo_ring_sleep(&c->replies, 1);
    length = rondo_ring_poll(&c->replies, message);
    if (length == 0) {
      if (rondo_socket_receive(c, &ignored, (int) left_ms) < 0) return -1;
      length = rondo_ring_poll(&c->replies, message);
    }
    rondo_ring_sleep(&c->replies, 0);
    if (length != 0) goto found;
  }
found:
  return length > 0 ? length : rondo_fail(c, "the server's side of the shared memory holds what nobody wrote");
}

static inline int rondo_take_slate(const uint8_t *message, int64_t length, rondo_slate *slate) {
  int64_t block = rondo_u16(message), at = 8 + block;
  memset(slate, 0, sizeof *slate);
  if (rondo_u16(message + 2) == 14) {
    if (length < 20) return 0;
    slate->request_id = rondo_i64(message + 8);
    slate->retry_after_us = rondo_u32(message + 16);
    slate->code = RONDO_OVERLOADED;
    slate->level = 3;
    return 1;
  }
  if (block < 86 || at + 4 > length) return 0;
  const uint8_t *b = message + 8;
  slate->request_id = rondo_i64(b);
  slate->catalog_version = rondo_i64(b + 8);
  slate->server_ns = rondo_u32(b + 36);
  slate->segment = rondo_u16(b + 40);
  slate->reasons = rondo_u16(b + 42);
  slate->code = b[44];
  slate->level = b[45];
  slate->token = b + 46;
  at += 4 + (int64_t) rondo_u16(message + at) * rondo_u16(message + at + 2);
  if (at + 4 > length) return 0;
  slate->item_length = rondo_u16(message + at);
  slate->item_count = rondo_u16(message + at + 2);
  slate->items = message + at + 4;
  return slate->item_length >= 13 && at + 4 + (int64_t) slate->item_length * slate->item_count <= length;
}

/* Says in client.error what an ErrorReply says. */
static inline int rondo_refused(rondo_client *c, const uint8_t *message, int64_t length) {
  int64_t at = 8 + (int64_t) rondo_u16(message);
  int text = at + 2 <= length ? (int) rondo_u16(message + at) : 0;
  if (at + 2 + text > length) text = 0;
  return rondo_fail(c, "the server refused: %.*s", text, (const char *) message + at + 2);
}

static inline int rondo_await(rondo_client *c, uint16_t template_id, const uint8_t **message, int64_t *length, int timeout_ms) {
  int64_t end_ms = rondo_now_ms() + timeout_ms;
  do {
    *length = rondo_receive(c, message, (int) (end_ms - rondo_now_ms()));
    if (*length < 0) return -1;
    if (*length < 8) continue;
    if (rondo_u16(*message + 2) == template_id) return 0;
    if (rondo_u16(*message + 2) == 14 && template_id == 4) return 0;
    if (rondo_u16(*message + 2) == 10) return rondo_refused(c, *message, *length);
  } while (rondo_now_ms() < end_ms);
  return rondo_fail(c, "no answer in time: timeoutMs=%d", timeout_ms);
}

static inline int rondo_hello(rondo_client *c, int timeout_ms) {
  const uint8_t *message;
  int64_t length;
  uint16_t version = 1;
  uint8_t *block = rondo_begin(c, 2, 1);
  rondo_put(block, &version, 2);
  if (rondo_send(c, block + 2) || rondo_await(c, 2, &message, &length, timeout_ms)) return -1;
  if (length < 24) return rondo_fail(c, "Welcome is too short");
  c->dimension = rondo_u16(message + 10);
  c->item_count = rondo_u32(message + 12);
  return 0;
}

static inline void rondo_close(rondo_client *c) {
  if (c->memory != NULL) munmap(c->memory, c->memory_length);
  if (c->socket >= 0) close(c->socket);
  c->memory = NULL;
  c->socket = -1;
}

static inline void rondo_reset(rondo_client *c) {
  c->socket = -1;
  c->memory = NULL;
  c->in_at = c->in_end = 0;
  c->error[0] = 0;
}

static inline int rondo_hello_or_close(rondo_client *c, int timeout_ms) {
  if (rondo_hello(c, timeout_ms) == 0) return 0;
  rondo_close(c);
  return -1;
}

static inline int rondo_connect_tcp(rondo_client *c, const char *host, int port, int timeout_ms) {
  struct addrinfo hints, *found;
  char service[8];
  int on = 1;
  rondo_reset(c);
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  snprintf(service, sizeof service, "%d", port);
  if (getaddrinfo(host, service, &hints, &found) != 0) return rondo_fail(c, "no host of this name: host=%s", host);
  for (struct addrinfo *one = found; one != NULL && c->socket < 0; one = one->ai_next) {
    c->socket = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->socket >= 0 && connect(c->socket, one->ai_addr, one->ai_addrlen) != 0) {
      close(c->socket);
      c->socket = -1;
    }
  }
  freeaddrinfo(found);
  if (c->socket < 0) return rondo_fail(c, "nobody listens: host=%s, port=%d", host, port);
  setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return rondo_hello_or_close(c, timeout_ms);
}

static inline int rondo_connect_unix(rondo_client *c, const char *path, int timeout_ms) {
  struct sockaddr_un address;
  rondo_reset(c);
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address.sun_path) return rondo_fail(c, "the socket's path is too long: path=%s", path);
  strcpy(address.sun_path, path);
  c->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (c->socket < 0 || connect(c->socket, (struct sockaddr *) &address, sizeof address) != 0) {
    int error = errno;
    rondo_close(c);
    return rondo_fail(c, "nobody listens: path=%s: %s", path, strerror(error));
  }
  return rondo_hello_or_close(c, timeout_ms);
}

/* Leaves the socket for memory that is shared with the server, on its host. When it fails the client goes on over the socket. */
static inline int rondo_share(rondo_client *c, int timeout_ms) {
  const uint8_t *message;
  int64_t length, pid = getpid();
  char path[4096];
  struct stat status;
  if (rondo_send(c, rondo_begin(c, 0, 11)) || rondo_await(c, 12, &message, &length, timeout_ms)) return -1;
  size_t text = rondo_u16(message + 8 + rondo_u16(message));
  if (text >= sizeof path || 10 + (int64_t) text > length) return rondo_fail(c, "the path of the shared memory is too long");
  rondo_put((uint8_t *) path, message + 10 + rondo_u16(message), text);
  path[text] = 0;
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return rondo_fail(c, "cannot open the shared memory: path=%s: %s", path, strerror(errno));
  size_t wanted = 4096 + 128 + (1 << 18) + 128 + (1 << 20);
  if (fstat(file, &status) != 0 || (size_t) status.st_size != wanted) {
    close(file);
    return rondo_fail(c, "the shared memory has another length: bytes=%lld, expected=%zu", (long long) status.st_size, wanted);
  }
  uint8_t *memory = (uint8_t *) mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) return rondo_fail(c, "cannot map the shared memory: %s", strerror(errno));
  if (memcmp(memory, "RONDOSHM", 8) != 0 || rondo_u32(memory + 8) != 1 || rondo_u32(memory + 12) != 1 << 18 || rondo_u32(memory + 16) != 1 << 20) {
    munmap(memory, wanted);
    return rondo_fail(c, "this is no shared memory of this layout: layoutVersion=%u, expected=1", rondo_u32(memory + 8));
  }
  rondo_put(memory + 32, &pid, 8);
  unlink(path);
  memset(&c->requests, 0, sizeof c->requests);
  memset(&c->replies, 0, sizeof c->replies);
  c->requests.base = memory + 4096;
  c->requests.capacity = 1 << 18;
  c->replies.base = memory + 4096 + 128 + (1 << 18);
  c->replies.capacity = 1 << 20;
  c->memory_length = wanted;
  c->memory = memory;
  return 0;
}

/* Sends a request; its reply comes with a later rondo_poll. */
static inline int rondo_send_request(rondo_client *c, const rondo_request *r) {
  uint16_t exclusions[2] = {8, 0}, none = 0;
  size_t filter_length = r->filter == NULL ? 0 : strlen(r->filter);
  uint16_t filter = (uint16_t) filter_length;
  if (filter_length > 32768) return rondo_fail(c, "the filter is too long: bytes=%zu", filter_length);
  uint8_t *b = rondo_begin(c, 25, 3);
  rondo_put(b, &r->request_id, 8);
  rondo_put(b + 8, &r->user_id, 8);
  rondo_put(b + 16, &r->budget_us, 4);
  rondo_put(b + 20, &r->k, 2);
  b[22] = r->segment_hint;
  b[23] = r->route;
  b[24] = r->flags;
  rondo_put(b + 25, exclusions, 4);
  rondo_put(b + 29, &none, 2);
  rondo_put(b + 31, &filter, 2);
  if (filter > 0) rondo_put(b + 33, r->filter, filter);
  return rondo_send(c, b + 33 + filter);
}

/* Asks and waits for the answer to this very request; what else comes in meanwhile is dropped. */
static inline int rondo_recommend(rondo_client *c, const rondo_request *r, rondo_slate *slate, int timeout_ms) {
  int64_t length, end_ms = rondo_now_ms() + timeout_ms;
  const uint8_t *message;
  if (rondo_send_request(c, r)) return -1;
  do {
    if (rondo_await(c, 4, &message, &length, (int) (end_ms - rondo_now_ms()))) return -1;
    if (!rondo_take_slate(message, length, slate)) return rondo_fail(c, "the server's reply does not fit its frame");
  } while (slate->request_id != r->request_id);
  return 0;
}

static inline int64_t rondo_item_id(const rondo_slate *s, int i) { return rondo_i64(s->items + (size_t) i * s->item_length); }

static inline float rondo_item_score(const rondo_slate *s, int i) {
  float score;
  memcpy(&score, s->items + (size_t) i * s->item_length + 8, 4);
  return score;
}

/* Reports what became of an item of a slate; position from 0, kind 0 none, 1 view, 2 click, 3 like, 4 purchase. Waits for the acknowledgement. */
static inline int rondo_outcome(rondo_client *c, int64_t correlation_id, const uint8_t *token, int64_t item_id, int16_t position, uint8_t kind,
                                float value, uint8_t closes, rondo_ack *ack, int timeout_ms) {
  uint16_t group[2] = {64, 1};
  int64_t length, now = 0;
  const uint8_t *message;
  uint8_t *b = rondo_begin(c, 8, 5);
  rondo_put(b, &correlation_id, 8);
  rondo_put(b + 8, group, 4);
  rondo_put(b + 12, token, RONDO_TOKEN_LENGTH);
  rondo_put(b + 52, &item_id, 8);
  rondo_put(b + 60, &now, 8);
  rondo_put(b + 68, &value, 4);
  rondo_put(b + 72, &position, 2);
  b[74] = kind;
  b[75] = closes;
  if (rondo_send(c, b + 76) || rondo_await(c, 7, &message, &length, timeout_ms)) return -1;
  if (length < 28) return rondo_fail(c, "Ack is too short");
  ack->correlation_id = rondo_i64(message + 8);
  ack->sequence = rondo_i64(message + 16);
  ack->index = rondo_u16(message + 24);
  ack->status = message[26];
  ack->mode = message[27];
  return 0;
}

#endif
