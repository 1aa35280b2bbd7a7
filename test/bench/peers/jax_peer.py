"""The released-profile step in JAX on the CPU, jitted, its buffers given away from step to step; driven as numpy_peer.py is.

M, U and V of a layer are one array, so that one product does the work of three, and E is kept transposed, so that it moves
by the very update of W. All steps run in one compiled loop, or each is a call of its own: whichever is faster is found when a
network is loaded.
"""

import base64
import json
import os
import sys
import time

THREADS = 2
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

TRIAL_SECONDS = 0.3
TRIALS = 3


def decode(tensor):
    values = np.frombuffer(base64.b64decode(tensor["data"]), dtype="<f4")
    return values.reshape(tensor["rows"], tensor["cols"]).astype(np.float32)


def encode(array):
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode("ascii")


class Network:
    def __init__(self, config, rows, weights, inputs):
        self.config, self.rows = config, rows
        self.top = len(config["units"]) - 1
        self.names = [[name for name in ("M", "U", "V") if f"{name}_{l}" in weights] for l in range(1, self.top + 1)]
        self.first = [
            {
                "drive": np.concatenate([weights[f"{name}_{l}"] for name in self.names[l - 1]]),
                "W": weights[f"W_{l}"],
                "Et": np.ascontiguousarray(weights[f"E_{l}"].T),
            }
            for l in range(1, self.top + 1)
        ]
        self.ends = [np.cumsum([weights[f"{name}_{l}"].shape[0] for name in self.names[l - 1]]) for l in range(1, self.top + 1)]
        self.inputs = jnp.asarray(np.stack(inputs))
        self.one = jax.jit(self.step, donate_argnums=0)
        self.only_infer = jax.jit(lambda state, t: self.infer(state, t)[0], donate_argnums=0)
        self.all = jax.jit(lambda state, begin, end: lax.fori_loop(begin, end, lambda t, s: self.step(s, t), state), donate_argnums=0)
        self.loops = True

    def begin(self):
        moments = [{name: np.zeros_like(value) for name, value in layer.items()} for layer in self.first]
        y = [np.zeros((self.rows, n), np.float32) for n in self.config["units"]]
        return jax.tree.map(jnp.array, {"w": self.first, "v": moments, "y": y})

    def predict(self, logits):
        return jax.nn.softmax(logits) if self.config["output"] == "softmax" else jax.nn.sigmoid(logits)

    def infer(self, state, t):
        """A1 to C4; y[0] is x."""
        w, before, top = state["w"], state["y"], self.top
        alpha, beta = (np.float32(self.config[key]) for key in ("alpha", "beta"))
        x = self.inputs[t % len(self.inputs)]
        sources = [
            jnp.concatenate([before[l - 1], *([before[l + 1]] if l < top else []), before[l]], axis=1)
            for l in range(1, top + 1)
        ]
        a = [source @ layer["drive"] for source, layer in zip(sources, w)]
        z = [jnp.tanh(one) for one in a]
        p = [one @ layer["W"] for one, layer in zip(z, w)]
        e = [(self.predict(p[0]) - x), *(p[l] - z[l - 1] for l in range(1, top))]
        c = [one @ layer["Et"].T for one, layer in zip(e, w)]
        c = [one - alpha * e[l + 1] if l + 1 < top else one for l, one in enumerate(c)]
        y = [jnp.tanh(one - beta * other) for one, other in zip(a, c)]
        d = [one - other for one, other in zip(z, y)]
        return {**state, "y": [x, *y]}, (sources, z, e, d)

    def step(self, state, t):
        """A1 to O3."""
        clip, mu = np.float32(self.config["clip"]), np.float32(self.config["momentum"])
        rate = np.float32(self.config["rate"] / self.rows)
        after, (sources, z, e, d) = self.infer(state, t)

        def factor(norm):
            return jnp.where(norm > clip, clip / norm, np.float32(1))

        def move(w, v, update):
            v = mu * (v + update)
            return w - update - v, v

        w, v = [], []
        for l, (layer, moment) in enumerate(zip(state["w"], state["v"])):
            update = z[l].T @ (e[0] if l == 0 else d[l - 1])
            norm = jnp.sqrt(jnp.sum(update * update))
            once = factor(norm)
            twice = once * factor(norm * once)
            drive = sources[l].T @ d[l]
            parts = jnp.split(drive, self.ends[l][:-1])
            drive = jnp.concatenate([part * (rate * factor(jnp.sqrt(jnp.sum(part * part)))) for part in parts])
            moved = {
                "drive": move(layer["drive"], moment["drive"], drive),
                "W": move(layer["W"], moment["W"], update * (rate * once)),
                "Et": move(layer["Et"], moment["Et"], update * (rate * twice)),
            }
            w.append({name: value[0] for name, value in moved.items()})
            v.append({name: value[1] for name, value in moved.items()})
        return {**after, "w": w, "v": v}

    def run(self, steps):
        """From the loaded weights: steps that do not learn, then `steps` that do; milliseconds of the latter."""
        state, first = self.begin(), self.config["learnFrom"]
        for t in range(first):
            state = self.only_infer(state, t)
        jax.block_until_ready(state)
        begin = time.perf_counter()
        if self.loops:
            state = self.all(state, first, first + steps)
        else:
            for t in range(first, first + steps):
                state = self.one(state, t)
        jax.block_until_ready(state)
        self.last = state
        return (time.perf_counter() - begin) * 1000

    def choose_way(self):
        best = {}
        for _ in range(TRIALS):
            for self.loops in (True, False):
                self.run(1)
                steps = max(1, min(100, int(TRIAL_SECONDS * 1000 / self.run(1))))
                best[self.loops] = min(best.get(self.loops, float("inf")), self.run(steps) / steps)
        self.loops = min(best, key=best.get)
        return "one compiled loop" if self.loops else "a call a step"

    def weights(self):
        for l, layer in enumerate(self.last["w"], 1):
            yield f"W_{l}", np.asarray(layer["W"])
            yield f"E_{l}", np.asarray(layer["Et"]).T
            for name, part in zip(self.names[l - 1], np.split(np.asarray(layer["drive"]), self.ends[l - 1][:-1])):
                yield f"{name}_{l}", part


def load(request):
    weights = {tensor["name"]: decode(tensor) for tensor in request["weights"]}
    return Network(request["config"], request["rows"], weights, [decode(tensor) for tensor in request["inputs"]])


def main():
    network = None
    for line in sys.stdin:
        request = json.loads(line)
        command = request["cmd"]
        if command == "about":
            answer = {"library": f"JAX {jax.__version__}", "backend": "XLA, cpu, jitted", "threads": THREADS}
        elif command == "load":
            network = load(request)
            network.run(1)
            answer = {"formulation": network.choose_way()} if request.get("tune") else {}
        elif command == "check":
            network.run(request["steps"])
            answer = {"weights": [{"name": name, "data": encode(value)} for name, value in network.weights()]}
        elif command == "time":
            answer = {"milliseconds": network.run(request["steps"])}
        else:
            raise ValueError(f"no such command: {command}")
        print(json.dumps(answer), flush=True)


main()
