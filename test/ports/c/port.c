/* P-TNCN in C99, from SPEC.md: a port at the level bit. The standard library alone.
   cc -O2 -std=c99 -ffp-contract=off -o port port.c -lm && ptncn conform -- ./port */
#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int rows, cols; float *x; } Mat;
typedef struct Node { char kind; const char *text, *name; double number; struct Node *first, *next; } Node;

static jmp_buf failure;
static const char *kind_of_failure, *culprit;
static int culprit_layer;
static void fail(const char *kind) { kind_of_failure = kind; longjmp(failure, 1); }
static void need(int holds) { if (!holds) fail("invalid"); }

/* memory of one request */
static char *blocks[4096]; static int block_count; static size_t block_left; static char *block_at;
static void *get(size_t n) {
  n = (n + 15) & ~(size_t)15;
  if (n > block_left) {
    size_t size = n > 1 << 20 ? n : 1 << 20;
    if (block_count == 4096) fail("internal");
    block_at = blocks[block_count++] = malloc(size); block_left = size;
    if (!block_at) exit(9);
  }
  void *p = block_at; block_at += n; block_left -= n;
  return p;
}
static void free_all(void) { while (block_count) free(blocks[--block_count]); block_left = 0; }
static Mat mat(int rows, int cols) { Mat m = {rows, cols, get(sizeof(float) * (size_t)rows * cols)}; memset(m.x, 0, sizeof(float) * (size_t)rows * cols); return m; }

