/**
 * Trains by the exported graphs with onnxruntime for Java: java -cp onnxruntime.jar Train.java start.onnx step.onnx, of a
 * network with three inputs. Prints how probable three symbols in turn were before they came.
 */

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

public class Train {
    static final int SYMBOLS = 3;
    static final int STEPS = 60;
    static final List<Integer> SHOWN = List.of(14, 29, 44, 59);
    static final String NEXT = "next.";

    public static void main(String[] args) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        OrtSession start = environment.createSession(args[0]);
        OrtSession step = environment.createSession(args[1]);
        OnnxTensor mask = OnnxTensor.createTensor(environment, new float[][] {{1}});
        Map<String, OnnxTensor> feeds = new HashMap<>();
        for (Map.Entry<String, OnnxValue> one : start.run(Map.of("m", mask))) {
            feeds.put(one.getKey(), (OnnxTensor) one.getValue());
        }
        feeds.put("m", mask);
        for (int t = 0; t < STEPS; t++) {
            float[][] x = new float[1][SYMBOLS];
            x[0][t % SYMBOLS] = 1;
            feeds.put("x", OnnxTensor.createTensor(environment, x));
            OrtSession.Result out = step.run(feeds);
            if (SHOWN.contains(t)) {
                float[][] p = (float[][]) out.get("p").get().getValue();
                System.out.println(String.format(Locale.ROOT, "%d %.3f", t + 1, p[0][t % SYMBOLS]));
            }
            for (Map.Entry<String, OnnxValue> one : out) {
                if (one.getKey().startsWith(NEXT)) feeds.put(one.getKey().substring(NEXT.length()), (OnnxTensor) one.getValue());
            }
        }
    }
}
