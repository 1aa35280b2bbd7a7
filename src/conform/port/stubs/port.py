"""A port of P-TNCN to fill in. SPEC.md, appendix C, says what the lines mean.

Next: write "step", one equation after another; after each, run the kit again. It names the first that is wrong or missing:
A1 a_l; A2 z_l; P1 logits, p; C1 e; C2 h; C3 a, z; C4 d; L1 to L6 the updates; S1 to S4 scores; O1 clip; O2 mean; O3; O4.
"""

import json
import struct
import sys


def read(tensor):
    """The rows of a tensor, as lists of numbers."""
    rows, cols = tensor["s"]
    numbers = struct.unpack(f">{rows * cols}f", bytes.fromhex(tensor["x"]))
    return [list(numbers[i * cols:(i + 1) * cols]) for i in range(rows)]


def write(rows):
    numbers = [x for row in rows for x in row]
    return {"s": [len(rows), len(rows[0])], "x": struct.pack(f">{len(numbers)}f", *numbers).hex()}


def step(request):
    # trace = {"A1.a_1": write(...), ...}
    # return {"ok": True, "out": ..., "state": ..., "weights": ..., "optimizer": ..., "trace": trace}
    return {"ok": False, "kind": "unsupported", "what": "fill in A1"}


def hello(request):
    caps = {
        "layers": 4, "maxDims": 64, "activations": ["tanh"], "outputs": ["softmax"], "optimizers": ["nesterov"],
        "ops": ["step"], "trace": "full", "level": "tol",
    }
    port = {"name": "my-port", "version": "0", "language": "Python"}
    return {"ok": True, "protocol": 1, "specs": ["0.1.0", "0.2.0"], "port": port, "caps": caps}


for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "bye":
        break
    answer = {"hello": hello, "step": step}.get(request["op"], lambda _: {"ok": False, "kind": "unsupported", "what": request["op"]})
    print(json.dumps({"id": request["id"], **answer(request)}), flush=True)
