"""The released-profile step in NumPy, as a process that the benchmark drives with lines of JSON (../peer.ts).

All products go to BLAS, into arrays made beforehand; all else works in place. M, U and V of a layer are one array, so
that one product does the work of three, and E is kept transposed, so that it moves by the very update of W. The passes
over weights can be done in blocks that stay in the cache, and by two threads (NumPy lets go of its lock meanwhile): the
fastest way is found when a network is loaded.
"""

import os

THREADS = 2
for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(variable, str(THREADS))

import base64
import json
import math
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy_plain import PlainNetwork

# numbers in a block, and threads, of the passes over a weight and its momentum
WAYS = [(None, 1), (16384, 1), (65536, 1), (16384, 2), (65536, 2)]
TRIAL_SECONDS = 0.2
TRIALS = 3


def decode(tensor):
    values = np.frombuffer(base64.b64decode(tensor["data"]), dtype="<f4")
    return values.reshape(tensor["rows"], tensor["cols"]).astype(np.float32)


def encode(array):
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode("ascii")


class Layer:
    """The weights of layer l, their momenta (kept as rate mu v) and the arrays that its step writes into."""

    def __init__(self, weights, l, rows):
        self.names = [name for name in ("M", "U", "V") if f"{name}_{l}" in weights]
        parts = [weights[f"{name}_{l}"] for name in self.names]
        ends = np.cumsum([len(part) for part in parts])
        self.parts = [slice(end - len(part), end) for part, end in zip(parts, ends)]
        self.drive = np.concatenate(parts)
        self.W = weights[f"W_{l}"].copy()
        self.Et = np.ascontiguousarray(weights[f"E_{l}"].T)
        self.first = [array.copy() for array in (self.drive, self.W, self.Et)]
        self.drive_momentum, self.W_momentum, self.Et_momentum = (np.empty_like(array) for array in self.first)
        self.drive_update, self.W_update = np.empty_like(self.drive), np.empty_like(self.W)
        n_below, n = self.W.shape[1], self.W.shape[0]
        self.before = np.empty((rows, len(self.drive)), np.float32)  # x or y below, y above, y, of the step before
        self.a, self.z, self.y, self.d, self.c = (np.empty((rows, n), np.float32) for _ in range(5))
        self.e, self.scaled = (np.empty((rows, n_below), np.float32) for _ in range(2))

    def reset(self):
        for array, value in zip((self.drive, self.W, self.Et), self.first):
            array[:] = value
        for array in (self.drive_momentum, self.W_momentum, self.Et_momentum, self.y):
            array[:] = 0


