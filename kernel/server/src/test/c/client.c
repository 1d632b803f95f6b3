/* Talks to a real server over TCP, a Unix-domain socket and shared memory; prints what went wrong and ends with 1, or ends with 0. */
#include <stdlib.h>

#include "rondo.h"

#define REQUIRE(condition, client)                                                    \
  if (!(condition)) {                                                                 \
    fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, (client).error);       \
    return 1;                                                                         \
  }

static rondo_client tcp, unix_domain, shared, nobody;

int main(int count, char **arguments) {
  rondo_slate slate;
  rondo_ack ack;
  uint8_t token[RONDO_TOKEN_LENGTH];
  int64_t ids[20];
  if (count != 3) return 2;
  int port = (int) strtol(arguments[1], NULL, 10);
  REQUIRE(rondo_connect_tcp(&tcp, "127.0.0.1", port, 5000) == 0, tcp);
  REQUIRE(rondo_connect_unix(&unix_domain, arguments[2], 5000) == 0, unix_domain);
  REQUIRE(rondo_connect_unix(&shared, arguments[2], 5000) == 0, shared);
  REQUIRE(rondo_share(&shared, 5000) == 0, shared);
  REQUIRE(tcp.dimension == 16 && shared.item_count == 500, tcp);
  for (int id = 1; id <= 3000; id++) {
    rondo_request request = {.request_id = id, .user_id = id % 40, .k = 20, .route = RONDO_UNPINNED, .flags = RONDO_DRY_RUN};
    if (id % 3 == 0) request.filter = "genre = \"c1\"";
    REQUIRE(rondo_recommend(&tcp, &request, &slate, 5000) == 0, tcp);
    REQUIRE(slate.code == RONDO_OK && slate.item_count == 20, tcp);
    for (int i = 0; i < 20; i++) ids[i] = rondo_item_id(&slate, i);
    rondo_client *other = id % 100 == 0 ? &unix_domain : &shared;
    REQUIRE(rondo_recommend(other, &request, &slate, 5000) == 0, *other);
    REQUIRE(slate.code == RONDO_OK && slate.item_count == 20, *other);
    for (int i = 0; i < 20; i++) REQUIRE(ids[i] == rondo_item_id(&slate, i), *other);
    for (int i = 1; i < 20; i++) REQUIRE(rondo_item_score(&slate, i) == rondo_item_score(&slate, i), *other);
  }
  rondo_request logged = {.request_id = -1, .user_id = 5, .k = 20, .route = RONDO_UNPINNED};
  REQUIRE(rondo_recommend(&shared, &logged, &slate, 5000) == 0, shared);
  memcpy(token, slate.token, sizeof token);
  int64_t item = rondo_item_id(&slate, 0);
  REQUIRE(rondo_outcome(&shared, 7, token, item, 0, 2, 1, 1, &ack, 5000) == 0 && ack.status == 0 && ack.correlation_id == 7, shared);
  REQUIRE(rondo_outcome(&tcp, 8, token, item, 0, 2, 1, 1, &ack, 5000) == 0 && ack.status == 1, tcp);
  token[9] ^= 1;
  REQUIRE(rondo_outcome(&tcp, 9, token, item, 0, 2, 1, 1, &ack, 5000) == 0 && ack.status == 4, tcp);
  REQUIRE(rondo_share(&shared, 5000) != 0, shared);
  REQUIRE(rondo_connect_unix(&nobody, "/nonexistent/rondo.sock", 100) != 0 && strstr(nobody.error, "nobody listens") != NULL, nobody);
  rondo_close(&tcp);
  rondo_close(&unix_domain);
  /* The shared one is left as a process leaves that is killed. */
  _exit(0);
}
