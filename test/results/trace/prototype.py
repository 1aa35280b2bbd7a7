"""The displacement trace, tried before it is specified: credit over time by s = (z - y) / (a - a^K), no derivative taken.

    python3 prototype.py PTB_FOLDER >> trace.jsonl

Two layers, profile `online` (Adam, W from e, biases, E begins as W', rates by fan-in 32), ptb-char, 4,000 lines in batches
of 20 of about one length; bits a character on 400 lines of the validation data. With the trace, for M, V and U of each layer

    P_ij <- s_i (V_ii P_ij + x_j),   d w_ij = sum over the rows of (a - a^K)_i P_ij

in place of d_i x_j, where x is what the weight adds up; without memory (V_ii = 0) that is the rule as it is.
"""

import gzip
import itertools
import json
import sys
import time

import numpy as np

F = np.float32
B, LINES, HELD, RATE, FAN = 20, 4000, 400, 0.003, 32


def read(folder):
    def lines(part):
        with gzip.open(f"{folder}/ptb.{part}.txt.gz", "rt") as file:
            return [list(line.strip()) for line in file if line.strip()]

    train, valid = lines("train"), lines("valid")
    index = {s: i for i, s in enumerate(sorted({s for line in train for s in line}))}
    code = lambda all: [np.array([index[s] for s in line]) for line in all if len(line) > 1]
    return code(train), code(valid), len(index)


def batches(lines, rng):
    order = np.argsort([len(line) for line in lines], kind="stable")
    groups = [order[i : i + B] for i in range(0, len(order) - B + 1, B)]
    rng.shuffle(groups)
    return [[lines[i] for i in group] for group in groups]