class Network:
    def __init__(self, config, rows, weights, inputs):
        self.layers = [Layer(weights, l, rows) for l in range(1, len(config["units"]))]
        self.inputs = inputs
        self.x_before = np.empty_like(self.inputs[0])
        self.softmax = config["output"] == "softmax"
        self.alpha, self.beta, self.mu = (np.float32(config[key]) for key in ("alpha", "beta", "momentum"))
        self.clip, self.rate_per_row = config["clip"], config["rate"] / rows
        self.learn_from = config["learnFrom"]
        self.pool = ThreadPoolExecutor(1)
        self.block, self.threads = WAYS[0]

    def infer(self, x):
        """A1 to C4."""
        layers = self.layers
        for i, layer in enumerate(layers):
            signals = [layers[i - 1].y if i else self.x_before, *(above.y for above in layers[i + 1 : i + 2]), layer.y]
            for part, signal in zip(layer.parts, signals):
                layer.before[:, part] = signal
        for layer in layers:
            np.dot(layer.before, layer.drive, out=layer.a)
            np.tanh(layer.a, out=layer.z)
        for i, layer in enumerate(layers):
            np.dot(layer.z, layer.W, out=layer.e)
            if i == 0:
                self.predict(layer.e)
            layer.e -= layers[i - 1].z if i else x
        for layer, above in zip(layers, [*layers[1:], None]):
            np.dot(layer.e, layer.Et.T, out=layer.c)
            if above:
                np.multiply(above.e, self.alpha, out=above.scaled)
                layer.c -= above.scaled
            layer.c *= self.beta
            np.subtract(layer.a, layer.c, out=layer.c)
            np.tanh(layer.c, out=layer.y)
            np.subtract(layer.z, layer.y, out=layer.d)
        self.x_before[:] = x

    def predict(self, logits):
        if self.softmax:
            logits -= logits.max(axis=1, keepdims=True)
            np.exp(logits, out=logits)
            logits /= logits.sum(axis=1, keepdims=True)
        else:
            np.negative(logits, out=logits)
            np.exp(logits, out=logits)
            logits += 1
            np.reciprocal(logits, out=logits)

    def learn(self):
        """L1 to O3."""
        below = None
        for layer in self.layers:
            np.dot(layer.z.T, below.d if below else layer.e, out=layer.W_update)
            factor, norm = self.clipping(layer.W_update)
            self.move(layer.W_update, factor, (layer.W, layer.W_momentum))
            again = min(1.0, self.clip / max(min(norm, self.clip), 1e-30))  # E's update is W's, clipped twice
            self.move(layer.W_update, again, (layer.Et, layer.Et_momentum))
            np.dot(layer.before.T, layer.d, out=layer.drive_update)
            for part in layer.parts:
                update = layer.drive_update[part]
                self.move(update, self.clipping(update)[0], (layer.drive[part], layer.drive_momentum[part]))
            below = layer

    def clipping(self, update):
        """O1 and O2 as one factor, times the rate; and the norm."""
        flat = update.ravel()
        norm = math.sqrt(np.dot(flat, flat))
        return self.rate_per_row * (self.clip / norm if norm > self.clip else 1.0), norm

    def move(self, update, factor, target):
        """O3."""
        if self.threads == 1 or update.size < 2 * self.block:
            return self.move_rows(update, np.float32(factor), target, 0, len(update))
        middle = len(update) // 2
        other = self.pool.submit(self.move_rows, update, np.float32(factor), target, 0, middle)
        self.move_rows(update, np.float32(factor), target, middle, len(update))
        other.result()

    def move_rows(self, update, factor, target, begin, end):
        rows = max(1, self.block // update.shape[1]) if self.block else max(1, end - begin)
        for i in range(begin, end, rows):
            u, weight, momentum = (array[i : min(end, i + rows)] for array in (update, *target))
            if factor != 1:
                u *= factor
            momentum += u
            momentum *= self.mu
            weight -= u
            weight -= momentum

    def run(self, steps):
        """From the loaded weights: a step that does not learn, then `steps` that do; milliseconds of the latter."""
        for layer in self.layers:
            layer.reset()
        self.x_before[:] = 0
        for t in range(self.learn_from):
            self.infer(self.inputs[t % len(self.inputs)])
        begin = time.perf_counter()
        for t in range(self.learn_from, self.learn_from + steps):
            self.infer(self.inputs[t % len(self.inputs)])
            self.learn()
        return (time.perf_counter() - begin) * 1000

    def choose_way(self):
        """The fastest of WAYS, by the best of a few short runs each, taken in turns."""
        best = dict.fromkeys(WAYS, math.inf)
        steps = max(1, min(100, int(TRIAL_SECONDS * 1000 / self.run(1))))
        for _ in range(TRIALS):
            for way in WAYS:
                self.block, self.threads = way
                best[way] = min(best[way], self.run(steps))
        self.block, self.threads = min(best, key=best.get)
        blocks = f"blocks of {self.block}" if self.block else "whole arrays"
        return f"{blocks}, {self.threads} thread{'s' if self.threads > 1 else ''} for the passes over weights"

    def weights(self):
        for l, layer in enumerate(self.layers, 1):
            yield f"W_{l}", layer.W
            yield f"E_{l}", layer.Et.T
            for name, part in zip(layer.names, layer.parts):
                yield f"{name}_{l}", layer.drive[part]


def load(request):
    weights = {tensor["name"]: decode(tensor) for tensor in request["weights"]}
    inputs = [decode(tensor) for tensor in request["inputs"]]
    kind = PlainNetwork if request.get("layout") == "plain" else Network
    return kind(request["config"], request["rows"], weights, inputs)


def about():
    from threadpoolctl import threadpool_info

    found = [pool for pool in threadpool_info() if pool["user_api"] == "blas"] or [{}]
    blas = f"{found[0].get('internal_api', 'unknown BLAS')} {found[0].get('version', '')}".strip()
    kernels, threads = found[0].get("architecture", "unknown"), found[0].get("num_threads")
    return {"library": f"NumPy {np.__version__}", "backend": f"{blas}, {kernels} kernels", "threads": threads}


def main():
    network = None
    for line in sys.stdin:
        request = json.loads(line)
        command = request["cmd"]
        if command == "about":
            answer = about()
        elif command == "load":
            network = load(request)
            tune = request.get("tune") and isinstance(network, Network)
            answer = {"formulation": network.choose_way()} if tune else {}
        elif command == "check":
            network.run(request["steps"])
            answer = {"weights": [{"name": name, "data": encode(value)} for name, value in network.weights()]}
        elif command == "time":
            answer = {"milliseconds": network.run(request["steps"])}
        else:
            raise ValueError(f"no such command: {command}")
        print(json.dumps(answer), flush=True)


main()
