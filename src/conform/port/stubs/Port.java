// A port of P-TNCN to fill in. SPEC.md, appendix C, says what the lines mean. Java 17 or later: every operation on float is
// one of binary32 there.
//
// Next: read the request (any JSON reader does), and write step(), one equation after another; after each, run the kit
// again. It names the first that is wrong or missing: A1 a_l; A2 z_l; P1 logits, p; C1 e; C2 h; C3 a, z; C4 d; L1 to L6
// the updates; S1 to S4 scores; O1 clip; O2 mean; O3; O4.

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public final class Port {
  private static final Pattern OPERATION = Pattern.compile("\"op\"\\s*:\\s*\"(\\w*)\"");
  private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*(\\d+)");
  private static final String HELLO =
      """
      "ok":true,"protocol":1,"specs":["0.1.0","0.2.0"],"port":{"name":"my-port","version":"0","language":"Java"},\
      "caps":{"layers":4,"maxDims":64,"activations":["tanh"],"outputs":["softmax"],"optimizers":["nesterov"],\
      "ops":["step"],"trace":"full","level":"bit"}""";

  /** The numbers of a tensor, row by row, from its digits. */
  static float[] read(String digits) {
    float[] numbers = new float[digits.length() / 8];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.intBitsToFloat(HexFormat.fromHexDigits(digits, 8 * i, 8 * i + 8));
    }
    return numbers;
  }

  /** A tensor of the protocol. */
  static String write(int rows, int cols, float[] numbers) {
    StringBuilder digits = new StringBuilder();
    for (float number : numbers) digits.append(HexFormat.of().toHexDigits(Float.floatToRawIntBits(number)));
    return "{\"s\":[" + rows + "," + cols + "],\"x\":\"" + digits + "\"}";
  }

  static String refusal(String kind, String what) {
    return "\"ok\":false,\"kind\":\"" + kind + "\",\"what\":\"" + what + "\"";
  }

  static String step(String request) {
    // return "\"ok\":true,\"out\":" + write(...) + ",\"state\":... ,\"trace\":{\"A1.a_1\":" + write(...) + "}";
    return refusal("unsupported", "fill in A1");
  }

  static String answerTo(String operation, String request) {
    return switch (operation) {
      case "hello" -> HELLO;
      case "step" -> step(request);
      default -> refusal("unsupported", "no operation " + operation);
    };
  }

  private static String find(Pattern pattern, String line, String otherwise) {
    Matcher found = pattern.matcher(line);
    return found.find() ? found.group(1) : otherwise;
  }

  public static void main(String[] arguments) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String operation = find(OPERATION, line, "");
      if (operation.equals("bye")) return;
      answers.print("{\"id\":" + find(ID, line, "0") + "," + answerTo(operation, line) + "}\n");
      answers.flush();
    }
  }
}
