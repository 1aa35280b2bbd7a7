/* P-TNCN in C99, from SPEC.md: a port at the level bit. The standard library alone.
   cc -O2 -std=c99 -ffp-contract=off -o port port.c -lm && ptncn conform -- ./port */
#include <ctype.h>
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
static int hex_digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }
/* a text, its escapes resolved in place, which never makes it longer; of \u, what no name has becomes U+FFFD or a half of a pair */
static char *text(void) {
  need(*at++ == '"');
  char *start = at, *to = at;
  for (; *at != '"'; at++) {
    need((unsigned char)*at >= ' ');
    if (*at != '\\') { *to++ = *at; continue; }
    const char *plain = "\"\"\\\\//b\bf\fn\nr\rt\t";
    unsigned code = 0;
    if (*++at != 'u') {
      while (*plain && *plain != *at) plain += 2;
      need(*at && *plain); *to++ = plain[1];
      continue;
    }
    for (int i = 0; i < 4; i++) { int digit = hex_digit((char)tolower((unsigned char)*++at)); need(digit >= 0); code = code << 4 | (unsigned)digit; }
    if (code == 0) code = 0xfffd;
    if (code < 0x80) *to++ = (char)code;
    else if (code < 0x800) { *to++ = (char)(0xc0 | code >> 6); *to++ = (char)(0x80 | (code & 63)); }
    else { *to++ = (char)(0xe0 | code >> 12); *to++ = (char)(0x80 | (code >> 6 & 63)); *to++ = (char)(0x80 | (code & 63)); }
  }
  at++; *to = 0;
  return start;
}
static void digits_at_least_one(void) { need(isdigit((unsigned char)*at)); while (isdigit((unsigned char)*at)) at++; }
static int plain_numbers; /* whether a number has to be digits alone, as in the header of a checkpoint */
static double decimal_number(void) {
  char *start = at;
  if (*at == '-') at++;
  if (*at == '0') at++; else digits_at_least_one();
  if (*at == '.') { at++; digits_at_least_one(); }
  if (*at == 'e' || *at == 'E') { at++; if (*at == '+' || *at == '-') at++; digits_at_least_one(); }
  for (char *c = start; plain_numbers && c < at; c++) need(isdigit((unsigned char)*c));
  return strtod(start, 0);
}
static Node *value(int depth) {
  Node *n = get(sizeof *n); memset(n, 0, sizeof *n);
  need(depth <= 16);
  space();
  if (*at == '{' || *at == '[') {
    char close = *at++ == '{' ? '}' : ']'; Node **last = &n->first;
    n->kind = close == '}' ? '{' : '['; space();
    if (*at == close) { at++; return n; }
    for (;;) {
      char *name = 0; space();
      if (close == '}') { name = text(); space(); need(*at++ == ':'); for (Node *c = n->first; c; c = c->next) need(strcmp(c->name, name)); }
      *last = value(depth + 1); (*last)->name = name; last = &(*last)->next; space();
      if (*at == ',') { at++; continue; }
      need(*at++ == close);
      return n;
    }
  }
  if (*at == '"') { n->kind = '"'; n->text = text(); return n; }
  if (!strncmp(at, "true", 4)) { at += 4; n->kind = 't'; return n; }
  if (!strncmp(at, "false", 5)) { at += 5; n->kind = 'f'; return n; }
  if (!strncmp(at, "null", 4)) { at += 4; n->kind = '0'; return n; }
  n->kind = '#'; n->number = decimal_number();
  return n;
}
static Node *json(char *line) { at = line; Node *n = value(0); space(); need(!*at); return n; }
static Node *field(Node *n, const char *name) {
  if (!n || n->kind != '{') return 0;
  for (Node *c = n->first; c; c = c->next) if (!strcmp(c->name, name)) return c;
  return 0;
}
static int is_text(Node *n, const char *s) { return n && n->kind == '"' && !strcmp(n->text, s); }
static double whole(Node *n, double least, double most) { need(n && n->kind == '#' && n->number == floor(n->number) && n->number >= least && n->number <= most); return n->number; }
static float from_hex(const char *s) {
  uint32_t w = 0; float f;
  for (int i = 0; i < 8; i++) { int digit = hex_digit(s[i]); need(digit >= 0); w = w << 4 | (uint32_t)digit; }
  memcpy(&f, &w, 4); return f;
}
static float number(Node *n) { need(n && n->kind == '"' && strlen(n->text) == 8); return from_hex(n->text); }
static int fields_of(Node *n) { int count = 0; need(n && n->kind == '{'); for (Node *f = n->first; f; f = f->next) count++; return count; }
static int truth(Node *n) { need(n && (n->kind == 't' || n->kind == 'f')); return n->kind == 't'; }
/* whole numbers, so many and no more */
static void wholes(Node *n, int count, const double *most, double *to) {
  need(n && n->kind == '['); n = n->first;
  for (int i = 0; i < count; i++, n = n->next) to[i] = whole(n, 0, most[i]);
  need(!n);
}
static const double WORD = 4294967295.0, LAST_WHOLE = 9007199254740991.0;
static void read_key(Node *n, uint32_t k[2]) { double most[2] = {WORD, WORD}, w[2]; wholes(n, 2, most, w); k[0] = (uint32_t)w[0]; k[1] = (uint32_t)w[1]; }
/* [pr-tensor], of whatever shape */
static Mat formed(Node *n) {
  Node *s = field(n, "s"), *x = field(n, "x"); double most[2] = {1 << 24, 1 << 24}, size[2];
  wholes(s, 2, most, size); need(size[0] >= 1 && size[1] >= 1);
  need(x && x->kind == '"' && (double)strlen(x->text) == size[0] * size[1] * 8);
  Mat m = mat((int)size[0], (int)size[1]);
  for (int i = 0; i < m.rows * m.cols; i++) m.x[i] = from_hex(x->text + 8 * i);
  return m;
}
static int all_finite(Mat m) { for (int i = 0; i < m.rows * m.cols; i++) if (!isfinite(m.x[i])) return 0; return 1; }
static Mat fitting(Mat m, int rows, int cols) { need(m.rows == rows && m.cols == cols && all_finite(m)); return m; }
static Mat tensor(Node *n, int rows, int cols) { return fitting(formed(n), rows, cols); }

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
static const char *broken_at; static int broken_layer;
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
static int decimal; /* whether a configuration has its numbers in decimal, as in a checkpoint */
static float config_number(Node *n) { if (!decimal) return number(n); need(n && n->kind == '#'); return (float)n->number; }
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
    known++; c.num[i] = config_number(f) + 0.0f; need(isfinite(c.num[i]));
    if (i >= EPSILON && i < WINDOW) need(c.num[i] >= 0);
    if ((i >= BETA1 && i <= DECAY) || i == WEIGHT_DECAY) need(c.num[i] >= 0 && c.num[i] < 1);
  }
  need(count == known);
  Node *b = field(n, "biases"), *u = field(n, "units");
  c.biases = truth(b);
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
typedef struct { Mat x, mask; int begins, ends; uint32_t key[2]; } Input;
static Input read_input(Node *n) {
  Input in = {formed(field(n, "x")), formed(field(n, "mask")), field(n, "begin") != 0, 0, {0, 0}};
  if (in.begins) read_key(field(n, "begin"), in.key);
  if (field(n, "end")) in.ends = truth(field(n, "end"));
  return in;
}
static void step(Input in, int train, int want_trace) {
  int L = c.L, rows = in.x.rows; traced = 0; broken_at = 0;
  if (in.begins) {
    key[0] = in.key[0]; key[1] = in.key[1]; t = 0; sums = 0; sx = mat(rows, c.n[0]);
    for (int l = 1; l <= L; l++) { sy[l] = mat(rows, c.n[l]); sz[l] = sy[l]; sd[l] = sy[l]; }
  }
  need(t < LAST_WHOLE);
  Mat x = fitting(in.x, sx.rows, c.n[0]), m = fitting(in.mask, sx.rows, 1);
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
  int active = t >= c.learn_from, learns = train && active, had_sum = sums != 0, ends = train && in.ends;
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
  end_record();
  if (want_trace) { put(",\"trace\":{"); for (int i = 0; i < traced; i++) put_mat(trace[i].name, trace[i].m); end_record(); }
}
static void read_power(Node *n, float *to) { *to = number(n); need(*to >= 0 && *to <= 1); }
/* the tensors of a record, well formed whatever their names and shapes; two fields are something else */
static void all_formed(Node *n, const char *not1, const char *not2) {
  fields_of(n);
  for (Node *f = n->first; f; f = f->next) if (strcmp(f->name, not1) && strcmp(f->name, not2)) formed(f);
}
/* weights and optimiser, whose names begin with these; so many fields are counted */
static void read_model(Node *w, const char *in_weights, Node *o, const char *in_optimizer, int *of_weights, int *of_optimizer) {
  char b[40]; int adam = is(OPTIMIZER, "adam"), rms = is(OPTIMIZER, "rmsprop");
  weights = read_weights(w, in_weights, of_weights);
  sprintf(b, "%sfirst.", in_optimizer); first = adam || is(OPTIMIZER, "momentum") || is(OPTIMIZER, "nesterov") ? read_weights(o, b, of_optimizer) : 0;
  sprintf(b, "%ssecond.", in_optimizer); second = adam || rms ? read_weights(o, b, of_optimizer) : 0;
  sprintf(b, "%ssum.W_1", in_optimizer); sums = 0;
  if (!field(o, b)) return;
  need(is(UPDATE, "sequence")); sprintf(b, "%ssum.", in_optimizer); sums = read_weights(o, b, of_optimizer);
}
/* a state, whose names begin so */
static void read_tensors_of_state(Node *s, const char *prefix, int *count) {
  char b[40]; sprintf(b, "%sx", prefix);
  Mat x = formed(field(s, b)); size_t size = sizeof(Mat) * (c.L + 2);
  sx = fitting(x, x.rows, c.n[0]); sy = get(size); sz = get(size); sd = get(size); ++*count;
  for (int l = 1; l <= c.L; l++) for (int i = 0; i < 3; i++) {
    sprintf(b, "%s%c_%d", prefix, "yzd"[i], l); (i == 0 ? sy : i == 1 ? sz : sd)[l] = tensor(field(s, b), x.rows, c.n[l]); ++*count;
  }
}
static void run(Node *r) {
  read_config(field(r, "config"));
  Node *w = field(r, "weights"), *o = field(r, "optimizer"), *s = field(r, "state"), *want = field(r, "want");
  int single = is_text(field(r, "op"), "step"), train = truth(field(r, "train")), count = 0, n = 0, m = 2, k = 2;
  /* first what is not well formed, wherever it is */
  need(want && (is_text(want, "trace") || is_text(want, "none")));
  all_formed(w, "", ""); all_formed(o, "power1", "power2"); all_formed(s, "t", "key");
  read_power(field(o, "power1"), &power1); read_power(field(o, "power2"), &power2);
  t = whole(field(s, "t"), 0, LAST_WHOLE - 1); read_key(field(s, "key"), key);
  Node *list = field(r, "inputs"), *one = single ? field(r, "input") : (need(list && list->kind == '['), list->first);
  for (Node *i = one; i; i = single ? 0 : i->next) count++;
  need(count > 0);
  Input *inputs = get(sizeof(Input) * (size_t)count); count = 0;
  for (Node *i = one; i; i = single ? 0 : i->next) inputs[count++] = read_input(i);
  /* then what does not fit; the state and the sum are not read where a sequence begins */
  if (inputs[0].begins) {
    size_t size = sizeof(Mat) * (c.L + 2); sx = mat(1, 1); sy = get(size); sz = get(size); sd = get(size);
    for (Node **f = &o->first; *f;) if (!strncmp((*f)->name, "sum.", 4)) *f = (*f)->next; else f = &(*f)->next;
  } else {
    read_tensors_of_state(s, "", &k); need(fields_of(s) == k);
  }
  read_model(w, "", o, "", &n, &m); need(fields_of(w) == n && fields_of(o) == m);
  if (single) { step(inputs[0], train, is_text(want, "trace")); return; }
  put("\"ok\":true,\"steps\":[");
  for (int i = 0; i < count; i++) { put("{"); step(inputs[i], train, is_text(want, "trace")); put(i + 1 < count ? "}," : "}"); }
  put("]");
}