/* ---- JSON in ---- */
static char *at;
static void space(void) { while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') at++; }
/* what an escape stands for, which is never longer than the escape */
static void escape(char **to) {
  static const char FROM[] = "\"\\/bfnrt", TO[] = "\"\\/\b\f\n\r\t";
  const char *simple = at[1] ? strchr(FROM, at[1]) : 0; unsigned code = 0;
  if (simple) { *(*to)++ = TO[simple - FROM]; at += 2; return; }
  if (at[1] != 'u') fail("invalid");
  for (int i = 2; i < 6; i++) {
    char d = at[i]; int low = d | 32;
    if (!((d >= '0' && d <= '9') || (low >= 'a' && low <= 'f'))) fail("invalid");
    code = code << 4 | (unsigned)(d <= '9' ? d - '0' : low - 'a' + 10);
  }
  at += 6;
  if (code < 0x80) { *(*to)++ = (char)code; return; }
  if (code < 0x800) *(*to)++ = (char)(0xc0 | code >> 6);
  else { *(*to)++ = (char)(0xe0 | code >> 12); *(*to)++ = (char)(0x80 | (code >> 6 & 63)); }
  *(*to)++ = (char)(0x80 | (code & 63));
}
static char *text(void) {
  if (*at++ != '"') fail("invalid");
  char *start = at, *to = at;
  while (*at && *at != '"') if (*at != '\\') *to++ = *at++; else escape(&to);
  if (*at++ != '"') fail("invalid");
  *to = 0;
  return start;
}
static Node *value(int depth) {
  Node *n = get(sizeof *n); memset(n, 0, sizeof *n);
  if (depth > 16) fail("invalid");
  space();
  if (*at == '{' || *at == '[') {
    char close = *at++ == '{' ? '}' : ']'; Node **last = &n->first;
    n->kind = close == '}' ? '{' : '['; space();
    if (*at == close) { at++; return n; }
    for (;;) {
      char *name = 0; space();
      if (close == '}') { name = text(); space(); if (*at++ != ':') fail("invalid"); }
      *last = value(depth + 1); (*last)->name = name; last = &(*last)->next; space();
      if (*at == ',') { at++; continue; }
      if (*at++ != close) fail("invalid");
      return n;
    }
  }
  if (*at == '"') { n->kind = '"'; n->text = text(); return n; }
  if (!strncmp(at, "true", 4)) { at += 4; n->kind = 't'; return n; }
  if (!strncmp(at, "false", 5)) { at += 5; n->kind = 'f'; return n; }
  if (!strncmp(at, "null", 4)) { at += 4; n->kind = '0'; return n; }
  char *end; n->kind = '#'; n->number = strtod(at, &end); if (end == at) fail("invalid"); at = end;
  return n;
}
static Node *field(Node *n, const char *name) {
  if (!n || n->kind != '{') return 0;
  for (Node *c = n->first; c; c = c->next) if (!strcmp(c->name, name)) return c;
  return 0;
}
static int is_text(Node *n, const char *s) { return n && n->kind == '"' && !strcmp(n->text, s); }
static double whole(Node *n, double least, double most) { need(n && n->kind == '#' && n->number == floor(n->number) && n->number >= least && n->number <= most); return n->number; }
static void read_key(Node *n, uint32_t to[2]) {
  need(n && n->kind == '[' && n->first && n->first->next && !n->first->next->next);
  to[0] = (uint32_t)whole(n->first, 0, 4294967295.0); to[1] = (uint32_t)whole(n->first->next, 0, 4294967295.0);
}
static float from_hex(const char *s) {
  uint32_t w = 0; float f;
  for (int i = 0; i < 8; i++) { char c = s[i]; need((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')); w = w << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10); }
  memcpy(&f, &w, 4); return f;
}
static float number(Node *n) { need(n && n->kind == '"' && strlen(n->text) == 8); return from_hex(n->text); }
static Mat tensor(Node *n, int rows, int cols) {
  Node *s = field(n, "s"), *x = field(n, "x");
  need(s && x && s->kind == '[' && s->first && s->first->next && !s->first->next->next && s->first->number == rows && s->first->next->number == cols);
  need(x->kind == '"' && strlen(x->text) == (size_t)rows * cols * 8);
  Mat m = mat(rows, cols);
  for (int i = 0; i < rows * cols; i++) { m.x[i] = from_hex(x->text + 8 * i); need(isfinite(m.x[i])); }
  return m;
}

/* ---- JSON out ---- */
static char *out; static size_t out_n, out_cap;
static void put(const char *s) {
  size_t n = strlen(s);
  if (out_n + n + 1 > out_cap) { out_cap = (out_n + n + 1) * 2; out = realloc(out, out_cap); if (!out) exit(9); }
  memcpy(out + out_n, s, n + 1); out_n += n;
}
static void put_bits(float f) { uint32_t w; char b[12]; memcpy(&w, &f, 4); sprintf(b, "%08x", w); put(b); }
static void put_mat(const char *name, Mat m) {
  char b[64];
  sprintf(b, "\"%s\":{\"s\":[%d,%d],\"x\":\"", name, m.rows, m.cols); put(b);
  for (int i = 0; i < m.rows * m.cols; i++) put_bits(m.x[i]);
  put("\"},");
}
static void end_record(void) { if (out[out_n - 1] == ',') out_n--; put("}"); }

/* the trace is kept until the answer is written */
static struct { char name[40]; Mat m; } trace[65536]; static int traced;
static int wants_trace; static const char *broken_at; static int broken_layer;
static int all_finite(Mat m) { for (int i = 0; i < m.rows * m.cols; i++) if (!isfinite(m.x[i])) return 0; return 1; }
static Mat tell(const char *eq, const char *symbol, int l, int k, Mat m) {
  if (traced == 65536) fail("internal");
  if (k) sprintf(trace[traced].name, "%s.%s_%d^%d", eq, symbol, l, k); else sprintf(trace[traced].name, "%s.%s_%d", eq, symbol, l);
  trace[traced++].m = m;
  if (!broken_at && strcmp(symbol, "logits") && !all_finite(m)) { broken_at = eq; broken_layer = l; }
  return m;
}
static void tell_scalar(const char *name, float f) { Mat m = mat(1, 1); m.x[0] = f; strcpy(trace[traced].name, name); trace[traced++].m = m; }

/* ---- arithmetic ---- */
static float bits(uint32_t w) { float f; memcpy(&f, &w, 4); return f; }
static float horner(const uint32_t *c, int n, float x) { float s = bits(c[0]); for (int i = 1; i < n; i++) { s = s * x; s = s + bits(c[i]); } return s; }
static float exp_(float x) {
  static const uint32_t C[] = {0x39506967, 0x3ab743ce, 0x3c088908, 0x3d2aa9c1, 0x3e2aaaaa, 0x3f000000};
  if (isnan(x)) return x;
  float b = x < -104 ? -104 : x > 89 ? 89 : x;
  float n = (b * bits(0x3fb8aa3b) + bits(0x4b400000)) - bits(0x4b400000);
  float h = b - n * bits(0x3f318000), s = n * bits(0xb95e8083), r = h - s;
  float v = horner(C, 6, r) * (r * r), u = 1 + r;
  float y = u + (v + ((r - (u - 1)) + ((h - r) - s)));
  int k = (int)floorf(n / 2);
  return ldexpf(y, k) * ldexpf(1, (int)n - k);
}
static float log_(float x) {
  static const uint32_t C[] = {0x3d9021bb, 0xbdebd1b8, 0x3def251a, 0xbdfe5d4f, 0x3e11e9bf, 0xbe2aae50, 0x3e4cceac, 0xbe7ffffc, 0x3eaaaaaa};
  if (x == 0) return -INFINITY;
  if (isnan(x) || x == INFINITY) return x;
  if (x < 0) return NAN;
  int less = x < 0x1p-126f;
  if (less) x = x * 0x1p23f;
  uint32_t w; memcpy(&w, &x, 4);
  int32_t i = (int32_t)w - 0x3f3504f3, rest = i & 0x7fffff, e = (i - rest) / 0x800000 - (less ? 23 : 0);
  float k = (float)e, f = bits((uint32_t)(rest + 0x3f3504f3)) - 1, q = f * f;
  float v = (horner(C, 9, f) * f) * q, l = v + k * bits(0xb95e8083);
  return (f + (l - 0.5f * q)) + k * bits(0x3f318000);
}
static float tanh_(float x) {
  static const uint32_t C[] = {0xbbbaf0ea, 0x3ca9134e, 0xbd5c1e2d, 0x3e088393, 0xbeaaaa99};
  if (isnan(x)) return x;
  float a = fabsf(x), q = a * a, size = a < 0.625f ? ((horner(C, 5, q) * q) * a) + a : 1 - 2 / (exp_(2 * a) + 1);
  return copysignf(size, x);
}
static float sigmoid(float x) { float e = exp_(-fabsf(x)); return isnan(x) ? x : x >= 0 ? 1 / (1 + e) : e - e * (e / (1 + e)); }
static float lane_sum(const float *v, int n) { float s[4] = {0, 0, 0, 0}; for (int j = 0; j < n; j++) s[j % 4] = s[j % 4] + v[j]; return (s[0] + s[1]) + (s[2] + s[3]); }
static float square_sum(const float *v, int n) { float *q = get(sizeof(float) * n); for (int j = 0; j < n; j++) q[j] = v[j] * v[j]; return lane_sum(q, n); }
static Mat product(Mat a, Mat b) {
  Mat c = mat(a.rows, b.cols);
  for (int i = 0; i < a.rows; i++) for (int j = 0; j < b.cols; j++) {
    float s = 0;
    for (int k = 0; k < a.cols; k++) { float t = a.x[i * a.cols + k] * b.x[k * b.cols + j]; s = s + t; }
    c.x[i * b.cols + j] = s;
  }
  return c;
}
static Mat transpose(Mat a) { Mat t = mat(a.cols, a.rows); for (int i = 0; i < a.rows; i++) for (int j = 0; j < a.cols; j++) t.x[j * a.rows + i] = a.x[i * a.cols + j]; return t; }
#define EACH(m) for (int i = 0; i < (m).rows * (m).cols; i++)
static Mat add(Mat a, Mat b) { Mat c = mat(a.rows, a.cols); EACH(a) c.x[i] = a.x[i] + b.x[i]; return c; }
static Mat sub(Mat a, Mat b) { Mat c = mat(a.rows, a.cols); EACH(a) c.x[i] = a.x[i] - b.x[i]; return c; }
static Mat scale(float s, Mat a) { Mat c = mat(a.rows, a.cols); EACH(a) c.x[i] = s * a.x[i]; return c; }
static Mat add_row(Mat a, Mat r) { Mat c = mat(a.rows, a.cols); EACH(a) c.x[i] = a.x[i] + r.x[i % a.cols]; return c; }
static Mat masked(Mat m, Mat a) { Mat c = mat(a.rows, a.cols); EACH(a) c.x[i] = m.x[i / a.cols] * a.x[i]; return c; }
static float sign(float a) { return isnan(a) ? a : a > 0 ? 1 : a < 0 ? -1 : 0; }
static Mat clip(float r, Mat d) {
  if (!(r > 0)) return d;
  float total = 0;
  for (int i = 0; i < d.rows; i++) total = total + square_sum(d.x + i * d.cols, d.cols);
  float norm = sqrtf(total);
  if (!(norm > r)) return d;
  Mat c = mat(d.rows, d.cols); EACH(d) { float t = d.x[i] * r; c.x[i] = t / norm; }
  return c;
}
static void philox(uint32_t c[4], uint32_t k0, uint32_t k1) {
  for (int i = 0; i < 10; i++) {
    uint64_t p = (uint64_t)0xd2511f53 * c[0], q = (uint64_t)0xcd9e8d57 * c[2];
    uint32_t n0 = (uint32_t)(q >> 32) ^ c[1] ^ k0, n2 = (uint32_t)(p >> 32) ^ c[3] ^ k1;
    c[0] = n0; c[1] = (uint32_t)q; c[2] = n2; c[3] = (uint32_t)p; k0 += 0x9e3779b9; k1 += 0xbb67ae85;
  }
}

/* ---- configuration ---- */
static struct { int L, *n, passes, biases; double learn_from; const char *text[12]; float num[16]; } c;
static const char *TEXTS[12] = {"activation", "output", "hiddenPrediction", "topDownSignal", "errorRule", "presynaptic", "clipOrder", "mean", "optimizer", "update", "correctionSignal", "errorStart"};
static const char *ALLOWED[12] = {" tanh sigmoid relu relu6 ltanh sign step identity stochastic ", " softmax sigmoid identity ", " identity activation ", " correction error ", " transposed temporal ", " corrected uncorrected ", " clip-mean mean-clip ", " all active ", " sgd momentum nesterov adam rmsprop ", " step sequence ", " state drive ", " independent transposed "};
static const char *NUMS[16] = {"gamma", "beta", "alpha", "lambda", "clip", "rate", "momentum", "beta1", "beta2", "decay", "epsilon", "maxNorm", "weightScale", "rateFanIn", "weightDecay", "window"};
enum { ACTIVATION, OUTPUT, HIDDEN, TOPDOWN, ERROR_RULE, PRESYNAPTIC, CLIP_ORDER, MEAN, OPTIMIZER, UPDATE, SIGNAL, ERROR_START };
enum { GAMMA, BETA, ALPHA, LAMBDA, CLIP, RATE, MU, BETA1, BETA2, DECAY, EPSILON, MAX_NORM, WEIGHT_SCALE, RATE_FAN_IN, WEIGHT_DECAY, WINDOW };
static int is(int f, const char *s) { return !strcmp(c.text[f], s); }
/* [cf-later]: fields of 0.2.0 that are not there have their defaults */
static void read_config(Node *n) {
  int count = 0, known = 4;
  need(n && n->kind == '{');
  for (Node *f = n->first; f; f = f->next) count++;
  for (int i = 0; i < 12; i++) {
    Node *f = field(n, TEXTS[i]); char b[64];
    if (!f && i >= SIGNAL) { c.text[i] = i == SIGNAL ? "state" : "independent"; continue; }
    known++; need(f && f->kind == '"' && strlen(f->text) < 60 && !strchr(f->text, ' ')); sprintf(b, " %s ", f->text); need(strstr(ALLOWED[i], b) != 0); c.text[i] = f->text;
  }
  for (int i = 0; i < 16; i++) {
    Node *f = field(n, NUMS[i]);
    if (!f && i >= RATE_FAN_IN) { c.num[i] = 0; continue; }
    known++; c.num[i] = number(f) + 0.0f; need(isfinite(c.num[i]));
    if (i >= EPSILON && i < WINDOW) need(c.num[i] >= 0);
    if ((i >= BETA1 && i <= DECAY) || i == WEIGHT_DECAY) need(c.num[i] >= 0 && c.num[i] < 1);
  }
  need(count == known);
  Node *b = field(n, "biases"), *u = field(n, "units");
  need(b && (b->kind == 't' || b->kind == 'f')); c.biases = b->kind == 't';
  c.passes = (int)whole(field(n, "passes"), 1, 32767); c.learn_from = whole(field(n, "learnFrom"), 0, 4294967294.0);
  need(u && u->kind == '['); count = 0;
  for (Node *f = u->first; f; f = f->next) { whole(f, 1, 16777216); count++; }
  need(count >= 2 && count <= 65536); c.L = count - 1; c.n = get(sizeof(int) * (count + 1)); count = 0;
  for (Node *f = u->first; f; f = f->next) c.n[count++] = (int)f->number;
}

/* ---- weights: seven a layer, W E M V U b c ---- */
enum { W, E, M, V, U, B, C };
static const char LETTER[] = "WEMVUbc";
typedef Mat (*Weights)[7];
static int shape(int l, int w, int *rows, int *cols) {
  int below = c.n[l - 1], own = c.n[l];
  *rows = w == W || w == V ? own : w == U ? (l < c.L ? c.n[l + 1] : 0) : w >= B ? 1 : below;
  *cols = w == W || w == C ? below : own;
  return w < U || (w == U && l < c.L) || (w > U && c.biases);
}
static Weights new_weights(void) { size_t size = sizeof(Mat) * 7 * (c.L + 1); Weights w = get(size); memset(w, 0, size); return w; }
#define ALL(l, w) for (int l = 1, r_, c_; l <= c.L; l++) for (int w = 0; w < 7; w++) if (shape(l, w, &r_, &c_))
static const char *label(const char *prefix, int l, int w) { static char b[40]; sprintf(b, "%s%c_%d", prefix, LETTER[w], w == C ? l - 1 : l); return b; }
static Weights read_weights(Node *n, const char *prefix, int *count) {
  Weights w = new_weights();
  ALL(l, i) { w[l][i] = tensor(field(n, label(prefix, l, i)), r_, c_); ++*count; }
  return w;
}
static void put_weights(const char *prefix, Weights w) { ALL(l, i) put_mat(label(prefix, l, i), w[l][i]); }
static void tell_weights(const char *eq, const char *symbol, int l, int w, Mat m) { char s[20]; sprintf(s, "%s%c", symbol, LETTER[w]); const char *kept = broken_at; int layer = broken_layer; tell(eq, s, w == C ? l - 1 : l, 0, m); if (broken_at != kept) { broken_layer = l; } else broken_layer = layer; }

/* ---- the step ---- */
static double t; static uint32_t key[2];
static Mat sx, *sy, *sz, *sd;
static Weights weights, first, second, sums; static float power1, power2;
static Mat respond(Mat a, int level, int stage) {
  Mat z = mat(a.rows, a.cols); const char *f = c.text[ACTIVATION];
  EACH(a) {
    float x = a.x[i];
    if (!strcmp(f, "tanh")) z.x[i] = tanh_(x);
    else if (!strcmp(f, "sigmoid")) z.x[i] = sigmoid(x);
    else if (!strcmp(f, "relu")) z.x[i] = isnan(x) ? x : x > 0 ? x : 0;
    else if (!strcmp(f, "relu6")) z.x[i] = isnan(x) ? x : x > 6 ? 6 : x > 0 ? x : 0;
    else if (!strcmp(f, "ltanh")) z.x[i] = bits(0x3fdba29c) * tanh_(bits(0x3f2aaaab) * x);
    else if (!strcmp(f, "sign")) z.x[i] = sign(x);
    else if (!strcmp(f, "step")) z.x[i] = isnan(x) ? x : x >= 0 ? 1 : 0;
    else if (!strcmp(f, "identity")) z.x[i] = x;
    else {
      uint32_t j = (uint32_t)(i % a.cols), n[4] = {j / 4, (uint32_t)(i / a.cols), 65536u * (uint32_t)stage + (uint32_t)level, (uint32_t)fmod(t, 4294967296.0)};
      philox(n, key[0], key[1]);
      z.x[i] = isnan(x) ? x : (float)(n[j % 4] >> 8) / 16777216.0f < sigmoid(x) ? 1 : 0;
    }
  }
  return z;
}
static Mat predict(Mat s, int level, int k) {
  if (level > 0) return is(HIDDEN, "activation") ? respond(s, level, 32768 + k) : s;
  if (is(OUTPUT, "identity")) return s;
  Mat p = mat(s.rows, s.cols);
  if (is(OUTPUT, "sigmoid")) { EACH(s) p.x[i] = sigmoid(s.x[i]); return p; }
  for (int i = 0; i < s.rows; i++) {
    float *row = s.x + i * s.cols, *to = p.x + i * s.cols, top = -INFINITY;
    for (int j = 0; j < s.cols; j++) if (isnan(row[j]) || row[j] > top) { top = row[j]; if (isnan(top)) break; }
    for (int j = 0; j < s.cols; j++) to[j] = exp_(row[j] - top);
    float total = lane_sum(to, s.cols);
    for (int j = 0; j < s.cols; j++) to[j] = to[j] / total;
  }
  return p;
}
static float floored(float p) { return p <= 0 ? bits(0x322bcc77) : p; }
static void score(Mat p, Mat x, Mat m) {
  float loss = 0, *v = get(sizeof(float) * p.cols); int right = 0;
  for (int i = 0; i < p.rows; i++) {
    float *q = p.x + i * p.cols, *y = x.x + i * p.cols; int a = 0, b = 0;
    if (m.x[i] != 1) continue;
    for (int j = 0; j < p.cols; j++) {
      if (q[j] > q[a]) a = j;
      if (y[j] > y[b]) b = j;
      float on = y[j] * log_(floored(q[j]));
      if (is(OUTPUT, "softmax")) v[j] = on;
      else if (is(OUTPUT, "sigmoid")) { float off = (1 - y[j]) * log_(floored(1 - q[j])); v[j] = on + off; }
      else { float u = q[j] - y[j]; v[j] = u * u; }
    }
    float s = lane_sum(v, p.cols);
    loss = loss + (is(OUTPUT, "identity") ? 0.5f * s : -s);
    right += a == b;
  }
  const char *name = is(OUTPUT, "softmax") ? "S1.loss" : is(OUTPUT, "sigmoid") ? "S2.loss" : "S3.loss";
  tell_scalar(name, loss);
  if (!broken_at && !isfinite(loss)) { static char eq[4]; memcpy(eq, name, 2); broken_at = eq; broken_layer = 0; }
  if (is(OUTPUT, "softmax")) tell_scalar("S4.correct", (float)right);
}
static void stop_if_broken(void) { if (broken_at) { culprit = broken_at; culprit_layer = broken_layer; fail("diverged"); } }
static Mat column_sums(Mat a) { Mat s = mat(1, a.cols); for (int i = 0; i < a.rows; i++) for (int j = 0; j < a.cols; j++) s.x[j] = s.x[j] + a.x[i * a.cols + j]; return s; }

/* [op-rate] */
static float rate_of(int l, int w, int rows) {
  int whole = w >= B || (w == M && l == 1) || c.num[RATE_FAN_IN] <= 0 || !(c.num[RATE_FAN_IN] < rows);
  return whole ? c.num[RATE] : c.num[RATE] * (c.num[RATE_FAN_IN] / (float)rows);
}
/* O3, O5 and O4 of one weight */
static void move(int l, int w, Mat d) {
  Mat old = weights[l][w], to = mat(old.rows, old.cols), v = mat(old.rows, old.cols), q = mat(old.rows, old.cols);
  float rate = rate_of(l, w, old.rows), mu = c.num[MU], b1 = c.num[BETA1], b2 = is(OPTIMIZER, "adam") ? c.num[BETA2] : c.num[DECAY], eps = c.num[EPSILON];
  int adam = is(OPTIMIZER, "adam"), rms = is(OPTIMIZER, "rmsprop"), sgd = is(OPTIMIZER, "sgd");
  float rest1 = 1 - b1, rest2 = 1 - b2, u1 = 1 / (1 - power1), u2 = 1 / (1 - power2);
  EACH(d) {
    float x = d.x[i], change;
    if (adam || rms) { float kept = b2 * second[l][w].x[i], sq = x * x, fresh = rest2 * sq; q.x[i] = kept + fresh; }
    if (adam) { float kept = b1 * first[l][w].x[i], fresh = rest1 * x; v.x[i] = kept + fresh; }
    else if (!sgd && !rms) { float kept = mu * first[l][w].x[i]; v.x[i] = kept + x; }
    if (sgd) change = rate * x;
    else if (adam) { float m = u1 * v.x[i], top = rate * m, root = sqrtf(u2 * q.x[i]); change = top / (root + eps); }
    else if (rms) { float top = rate * x, root = sqrtf(q.x[i]); change = top / (root + eps); }
    else if (is(OPTIMIZER, "momentum")) change = rate * v.x[i];
    else { float a = rate * x, muv = mu * v.x[i], b = rate * muv; change = a + b; }
    to.x[i] = old.x[i] - change;
  }
  if (adam || rms) { second[l][w] = q; tell_weights("O3", "second.", l, w, q); }
  if (!sgd && !rms) { first[l][w] = v; tell_weights("O3", "first.", l, w, v); }
  tell_weights("O3", "", l, w, to);
  if (w < B && c.num[WEIGHT_DECAY] > 0) {
    Mat from = to; to = mat(from.rows, from.cols);
    EACH(to) { float lost = c.num[WEIGHT_DECAY] * from.x[i]; to.x[i] = from.x[i] - lost; }
    tell_weights("O5", "", l, w, to);
  }
  if (w < B) {
    float limit = c.num[MAX_NORM]; Mat from = to; to = mat(from.rows, from.cols);
    for (int i = 0; i < to.rows; i++) {
      float norm = sqrtf(square_sum(from.x + i * to.cols, to.cols));
      for (int j = 0; j < to.cols; j++) { float x = from.x[i * to.cols + j], s = x * limit; to.x[i * to.cols + j] = limit > 0 && norm > limit ? s / norm : x; }
    }
    tell_weights("O4", "", l, w, to);
  }
  weights[l][w] = to;
}
static void apply(Weights d) {
  power1 = power1 * c.num[BETA1]; power2 = power2 * c.num[BETA2];
  tell_scalar("op-state.power1", power1); tell_scalar("op-state.power2", power2);
  ALL(l, w) move(l, w, d[l][w]);
}
static void check_model(void) {
  ALL(l, w) if (!all_finite(weights[l][w]) || (first && !all_finite(first[l][w])) || (second && !all_finite(second[l][w])) || (sums && !all_finite(sums[l][w]))) { culprit = "O3"; culprit_layer = l; fail("diverged"); }
}
static void step(Node *input, int train) {
  int L = c.L, rows; Node *begin = field(input, "begin"), *s = field(field(input, "x"), "s"), *end;
  need(s && s->first); end = field(input, "end"); need(!end || end->kind == 't' || end->kind == 'f'); rows = (int)whole(s->first, 1, 1 << 24); traced = 0; broken_at = 0;
  if (begin) {
    read_key(begin, key); t = 0; sums = 0; sx = mat(rows, c.n[0]);
    for (int l = 1; l <= L; l++) { sy[l] = mat(rows, c.n[l]); sz[l] = sy[l]; sd[l] = sy[l]; }
  }
  need(rows == sx.rows && t <= 9007199254740990.0);
  Mat x = tensor(field(input, "x"), rows, c.n[0]), m = tensor(field(input, "mask"), rows, 1);
  EACH(m) need(m.x[i] == 0 || m.x[i] == 1);
  size_t size = sizeof(Mat) * (L + 2);
  Mat *a0 = get(size), *a = get(size), *z = get(size), *z0 = get(size), *p = get(size), *e = get(size), *e1 = get(size), *h = get(size), *d = get(size), p0 = x;
  sy[0] = sz[0] = sx; z[0] = z0[0] = x;
  for (int l = 1; l <= L; l++) {
    a[l] = product(sy[l - 1], weights[l][M]);
    if (l < L) a[l] = add(a[l], product(sy[l + 1], weights[l][U]));
    a[l] = add(a[l], product(sy[l], weights[l][V]));
    if (c.biases) a[l] = add_row(a[l], weights[l][B]);
    a0[l] = tell("A1", "a", l, 0, a[l]);
  }
  for (int l = 1; l <= L; l++) z[l] = z0[l] = tell("A2", "z", l, 0, respond(a[l], l, 0));
  for (int k = 1; k <= c.passes; k++) {
    for (int l = 1; l <= L; l++) { p[l - 1] = product(z[l], weights[l][W]); if (c.biases) p[l - 1] = add_row(p[l - 1], weights[l][C]); tell("P1", "logits", l - 1, k, p[l - 1]); }
    for (int l = 0; l < L; l++) p[l] = tell("P1", "p", l, k, predict(p[l], l, k));
    for (int l = 0; l < L; l++) e[l] = tell("C1", "e", l, k, masked(m, sub(p[l], z[l])));
    if (k == 1) { p0 = p[0]; memcpy(e1, e, size); }
    for (int l = 1; l <= L; l++) {
      h[l] = product(e[l - 1], weights[l][E]);
      if (l < L) h[l] = sub(h[l], scale(c.num[ALPHA], e[l]));
      Mat g = mat(rows, c.n[l]); EACH(g) g.x[i] = c.num[LAMBDA] * sign(a[l].x[i]);
      h[l] = tell("C2", "h", l, k, add(h[l], g));
    }
    for (int l = 1; l <= L; l++) a[l] = tell("C3", "a", l, k, sub(a[l], scale(c.num[BETA], h[l])));
    for (int l = 1; l <= L; l++) z[l] = tell("C3", "z", l, k, respond(a[l], l, k));
  }
  for (int l = 1; l <= L; l++) {
    int drive = is(SIGNAL, "drive"); Mat moved = drive ? sub(a0[l], a[l]) : sub(z0[l], z[l]);
    if (drive && c.num[WINDOW] > 0) EACH(moved) if (!(fabsf(a0[l].x[i]) < c.num[WINDOW])) moved.x[i] = 0;
    d[l] = tell("C4", "d", l, 0, masked(m, moved));
  }
  int all = all_finite(p0); for (int l = 1; l <= L; l++) all = all && all_finite(z[l]) && all_finite(d[l]) && all_finite(z0[l]);
  if (!all) stop_if_broken();
  broken_at = 0;
  int active = t >= c.learn_from, learns = train && active, had_sum = sums != 0, ends = train && end && end->kind == 't';
  Weights dw = 0;
  if (learns) {
    Mat *pre = is(PRESYNAPTIC, "corrected") ? sy : sz; dw = new_weights();
    for (int l = 1; l <= L; l++) {
      dw[l][W] = product(transpose(z0[l]), l > 1 && is(TOPDOWN, "correction") ? d[l - 1] : e1[l - 1]);
      if (is(ERROR_RULE, "transposed")) dw[l][E] = scale(c.num[GAMMA], transpose(is(CLIP_ORDER, "clip-mean") ? clip(c.num[CLIP], dw[l][W]) : dw[l][W]));
      else dw[l][E] = scale(-c.num[GAMMA], product(transpose(e1[l - 1]), sub(d[l], sd[l])));
      dw[l][M] = product(transpose(pre[l - 1]), d[l]); dw[l][V] = product(transpose(pre[l]), d[l]);
      if (l < L) dw[l][U] = product(transpose(pre[l + 1]), d[l]);
      if (c.biases) { dw[l][B] = column_sums(d[l]); dw[l][C] = column_sums(e1[l - 1]); }
    }
    static const char *RULE[] = {"L1", "L2", "L3", "L4", "L5", "L6", "L6"};
    for (int w = 0; w < B; w++) for (int l = 1, r, k; l <= L; l++) if (shape(l, w, &r, &k)) tell_weights(RULE[w], "d", l, w, dw[l][w]);
    for (int l = 1; l <= L; l++) if (c.biases) { tell_weights("L6", "d", l, B, dw[l][B]); tell_weights("L6", "d", l, C, dw[l][C]); }
  }
  if (active) score(p0, x, m);
  stop_if_broken();
  if (learns) {
    int n = 0; EACH(m) n += m.x[i] == 1;
    float share = 1.0f / (float)(is(MEAN, "all") ? rows : n > 1 ? n : 1);
    Weights total = new_weights();
    ALL(l, w) {
      Mat g = dw[l][w];
      for (int i = 0; i < 2; i++) {
        if ((i == 0) == is(CLIP_ORDER, "clip-mean")) { g = clip(c.num[CLIP], g); tell_weights("O1", "d", l, w, g); }
        else { g = scale(share, g); tell_weights("O2", "d", l, w, g); }
      }
      if (is(UPDATE, "sequence")) { if (had_sum) g = add(sums[l][w], g); tell_weights("sq-update", "sum.", l, w, g); }
      total[l][w] = g;
    }
    if (is(UPDATE, "sequence")) { sums = total; check_model(); } else apply(total);
  }
  if (ends && sums) { Weights total = sums; sums = 0; apply(total); }
  check_model();
  t++; sx = x;
  for (int l = 1; l <= L; l++) { sy[l] = z[l]; sz[l] = z0[l]; sd[l] = d[l]; }
  put("\"ok\":true,"); put_mat("out", p0);
  char b[96]; sprintf(b, "\"state\":{\"t\":%.0f,\"key\":[%u,%u],", t, key[0], key[1]); put(b); put_mat("x", sx);
  for (int l = 1; l <= L; l++) { sprintf(b, "y_%d", l); put_mat(b, sy[l]); sprintf(b, "z_%d", l); put_mat(b, sz[l]); sprintf(b, "d_%d", l); put_mat(b, sd[l]); }
  end_record(); put(",\"weights\":{"); put_weights("", weights); end_record();
  put(",\"optimizer\":{\"power1\":\""); put_bits(power1); put("\",\"power2\":\""); put_bits(power2); put("\",");
  if (first) put_weights("first.", first);
  if (second) put_weights("second.", second);
  if (sums) put_weights("sum.", sums);
  end_record(); if (!wants_trace) return;
  put(",\"trace\":{"); for (int i = 0; i < traced; i++) put_mat(trace[i].name, trace[i].m); end_record();
}
static int fields_of(Node *n) { int count = 0; need(n && n->kind == '{'); for (Node *f = n->first; f; f = f->next) count++; return count; }
static void run(Node *r) {
  read_config(field(r, "config"));
  Node *o = field(r, "optimizer"), *s = field(r, "state"), *sxn = field(field(s, "x"), "s"), *train = field(r, "train"), *k = field(s, "key");
  int n = 0, adam = is(OPTIMIZER, "adam"), rms = is(OPTIMIZER, "rmsprop");
  weights = read_weights(field(r, "weights"), "", &n); need(fields_of(field(r, "weights")) == n); n = 2;
  first = adam || is(OPTIMIZER, "momentum") || is(OPTIMIZER, "nesterov") ? read_weights(o, "first.", &n) : 0;
  second = adam || rms ? read_weights(o, "second.", &n) : 0;
  sums = field(o, "sum.W_1") ? read_weights(o, "sum.", &n) : 0;
  need(fields_of(o) == n && (!sums || is(UPDATE, "sequence")));
  power1 = number(field(o, "power1")); power2 = number(field(o, "power2")); need(power1 >= 0 && power1 <= 1 && power2 >= 0 && power2 <= 1);
  need(fields_of(s) == 3 + 3 * c.L && sxn && sxn->first && train && (train->kind == 't' || train->kind == 'f'));
  t = whole(field(s, "t"), 0, 9007199254740990.0); read_key(k, key);
  int rows = (int)whole(sxn->first, 1, 1 << 24);
  sx = tensor(field(s, "x"), rows, c.n[0]); sy = get(sizeof(Mat) * (c.L + 2)); sz = get(sizeof(Mat) * (c.L + 2)); sd = get(sizeof(Mat) * (c.L + 2));
  for (int l = 1; l <= c.L; l++) {
    char b[16]; sprintf(b, "y_%d", l); sy[l] = tensor(field(s, b), rows, c.n[l]); b[0] = 'z'; sz[l] = tensor(field(s, b), rows, c.n[l]); b[0] = 'd'; sd[l] = tensor(field(s, b), rows, c.n[l]);
  }
  wants_trace = is_text(field(r, "want"), "trace"); need(wants_trace || is_text(field(r, "want"), "none"));
  if (is_text(field(r, "op"), "step")) { step(field(r, "input"), train->kind == 't'); return; }
  Node *inputs = field(r, "inputs"); need(inputs && inputs->first);
  put("\"ok\":true,\"steps\":[");
  for (Node *i = inputs->first; i; i = i->next) { put("{"); step(i, train->kind == 't'); put(i->next ? "}," : "}"); }
  put("]");
}
static const char HELLO[] = "\"ok\":true,\"protocol\":1,\"specs\":[\"0.1.0\",\"0.2.0\"],\"port\":{\"name\":\"ptncn-c\",\"version\":\"1\",\"language\":\"C\"},\"caps\":{\"layers\":64,\"maxDims\":4096,"
  "\"activations\":[\"tanh\",\"sigmoid\",\"relu\",\"relu6\",\"ltanh\",\"sign\",\"step\",\"identity\",\"stochastic\"],\"outputs\":[\"softmax\",\"sigmoid\",\"identity\"],"
  "\"optimizers\":[\"sgd\",\"momentum\",\"nesterov\",\"adam\",\"rmsprop\"],\"ops\":[\"step\",\"run\"],\"trace\":\"full\",\"level\":\"bit\"}";
int main(void) {
  size_t cap = 1 << 16, n; char *line = malloc(cap); int ch;
  for (;;) {
    for (n = 0; (ch = getchar()) != EOF && ch != '\n';) { if (n + 2 > cap && !(line = realloc(line, cap *= 2))) return 9; line[n++] = (char)ch; }
    if (ch == EOF) return 0;
    line[n] = 0; at = line; out_n = 0; free_all();
    char id[32] = "null"; size_t start = 0;
    if (setjmp(failure) == 0) {
      Node *r = value(0), *op = field(r, "op");
      if (is_text(op, "bye")) return 0;
      if (field(r, "id")) sprintf(id, "%.0f", field(r, "id")->number);
      put("{\"id\":"); put(id); put(","); start = out_n;
      if (is_text(op, "hello")) put(HELLO);
      else if (is_text(op, "step") || is_text(op, "run")) run(r);
      else fail("unsupported");
    } else {
      char b[160]; out_n = 0; put("{\"id\":"); put(id); put(",");
      sprintf(b, "\"ok\":false,\"kind\":\"%s\",\"what\":\"\"", kind_of_failure); put(b);
      if (!strcmp(kind_of_failure, "diverged")) { sprintf(b, ",\"equation\":\"%s\",\"layer\":%d", culprit, culprit_layer); put(b); }
    }
    (void)start; put("}\n"); fwrite(out, 1, out_n, stdout); fflush(stdout);
  }
}
