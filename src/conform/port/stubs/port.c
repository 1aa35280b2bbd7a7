/* A port of P-TNCN to fill in. SPEC.md, appendix C, says what the lines mean. Compile with -ffp-contract=off.

   Next: read the request (any JSON reader does), and write step(), one equation after another; after each, run the kit
   again. It names the first that is wrong or missing: A1 a_l; A2 z_l; P1 logits, p; C1 e; C2 h; C3 a, z; C4 d; L1 to L6
   the updates; S1 to S4 scores; O1 clip; O2 mean; O3; O4. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HELLO[] =
  "\"ok\":true,\"protocol\":1,\"specs\":[\"0.1.0\",\"0.2.0\"],\"port\":{\"name\":\"my-port\",\"version\":\"0\",\"language\":\"C\"},"
  "\"caps\":{\"layers\":4,\"maxDims\":64,\"activations\":[\"tanh\"],\"outputs\":[\"softmax\"],\"optimizers\":[\"nesterov\"],"
  "\"ops\":[\"step\"],\"trace\":\"full\",\"level\":\"bit\"}";

static void step(const char *request) {
  (void)request;
  fputs("\"ok\":false,\"kind\":\"unsupported\",\"what\":\"fill in A1\"", stdout);
}

int main(void) {
  size_t room = 1 << 24, n;
  char *line = malloc(room);
  int c;
  if (!line) return 1;
  do {
    for (n = 0; (c = getchar()) != EOF && c != '\n';) if (n + 1 < room) line[n++] = (char)c;
    line[n] = 0;
    if (c == EOF || strstr(line, "\"op\":\"bye\"")) return 0;
    const char *id = strstr(line, "\"id\":");
    printf("{\"id\":%ld,", id ? strtol(id + 5, 0, 10) : 0);
    if (strstr(line, "\"op\":\"hello\"")) fputs(HELLO, stdout); else step(line);
    puts("}");
    fflush(stdout);
  } while (1);
}