/* ---- parts [pr-parts] ---- */
typedef struct { uint32_t w[4]; } Words;
static Words draw(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, const uint32_t k[2]) { Words r = {{c0, c1, c2, c3}}; philox(r.w, k[0], k[1]); return r; }
static void key_of(uint64_t seed, uint32_t k[2]) { k[0] = (uint32_t)seed; k[1] = (uint32_t)(seed >> 32); }
static void split(const uint32_t k[2], uint64_t i, uint32_t to[2]) { Words r = draw((uint32_t)i, (uint32_t)(i >> 32), 0, 0xffffffff, k); to[0] = r.w[0]; to[1] = r.w[1]; }
static uint32_t word_of(const uint32_t k[2], uint64_t i) { uint64_t j = i / 4; return draw((uint32_t)j, (uint32_t)(j >> 32), 0, 0, k).w[i % 4]; }
static float unit_of(uint32_t w) { return (float)(w >> 8) / 16777216.0f; }
/* [ar-normal] */
static float normal_of(uint32_t w) {
  static const uint32_t A[] = {0x426c7000, 0x431f4a88, 0x4249bcb2, 0x4058c6c8}, B_[] = {0x42866008, 0x429d83f9, 0x418f294f, 0x3f800000};
  static const uint32_t C_[] = {0x3e2e52ed, 0x3fa742e1, 0x40306faa, 0x3fb63331}, D[] = {0x3df6315c, 0x3f3cac24, 0x3f800000};
  float u = ((float)(w >> 9) + 0.5f) / 8388608.0f, q = u - 0.5f;
  if (fabsf(q) <= bits(0x3ed9999a)) { float r = bits(0x3e38f5c3) - q * q; return q * (horner(A, 4, r) / horner(B_, 4, r)); }
  float r = sqrtf(-log_(q < 0 ? u : 1 - u)) - bits(0x3fcccccd), z = horner(C_, 4, r) / horner(D, 3, r);
  return q < 0 ? -z : z;
}
static void answer_init(Node *r) {
  uint32_t k[2], of_layer[2], of_matrix[2]; double size = 0;
  read_config(field(r, "config")); key_of((uint64_t)whole(field(r, "seed"), 0, LAST_WHOLE), k);
  ALL(l, w) size += (double)r_ * c_;
  if (size > 1 << 20) fail("internal");
  weights = new_weights();
  ALL(l, w) {
    Mat m = weights[l][w] = mat(r_, c_);
    split(k, (uint64_t)l, of_layer);
    split(of_layer, (uint64_t)w, of_matrix);
    if (w == E && is(ERROR_START, "transposed")) weights[l][w] = transpose(weights[l][W]);
    else if (w < B) EACH(m) m.x[i] = c.num[WEIGHT_SCALE] * normal_of(word_of(of_matrix, (uint64_t)i));
  }
  put("\"ok\":true,\"weights\":{"); put_weights("", weights); end_record();
}
static void put_words(const uint32_t *w, int n) { char b[16]; put("\"ok\":true,\"words\":["); for (int i = 0; i < n; i++) { sprintf(b, i ? ",%u" : "%u", w[i]); put(b); } put("]"); }
static void put_value(Mat m) { put("\"ok\":true,"); put_mat("value", m); out_n--; }
/* functions of whole numbers, each at most so large; n is from 1 on */
static const struct { const char *name; int count; double most[6]; } OF_WHOLE[] = {
  {"philox", 6, {4294967295.0, 4294967295.0, 4294967295.0, 4294967295.0, 4294967295.0, 4294967295.0}}, {"key", 1, {9007199254740991.0}},
  {"split", 3, {4294967295.0, 4294967295.0, 9007199254740991.0}}, {"word", 3, {4294967295.0, 4294967295.0, 9007199254740991.0}},
  {"below", 4, {4294967295.0, 4294967295.0, 4294967295.0, 9007199254740991.0}}};