class Network:
    def __init__(self, symbols, n, self_weight, beta, trace, seed):
        rng = np.random.default_rng(seed)
        scale = 0.15 * np.sqrt(32 / max(n, 32))
        normal = lambda *shape: (scale * rng.standard_normal(shape)).astype(F)
        m = symbols
        self.n, self.m, self.beta, self.trace = n, m, F(beta), trace
        w = {"W1": normal(n, m), "W2": normal(n, n), "M1": normal(m, n), "M2": normal(n, n)}
        w |= {"V1": normal(n, n), "V2": normal(n, n), "U1": normal(n, n)}
        w |= {"E1": w["W1"].T.copy(), "E2": w["W2"].T.copy()}
        if self_weight is not None:
            for name in ("V1", "V2"):
                np.fill_diagonal(w[name], F(self_weight))
        w |= {"b1": np.zeros(n, F), "b2": np.zeros(n, F), "c0": np.zeros(m, F), "c1": np.zeros(n, F)}
        self.w, self.t = w, 0
        self.first = {k: np.zeros_like(v) for k, v in w.items()}
        self.second = {k: np.zeros_like(v) for k, v in w.items()}
        fan = lambda name, v: v.shape[0] if v.ndim == 2 and name != "M1" else 0
        self.rate = {k: F(RATE * FAN / fan(k, v)) if fan(k, v) > FAN else F(RATE) for k, v in w.items()}

    def start(self, rows):
        n = self.n
        zero = np.zeros((rows, n), F)
        self.y1, self.y2, self.x = zero, zero, np.zeros((rows, self.m), F)
        k = (self.m + 2 * n, 2 * n)
        self.P = [np.zeros((rows, n, size), F) for size in k] if self.trace else None

    def step(self, x, mask, learns):
        w, beta = self.w, self.beta
        before1 = np.concatenate([self.x, self.y1, self.y2], 1)
        before2 = np.concatenate([self.y1, self.y2], 1)
        a1 = before1 @ np.concatenate([w["M1"], w["V1"], w["U1"]]) + w["b1"]
        a2 = before2 @ np.concatenate([w["M2"], w["V2"]]) + w["b2"]
        z1, z2 = np.tanh(a1), np.tanh(a2)
        logits = z1 @ w["W1"] + w["c0"]
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        e0 = mask * (p - x)
        e1 = mask * (z2 @ w["W2"] + w["c1"] - z1)
        move1, move2 = beta * (e0 @ w["E1"] - F(0.001) * e1), beta * (e1 @ w["E2"])
        y1, y2 = np.tanh(a1 - move1), np.tanh(a2 - move2)
        if learns:
            d1, d2 = mask * (z1 - y1), mask * (z2 - y2)
            into1, into2 = self.credit(0, before1, z1 - y1, move1, mask, d1), self.credit(1, before2, z2 - y2, move2, mask, d2)
            m, n = self.m, self.n
            g = {"W1": z1.T @ e0, "W2": z2.T @ e1, "c0": e0.sum(0), "c1": e1.sum(0), "b1": d1.sum(0), "b2": d2.sum(0)}
            g |= {"M1": into1[:m], "V1": into1[m : m + n], "U1": into1[m + n :], "M2": into2[:n], "V2": into2[n:]}
            g |= {"E1": g["W1"].T, "E2": g["W2"].T}
            self.adam(g, F(1 / x.shape[0]))
        self.y1, self.y2, self.x = y1, y2, x
        hit = (p * x).sum(1)
        return -(mask[:, 0] * np.log(np.maximum(hit, 1e-8))).sum(), mask.sum()

    def credit(self, layer, before, displaced, move, mask, d):
        if not self.trace:
            return before.T @ d
        slope = np.where(np.abs(move) > 1e-12, displaced / np.where(move == 0, 1, move), 0).astype(F)
        P, kept = self.P[layer], np.diag(self.w[f"V{layer + 1}"])
        P *= kept[None, :, None]
        P += before[:, None, :]
        P *= slope[:, :, None]
        return np.einsum("bi,bij->ji", mask * move, P)

    def adam(self, g, scale):
        self.t += 1
        s1, s2 = F(1 / (1 - 0.9**self.t)), F(1 / (1 - 0.999**self.t))
        for k, d in g.items():
            d = d * scale
            f, s = self.first[k], self.second[k]
            f += F(0.1) * (d - f)
            s += F(0.001) * (d * d - s)
            self.w[k] -= self.rate[k] * (f * s1) / (np.sqrt(s * s2) + F(1e-8))

    def run(self, batch, learns):
        steps = max(map(len, batch))
        loss = count = 0
        self.start(len(batch))
        for t in range(steps):
            x, mask = np.zeros((len(batch), self.m), F), np.zeros((len(batch), 1), F)
            for r, line in enumerate(batch):
                if t < len(line):
                    x[r, line[t]] = mask[r] = 1
            got = self.step(x, mask, learns and t >= 1)
            if t >= 1:
                loss, count = loss + got[0], count + got[1]
        return loss, count


def bits(symbols, train, valid, seed, **setting):
    rng = np.random.default_rng(1000 + seed)
    network = Network(symbols, seed=seed, **setting)
    chosen = [train[i] for i in rng.permutation(len(train))[:LINES]]
    for batch in batches(chosen, rng):
        network.run(batch, True)
    scores = [network.run(valid[i : i + B], False) for i in range(0, HELD, B)]
    loss, count = (sum(part) for part in zip(*scores))
    return loss / count / np.log(2)


if __name__ == "__main__":
    train, valid, symbols = read(sys.argv[1])
    for n, seeds in ((32, (1, 2, 3)), (128, (1,))):
        for seed, trace, self_weight, beta in itertools.product(seeds, (False, True), (None, 0.5), (0.03,)):
            begin = time.time()
            setting = {"n": n, "trace": trace, "self_weight": self_weight, "beta": beta}
            score = bits(symbols, train, valid, seed, **setting)
            print(json.dumps({**setting, "seed": seed, "bits": round(float(score), 4), "seconds": round(time.time() - begin)}), flush=True)
