"""P-TNCN by onnxruntime from the graphs that `ptncn export onnx` writes: a port at the level tol.

No equation is written here. Run: ptncn conform --level tol -- python3 test/ports/onnx/port.py
An argument is a folder of other sources of the exporter, such as those with a mistake that a test has planted.
"""

import atexit
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("numpy_port", HERE.parent / "python" / "port.py")
wire = importlib.util.module_from_spec(spec)
spec.loader.exec_module(wire)
F = np.float32


class Unsupported(Exception):
    pass


class Models:
    """Sessions by configuration and part; the exporter is one process for all."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ptncn-onnx-")
        atexit.register(self.folder.cleanup)
        self.exporter, self.sessions = None, {}

    def export(self, config, part):
        if self.exporter is None:
            self.exporter = subprocess.Popen(["node", str(HERE / "models.mjs"), *sys.argv[1:2]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                             stderr=subprocess.DEVNULL, text=True, cwd=HERE)
            atexit.register(self.exporter.kill)
        given, made = Path(self.folder.name, "config.json"), Path(self.folder.name, "step.onnx")
        given.write_text(json.dumps(config))
        flags = [] if part == "learn" else [f"--{part}"]
        self.exporter.stdin.write(json.dumps(["export", "onnx", "--config", str(given), "--out", str(made), "--trace", *flags]) + "\n")
        self.exporter.stdin.flush()
        while not (line := self.exporter.stdout.readline()).startswith("status"):
            if not line:
                raise RuntimeError("the exporter has ended")
        if line.split() != ["status", "0"]:
            raise Unsupported("the exporter refuses this configuration")
        return made

    def session(self, config, part):
        key = json.dumps([config, part])
        if key not in self.sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads, options.log_severity_level = 1, 3
            # operators as the graph has them: the fusions beyond put ltanh's factor behind the product that follows it
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
            made = onnxruntime.InferenceSession(str(self.export(config, part)), options, providers=["CPUExecutionProvider"])
            if len(self.sessions) > 64:
                self.sessions.clear()
            self.sessions[key] = made
        return self.sessions[key]

    def run(self, config, part, feeds):
        session = self.session(config, part)
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(None, {given.name: feeds[given.name] for given in session.get_inputs()})))


models = Models()
FORWARD = ("A1", "A2", "P1", "C1", "C2", "C3", "C4")
LEARN = ("L1", "L2", "L3", "L4", "L5", "L6")
SCORES = ("S1", "S2", "S3", "S4")


def equation_of(name):
    return name.split(".")[0]


def layer_of(name):
    """The layer of a culprit: of L6 the one that has the bias, the level else; 0 of a loss. [ar-finite]"""
    label = name.split(".")[-1].split("^")[0]
    if "_" not in label:
        return 0
    return int(label.split("_")[1]) + (label[-3] == "c" and equation_of(name) not in ("P1", "C1"))


def broken_in(trace, equations):
    names = [name for name in trace if equation_of(name) in equations and "logits" not in name]
    bad = [name for name in names if not np.isfinite(trace[name]).all()]
    if bad:
        # graphs have their outputs in the order of the equations, pass by pass
        first = bad[0].split("_")[0] if "^" in bad[0] else equation_of(bad[0])
        same = [name for name in bad if name.startswith(first) and name.split("^")[1:] == bad[0].split("^")[1:]]
        raise wire.Diverged(equation_of(bad[0]), min(layer_of(name) for name in same))


def check_model(after):
    bad = [name for name, value in after.items() if "state." not in name and not np.isfinite(value).all()]
    if bad:
        raise wire.Diverged("O3", min(layer_of(name) for name in bad))


def carried(out):
    return {name[5:]: value for name, value in out.items() if name.startswith("next.")}


def check_step(out, trace, after, learns, scored):
    signals = [out["p"], *(value for name, value in after.items() if name.startswith("state."))]
    if not all(np.isfinite(value).all() for value in signals):
        broken_in(trace, FORWARD)
    if learns:
        for rule in LEARN:
            broken_in(trace, (rule,))
    if scored:
        broken_in(trace, SCORES)
    check_model(after)


def begin(c, s, o, given, rows):
    if "begin" not in given:
        return
    fresh = {f"{v}_{l}": np.zeros((rows, n), F) for v in "yzd" for l, n in enumerate(c["units"]) if l}
    s.update({"t": 0, "key": given["begin"], "x": np.zeros((rows, c["units"][0]), F), **fresh})
    for name in [name for name in o if name.startswith("sum.")]:
        del o[name]


def feeds_of(c, w, o, s, x, m):
    sums = {f"sum.{name}": np.zeros_like(value) for name, value in w.items()} if c["update"] == "sequence" else {}
    state = {f"state.{name}": value for name, value in s.items() if name not in ("t", "key")}
    powers = {name: np.reshape(F(o[name]), (1, 1)) for name in ("power1", "power2")}
    return {"x": x, "m": m, "t": np.array([[s["t"]]], np.int64), **state, **w, **sums, **o, **powers}


def step(c, w, o, s, given, train):
    """One step by the graph. w, o and s are changed."""
    rows = given["x"]["s"][0]
    begin(c, s, o, given, rows)
    wire.need(rows == s["x"].shape[0], "rows")
    wire.need(s["t"] <= 2 ** 53 - 2, "t")
    x, m = wire.tensor(given["x"], (rows, c["units"][0]), "x"), wire.tensor(given["mask"], (rows, 1), "mask")
    wire.need(((m == 0) | (m == 1)).all(), "mask")
    scored = s["t"] >= c["learnFrom"]
    learns, summed = train and scored, any(name.startswith("sum.") for name in o)
    feeds = feeds_of(c, w, o, s, x, m)
    out = models.run(plain(c), "learn" if train else "infer", feeds)
    wanted = FORWARD + (SCORES if scored else ()) + (LEARN + ("O1", "O2", "O3", "O4", "O5", "op-state", "sq-update") if learns else ())
    trace = {name: value for name, value in out.items() if equation_of(name) in wanted}
    after = carried(out)
    check_step(out, trace, after, learns, scored)
    s.update({name[6:]: value for name, value in after.items() if name.startswith("state.")})
    s["t"] = int(after.pop("t")[0, 0])
    keep(w, o, after, learns or summed)
    if c["update"] == "sequence" and train and given.get("end") and (learns or summed):
        ended = models.run(plain(c), "end", {**w, **o})
        moved = carried(ended)
        check_model(moved)
        trace.update({name: value for name, value in ended.items() if not name.startswith("next.")})
        keep(w, o, moved, False)
    return answer_of(out["p"], s, w, o, trace)


def keep(w, o, after, summed):
    """What came out goes on; a sum of nothing is none."""
    for name in [name for name in o if name.startswith("sum.") and not summed]:
        del o[name]
    for name, value in after.items():
        if name in w:
            w[name] = value
        elif not name.startswith("state.") and (summed or not name.startswith("sum.")):
            o[name] = value


def plain(c):
    """As the JSON of a file has it; a binary32 number is exact in decimal."""
    return {name: float(value) if isinstance(value, F) else value for name, value in c.items()}


def answer_of(p, s, w, o, trace):
    number = lambda name, value: wire.bits(np.reshape(value, ())) if name.startswith("power") else wire.show(value)
    return {
        "out": wire.show(p), "state": {name: v if name in ("t", "key") else wire.show(v) for name, v in s.items()},
        "weights": {name: wire.show(v) for name, v in w.items()}, "optimizer": {name: number(name, v) for name, v in o.items()},
        "trace": {name: wire.show(v) for name, v in trace.items()},
    }


def hello():
    names = wire.NAMES
    caps = {"layers": 64, "maxDims": 4096, "activations": [name for name in names["activation"] if name != "stochastic"],
            "outputs": names["output"], "optimizers": names["optimizer"], "ops": ["step", "run"], "trace": "full", "level": "tol"}
    port = {"name": "ptncn-onnx", "version": onnxruntime.__version__, "language": "ONNX"}
    return {"ok": True, "protocol": 1, "specs": ["0.1.0", "0.2.0"], "port": port, "caps": caps}


def answer(r):
    if r["op"] == "hello":
        return hello()
    if r["op"] not in ("step", "run"):
        return {"ok": False, "kind": "unsupported", "what": r["op"]}
    try:
        inputs = wire.well_formed(r)
        c, w, o, s = wire.read_run(r)
        # the moments and powers of the request are numbers of NumPy; a graph takes matrices
        o = {name: np.reshape(F(v), (1, 1)) if name.startswith("power") else v for name, v in o.items()}
        steps = [step(c, w, o, s, given, r["train"]) for given in inputs]
        if r.get("want") == "none":
            for one in steps:
                del one["trace"]
        return {"ok": True, "steps": steps} if r["op"] == "run" else {"ok": True, **steps[0]}
    except wire.Invalid as error:
        return {"ok": False, "kind": "invalid", "what": str(error)}
    except Unsupported as error:
        return {"ok": False, "kind": "unsupported", "what": str(error)}
    except wire.Diverged as error:
        return {"ok": False, "kind": "diverged", "what": "", "equation": error.args[0], "layer": error.args[1]}


if __name__ == "__main__":
    np.seterr(all="ignore")
    models.session({"units": [1, 1]}, "infer")
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "bye":
            break
        print(json.dumps({"id": request["id"], **answer(request)}), flush=True)