static void answer_words(int which, Node *words) {
  double given[6] = {0}; uint32_t w[6], to[2]; int n = OF_WHOLE[which].count;
  wholes(words, n, OF_WHOLE[which].most, given); need(which < 4 || given[0] >= 1);
  for (int i = 0; i < n; i++) w[i] = (uint32_t)(uint64_t)given[i];
  uint64_t last = (uint64_t)given[n - 1];
  if (which == 0) { Words r = draw(w[0], w[1], w[2], w[3], w + 4); put_words(r.w, 4); }
  else if (which == 1) { key_of(last, to); put_words(to, 2); }
  else if (which == 2) { split(w, last, to); put_words(to, 2); }
  else if (which == 3) { to[0] = word_of(w, last); put_words(to, 1); }
  else { to[0] = (uint32_t)((uint64_t)word_of(w + 1, last) * w[0] >> 32); put_words(to, 1); }
}
static void answer_function(Node *r) {
  static const char *OF_TENSOR = " tanh sigmoid relu relu6 ltanh sign step ";
  Node *name = field(r, "name"), *words = field(r, "words"); char b[32];
  if (!name || name->kind != '"' || strlen(name->text) > 20 || strchr(name->text, ' ')) fail("unsupported");
  sprintf(b, " %s ", name->text);
  for (int i = 0; i < 5; i++) if (is_text(name, OF_WHOLE[i].name)) { answer_words(i, words); return; }
  if (is_text(name, "unit") || is_text(name, "normal")) {
    int n = 0; need(words && words->kind == '[' && words->first);
    for (Node *w = words->first; w; w = w->next) { whole(w, 0, WORD); n++; }
    Mat m = mat(1, n); n = 0;
    for (Node *w = words->first; w; w = w->next) m.x[n++] = is_text(name, "unit") ? unit_of((uint32_t)w->number) : normal_of((uint32_t)w->number);
    put_value(m);
  } else if (is_text(name, "exp") || is_text(name, "log")) {
    Mat m = formed(field(r, "x")); EACH(m) m.x[i] = is_text(name, "exp") ? exp_(m.x[i]) : log_(m.x[i]);
    put_value(m);
  } else if (is_text(name, "softmax")) { c.text[OUTPUT] = "softmax"; put_value(predict(formed(field(r, "x")), 0, 1)); }
  else if (strstr(OF_TENSOR, b)) { c.text[ACTIVATION] = name->text; put_value(respond(formed(field(r, "x")), 0, 0)); }
  else fail("unsupported");
}

