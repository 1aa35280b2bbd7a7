"""The released-profile step in NumPy, written as the equations are: shown beside the tuned one, to see what tuning does."""

import time

import numpy as np


class PlainNetwork:
    def __init__(self, config, rows, weights, inputs):
        self.config, self.rows, self.first, self.inputs = config, rows, weights, inputs
        self.top = len(config["units"]) - 1
        self.alpha, self.beta, self.mu, self.rate = (
            np.float32(config[key]) for key in ("alpha", "beta", "momentum", "rate"))

    def reset(self):
        self.w = {name: value.copy() for name, value in self.first.items()}
        self.v = {name: np.zeros_like(value) for name, value in self.first.items()}
        self.y = [np.zeros((self.rows, n), np.float32) for n in self.config["units"]]

    def predict(self, logits):
        if self.config["output"] == "softmax":
            e = np.exp(logits - logits.max(axis=1, keepdims=True))
            return e / e.sum(axis=1, keepdims=True)
        return 1 / (1 + np.exp(-logits))

    def infer(self, x):
        """A1 to C4; y[0] is x."""
        w, top, before = self.w, self.top, self.y
        a, z, e, y, d = {}, {0: x}, {}, [x], {}
        for l in range(1, top + 1):
            a[l] = before[l - 1] @ w[f"M_{l}"]
            if l < top:
                a[l] += before[l + 1] @ w[f"U_{l}"]
            a[l] += before[l] @ w[f"V_{l}"]
            z[l] = np.tanh(a[l])
        for l in range(1, top + 1):
            logits = z[l] @ w[f"W_{l}"]
            e[l - 1] = (self.predict(logits) if l == 1 else logits) - z[l - 1]
        for l in range(1, top + 1):
            c = e[l - 1] @ w[f"E_{l}"]
            if l < top:
                c -= self.alpha * e[l]
            y.append(np.tanh(a[l] - self.beta * c))
            d[l] = z[l] - y[l]
        self.y = y
        return before, z, e, d

    def learn(self, before, z, e, d):
        """L1 to O3."""
        for l in range(1, self.top + 1):
            update = self.clip(z[l].T @ (e[0] if l == 1 else d[l - 1]))
            self.move(f"W_{l}", update)
            self.move(f"E_{l}", self.clip(update.T))
            self.move(f"M_{l}", self.clip(before[l - 1].T @ d[l]))
            self.move(f"V_{l}", self.clip(before[l].T @ d[l]))
            if l < self.top:
                self.move(f"U_{l}", self.clip(before[l + 1].T @ d[l]))

    def clip(self, update):
        norm = np.linalg.norm(update)
        return update * np.float32(self.config["clip"] / norm) if norm > self.config["clip"] else update

    def move(self, name, update):
        mean = update / np.float32(self.rows)
        v = self.v[name]
        v *= self.mu
        v += mean
        self.w[name] -= self.rate * mean + self.rate * self.mu * v

    def run(self, steps):
        self.reset()
        first = self.config["learnFrom"]
        for t in range(first):
            self.infer(self.inputs[t % len(self.inputs)])
        begin = time.perf_counter()
        for t in range(first, first + steps):
            self.learn(*self.infer(self.inputs[t % len(self.inputs)]))
        return (time.perf_counter() - begin) * 1000

    def weights(self):
        return self.w.items()
