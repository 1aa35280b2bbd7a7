// P-TNCN in Java 17 without a library, written from SPEC.md alone. It keeps the versions 0.1.0 and 0.2.0 of that document
// and speaks its conformance protocol ([pr-lines]). The names in brackets are the clauses of SPEC.md.
//
// Start it with `java Port.java`, or `javac -d FOLDER Port.java` and `java -cp FOLDER Port`. One method, Context.equation,
// serves both the step and single `equation` requests: each equation reads tensors by the names of [pr-reads] and gives
// one tensor. Since Java 17 all arithmetic on float is binary32, rounded once ([ar-round]).

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public final class Port {
  private static final int MAX_LINE = 8 << 20; // [pr-lines]
  private static final int MAX_ELEMENTS = MAX_LINE / 8; // more digits do not fit into an answer
  private static final long LAST_T = (1L << 53) - 2; // [st-carried]
  private static final long LAST_WHOLE = (1L << 53) - 1; // a seed, an index [pr-parts]
  private static final long LAST_WORD = (1L << 32) - 1;

  /** Why a request is not answered [pr-answers]. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    final String kind;
    final String equation;
    final int layer;

    Refusal(String kind, String what, String equation, int layer) {
      super(what, null, false, false);
      this.kind = kind;
      this.equation = equation;
      this.layer = layer;
    }

    Refusal(String kind, String what) {
      this(kind, what, null, 0);
    }
  }

  static Refusal tooLong() {
    return new Refusal("internal", "the answer would be longer than " + MAX_LINE + " bytes");
  }

  static Refusal diverged(String equation, int layer) {
    return new Refusal("diverged", equation + " of " + layer + " is not finite", equation, layer);
  }

  static void check(boolean holds, String what) {
    if (!holds) throw new Refusal("invalid", what);
  }

  // ---- Tensors ----------------------------------------------------------------------------------------------------

  interface Unary {
    float of(float x);
  }

  interface Binary {
    float of(float x, float y);
  }

  interface Term {
    float of(int j);
  }

  /** Whoever makes a tensor fills it; after that nobody writes into it. */
  record Tensor(int rows, int cols, float[] data) {
    static Tensor zeros(int rows, int cols) {
      if ((long) rows * cols > MAX_ELEMENTS) throw tooLong();
      return new Tensor(rows, cols, new float[rows * cols]);
    }

    static Tensor number(float x) {
      return new Tensor(1, 1, new float[] {x});
    }

    float at(int i, int j) {
      return data[i * cols + j];
    }

    void fits(Tensor b) {
      check(rows == b.rows && cols == b.cols, rows + " x " + cols + " does not fit " + b.rows + " x " + b.cols);
    }

    Tensor map(Unary f) {
      Tensor out = zeros(rows, cols);
      for (int i = 0; i < data.length; i++) out.data[i] = f.of(data[i]);
      return out;
    }

    Tensor map(Tensor b, Binary f) {
      fits(b);
      Tensor out = zeros(rows, cols);
      for (int i = 0; i < data.length; i++) out.data[i] = f.of(data[i], b.data[i]);
      return out;
    }

    Tensor plus(Tensor b) {
      return map(b, (x, y) -> x + y);
    }

    Tensor minus(Tensor b) {
      return map(b, (x, y) -> x - y);
    }

    Tensor times(float factor) {
      return map(x -> x * factor);
    }

    Tensor plusRow(Tensor bias) {
      check(bias.rows == 1 && bias.cols == cols, "a bias has one row, as wide as what it is added to");
      Tensor out = zeros(rows, cols);
      for (int i = 0; i < data.length; i++) out.data[i] = data[i] + bias.data[i % cols];
      return out;
    }

    Tensor masked(Tensor mask) {
      checkMask(mask);
      Tensor out = zeros(rows, cols);
      for (int i = 0; i < data.length; i++) out.data[i] = mask.data[i / cols] * data[i];
      return out;
    }

    void checkMask(Tensor mask) {
      check(mask.cols == 1 && mask.rows == rows, "a mask has one column, and a row for each row");
    }

    Tensor transposed() {
      Tensor out = zeros(cols, rows);
      for (int i = 0; i < rows; i++) for (int j = 0; j < cols; j++) out.data[j * rows + i] = at(i, j);
      return out;
    }

    /** [ar-product]: every element adds its terms in ascending order of the summed index. */
    Tensor product(Tensor b) {
      check(cols == b.rows, rows + " x " + cols + " does not fit " + b.rows + " x " + b.cols);
      Tensor out = zeros(rows, b.cols);
      for (int i = 0; i < rows; i++) {
        for (int k = 0; k < cols; k++) {
          float left = at(i, k);
          for (int j = 0; j < b.cols; j++) out.data[i * b.cols + j] += left * b.at(k, j);
        }
      }
      return out;
    }

    Tensor sumOfRows() {
      Tensor out = zeros(1, cols);
      for (int i = 0; i < data.length; i++) out.data[i % cols] += data[i];
      return out;
    }

    float sumOfSquares(int row) {
      return laneSum(cols, j -> at(row, j) * at(row, j));
    }

    float norm() {
      float total = 0;
      for (int i = 0; i < rows; i++) total += sumOfSquares(i);
      return sqrt(total);
    }

    boolean isFinite() {
      for (float x : data) if (!Float.isFinite(x)) return false;
      return true;
    }
  }

  /** [ar-sum] */
  static float laneSum(int n, Term term) {
    float[] lanes = new float[4];
    for (int j = 0; j < n; j++) lanes[j % 4] += term.of(j);
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  }

  // ---- Elementary functions ---------------------------------------------------------------------------------------

  static float bits(int word) {
    return Float.intBitsToFloat(word);
  }

  static float[] coefficients(String words) {
    String[] parts = words.split(" ");
    float[] out = new float[parts.length];
    for (int i = 0; i < out.length; i++) out[i] = bits(Integer.parseUnsignedInt(parts[i], 16));
    return out;
  }

  static final float LOG2_E = bits(0x3fb8aa3b);
  static final float ROUNDER = bits(0x4b400000);
  static final float LN2_HIGH = bits(0x3f318000);
  static final float LN2_LOW = bits(0xb95e8083);
  static final float LTANH_OUT = bits(0x3fdba29c);
  static final float LTANH_IN = bits(0x3f2aaaab);
  static final float TINY = bits(0x322bcc77);
  static final float[] EXP = coefficients("39506967 3ab743ce 3c088908 3d2aa9c1 3e2aaaaa 3f000000");
  static final float[] LOG = coefficients("3d9021bb bdebd1b8 3def251a bdfe5d4f 3e11e9bf be2aae50 3e4cceac be7ffffc 3eaaaaaa");
  static final float[] TANH = coefficients("bbbaf0ea 3ca9134e bd5c1e2d 3e088393 beaaaa99");

  static float horner(float[] c, float x) {
    float s = c[0];
    for (int i = 1; i < c.length; i++) s = s * x + c[i];
    return s;
  }

  /** Rounded once: a root rounded to binary64 and then to binary32 is that of binary32. */
  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }

  static float powerOf2(int n) {
    return bits((n + 127) << 23);
  }

  /** [ar-exp] */
  static float exp(float x) {
    if (Float.isNaN(x)) return x;
    float b = Math.min(Math.max(x, -104), 89);
    float n = (b * LOG2_E + ROUNDER) - ROUNDER;
    float h = b - n * LN2_HIGH;
    float s = n * LN2_LOW;
    float r = h - s;
    float v = horner(EXP, r) * (r * r);
    float u = 1 + r;
    float y = u + (v + ((r - (u - 1)) + ((h - r) - s)));
    int k = (int) n >> 1; // rounds down
    return (y * powerOf2(k)) * powerOf2((int) n - k);
  }

  /** [ar-log] */
  static float log(float x) {
    if (x == 0) return Float.NEGATIVE_INFINITY;
    if (x == Float.POSITIVE_INFINITY) return x;
    if (!(x > 0)) return Float.NaN;
    boolean small = x < Float.MIN_NORMAL;
    int i = Float.floatToRawIntBits(small ? x * powerOf2(23) : x) - 0x3f3504f3;
    float k = (i >> 23) - (small ? 23 : 0);
    float f = bits((i & 0x7fffff) + 0x3f3504f3) - 1;
    float q = f * f;
    float w = (horner(LOG, f) * f) * q;
    float l = w + k * LN2_LOW;
    return (f + (l - 0.5f * q)) + k * LN2_HIGH;
  }

  /** [ar-tanh] */
  static float tanh(float x) {
    if (Float.isNaN(x)) return x;
    float a = Math.abs(x);
    float q = a * a;
    float size = a < 0.625f ? ((horner(TANH, q) * q) * a) + a : 1 - 2 / (exp(2 * a) + 1);
    return Math.copySign(size, x);
  }

  /** [ar-sigmoid] */
  static float sigmoid(float x) {
    if (Float.isNaN(x)) return x;
    float e = exp(-Math.abs(x));
    return x >= 0 ? 1 / (1 + e) : e - e * (e / (1 + e));
  }

  /** [ar-softmax] */
  static Tensor softmax(Tensor a) {
    Tensor out = Tensor.zeros(a.rows, a.cols);
    for (int i = 0; i < a.rows; i++) {
      int row = i * a.cols;
      float largest = a.at(i, 0);
      for (int j = 1; j < a.cols; j++) largest = Math.max(largest, a.at(i, j)); // NaN if one is NaN
      for (int j = 0; j < a.cols; j++) out.data[row + j] = exp(a.at(i, j) - largest);
      float sum = laneSum(a.cols, j -> out.data[row + j]);
      for (int j = 0; j < a.cols; j++) out.data[row + j] /= sum;
    }
    return out;
  }

  static float sign(float a) {
    return a > 0 ? 1 : a < 0 ? -1 : a == 0 ? 0 : a;
  }

  /** [ar-units], without `stochastic`. */
  static float unit(String name, float a) {
    if (Float.isNaN(a)) return a;
    return switch (name) {
      case "tanh" -> tanh(a);
      case "sigmoid" -> sigmoid(a);
      case "relu" -> a > 0 ? a : 0;
      case "relu6" -> a > 6 ? 6 : a > 0 ? a : 0;
      case "ltanh" -> LTANH_OUT * tanh(LTANH_IN * a);
      case "sign" -> sign(a);
      case "step" -> a >= 0 ? 1 : 0;
      default -> a;
    };
  }

  /** [ar-philox]; a word of 32 bits is an int, whatever its sign. */
  static int[] philox(int[] counter, int[] key) {
    int c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    int k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
      long p0 = 0xd2511f53L * (c0 & LAST_WORD);
      long p1 = 0xcd9e8d57L * (c2 & LAST_WORD);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    return new int[] {c0, c1, c2, c3};
  }

  /** [ar-key]: the key of a seed. */
  static int[] keyOf(long seed) {
    return new int[] {(int) seed, (int) (seed >>> 32)};
  }

  /** [ar-key] */
  static int[] split(int[] key, long i) {
    int[] words = philox(new int[] {(int) i, (int) (i >>> 32), 0, -1}, key);
    return new int[] {words[0], words[1]};
  }

  /** [ar-uniform]: word i of a key. */
  static int wordOf(int[] key, long i) {
    long j = i / 4;
    return philox(new int[] {(int) j, (int) (j >>> 32), 0, 0}, key)[(int) (i % 4)];
  }

  /** [ar-uniform] */
  static float unitInterval(int word) {
    return (word >>> 8) * powerOf2(-24);
  }

  static final float SPLIT_AT = bits(0x3ed9999a);
  static final float NEAR = bits(0x3e38f5c3);
  static final float FAR = bits(0x3fcccccd);
  static final float[] NEAR_OVER = coefficients("426c7000 431f4a88 4249bcb2 4058c6c8");
  static final float[] NEAR_UNDER = coefficients("42866008 429d83f9 418f294f 3f800000");
  static final float[] FAR_OVER = coefficients("3e2e52ed 3fa742e1 40306faa 3fb63331");
  static final float[] FAR_UNDER = coefficients("3df6315c 3f3cac24 3f800000");

  /** [ar-normal], of deviation 1. */
  static float normal(int word) {
    float u = ((word >>> 9) + 0.5f) * powerOf2(-23);
    float q = u - 0.5f;
    if (Math.abs(q) <= SPLIT_AT) {
      float r = NEAR - q * q;
      return q * (horner(NEAR_OVER, r) / horner(NEAR_UNDER, r));
    }
    float r = sqrt(-log(q < 0 ? u : 1 - u)) - FAR;
    float z = horner(FAR_OVER, r) / horner(FAR_UNDER, r);
    return q < 0 ? -z : z;
  }

  // ---- Configuration [cf-fields] -----------------------------------------------------------------------------------

  static final List<String> ACTIVATIONS =
      List.of("tanh", "sigmoid", "relu", "relu6", "ltanh", "sign", "step", "identity", "stochastic");
  static final List<String> OUTPUTS = List.of("softmax", "sigmoid", "identity");
  static final List<String> OPTIMIZERS = List.of("sgd", "momentum", "nesterov", "adam", "rmsprop");

  /** One of [wt-shapes]: `kind` is its letter, `index` the number in its name, `layer` whose it is. */
  record Weight(String name, char kind, int index, int layer, int rows, int cols) {
    boolean isMatrix() {
      return kind != 'b' && kind != 'c';
    }

    String rule() {
      return switch (kind) {
        case 'W' -> "L1";
        case 'E' -> "L2";
        case 'M' -> "L3";
        case 'V' -> "L4";
        case 'U' -> "L5";
        default -> "L6";
      };
    }
  }

  /** [cf-later]: the fields of 0.2.0, and their defaults as they would be written. */
  static final Map<String, String> LATER =
      Map.of(
          "correctionSignal", "\"state\"",
          "window", "0.0",
          "errorStart", "\"independent\"",
          "weightDecay", "0.0",
          "rateFanIn", "0.0");

  static final class Config {
    private final Map<String, Object> given;
    private final Set<String> known = new HashSet<>();
    /** Whether numbers that are not whole by their kind are decimal, as in a checkpoint, or bits. */
    private final boolean decimal;
    /** Each field as JSON, of the later ones those that are not at their defaults [cf-later]. */
    final Map<String, String> written = new LinkedHashMap<>();
    final int[] units;
    final String activation, output, hiddenPrediction, topDownSignal, errorRule, presynaptic, clipOrder, mean, optimizer;
    final String update, correctionSignal, errorStart;
    final float gamma, beta, alpha, lambda, clip, rate, momentum, beta1, beta2, decay, epsilon, maxNorm, weightScale;
    final float window, weightDecay, rateFanIn;
    final int passes;
    final long learnFrom;
    final boolean biases;
    final Map<String, Weight> weights = new LinkedHashMap<>();
    final List<String> moments;

    Config(Object value, boolean decimal) {
      this.decimal = decimal;
      given = record(value, "config");
      List<Object> list = list(field("units"), "units");
      check(list.size() >= 2 && list.size() <= 65536, "units has to be a list of 2 to 65536");
      units = list.stream().mapToInt(n -> (int) whole(n, 1, 1 << 24, "units")).toArray();
      written.put("units", Arrays.toString(units));
      activation = word("activation", ACTIVATIONS);
      output = word("output", OUTPUTS);
      hiddenPrediction = word("hiddenPrediction", List.of("identity", "activation"));
      topDownSignal = word("topDownSignal", List.of("correction", "error"));
      errorRule = word("errorRule", List.of("transposed", "temporal"));
      gamma = real("gamma");
      presynaptic = word("presynaptic", List.of("corrected", "uncorrected"));
      beta = real("beta");
      alpha = real("alpha");
      lambda = real("lambda");
      passes = (int) whole(field("passes"), 1, 32767, "passes");
      written.put("passes", String.valueOf(passes));
      biases = truth(field("biases"), "biases");
      written.put("biases", String.valueOf(biases));
      clip = real("clip");
      clipOrder = word("clipOrder", List.of("clip-mean", "mean-clip"));
      mean = word("mean", List.of("all", "active"));
      optimizer = word("optimizer", OPTIMIZERS);
      rate = real("rate");
      momentum = real("momentum");
      beta1 = belowOne("beta1");
      beta2 = belowOne("beta2");
      decay = belowOne("decay");
      epsilon = notNegative("epsilon");
      update = word("update", List.of("step", "sequence"));
      maxNorm = notNegative("maxNorm");
      weightScale = notNegative("weightScale");
      learnFrom = whole(field("learnFrom"), 0, LAST_WORD - 1, "learnFrom");
      written.put("learnFrom", String.valueOf(learnFrom));
      // The fields of 0.2.0 may be left out [cf-later].
      correctionSignal = isGiven("correctionSignal") ? word("correctionSignal", List.of("state", "drive")) : "state";
      window = isGiven("window") ? real("window") : 0;
      errorStart = isGiven("errorStart") ? word("errorStart", List.of("independent", "transposed")) : "independent";
      weightDecay = isGiven("weightDecay") ? belowOne("weightDecay") : 0;
      rateFanIn = isGiven("rateFanIn") ? notNegative("rateFanIn") : 0;
      LATER.forEach(written::remove); // where the value is that of the default
      for (String name : given.keySet()) check(known.contains(name), "config has no field \"" + name + "\"");
      moments =
          switch (optimizer) {
            case "momentum", "nesterov" -> List.of("first");
            case "adam" -> List.of("first", "second");
            case "rmsprop" -> List.of("second");
            default -> List.of();
          };
      for (int l = 1; l <= top(); l++) addLayer(l);
    }

    int top() {
      return units.length - 1;
    }

    boolean clipsFirst() {
      return clipOrder.equals("clip-mean");
    }

    boolean bySequence() {
      return update.equals("sequence");
    }

    private boolean isGiven(String name) {
      return given.containsKey(name);
    }

    private Object field(String name) {
      check(isGiven(name), "config lacks \"" + name + "\"");
      known.add(name);
      return given.get(name);
    }

    private String word(String name, List<String> allowed) {
      Object value = field(name);
      check(value instanceof String text && allowed.contains(text), name + " must not be " + value);
      written.put(name, "\"" + value + "\"");
      return (String) value;
    }

    private float real(String name) {
      Object value = field(name);
      float x = (decimal ? decimal(value, name) : number(value, name)) + 0f; // -0 is read as +0
      check(Float.isFinite(x), name + " must not be " + x);
      written.put(name, Float.toString(x)); // comes back to its bits
      return x;
    }

    private float notNegative(String name) {
      float x = real(name);
      check(x >= 0, name + " must not be " + x);
      return x;
    }

    private float belowOne(String name) {
      float x = notNegative(name);
      check(x < 1, name + " must not be " + x);
      return x;
    }

    private void addLayer(int l) {
      int below = units[l - 1], own = units[l];
      add('W', l, l, own, below);
      add('E', l, l, below, own);
      add('M', l, l, below, own);
      add('V', l, l, own, own);
      if (l < top()) add('U', l, l, units[l + 1], own);
      if (biases) add('b', l, l, 1, own);
      if (biases) add('c', l - 1, l, 1, below);
    }

    private void add(char kind, int index, int layer, int rows, int cols) {
      String name = kind + "_" + index;
      weights.put(name, new Weight(name, kind, index, layer, rows, cols));
    }
  }

  // ---- Equations --------------------------------------------------------------------------------------------------

  interface Tensors {
    /** The tensor of this name, or null where there is none. */
    Tensor find(String name);
  }

  /** What an equation sees: tensors by the names of [pr-reads], and t and key for stochastic units. */
  record Context(Config config, long t, int[] key, Tensors tensors) {
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9.-]+?)(?:_(0|[1-9][0-9]{0,7}))?(?:\\^([1-9][0-9]{0,7}))?");

    Tensor read(String name) {
      Tensor found = tensors.find(name);
      check(found != null, name + " is missing");
      return found;
    }

    Tensor yBefore(int l) {
      return read(l == 0 ? "x[t-1]" : "y_" + l + "[t-1]");
    }

    Tensor presynaptic(int l) {
      return l == 0 || config.presynaptic.equals("corrected") ? yBefore(l) : read("z_" + l + "[t-1]");
    }

    /** a and z are those after pass k; before the first pass k is 0. */
    Tensor a(int l, int k) {
      return read(k == 0 ? "A1.a_" + l : "C3.a_" + l + "^" + k);
    }

    Tensor z(int l, int k) {
      return read(l == 0 ? "x" : k == 0 ? "A2.z_" + l : "C3.z_" + l + "^" + k);
    }

    Tensor e(int level, int k) {
      return read("C1.e_" + level + "^" + k);
    }

    Tensor d(int l) {
      return read("C4.d_" + l);
    }

    /** How the result of this name is computed, or null where the configuration has no such result. */
    Supplier<Tensor> equation(String name) {
      Matcher parts = NAME.matcher(name);
      if (!parts.matches()) return null;
      String symbol = parts.group(1);
      int l = parts.group(2) == null ? -1 : Integer.parseInt(parts.group(2));
      int k = parts.group(3) == null ? -1 : Integer.parseInt(parts.group(3));
      boolean layer = l >= 1 && l <= config.top();
      boolean level = l >= 0 && l < config.top();
      boolean pass = k >= 1 && k <= config.passes;
      boolean alone = k == -1;
      boolean bare = l == -1 && alone;
      return switch (symbol) {
        case "A1.a" -> layer && alone ? () -> drive(l) : null;
        case "A2.z" -> layer && alone ? () -> respond(a(l, 0), l, 0) : null;
        case "P1.logits" -> level && pass ? () -> logits(l, k) : null;
        case "P1.p" -> level && pass ? () -> prediction(l, k) : null;
        case "C1.e" -> level && pass ? () -> read("P1.p_" + l + "^" + k).minus(z(l, k - 1)).masked(read("m")) : null;
        case "C2.h" -> layer && pass ? () -> asked(l, k) : null;
        case "C3.a" -> layer && pass ? () -> settled(l, k) : null;
        case "C3.z" -> layer && pass ? () -> respond(a(l, k), l, k) : null;
        case "C4.d" -> layer && alone ? () -> correction(l) : null;
        case "S1.loss" -> bare && config.output.equals("softmax") ? () -> score(Port::lossOfSoftmax) : null;
        case "S2.loss" -> bare && config.output.equals("sigmoid") ? () -> score(Port::lossOfSigmoid) : null;
        case "S3.loss" -> bare && config.output.equals("identity") ? () -> score(Port::lossOfIdentity) : null;
        case "S4.correct" -> bare && config.output.equals("softmax") ? () -> score(Port::isCorrect) : null;
        case "op-state.power1" -> bare ? () -> Tensor.number(scalar(read("power1")) * config.beta1) : null;
        case "op-state.power2" -> bare ? () -> Tensor.number(scalar(read("power2")) * config.beta2) : null;
        default -> {
          Weight w = l >= 0 && alone ? config.weights.get(symbol.charAt(symbol.length() - 1) + "_" + l) : null;
          yield w == null ? null : equationOf(w, symbol.substring(0, symbol.length() - 1));
        }
      };
    }

    private Supplier<Tensor> equationOf(Weight w, String clause) {
      if (clause.equals(w.rule() + ".d")) return () -> update(w);
      boolean decays = config.weightDecay > 0;
      return switch (clause) {
        case "O1.d" -> () -> clipped(read((config.clipsFirst() ? w.rule() : "O2") + ".d" + w.name), config.clip);
        case "O2.d" -> () -> mean(read((config.clipsFirst() ? "O1" : w.rule()) + ".d" + w.name));
        case "sq-update.sum." -> config.bySequence() ? () -> sum(w) : null;
        case "O3.first." -> config.moments.contains("first") ? () -> first(w) : null;
        case "O3.second." -> config.moments.contains("second") ? () -> second(w) : null;
        case "O3." -> () -> moved(w);
        case "O5." -> decays && w.isMatrix() ? () -> read("O3." + w.name).map(x -> x - config.weightDecay * x) : null;
        case "O4." -> w.isMatrix() ? () -> projected(read((decays ? "O5." : "O3.") + w.name), config.maxNorm) : null;
        default -> null;
      };
    }

    /** f, of a level at a stage of [ar-stochastic]. */
    private Tensor respond(Tensor a, int level, int stage) {
      if (!config.activation.equals("stochastic")) return a.map(x -> unit(config.activation, x));
      Tensor out = Tensor.zeros(a.rows, a.cols);
      int[] words = {};
      for (int i = 0; i < a.rows; i++) {
        for (int j = 0; j < a.cols; j++) {
          if (j % 4 == 0) words = philox(new int[] {j / 4, i, 65536 * stage + level, (int) t}, key);
          float p = sigmoid(a.at(i, j));
          float u = (float) (words[j % 4] >>> 8) / (1 << 24);
          out.data[i * a.cols + j] = Float.isNaN(p) ? p : u < p ? 1 : 0;
        }
      }
      return out;
    }

    /** [A1] */
    private Tensor drive(int l) {
      Tensor a = yBefore(l - 1).product(read("M_" + l));
      if (l < config.top()) a = a.plus(yBefore(l + 1).product(read("U_" + l)));
      a = a.plus(yBefore(l).product(read("V_" + l)));
      return config.biases ? a.plusRow(read("b_" + l)) : a;
    }

    /** [P1], of the level that is predicted, as is prediction. */
    private Tensor logits(int level, int k) {
      Tensor logits = z(level + 1, k - 1).product(read("W_" + (level + 1)));
      return config.biases ? logits.plusRow(read("c_" + level)) : logits;
    }

    private Tensor prediction(int level, int k) {
      Tensor logits = read("P1.logits_" + level + "^" + k);
      if (level > 0) return config.hiddenPrediction.equals("activation") ? respond(logits, level, 32768 + k) : logits;
      return switch (config.output) {
        case "softmax" -> softmax(logits);
        case "sigmoid" -> logits.map(Port::sigmoid);
        default -> logits;
      };
    }

    /** [C2] */
    private Tensor asked(int l, int k) {
      Tensor h = e(l - 1, k).product(read("E_" + l));
      if (l < config.top()) h = h.map(e(l, k), (x, e) -> x - config.alpha * e);
      return h.map(a(l, k - 1), (x, a) -> x + config.lambda * sign(a));
    }

    /** [C3] */
    private Tensor settled(int l, int k) {
      return a(l, k - 1).map(read("C2.h_" + l + "^" + k), (a, h) -> a - config.beta * h);
    }

    /** [C4] */
    private Tensor correction(int l) {
      if (config.correctionSignal.equals("state")) return a2(l).minus(z(l, config.passes)).masked(read("m"));
      Binary difference = (a, last) -> config.window > 0 && !(Math.abs(a) < config.window) ? 0 : a - last;
      return a(l, 0).map(a(l, config.passes), difference).masked(read("m"));
    }

    private Tensor a2(int l) {
      return read("A2.z_" + l);
    }

    /** [L1] to [L6] */
    private Tensor update(Weight w) {
      int l = w.index;
      return switch (w.kind) {
        case 'W' -> {
          boolean corrects = config.topDownSignal.equals("correction");
          yield a2(l).transposed().product(l == 1 ? e(0, 1) : corrects ? d(l - 1) : e(l - 1, 1));
        }
        case 'E' -> {
          if (config.errorRule.equals("temporal")) {
            Tensor change = d(l).minus(read("d_" + l + "[t-1]"));
            yield e(l - 1, 1).transposed().product(change).times(-config.gamma);
          }
          Tensor dW = read("L1.dW_" + l);
          yield (config.clipsFirst() ? clipped(dW, config.clip) : dW).transposed().times(config.gamma);
        }
        case 'M' -> presynaptic(l - 1).transposed().product(d(l));
        case 'V' -> presynaptic(l).transposed().product(d(l));
        case 'U' -> presynaptic(l + 1).transposed().product(d(l));
        case 'b' -> d(l).sumOfRows();
        default -> e(l, 1).sumOfRows();
      };
    }

    /** [O2] */
    private Tensor mean(Tensor d) {
      Tensor mask = read("m");
      check(mask.cols == 1, "a mask has one column");
      int n = mask.rows;
      if (config.mean.equals("active")) {
        n = 0;
        for (float m : mask.data) if (m == 1) n++;
        n = Math.max(n, 1);
      }
      return d.times(1f / n);
    }

    /** The reduced update: the result of O1 and O2 in whichever order. */
    private Tensor reduced(Weight w) {
      return read((config.clipsFirst() ? "O2" : "O1") + ".d" + w.name);
    }

    /** [sq-update] */
    private Tensor sum(Weight w) {
      Tensor before = tensors.find("sum." + w.name);
      return before == null ? reduced(w) : before.plus(reduced(w));
    }

    /** What [O3] moves a weight by. */
    private Tensor force(Weight w) {
      if (!config.bySequence()) return reduced(w);
      Tensor now = tensors.find("sq-update.sum." + w.name);
      return now != null ? now : read("sum." + w.name);
    }

    private Tensor first(Weight w) {
      Tensor old = read("first." + w.name);
      if (!config.optimizer.equals("adam")) return old.map(force(w), (v, d) -> config.momentum * v + d);
      float rest = 1 - config.beta1;
      return old.map(force(w), (s, d) -> config.beta1 * s + rest * d);
    }

    private Tensor second(Weight w) {
      float keep = config.optimizer.equals("adam") ? config.beta2 : config.decay;
      float rest = 1 - keep;
      return read("second." + w.name).map(force(w), (s, d) -> keep * s + rest * (d * d));
    }

    /** The last line of each optimiser in [O3]. */
    private Tensor moved(Weight w) {
      Tensor old = read(w.name);
      Tensor d = force(w);
      old.fits(d);
      Tensor first = config.moments.contains("first") ? read("O3.first." + w.name) : d;
      Tensor second = config.moments.contains("second") ? read("O3.second." + w.name) : d;
      float rate = rate(w, old.rows);
      float epsilon = config.epsilon;
      return old.minus(
          switch (config.optimizer) {
            case "sgd" -> d.times(rate);
            case "momentum" -> first.times(rate);
            case "nesterov" -> d.map(first, (g, v) -> rate * g + rate * (config.momentum * v));
            case "rmsprop" -> d.map(second, (g, q) -> (rate * g) / (sqrt(q) + epsilon));
            default -> {
              float by1 = 1 / (1 - scalar(read("op-state.power1")));
              float by2 = 1 / (1 - scalar(read("op-state.power2")));
              yield first.map(second, (s, q) -> (rate * (s * by1)) / (sqrt(q * by2) + epsilon));
            }
          });
    }

    /** [op-rate] */
    private float rate(Weight w, int rows) {
      boolean whole = !w.isMatrix() || w.name.equals("M_1") || config.rateFanIn == 0 || !(config.rateFanIn < rows);
      return whole ? config.rate : config.rate * (config.rateFanIn / rows);
    }

    interface OfRow {
      float of(Tensor p, Tensor x, int row);
    }

    /** [S5]: adds up what active rows count, in ascending order. */
    private Tensor score(OfRow ofRow) {
      Tensor p = read("P1.p_0^1"), x = read("x"), mask = read("m");
      p.fits(x);
      p.checkMask(mask);
      float sum = 0;
      for (int i = 0; i < p.rows; i++) if (mask.data[i] == 1) sum += ofRow.of(p, x, i);
      return Tensor.number(sum);
    }
  }

  static float scalar(Tensor a) {
    check(a.rows == 1 && a.cols == 1, "a number by itself is 1 x 1");
    return a.data[0];
  }

  /** [O1] */
  static Tensor clipped(Tensor d, float r) {
    float norm = d.norm();
    return r > 0 && norm > r ? d.map(x -> (x * r) / norm) : d;
  }

  /** [O4] */
  static Tensor projected(Tensor w, float maxNorm) {
    Tensor out = w.map(x -> x);
    for (int i = 0; i < w.rows; i++) {
      float norm = sqrt(w.sumOfSquares(i));
      if (!(maxNorm > 0 && norm > maxNorm)) continue;
      for (int j = 0; j < w.cols; j++) out.data[i * w.cols + j] = (w.at(i, j) * maxNorm) / norm;
    }
    return out;
  }

  static float logOf(float p) {
    return log(p <= 0 ? TINY : p);
  }

  static float lossOfSoftmax(Tensor p, Tensor x, int i) {
    return -laneSum(p.cols, j -> x.at(i, j) * logOf(p.at(i, j)));
  }

  static float lossOfSigmoid(Tensor p, Tensor x, int i) {
    return -laneSum(p.cols, j -> x.at(i, j) * logOf(p.at(i, j)) + (1 - x.at(i, j)) * logOf(1 - p.at(i, j)));
  }

  static float lossOfIdentity(Tensor p, Tensor x, int i) {
    return 0.5f * laneSum(p.cols, j -> (p.at(i, j) - x.at(i, j)) * (p.at(i, j) - x.at(i, j)));
  }

  static float isCorrect(Tensor p, Tensor x, int i) {
    return firstLargest(p, i) == firstLargest(x, i) ? 1 : 0;
  }

  static int firstLargest(Tensor a, int i) {
    int best = 0;
    for (int j = 1; j < a.cols; j++) if (a.at(i, j) > a.at(i, best)) best = j;
    return best;
  }

  // ---- The step ---------------------------------------------------------------------------------------------------

  /** y, z and d are those of the layers 1 to L. */
  record State(long t, int[] key, Tensor x, List<Tensor> y, List<Tensor> z, List<Tensor> d) {
    /** [st-start] */
    static State begin(Config config, int[] key, int rows) {
      long total = 0;
      for (int n : config.units) if ((total += (long) rows * n) > MAX_ELEMENTS) throw tooLong();
      List<Tensor> zeros = new ArrayList<>();
      for (int l = 1; l <= config.top(); l++) zeros.add(Tensor.zeros(rows, config.units[l]));
      return new State(0, key, Tensor.zeros(rows, config.units[0]), zeros, zeros, zeros);
    }
  }

  /** What outlives a sequence, and the sum of an open one; tensors by their names in a request. */
  record Model(Map<String, Tensor> weights, Map<String, Tensor> moments, Map<String, Tensor> sums, float power1, float power2) {
    Model withoutSums() {
      return new Model(weights, moments, Map.of(), power1, power2);
    }
  }

  record Input(Tensor x, Tensor mask, int[] begin, boolean end) {}

  interface OnResult {
    void tell(String name, Tensor value);
  }

  /** One step, [A1] to [O4]; what it is given stays as it is. */
  static final class Step {
    private final Config config;
    private final Map<String, Tensor> tensors = new HashMap<>();
    private final Context context;
    private final OnResult onResult;
    private Refusal suspect;
    final Tensor out;
    final State state;
    final Model model;

    Step(Config config, Model was, State before, Input input, boolean train, OnResult onResult) {
      this.config = config;
      this.onResult = onResult;
      this.context = new Context(config, before.t, before.key, tensors::get);
      tensors.putAll(was.weights);
      tensors.putAll(was.moments);
      tensors.putAll(was.sums);
      tensors.putAll(Map.of("x", input.x, "m", input.mask, "x[t-1]", before.x));
      tensors.putAll(Map.of("power1", Tensor.number(was.power1), "power2", Tensor.number(was.power2)));
      for (int l = 1; l <= config.top(); l++) {
        tensors.put("y_" + l + "[t-1]", before.y.get(l - 1));
        tensors.put("z_" + l + "[t-1]", before.z.get(l - 1));
        tensors.put("d_" + l + "[t-1]", before.d.get(l - 1));
      }
      settle();
      state = stateAfter(before, input);
      out = context.read("P1.p_0^1");
      if (!out.isFinite() || !allFinite(state.y) || !allFinite(state.z) || !allFinite(state.d)) throw suspect;
      boolean scored = before.t >= config.learnFrom;
      if (scored && train) learn();
      if (scored) measure();
      model = apply(was, scored && train, train && input.end);
    }

    private static boolean allFinite(Collection<Tensor> tensors) {
      return tensors.stream().allMatch(Tensor::isFinite);
    }

    private Tensor evaluate(String name) {
      Tensor value = context.equation(name).get();
      tensors.put(name, value);
      onResult.tell(name, value);
      return value;
    }

    /**
     * Notes the first result of the list of [ar-finite] that is not finite. It counts only where the prediction or the new
     * state is not.
     */
    private Tensor watch(String name, int layer) {
      Tensor value = evaluate(name);
      if (suspect == null && !value.isFinite()) suspect = diverged(name.substring(0, 2), layer);
      return value;
    }

    private void settle() {
      int top = config.top();
      for (int l = 1; l <= top; l++) watch("A1.a_" + l, l);
      for (int l = 1; l <= top; l++) watch("A2.z_" + l, l);
      for (int k = 1; k <= config.passes; k++) {
        for (int i = 0; i < top; i++) evaluate("P1.logits_" + i + "^" + k);
        for (int i = 0; i < top; i++) watch("P1.p_" + i + "^" + k, i);
        for (int i = 0; i < top; i++) watch("C1.e_" + i + "^" + k, i);
        for (int l = 1; l <= top; l++) watch("C2.h_" + l + "^" + k, l);
        for (int l = 1; l <= top; l++) watch("C3.a_" + l + "^" + k, l);
        for (int l = 1; l <= top; l++) watch("C3.z_" + l + "^" + k, l);
        forget(k);
      }
    }

    /** Drops what nothing after pass k reads, so that memory does not grow with the passes. */
    private void forget(int k) {
      for (int l = 1; l <= config.top(); l++) {
        tensors.remove("P1.logits_" + (l - 1) + "^" + k);
        tensors.remove("C2.h_" + l + "^" + k);
        tensors.remove("C3.a_" + l + "^" + (k - 1));
        tensors.remove("C3.z_" + l + "^" + (k - 1));
        if (k == 1) continue;
        tensors.remove("P1.p_" + (l - 1) + "^" + k);
        tensors.remove("C1.e_" + (l - 1) + "^" + k);
      }
    }

    private State stateAfter(State before, Input input) {
      List<Tensor> y = new ArrayList<>(), z = new ArrayList<>(), d = new ArrayList<>();
      for (int l = 1; l <= config.top(); l++) {
        y.add(context.z(l, config.passes));
        z.add(context.read("A2.z_" + l));
        d.add(watch("C4.d_" + l, l));
      }
      return new State(before.t + 1, before.key, input.x, y, z, d);
    }

    private void learn() {
      for (String rule : List.of("L1", "L2", "L3", "L4", "L5", "L6")) {
        for (Weight w : config.weights.values()) {
          if (w.rule().equals(rule) && !evaluate(rule + ".d" + w.name).isFinite()) throw diverged(rule, w.layer);
        }
      }
    }

    private void measure() {
      String clause = Map.of("softmax", "S1", "sigmoid", "S2", "identity", "S3").get(config.output);
      if (!evaluate(clause + ".loss").isFinite()) throw diverged(clause, 0);
      if (clause.equals("S1")) evaluate("S4.correct");
    }

    /** [O1] to [O5], and [sq-update] */
    private Model apply(Model was, boolean learns, boolean ends) {
      Map<String, Tensor> sums = new LinkedHashMap<>(was.sums);
      List<String> order = config.clipsFirst() ? List.of("O1", "O2") : List.of("O2", "O1");
      for (Weight w : learns ? config.weights.values() : List.<Weight>of()) {
        for (String clause : order) evaluate(clause + ".d" + w.name);
        if (config.bySequence()) sums.put("sum." + w.name, evaluate("sq-update.sum." + w.name));
      }
      Model next = new Model(was.weights, was.moments, sums, was.power1, was.power2);
      boolean acts = config.bySequence() ? ends && !sums.isEmpty() : learns;
      if (acts) next = move();
      for (Weight w : config.weights.values()) {
        boolean good = next.weights.get(w.name).isFinite();
        for (String m : config.moments) good &= next.moments.get(m + "." + w.name).isFinite();
        Tensor sum = sums.get("sum." + w.name);
        if (!good || (sum != null && !sum.isFinite())) throw diverged("O3", w.layer);
      }
      return next;
    }

    private Model move() {
      float power1 = evaluate("op-state.power1").data[0];
      float power2 = evaluate("op-state.power2").data[0];
      Map<String, Tensor> weights = new LinkedHashMap<>(), moments = new LinkedHashMap<>();
      for (Weight w : config.weights.values()) {
        for (String m : config.moments) moments.put(m + "." + w.name, evaluate("O3." + m + "." + w.name));
        Tensor value = evaluate("O3." + w.name);
        if (w.isMatrix() && config.weightDecay > 0) value = evaluate("O5." + w.name);
        if (w.isMatrix()) value = evaluate("O4." + w.name);
        weights.put(w.name, value);
      }
      return new Model(weights, moments, Map.of(), power1, power2);
    }
  }

  // ---- JSON -------------------------------------------------------------------------------------------------------

  /** A number as it was written. */
  record Num(String text) {}

  /** Reads one JSON value: Map, List, String, Num, Boolean, or NULL. What it cannot read is an IOException. */
  static final class Json {
    static final Object NULL = new Object();
    private static final int MAX_DEPTH = 1000;
    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");
    private final String text;
    private int at = 0;

    private Json(String text) {
      this.text = text;
    }

    static Object read(String text) throws IOException {
      Json json = new Json(text);
      Object value = json.value(0);
      if (json.peek() != 0) throw json.wrong();
      return value;
    }

    private IOException wrong() {
      return new IOException("not JSON at character " + at);
    }

    /** The next character that is no white space, or 0 at the end. */
    private char peek() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
      return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean take(char c) {
      if (peek() != c) return false;
      at++;
      return true;
    }

    private void expect(char c) throws IOException {
      if (!take(c)) throw wrong();
    }

    private Object word(String word, Object value) throws IOException {
      if (!text.startsWith(word, at)) throw wrong();
      at += word.length();
      return value;
    }

    private Object value(int depth) throws IOException {
      if (depth > MAX_DEPTH) throw wrong();
      return switch (peek()) {
        case '{' -> record(depth);
        case '[' -> list(depth);
        case '"' -> string();
        case 't' -> word("true", true);
        case 'f' -> word("false", false);
        case 'n' -> word("null", NULL);
        default -> number();
      };
    }

    private Map<String, Object> record(int depth) throws IOException {
      Map<String, Object> out = new LinkedHashMap<>();
      expect('{');
      if (take('}')) return out;
      do {
        peek();
        String name = string();
        expect(':');
        if (out.put(name, value(depth + 1)) != null) throw new IOException("a name stands twice: " + name);
      } while (take(','));
      expect('}');
      return out;
    }

    private List<Object> list(int depth) throws IOException {
      List<Object> out = new ArrayList<>();
      expect('[');
      if (take(']')) return out;
      do {
        out.add(value(depth + 1));
      } while (take(','));
      expect(']');
      return out;
    }

    private Num number() throws IOException {
      Matcher matcher = NUMBER.matcher(text).region(at, text.length());
      if (!matcher.lookingAt()) throw wrong();
      at = matcher.end();
      return new Num(matcher.group());
    }

    private String string() throws IOException {
      if (at >= text.length() || text.charAt(at) != '"') throw wrong();
      int from = ++at;
      StringBuilder escaped = null;
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '"') {
          String rest = text.substring(from, at - 1);
          return escaped == null ? rest : escaped.append(rest).toString();
        }
        if (c < ' ') throw wrong();
        if (c != '\\') continue;
        if (escaped == null) escaped = new StringBuilder();
        escaped.append(text, from, at - 1).append(escape());
        from = at;
      }
      throw wrong();
    }

    private char escape() throws IOException {
      if (at >= text.length()) throw wrong();
      char c = text.charAt(at++);
      int which = "\"\\/bfnrt".indexOf(c);
      if (which >= 0) return "\"\\/\b\f\n\r\t".charAt(which);
      if (c != 'u' || at + 4 > text.length()) throw wrong();
      int code = 0;
      for (int i = 0; i < 4; i++) {
        int digit = Character.digit(text.charAt(at++), 16);
        if (digit < 0) throw wrong();
        code = 16 * code + digit;
      }
      return (char) code;
    }

    static String quoted(String text) {
      StringBuilder out = new StringBuilder("\"");
      for (char c : text.toCharArray()) {
        if (c == '"' || c == '\\') out.append('\\').append(c);
        else if (c < ' ' || c > '~') out.append(String.format("\\u%04x", (int) c));
        else out.append(c);
      }
      return out.append('"').toString();
    }
  }

  // ---- Reading of requests ----------------------------------------------------------------------------------------

  @SuppressWarnings("unchecked")
  static Map<String, Object> record(Object value, String what) {
    check(value instanceof Map, what + " has to be a record");
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(Object value, String what) {
    check(value instanceof List, what + " has to be a list");
    return (List<Object>) value;
  }

  static String text(Object value, String what) {
    check(value instanceof String, what + " has to be a string");
    return (String) value;
  }

  static boolean truth(Object value, String what) {
    check(value instanceof Boolean, what + " has to be true or false");
    return (Boolean) value;
  }

  static long whole(Object value, long least, long most, String what) {
    double x = value instanceof Num number ? Double.parseDouble(number.text) : Double.NaN;
    check(x >= least && x <= most && x == Math.rint(x), what + " has to be a whole number from " + least + " to " + most);
    return (long) x;
  }

  static int digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }

  /** The bits of a number, from the eight digits at a place. */
  static float bits(String digits, int at, String what) {
    int word = 0;
    for (int i = at; i < at + 8; i++) {
      int digit = digit(digits.charAt(i));
      check(digit >= 0, what + " has to be lowercase hexadecimal digits");
      word = word << 4 | digit;
    }
    return Float.intBitsToFloat(word);
  }

  static float number(Object value, String what) {
    String digits = text(value, what);
    check(digits.length() == 8, what + " has to be eight digits");
    return bits(digits, 0, what);
  }

  /** A decimal number, read as binary64 and rounded. */
  static float decimal(Object value, String what) {
    check(value instanceof Num, what + " has to be a number");
    return (float) Double.parseDouble(((Num) value).text);
  }

  /** Whole numbers, each from `least` to one of `most`. */
  static long[] wholes(Object value, String what, long least, long... most) {
    List<Object> list = list(value, what);
    check(list.size() == most.length, what + " has to be " + most.length + " whole numbers");
    long[] out = new long[most.length];
    for (int i = 0; i < out.length; i++) out[i] = whole(list.get(i), least, most[i], what);
    return out;
  }

  /** [pr-tensor] */
  static Tensor tensor(Object value, String what) {
    Map<String, Object> parts = record(value, what);
    List<Object> shape = list(parts.get("s"), "the shape of " + what);
    check(shape.size() == 2, "the shape of " + what + " has to be two numbers");
    long rows = whole(shape.get(0), 1, MAX_LINE, "the shape of " + what);
    long cols = whole(shape.get(1), 1, MAX_LINE, "the shape of " + what);
    String digits = text(parts.get("x"), what);
    check(digits.length() == 8 * rows * cols, what + " is " + rows + " x " + cols + " and has to have eight digits for each");
    Tensor out = Tensor.zeros((int) rows, (int) cols);
    for (int i = 0; i < out.data.length; i++) out.data[i] = bits(digits, 8 * i, what);
    return out;
  }

  static int[] key(Object value, String what) {
    List<Object> words = list(value, what);
    check(words.size() == 2, what + " has to be two whole numbers");
    return words.stream().mapToInt(word -> (int) whole(word, 0, LAST_WORD, what)).toArray();
  }

  /** The tensors of a record, without the fields that are something else. */
  static Map<String, Tensor> tensors(Map<String, Object> parts, String what, Set<String> others) {
    Map<String, Tensor> out = new LinkedHashMap<>();
    parts.forEach((name, value) -> {
      if (!others.contains(name)) out.put(name, tensor(value, what + "." + name));
    });
    return out;
  }

  static float power(Object value, String what) {
    float x = number(value, what);
    check(x >= 0 && x <= 1, what + " has to be from 0 to 1");
    return x;
  }

  static Input input(Object value, String what) {
    Map<String, Object> parts = record(value, what);
    Tensor x = tensor(parts.get("x"), what + ".x");
    Tensor mask = tensor(parts.get("mask"), what + ".mask");
    int[] begin = parts.containsKey("begin") ? key(parts.get("begin"), what + ".begin") : null;
    return new Input(x, mask, begin, parts.containsKey("end") && truth(parts.get("end"), what + ".end"));
  }

  static void checkFit(Tensor a, int rows, int cols, String what) {
    check(a.rows == rows && a.cols == cols, what + " has to be " + rows + " x " + cols + ", not " + a.rows + " x " + a.cols);
    check(a.isFinite(), what + " has to be finite");
  }

  /** Each of `names` has to be there, each of `others` may be, and nothing else. */
  static void checkNames(Map<String, ?> tensors, String what, Set<String> names, Set<String> others) {
    for (String name : names) check(tensors.containsKey(name), what + " lacks " + name);
    for (String name : tensors.keySet()) check(names.contains(name) || others.contains(name), what + " has no " + name);
  }

  /** Holds weights and optimiser against the configuration. A sum is read only where no sequence begins. */
  static Model model(Config config, Map<String, Tensor> weights, Map<String, Tensor> optimizer, float[] powers, boolean begins) {
    Set<String> momentNames = new LinkedHashSet<>(), sumNames = new LinkedHashSet<>();
    for (Weight w : config.weights.values()) {
      for (String m : config.moments) momentNames.add(m + "." + w.name);
      if (config.bySequence()) sumNames.add("sum." + w.name);
    }
    checkNames(weights, "weights", config.weights.keySet(), Set.of());
    checkNames(optimizer, "optimizer", momentNames, sumNames);
    boolean summed = !begins && sumNames.stream().anyMatch(optimizer::containsKey);
    Map<String, Tensor> moments = new LinkedHashMap<>(), sums = new LinkedHashMap<>();
    for (Weight w : config.weights.values()) {
      checkFit(weights.get(w.name), w.rows, w.cols, w.name);
      for (String m : config.moments) keep(moments, optimizer, m + "." + w.name, w);
      if (summed) keep(sums, optimizer, "sum." + w.name, w);
    }
    return new Model(weights, moments, sums, powers[0], powers[1]);
  }

  private static void keep(Map<String, Tensor> to, Map<String, Tensor> from, String name, Weight w) {
    check(from.containsKey(name), "optimizer lacks " + name);
    checkFit(from.get(name), w.rows, w.cols, name);
    to.put(name, from.get(name));
  }

  static State state(Config config, Map<String, Tensor> tensors, long t, int[] key) {
    Tensor x = tensors.get("x");
    checkFit(x, x.rows, config.units[0], "state.x");
    Map<String, List<Tensor>> signals = new HashMap<>();
    for (String symbol : List.of("y", "z", "d")) {
      List<Tensor> own = new ArrayList<>();
      for (int l = 1; l <= config.top(); l++) {
        Tensor value = tensors.get(symbol + "_" + l);
        checkFit(value, x.rows, config.units[l], "state." + symbol + "_" + l);
        own.add(value);
      }
      signals.put(symbol, own);
    }
    return new State(t, key, x, signals.get("y"), signals.get("z"), signals.get("d"));
  }

  static Set<String> stateNames(Config config) {
    Set<String> names = new LinkedHashSet<>(Set.of("x"));
    for (int l = 1; l <= config.top(); l++) names.addAll(List.of("y_" + l, "z_" + l, "d_" + l));
    return names;
  }

  // ---- Answers ----------------------------------------------------------------------------------------------------

  /** Makes JSON, and no more of it than can be sent. */
  static final class Writer {
    private final StringBuilder out = new StringBuilder();

    Writer put(String part) {
      out.append(part);
      if (out.length() >= MAX_LINE) throw tooLong();
      return this;
    }

    void digits(float x) {
      int word = Float.floatToRawIntBits(x);
      for (int shift = 28; shift >= 0; shift -= 4) out.append("0123456789abcdef".charAt(word >>> shift & 15));
    }

    Writer tensor(Tensor a) {
      put("{\"s\":[" + a.rows + "," + a.cols + "],\"x\":\"");
      if (out.length() + 8L * a.data.length >= MAX_LINE) throw tooLong();
      for (float x : a.data) digits(x);
      return put("\"}");
    }

    Writer named(String name, Tensor a) {
      return put(",\"" + name + "\":").tensor(a);
    }

    Writer power(String name, float x) {
      put("\"" + name + "\":\"");
      digits(x);
      return put("\"");
    }

    void step(Config config, Step step, Writer trace) {
      State state = step.state;
      put("\"out\":").tensor(step.out);
      long k0 = state.key[0] & LAST_WORD, k1 = state.key[1] & LAST_WORD;
      put(",\"state\":{\"t\":" + state.t + ",\"key\":[" + k0 + "," + k1 + "]").named("x", state.x);
      for (int l = 1; l <= config.top(); l++) {
        named("y_" + l, state.y.get(l - 1)).named("z_" + l, state.z.get(l - 1)).named("d_" + l, state.d.get(l - 1));
      }
      put("},\"weights\":{");
      String comma = "";
      for (String name : config.weights.keySet()) {
        put(comma + "\"" + name + "\":").tensor(step.model.weights.get(name));
        comma = ",";
      }
      put("},\"optimizer\":{").power("power1", step.model.power1).put(",").power("power2", step.model.power2);
      step.model.moments.forEach(this::named);
      step.model.sums.forEach(this::named);
      put("}");
      if (trace != null) put(",\"trace\":{").put(trace.out.substring(1)).put("}");
    }
  }

  static void answerSteps(Map<String, Object> request, boolean isRun, Writer out) {
    Config config = new Config(request.get("config"), false);
    Map<String, Tensor> weights = tensors(record(request.get("weights"), "weights"), "weights", Set.of());
    Map<String, Object> stateParts = record(request.get("state"), "state");
    long t = whole(stateParts.get("t"), 0, LAST_T, "state.t");
    int[] key = key(stateParts.get("key"), "state.key");
    Map<String, Tensor> stateTensors = tensors(stateParts, "state", Set.of("t", "key"));
    Map<String, Object> optimizerParts = record(request.get("optimizer"), "optimizer");
    float[] powers = {power(optimizerParts.get("power1"), "power1"), power(optimizerParts.get("power2"), "power2")};
    Map<String, Tensor> optimizer = tensors(optimizerParts, "optimizer", Set.of("power1", "power2"));
    List<Input> inputs = new ArrayList<>();
    if (!isRun) inputs.add(input(request.get("input"), "input"));
    else for (Object one : list(request.get("inputs"), "inputs")) inputs.add(input(one, "inputs[" + inputs.size() + "]"));
    check(!inputs.isEmpty(), "inputs has to be a list of one or more");
    boolean train = truth(request.get("train"), "train");
    String want = text(request.get("want"), "want");
    check(want.equals("trace") || want.equals("none"), "want has to be \"trace\" or \"none\"");

    boolean begins = inputs.get(0).begin != null;
    Model model = model(config, weights, optimizer, powers, begins);
    checkNames(stateTensors, "state", stateNames(config), Set.of());
    State state = begins ? null : state(config, stateTensors, t, key);
    String before = isRun ? "\"steps\":[{" : "";
    for (Input input : inputs) {
      checkFit(input.x, input.x.rows, config.units[0], "input.x");
      if (input.begin != null) {
        state = State.begin(config, input.begin, input.x.rows);
        model = model.withoutSums();
      }
      check(state.t <= LAST_T, "a step may not begin at t = " + state.t);
      checkFit(input.x, state.x.rows, config.units[0], "input.x");
      checkFit(input.mask, state.x.rows, 1, "input.mask");
      for (float m : input.mask.data) check(m == 0 || m == 1, "a mask holds 0 and 1 alone");
      Writer trace = want.equals("trace") ? new Writer() : null;
      Step step = new Step(config, model, state, input, train, trace == null ? (name, value) -> {} : trace::named);
      model = step.model;
      state = step.state;
      out.put(before).step(config, step, trace);
      before = "},{";
    }
    if (isRun) out.put("}]");
  }

  static void answerEquation(Map<String, Object> request, Writer out) {
    Config config = new Config(request.get("config"), false);
    long t = whole(request.get("t"), 0, LAST_T, "t");
    int[] key = key(request.get("key"), "key");
    Map<String, Object> inputs = record(request.get("inputs"), "inputs");
    String name = text(request.get("equation"), "equation");
    // Read as they are asked for: names that the equation does not know are ignored.
    Tensors tensors = input -> inputs.containsKey(input) ? tensor(inputs.get(input), input) : null;
    Supplier<Tensor> equation = new Context(config, t, key, tensors).equation(name);
    if (equation == null) throw new Refusal("unsupported", "this configuration has no " + name);
    out.put("\"value\":").tensor(equation.get());
  }

  // ---- Parts [pr-parts] -------------------------------------------------------------------------------------------

  /** [wt-init] */
  static void answerInit(Map<String, Object> request, Writer out) {
    Config config = new Config(request.get("config"), false);
    int[] key = keyOf(whole(request.get("seed"), 0, LAST_WHOLE, "seed"));
    Map<String, Tensor> made = new HashMap<>();
    out.put("\"weights\":{");
    String comma = "";
    for (Weight weight : config.weights.values()) {
      Tensor value = Tensor.zeros(weight.rows, weight.cols);
      int matrix = "WEMVU".indexOf(weight.kind);
      if (weight.kind == 'E' && config.errorStart.equals("transposed")) {
        value = made.get("W_" + weight.layer).transposed();
      } else if (matrix >= 0) {
        int[] own = split(split(key, weight.layer), matrix);
        for (int e = 0; e < value.data.length; e++) value.data[e] = config.weightScale * normal(wordOf(own, e));
      }
      made.put(weight.name, value);
      // refuses where the answer becomes too long, before more is made
      out.put(comma + "\"" + weight.name + "\":").tensor(value);
      comma = ",";
    }
    out.put("}");
  }

  static int[] key(long[] words, int at) {
    return new int[] {(int) words[at], (int) words[at + 1]};
  }

  static long[] words(Map<String, Object> request, long... most) {
    return wholes(request.get("words"), "words", 0, most);
  }

  static int[] below(long[] w) {
    check(w[0] >= 1, "n has to be at least 1");
    return new int[] {(int) ((wordOf(key(w, 1), w[3]) & LAST_WORD) * w[0] >>> 32)};
  }

  /** The words that a function of whole numbers gives, or null where it is none. */
  static int[] ofWhole(String name, Map<String, Object> request) {
    final long word = LAST_WORD;
    switch (name) {
      case "philox": {
        long[] w = words(request, word, word, word, word, word, word);
        return philox(new int[] {(int) w[0], (int) w[1], (int) w[2], (int) w[3]}, key(w, 4));
      }
      case "key":
        return keyOf(words(request, LAST_WHOLE)[0]);
      case "split": {
        long[] w = words(request, word, word, LAST_WHOLE);
        return split(key(w, 0), w[2]);
      }
      case "word": {
        long[] w = words(request, word, word, LAST_WHOLE);
        return new int[] {wordOf(key(w, 0), w[2])};
      }
      case "below":
        return below(words(request, word, word, word, LAST_WHOLE));
      default:
        return null;
    }
  }

  static final Set<String> OF_NUMBER = Set.of("tanh", "sigmoid", "relu", "relu6", "ltanh", "sign", "step");

  /** The tensor that a function of numbers or of words gives. */
  static Tensor ofNumbers(String name, Map<String, Object> request) {
    if (name.equals("unit") || name.equals("normal")) {
      List<Object> list = list(request.get("words"), "words");
      check(!list.isEmpty(), "words has to be a list of one or more");
      Tensor out = Tensor.zeros(1, list.size());
      for (int i = 0; i < out.data.length; i++) {
        int word = (int) whole(list.get(i), 0, LAST_WORD, "words");
        out.data[i] = name.equals("unit") ? unitInterval(word) : normal(word);
      }
      return out;
    }
    if (name.equals("exp")) return tensor(request.get("x"), "x").map(Port::exp);
    if (name.equals("log")) return tensor(request.get("x"), "x").map(Port::log);
    if (name.equals("softmax")) return softmax(tensor(request.get("x"), "x"));
    if (OF_NUMBER.contains(name)) return tensor(request.get("x"), "x").map(a -> unit(name, a));
    throw new Refusal("unsupported", "there is no function " + name);
  }

  static void answerFunction(Map<String, Object> request, Writer out) {
    String name = request.get("name") instanceof String text ? text : "";
    int[] words = ofWhole(name, request);
    if (words == null) {
      out.put("\"value\":").tensor(ofNumbers(name, request));
      return;
    }
    List<String> texts = new ArrayList<>();
    for (int word : words) texts.add(Integer.toUnsignedString(word));
    out.put("\"words\":[" + String.join(",", texts) + "]");
  }

  // ---- Checkpoints [ck-format] ------------------------------------------------------------------------------------

  static Object json(Object text, String what) {
    check(text instanceof String, what + " has to be JSON");
    try {
      return Json.read((String) text);
    } catch (IOException problem) {
      throw new Refusal("invalid", what + ": " + problem.getMessage());
    }
  }

  static void checkDigitsAlone(Object value) {
    if (value instanceof Num number) check(number.text.chars().allMatch(c -> c >= '0' && c <= '9'), "header: " + number.text);
    if (value instanceof List<?> list) list.forEach(Port::checkDigitsAlone);
    if (value instanceof Map<?, ?> map) map.values().forEach(Port::checkDigitsAlone);
  }

  static byte[] bytes(String spelt) {
    check(spelt.length() % 2 == 0, "bytes has to be two digits a byte");
    byte[] out = new byte[spelt.length() / 2];
    for (int i = 0; i < out.length; i++) {
      int high = digit(spelt.charAt(2 * i)), low = digit(spelt.charAt(2 * i + 1));
      check(high >= 0 && low >= 0, "bytes has to be lowercase hexadecimal digits");
      out[i] = (byte) (high << 4 | low);
    }
    return out;
  }

  /** The header of a file; what is left in the buffer is its data. */
  static Map<String, Object> header(ByteBuffer file) {
    check(file.remaining() >= 8, "a file has at least 8 bytes");
    long length = file.getLong();
    check(length >= 0 && length <= Math.min(file.remaining(), 100_000_000), "the header is longer than it may be");
    ByteBuffer header = file.slice(file.position(), (int) length);
    file.position(file.position() + (int) length);
    try {
      Object value = json(StandardCharsets.UTF_8.newDecoder().decode(header).toString(), "the header");
      checkDigitsAlone(value);
      return record(value, "the header");
    } catch (CharacterCodingException problem) {
      throw new Refusal("invalid", "the header has to be UTF-8");
    }
  }

  record Span(long from, long to) {}

  /** The tensors of a file, which have to fill the data one after another, by group and name. */
  static Map<String, Map<String, Tensor>> tensors(Map<String, Object> header, ByteBuffer data) {
    Map<String, Map<String, Tensor>> groups = new HashMap<>();
    for (String group : List.of("weights", "optimizer", "state")) groups.put(group, new LinkedHashMap<>());
    List<Span> spans = new ArrayList<>();
    long size = data.remaining();
    header.forEach((name, value) -> {
      if (name.equals("__metadata__")) return;
      Map<String, Object> entry = record(value, name);
      check("F32".equals(entry.get("dtype")), name + " has to be of type F32");
      long[] shape = wholes(entry.get("shape"), "the shape of " + name, 1, size, size);
      long[] at = wholes(entry.get("data_offsets"), "the place of " + name, 0, size, size);
      check(at[1] - at[0] == 4 * shape[0] * shape[1], name + " has not as many bytes as its shape says");
      Tensor read = Tensor.zeros((int) shape[0], (int) shape[1]);
      for (int i = 0; i < read.data.length; i++) read.data[i] = data.getFloat(data.position() + (int) at[0] + 4 * i);
      String group = name.split("\\.", 2)[0];
      check(groups.containsKey(group), name + " belongs to no group");
      groups.get(group).put(name.substring(Math.min(name.length(), group.length() + 1)), read);
      spans.add(new Span(at[0], at[1]));
    });
    spans.sort(Comparator.comparing(Span::from).thenComparing(Span::to));
    long end = 0;
    for (Span span : spans) {
      check(span.from == end, "the tensors have to follow one another");
      end = span.to;
    }
    check(end == size, "the data has to end with the last tensor");
    return groups;
  }

  /** What a file holds; the state is null where no sequence is open. */
  record Checkpoint(Config config, Model model, State state) {
    static Checkpoint read(ByteBuffer file) {
      Map<String, Object> header = header(file);
      Map<String, Object> metadata = record(header.get("__metadata__"), "__metadata__");
      for (Object value : metadata.values()) text(value, "a value of __metadata__");
      Object spec = metadata.get("spec");
      check("ptncn".equals(metadata.get("format")), "the format has to be ptncn");
      check("0.1.0".equals(spec) || "0.2.0".equals(spec), "the version has to be 0.1.0 or 0.2.0");
      Map<String, Object> given = record(json(metadata.get("config"), "config"), "config");
      Config config = new Config(given, true);
      for (String name : LATER.keySet()) check("0.2.0".equals(spec) || !given.containsKey(name), "0.1.0 has no " + name);
      Map<String, Map<String, Tensor>> groups = Port.tensors(header, file);
      Map<String, Tensor> signals = groups.get("state"), optimizer = groups.get("optimizer");
      boolean open = metadata.containsKey("state");
      check(open || signals.isEmpty() && !optimizer.containsKey("sum.W_1"), "no state and no sum without an open sequence");
      Map<String, Object> carried = record(json(metadata.get("optimizer"), "optimizer"), "optimizer");
      float[] powers = {power(carried.get("power1"), "power1"), power(carried.get("power2"), "power2")};
      Model model = Port.model(config, groups.get("weights"), optimizer, powers, false);
      if (!open) return new Checkpoint(config, model, null);
      Map<String, Object> parts = record(json(metadata.get("state"), "state"), "state");
      checkNames(signals, "state", stateNames(config), Set.of());
      long t = whole(parts.get("t"), 0, LAST_T, "state.t");
      return new Checkpoint(config, model, Port.state(config, signals, t, Port.key(parts.get("key"), "state.key")));
    }

    private Map<String, Tensor> tensors() {
      Map<String, Tensor> all = new LinkedHashMap<>();
      model.weights.forEach((name, value) -> all.put("weights." + name, value));
      model.moments.forEach((name, value) -> all.put("optimizer." + name, value));
      model.sums.forEach((name, value) -> all.put("optimizer." + name, value));
      if (state == null) return all;
      all.put("state.x", state.x);
      for (int l = 1; l <= config.top(); l++) {
        all.put("state.y_" + l, state.y.get(l - 1));
        all.put("state.z_" + l, state.z.get(l - 1));
        all.put("state.d_" + l, state.d.get(l - 1));
      }
      return all;
    }

    private String metadata() {
      List<String> fields = new ArrayList<>();
      config.written.forEach((name, value) -> fields.add("\"" + name + "\":" + value));
      boolean later = LATER.keySet().stream().anyMatch(config.written::containsKey);
      Writer powers = new Writer().put("{").power("power1", model.power1).put(",").power("power2", model.power2).put("}");
      String out = "{\"format\":\"ptncn\",\"spec\":\"" + (later ? "0.2.0" : "0.1.0");
      out += "\",\"config\":" + Json.quoted("{" + String.join(",", fields) + "}");
      out += ",\"optimizer\":" + Json.quoted(powers.out.toString());
      if (state == null) return out + "}";
      long k0 = state.key[0] & LAST_WORD, k1 = state.key[1] & LAST_WORD;
      return out + ",\"state\":" + Json.quoted("{\"t\":" + state.t + ",\"key\":[" + k0 + "," + k1 + "]}") + "}";
    }

    byte[] written() {
      StringBuilder header = new StringBuilder("{\"__metadata__\":" + metadata());
      int end = 0;
      for (Map.Entry<String, Tensor> entry : tensors().entrySet()) {
        Tensor value = entry.getValue();
        int from = end;
        end += 4 * value.data.length;
        header.append(",\"" + entry.getKey() + "\":{\"dtype\":\"F32\",\"shape\":[" + value.rows + "," + value.cols);
        header.append("],\"data_offsets\":[" + from + "," + end + "]}");
      }
      header.append("}");
      while (header.length() % 8 != 0) header.append(' '); // all of it is ASCII
      ByteBuffer file = ByteBuffer.allocate(8 + header.length() + end).order(ByteOrder.LITTLE_ENDIAN);
      file.putLong(header.length()).put(header.toString().getBytes(StandardCharsets.US_ASCII));
      for (Tensor value : tensors().values()) for (float x : value.data) file.putInt(Float.floatToRawIntBits(x));
      return file.array();
    }
  }

  static void answerCheckpoint(Map<String, Object> request, Writer out) {
    ByteBuffer file = ByteBuffer.wrap(bytes(text(request.get("bytes"), "bytes"))).order(ByteOrder.LITTLE_ENDIAN);
    byte[] written = Checkpoint.read(file).written();
    if (2L * written.length >= MAX_LINE) throw tooLong();
    out.put("\"bytes\":\"");
    for (byte one : written) {
      out.out.append(Character.forDigit(one >> 4 & 15, 16)).append(Character.forDigit(one & 15, 16));
    }
    out.put("\"");
  }

  static String names(List<String> names) {
    return "[\"" + String.join("\",\"", names) + "\"]";
  }

  static void answerHello(Map<String, Object> request, Writer out) {
    if (!list(request.get("protocols"), "protocols").contains(new Num("1"))) {
      throw new Refusal("unsupported", "this port speaks protocol 1");
    }
    out.put("\"protocol\":1,\"specs\":[\"0.1.0\",\"0.2.0\"],");
    out.put("\"port\":{\"name\":\"ptncn-java\",\"version\":\"0.2.0\",\"language\":\"Java\"},");
    out.put("\"caps\":{\"layers\":65535,\"maxDims\":16777216,\"activations\":" + names(ACTIVATIONS));
    out.put(",\"outputs\":" + names(OUTPUTS) + ",\"optimizers\":" + names(OPTIMIZERS));
    out.put(",\"ops\":[\"step\",\"run\",\"equation\",\"init\",\"function\",\"checkpoint\"],\"trace\":\"full\",\"level\":\"bit\"}");
  }

  static String answer(Map<String, Object> request) {
    String id = "";
    if (request.get("id") instanceof Num number) id = "\"id\":" + number.text + ",";
    if (request.get("id") instanceof String text) id = "\"id\":" + Json.quoted(text) + ",";
    try {
      Writer out = new Writer().put("{" + id + "\"ok\":true,");
      switch (request.get("op") instanceof String op ? op : "") {
        case "hello" -> answerHello(request, out);
        case "step" -> answerSteps(request, false, out);
        case "run" -> answerSteps(request, true, out);
        case "equation" -> answerEquation(request, out);
        case "init" -> answerInit(request, out);
        case "function" -> answerFunction(request, out);
        case "checkpoint" -> answerCheckpoint(request, out);
        default -> throw new Refusal("unsupported", "there is no such operation");
      }
      return out.put("}").out.toString();
    } catch (Refusal refusal) {
      String what = Json.quoted(refusal.getMessage());
      String more = refusal.equation == null ? "" : ",\"equation\":\"" + refusal.equation + "\",\"layer\":" + refusal.layer;
      return "{" + id + "\"ok\":false,\"kind\":\"" + refusal.kind + "\",\"what\":" + what + more + "}";
    } catch (RuntimeException fault) {
      return "{" + id + "\"ok\":false,\"kind\":\"internal\",\"what\":" + Json.quoted(fault.toString()) + "}";
    }
  }

  /** A line without its line feed; null at the end of the input. */
  static String readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
      if (line.size() >= MAX_LINE) throw new IOException("a line is longer than " + MAX_LINE + " bytes");
      line.write(c);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  static void serve(InputStream in, OutputStream out) throws IOException {
    for (String line = readLine(in); line != null; line = readLine(in)) {
      if (line.isBlank()) continue;
      if (!(Json.read(line) instanceof Map<?, ?> value)) throw new IOException("a line is no JSON record");
      Map<String, Object> request = record(value, "a request");
      if ("bye".equals(request.get("op"))) return;
      out.write((answer(request) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    }
  }

  public static void main(String[] arguments) {
    try {
      serve(new BufferedInputStream(System.in, 1 << 16), new BufferedOutputStream(System.out, 1 << 16));
    } catch (IOException problem) {
      System.err.println(problem.getMessage());
      System.exit(1);
    }
  }
}