/* ---- checkpoints [ck-format] ---- */
static int is_utf8(const unsigned char *s, size_t n) {
  for (size_t i = 0; i < n;) {
    int more = s[i] < 0x80 ? 0 : s[i] >= 0xc2 && s[i] < 0xe0 ? 1 : s[i] >= 0xe0 && s[i] < 0xf0 ? 2 : s[i] >= 0xf0 && s[i] < 0xf5 ? 3 : -1;
    if (more < 0 || i + (size_t)more >= n + (more == 0)) return 0;
    for (int j = 1; j <= more; j++) if ((s[i + j] & 0xc0) != 0x80) return 0;
    if ((s[i] == 0xe0 && s[i + 1] < 0xa0) || (s[i] == 0xed && s[i + 1] > 0x9f) || (s[i] == 0xf0 && s[i + 1] < 0x90) || (s[i] == 0xf4 && s[i + 1] > 0x8f)) return 0;
    i += (size_t)more + 1;
  }
  return 1;
}
typedef struct { double from, to; } Span;
static int by_place(const void *a, const void *b) {
  const Span *x = a, *y = b;
  return x->from != y->from ? (x->from < y->from ? -1 : 1) : x->to < y->to ? -1 : x->to > y->to;
}
/* The tensors of a header, that have to fill the data one after another, as fields of a request have them: a record of
   tensors in digits, so that one reader serves both. */
static void tensors_from(Node *header, const unsigned char *data, double size) {
  int count = 0; double end = 0;
  for (Node *f = header->first; f; f = f->next) if (strcmp(f->name, "__metadata__")) count++;
  Span *spans = get(sizeof(Span) * (size_t)(count + 1)); count = 0;
  for (Node *f = header->first; f; f = f->next) {
    if (!strcmp(f->name, "__metadata__")) continue;
    double most[2] = {size, size}, shape[2], at_[2];
    need(is_text(field(f, "dtype"), "F32")); wholes(field(f, "shape"), 2, most, shape); wholes(field(f, "data_offsets"), 2, most, at_);
    need(at_[1] - at_[0] == 4 * shape[0] * shape[1]); spans[count].from = at_[0]; spans[count++].to = at_[1];
    size_t n = (size_t)(at_[1] - at_[0]); char *digits = get(2 * n + 1); digits[0] = 0;
    for (size_t i = 0; i < n; i++) sprintf(digits + 2 * i, "%02x", data[(size_t)at_[0] + (i ^ 3)]);
    Node *s = field(f, "shape"), *x = field(f, "dtype"); s->name = "s"; x->name = "x"; x->text = digits;
  }
  qsort(spans, (size_t)count, sizeof(Span), by_place);
  for (int i = 0; i < count; i++) { need(spans[i].from == end); end = spans[i].to; }
  need(end == size);
}
/* the file that is written: its header, and the digits of its data */
static char *made; static size_t made_n, made_cap, data_n;
static void make(const char *s) {
  size_t n = strlen(s);
  if (made_n + n + 1 > made_cap) { made_cap = (made_n + n + 1) * 2; made = realloc(made, made_cap); if (!made) exit(9); }
  memcpy(made + made_n, s, n + 1); made_n += n;
}
static void make_entry(const char *name, Mat m) {
  char b[120]; size_t size = sizeof(float) * (size_t)m.rows * m.cols;
  sprintf(b, ",\"%s\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[%lu,%lu]}", name, m.rows, m.cols, (unsigned long)data_n, (unsigned long)(data_n + size));
  make(b); data_n += size;
}
static void put_bytes(uint64_t w, int n) { char b[4]; for (int i = 0; i < n; i++, w >>= 8) { sprintf(b, "%02x", (unsigned)(w & 255)); put(b); } }
static void put_data(const char *name, Mat m) { (void)name; EACH(m) { uint32_t w; memcpy(&w, m.x + i, 4); put_bytes(w, 4); } }
typedef void (*Visit)(const char *name, Mat m);
static void each_tensor(Visit visit, int open) {
  char b[32];
  ALL(l, w) visit(label("weights.", l, w), weights[l][w]);
  if (first) ALL(l, w) visit(label("optimizer.first.", l, w), first[l][w]);
  if (second) ALL(l, w) visit(label("optimizer.second.", l, w), second[l][w]);
  if (sums) ALL(l, w) visit(label("optimizer.sum.", l, w), sums[l][w]);
  if (!open) return;
  visit("state.x", sx);
  for (int l = 1; l <= c.L; l++) for (int i = 0; i < 3; i++) { sprintf(b, "state.%c_%d", "yzd"[i], l); visit(b, (i == 0 ? sy : i == 1 ? sz : sd)[l]); }
}
static int at_default(int number_field, int i) { return number_field ? i >= RATE_FAN_IN && c.num[i] == 0 : i >= SIGNAL && is(i, i == SIGNAL ? "state" : "independent"); }
static void make_config(void) {
  char b[80]; make("{\\\"units\\\":[");
  for (int l = 0; l <= c.L; l++) { sprintf(b, l ? ",%d" : "%d", c.n[l]); make(b); }
  sprintf(b, "],\\\"passes\\\":%d,\\\"learnFrom\\\":%.0f,\\\"biases\\\":%s", c.passes, c.learn_from, c.biases ? "true" : "false"); make(b);
  for (int i = 0; i < 12; i++) if (!at_default(0, i)) { sprintf(b, ",\\\"%s\\\":\\\"%s\\\"", TEXTS[i], c.text[i]); make(b); }
  /* nine digits bring every binary32 number back */
  for (int i = 0; i < 16; i++) if (!at_default(1, i)) { sprintf(b, ",\\\"%s\\\":%.9g", NUMS[i], c.num[i]); make(b); }
  make("}");
}
static void put_checkpoint(int open) {
  char b[160]; int later = 0; uint32_t p1, p2; memcpy(&p1, &power1, 4); memcpy(&p2, &power2, 4);
  for (int i = SIGNAL; i < 12; i++) later += !at_default(0, i);
  for (int i = RATE_FAN_IN; i < 16; i++) later += !at_default(1, i);
  made_n = data_n = 0;
  make("{\"__metadata__\":{\"format\":\"ptncn\",\"spec\":\""); make(later ? "0.2.0" : "0.1.0"); make("\",\"config\":\""); make_config();
  sprintf(b, "\",\"optimizer\":\"{\\\"power1\\\":\\\"%08x\\\",\\\"power2\\\":\\\"%08x\\\"}\"", p1, p2); make(b);
  if (open) { sprintf(b, ",\"state\":\"{\\\"t\\\":%.0f,\\\"key\\\":[%u,%u]}\"", t, key[0], key[1]); make(b); }
  make("}"); each_tensor(make_entry, open); make("}");
  while (made_n % 8) make(" ");
  put("\"ok\":true,\"bytes\":\""); put_bytes(made_n, 8);
  for (size_t i = 0; i < made_n; i++) put_bytes((unsigned char)made[i], 1);
  each_tensor(put_data, open); put("\"");
}
/* JSON in a value of __metadata__ */
static Node *json_in(Node *metadata, const char *name) { Node *n = field(metadata, name); need(n && n->kind == '"'); char *copy = get(strlen(n->text) + 1); strcpy(copy, n->text); return json(copy); }
static void answer_checkpoint(Node *r) {
  Node *given = field(r, "bytes"); need(given && given->kind == '"' && strlen(given->text) % 2 == 0);
  size_t n = strlen(given->text) / 2; unsigned char *bytes = get(n + 1); uint64_t length = 0; int count = 0;
  for (size_t i = 0; i < n; i++) { int hi = hex_digit(given->text[2 * i]), lo = hex_digit(given->text[2 * i + 1]); need(hi >= 0 && lo >= 0); bytes[i] = (unsigned char)(hi << 4 | lo); }
  need(n >= 8); for (int i = 7; i >= 0; i--) length = length << 8 | bytes[i];
  need(length <= n - 8 && length <= 100000000 && is_utf8(bytes + 8, (size_t)length) && !memchr(bytes + 8, 0, (size_t)length));
  char *head = get((size_t)length + 1); memcpy(head, bytes + 8, (size_t)length); head[length] = 0;
  plain_numbers = 1; Node *header = json(head), *metadata = field(header, "__metadata__"); plain_numbers = 0;
  fields_of(metadata); for (Node *f = metadata->first; f; f = f->next) need(f->kind == '"');
  tensors_from(header, bytes + 8 + length, (double)(n - 8 - (size_t)length));
  int later = is_text(field(metadata, "spec"), "0.2.0"), open = field(metadata, "state") != 0;
  need(is_text(field(metadata, "format"), "ptncn") && (later || is_text(field(metadata, "spec"), "0.1.0")));
  Node *config = json_in(metadata, "config"), *powers = json_in(metadata, "optimizer");
  decimal = 1; read_config(config); decimal = 0;
  for (int i = SIGNAL; i < 12; i++) need(later || !field(config, TEXTS[i]));
  for (int i = RATE_FAN_IN; i < 16; i++) need(later || !field(config, NUMS[i]));
  read_power(field(powers, "power1"), &power1); read_power(field(powers, "power2"), &power2);
  read_model(header, "weights.", header, "optimizer.", &count, &count); need(open || !sums);
  if (open) {
    Node *s = json_in(metadata, "state");
    t = whole(field(s, "t"), 0, LAST_WHOLE - 1); read_key(field(s, "key"), key); read_tensors_of_state(header, "state.", &count);
  }
  need(fields_of(header) == count + 1);
  put_checkpoint(open);
}
static const char HELLO[] = "\"ok\":true,\"protocol\":1,\"specs\":[\"0.1.0\",\"0.2.0\"],\"port\":{\"name\":\"ptncn-c\",\"version\":\"1\",\"language\":\"C\"},\"caps\":{\"layers\":64,\"maxDims\":4096,"
  "\"activations\":[\"tanh\",\"sigmoid\",\"relu\",\"relu6\",\"ltanh\",\"sign\",\"step\",\"identity\",\"stochastic\"],\"outputs\":[\"softmax\",\"sigmoid\",\"identity\"],"
  "\"optimizers\":[\"sgd\",\"momentum\",\"nesterov\",\"adam\",\"rmsprop\"],\"ops\":[\"step\",\"run\",\"init\",\"function\",\"checkpoint\"],\"trace\":\"full\",\"level\":\"bit\"}";
int main(void) {
  static size_t cap = 1 << 16; static char *line; size_t n; int ch;
  if (!(line = malloc(cap))) return 9;
  for (;;) {
    for (n = 0; (ch = getchar()) != EOF && ch != '\n';) { if (n + 2 > cap && !(line = realloc(line, cap *= 2))) return 9; line[n++] = (char)ch; }
    if (ch == EOF) return 0;
    line[n] = 0; out_n = 0; decimal = plain_numbers = 0; free_all();
    static char id[32]; strcpy(id, "null");
    if (setjmp(failure) == 0) {
      need(!memchr(line, 0, n));
      Node *r = json(line), *op = field(r, "op"), *number = field(r, "id");
      if (is_text(op, "bye")) return 0;
      if (number && number->kind == '#') sprintf(id, "%.0f", whole(number, 0, LAST_WHOLE));
      put("{\"id\":"); put(id); put(",");
      if (is_text(op, "hello")) put(HELLO);
      else if (is_text(op, "step") || is_text(op, "run")) run(r);
      else if (is_text(op, "init")) answer_init(r);
      else if (is_text(op, "function")) answer_function(r);
      else if (is_text(op, "checkpoint")) answer_checkpoint(r);
      else fail("unsupported");
      if (out_n > 8 << 20) fail("internal");
    } else {
      char b[160]; out_n = 0; put("{\"id\":"); put(id); put(",");
      sprintf(b, "\"ok\":false,\"kind\":\"%s\",\"what\":\"\"", kind_of_failure); put(b);
      if (!strcmp(kind_of_failure, "diverged")) { sprintf(b, ",\"equation\":\"%s\",\"layer\":%d", culprit, culprit_layer); put(b); }
    }
    put("}\n"); fwrite(out, 1, out_n, stdout); fflush(stdout);
  }
}
