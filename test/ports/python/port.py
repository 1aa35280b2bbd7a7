"""P-TNCN in NumPy, from SPEC.md: a port at the level tol. Run: ptncn conform -- python3 port.py"""

import json
import re
import sys

import numpy as np

F = np.float32
WHOLE = ("units", "passes", "learnFrom")
NAMES = {
    "activation": ("tanh", "sigmoid", "relu", "relu6", "ltanh", "sign", "step", "identity", "stochastic"),
    "output": ("softmax", "sigmoid", "identity"), "hiddenPrediction": ("identity", "activation"),
    "topDownSignal": ("correction", "error"), "errorRule": ("transposed", "temporal"),
    "presynaptic": ("corrected", "uncorrected"), "clipOrder": ("clip-mean", "mean-clip"), "mean": ("all", "active"),
    "optimizer": ("sgd", "momentum", "nesterov", "adam", "rmsprop"), "update": ("step", "sequence"),
    "correctionSignal": ("state", "drive"), "errorStart": ("independent", "transposed"),
}
NUMBERS = ("gamma", "beta", "alpha", "lambda", "clip", "rate", "momentum", "beta1", "beta2", "decay", "epsilon", "maxNorm", "weightScale",
           "window", "weightDecay", "rateFanIn")
# [cf-later]
LATER = {"correctionSignal": "state", "window": 0, "errorStart": "independent", "weightDecay": 0, "rateFanIn": 0}
MOMENTS = {"sgd": (), "momentum": ("first",), "nesterov": ("first",), "adam": ("first", "second"), "rmsprop": ("second",)}


class Invalid(Exception):
    pass


class Diverged(Exception):
    pass


class Unsupported(Exception):
    pass


class TooLong(Exception):
    pass


def need(holds, what):
    if not holds:
        raise Invalid(what)


def whole(x, least, most):
    return type(x) is int and least <= x <= most


def number(bits):
    need(isinstance(bits, str) and re.fullmatch("[0-9a-f]{8}", bits), f"no number: {bits}")
    return F(np.frombuffer(bytes.fromhex(bits), ">f4")[0])


def formed(value, what):
    """[pr-tensor]"""
    need(isinstance(value, dict), f"{what} is no tensor")
    s, x = value.get("s"), value.get("x")
    need(isinstance(s, list) and len(s) == 2 and all(whole(n, 1, 2**31) for n in s), f"{what}: shape")
    need(isinstance(x, str) and len(x) == 8 * s[0] * s[1] and re.fullmatch("[0-9a-f]*", x), f"{what}: digits")


def key(value, what):
    need(isinstance(value, list) and len(value) == 2 and all(whole(k, 0, 2**32 - 1) for k in value), f"{what} is no key")


def tensor(value, shape, what):
    need(tuple(value["s"]) == tuple(shape), f"{what} is not {shape}")
    data = np.frombuffer(bytes.fromhex(value["x"]), ">f4").astype(F).reshape(shape)
    need(np.isfinite(data).all(), f"{what} is not finite")
    return data


def show(a):
    a = np.atleast_2d(np.asarray(a, F))
    return {"s": list(a.shape), "x": a.astype(">f4").tobytes().hex()}


def bits(x):
    return np.asarray(x, ">f4").tobytes().hex()


def read_config(fields, number=number):
    """[cf-fields]; `number` reads one that is not whole: bits in a request, decimal in a checkpoint."""
    need(isinstance(fields, dict), "config")
    c = {**LATER, **fields}
    need(set(c) == set(NAMES) | set(NUMBERS) | set(WHOLE) | {"biases"}, "config: fields")
    for name, allowed in NAMES.items():
        need(isinstance(c[name], str) and c[name] in allowed, name)
    for name in NUMBERS:
        # -0 is read as +0
        c[name] = F(0) if name in LATER and name not in fields else number(c[name]) + F(0)
        need(np.isfinite(c[name]), name)
    for name in ("epsilon", "maxNorm", "weightScale", "rateFanIn"):
        need(c[name] >= 0, name)
    for name in ("beta1", "beta2", "decay", "weightDecay"):
        need(0 <= c[name] < 1, name)
    need(isinstance(c["biases"], bool), "biases")
    need(whole(c["passes"], 1, 32767) and whole(c["learnFrom"], 0, 2**32 - 2), "passes, learnFrom")
    need(isinstance(c["units"], list) and 2 <= len(c["units"]) <= 65536 and all(whole(n, 1, 2**24) for n in c["units"]), "units")
    return c


def weight_shapes(c):
    """[wt-shapes] by label."""
    n, top, shapes = c["units"], len(c["units"]) - 1, {}
    for l in range(1, top + 1):
        shapes[f"W_{l}"] = (n[l], n[l - 1])
        shapes[f"E_{l}"] = shapes[f"M_{l}"] = (n[l - 1], n[l])
        shapes[f"V_{l}"] = (n[l], n[l])
        if l < top:
            shapes[f"U_{l}"] = (n[l + 1], n[l])
        if c["biases"]:
            shapes[f"b_{l}"] = (1, n[l])
            shapes[f"c_{l - 1}"] = (1, n[l - 1])
    return shapes


def philox(counter, key):
    c, k, low = list(counter), list(key), 0xFFFFFFFF
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(q >> 32) ^ c[1] ^ k[0], q & low, (p >> 32) ^ c[3] ^ k[1], p & low]
        k = [(k[0] + 0x9E3779B9) & low, (k[1] + 0xBB67AE85) & low]
    return c


def sigmoid(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, F(1) / (F(1) + e), e / (F(1) + e)).astype(F)


def activate(c, a, t, key, level, stage):
    f = c["activation"]
    if f == "stochastic":
        u = np.array([[(philox((j // 4, i, 65536 * stage + level, t % 2**32), key)[j % 4] >> 8) / 2**24
                       for j in range(a.shape[1])] for i in range(a.shape[0])], F)
        return np.where(np.isnan(a), a, u < sigmoid(a)).astype(F)
    if f == "tanh":
        return np.tanh(a)
    if f == "sigmoid":
        return sigmoid(a)
    if f == "relu":
        return np.where(a <= 0, F(0), a)
    if f == "relu6":
        return np.where(a > 6, F(6), np.where(a <= 0, F(0), a))
    if f == "ltanh":
        return F(1.7159) * np.tanh(F(2 / 3) * a)
    if f == "sign":
        return np.sign(a)
    return np.where(np.isnan(a), a, a >= 0).astype(F) if f == "step" else a


def clip(r, d):
    norm = np.sqrt((d * d).sum(dtype=F))
    return d * r / norm if r > 0 and norm > r else d


def project(limit, w):
    norm = np.sqrt((w * w).sum(axis=1, keepdims=True, dtype=F))
    return np.where((limit > 0) & (norm > limit), w * limit / np.where(norm == 0, F(1), norm), w)


def predict(c, s, level, t, key, k):
    if level > 0:
        return activate(c, s, t, key, level, 32768 + k) if c["hiddenPrediction"] == "activation" else s
    if c["output"] == "softmax":
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True, dtype=F)
    return sigmoid(s) if c["output"] == "sigmoid" else s


def forward(c, w, s, x, m, tell):
    """A1 to C4."""
    top, t, key = len(c["units"]) - 1, s["t"], s["key"]
    layers = range(1, top + 1)
    before = lambda l: s["x"] if l == 0 else s[f"y_{l}"]
    a, z, e = {}, {0: x}, {}
    for l in layers:
        a[l] = before(l - 1) @ w[f"M_{l}"]
        if l < top:
            a[l] = a[l] + before(l + 1) @ w[f"U_{l}"]
        a[l] = a[l] + before(l) @ w[f"V_{l}"]
        if c["biases"]:
            a[l] = a[l] + w[f"b_{l}"]
        tell("A1", l, f"A1.a_{l}", a[l])
    for l in layers:
        z[l] = tell("A2", l, f"A2.z_{l}", activate(c, a[l], t, key, l, 0))
    first_a, first_z, first_p, first_e = dict(a), dict(z), None, None
    for k in range(1, c["passes"] + 1):
        p, h = {}, {}
        for l in layers:
            logits = z[l] @ w[f"W_{l}"] + (w[f"c_{l - 1}"] if c["biases"] else F(0))
            tell("", l - 1, f"P1.logits_{l - 1}^{k}", logits)
            p[l - 1] = predict(c, logits, l - 1, t, key, k)
        for l in layers:
            tell("P1", l - 1, f"P1.p_{l - 1}^{k}", p[l - 1])
        for l in layers:
            e[l - 1] = tell("C1", l - 1, f"C1.e_{l - 1}^{k}", m * (p[l - 1] - z[l - 1]))
        for l in layers:
            h[l] = e[l - 1] @ w[f"E_{l}"]
            if l < top:
                h[l] = h[l] - c["alpha"] * e[l]
            h[l] = tell("C2", l, f"C2.h_{l}^{k}", h[l] + c["lambda"] * np.sign(a[l]))
        a = {l: tell("C3", l, f"C3.a_{l}^{k}", a[l] - c["beta"] * h[l]) for l in layers}
        z = {0: x, **{l: tell("C3", l, f"C3.z_{l}^{k}", activate(c, a[l], t, key, l, k)) for l in layers}}
        if k == 1:
            first_p, first_e = p[0], dict(e)
    d = {}
    for l in layers:
        taken = first_z[l] - z[l]
        if c["correctionSignal"] == "drive":
            near = (np.abs(first_a[l]) < c["window"]) | (c["window"] <= 0)
            taken = np.where(near, first_a[l] - a[l], F(0))
        d[l] = tell("C4", l, f"C4.d_{l}", m * taken)
    return first_p, first_e, first_z, z, d


def learn(c, s, z, e, d, tell):
    """L1 to L6."""
    top, updates = len(c["units"]) - 1, {}
    symbol = "y" if c["presynaptic"] == "corrected" else "z"
    before = lambda l: s["x"] if l == 0 else s[f"{symbol}_{l}"]
    for l in range(1, top + 1):
        signal = d[l - 1] if l > 1 and c["topDownSignal"] == "correction" else e[l - 1]
        dW = updates[f"W_{l}"] = z[l].T @ signal
        if c["errorRule"] == "transposed":
            updates[f"E_{l}"] = c["gamma"] * (clip(c["clip"], dW) if c["clipOrder"] == "clip-mean" else dW).T
        else:
            updates[f"E_{l}"] = -c["gamma"] * (e[l - 1].T @ (d[l] - s[f"d_{l}"]))
        updates[f"M_{l}"] = before(l - 1).T @ d[l]
        updates[f"V_{l}"] = before(l).T @ d[l]
        if l < top:
            updates[f"U_{l}"] = before(l + 1).T @ d[l]
        if c["biases"]:
            updates[f"b_{l}"] = d[l].sum(axis=0, keepdims=True, dtype=F)
            updates[f"c_{l - 1}"] = e[l - 1].sum(axis=0, keepdims=True, dtype=F)
    for rule, names in (("L1", "W"), ("L2", "E"), ("L3", "M"), ("L4", "V"), ("L5", "U"), ("L6", "bc")):
        for label in updates:
            if label[0] in names:
                layer = int(label[2:]) + (label[0] == "c")
                tell(rule, layer, f"{rule}.d{label}", updates[label])
    return updates


def score(c, p, x, m, tell):
    rows, floor = m[:, 0] == 1, lambda q: np.log(np.where(q <= 0, F(1e-8), q))
    p, x = p[rows], x[rows]
    if c["output"] == "softmax":
        name, loss = "S1", -(x * floor(p)).sum(dtype=F)
        tell("", 0, "S4.correct", F((p.argmax(axis=1) == x.argmax(axis=1)).sum()))
    elif c["output"] == "sigmoid":
        name, loss = "S2", -(x * floor(p) + (F(1) - x) * floor(F(1) - p)).sum(dtype=F)
    else:
        name, loss = "S3", F(0.5) * ((p - x) ** 2).sum(dtype=F)
    tell(name, 0, f"{name}.loss", loss)


def rate_of(c, label, rows):
    """[op-rate]"""
    whole = label[0] in "bc" or label == "M_1" or c["rateFanIn"] <= 0 or rows <= c["rateFanIn"]
    return c["rate"] if whole else c["rate"] * (c["rateFanIn"] / F(rows))


def move(c, label, w, d, old, powers):
    """O3: the new weight, and the new moments."""
    rate, mu, kind = rate_of(c, label, w.shape[0]), c["momentum"], c["optimizer"]
    if kind == "sgd":
        return w - rate * d, {}
    if kind in ("momentum", "nesterov"):
        v = mu * old["first"] + d
        return w - (rate * v if kind == "momentum" else rate * d + rate * (mu * v)), {"first": v}
    if kind == "adam":
        v = c["beta1"] * old["first"] + (F(1) - c["beta1"]) * d
        q = c["beta2"] * old["second"] + (F(1) - c["beta2"]) * (d * d)
        c1, c2 = F(1) / (F(1) - powers[0]), F(1) / (F(1) - powers[1])
        return w - rate * (v * c1) / (np.sqrt(q * c2) + c["epsilon"]), {"first": v, "second": q}
    q = c["decay"] * old["second"] + (F(1) - c["decay"]) * (d * d)
    return w - rate * d / (np.sqrt(q) + c["epsilon"]), {"second": q}


def apply(c, w, o, reduced, trace):
    """O3, O5 and O4."""
    o["power1"], o["power2"] = o["power1"] * c["beta1"], o["power2"] * c["beta2"]
    trace["op-state.power1"], trace["op-state.power2"] = show(o["power1"]), show(o["power2"])
    for label in w:
        old = {name: o[f"{name}.{label}"] for name in MOMENTS[c["optimizer"]]}
        w[label], made = move(c, label, w[label], reduced[label], old, (o["power1"], o["power2"]))
        for name, value in made.items():
            o[f"{name}.{label}"] = value
            trace[f"O3.{name}.{label}"] = show(value)
        trace[f"O3.{label}"] = show(w[label])
        if label[0] not in "bc" and c["weightDecay"] > 0:
            w[label] = w[label] - c["weightDecay"] * w[label]
            trace[f"O5.{label}"] = show(w[label])
        if label[0] not in "bc":
            w[label] = project(c["maxNorm"], w[label])
            trace[f"O4.{label}"] = show(w[label])
    for label in sorted(w, key=lambda label: int(label[2:]) + (label[0] == "c")):
        finite(label, [w[label]] + [o[f"{name}.{label}"] for name in MOMENTS[c["optimizer"]]])


def finite(label, held):
    """[ar-finite] of what O3 makes, and of the sum."""
    if not all(np.isfinite(value).all() for value in held):
        raise Diverged("O3", int(label[2:]) + (label[0] == "c"))


def step(c, w, o, s, given, train):
    """One step. w, o and s are changed."""
    rows = given["x"]["s"][0]
    if "begin" in given:
        fresh = {f"{v}_{l}": np.zeros((rows, n), F) for v in "yzd" for l, n in enumerate(c["units"]) if l}
        s.update({"t": 0, "key": given["begin"], "x": np.zeros((rows, c["units"][0]), F), **fresh})
        for name in [name for name in o if name.startswith("sum.")]:
            del o[name]
    need(rows == s["x"].shape[0], "rows")
    need(s["t"] <= 2 ** 53 - 2, "t")
    x, m = tensor(given["x"], (rows, c["units"][0]), "x"), tensor(given["mask"], (rows, 1), "mask")
    need(((m == 0) | (m == 1)).all(), "mask")
    trace, broken = {}, []

    def tell(equation, layer, name, value):
        trace[name] = show(value)
        if equation and not np.isfinite(value).all():
            broken.append((equation, layer))
        return value

    active = s["t"] >= c["learnFrom"]
    p, e, z, y, d = forward(c, w, s, x, m, tell)
    if broken and not all(np.isfinite(v).all() for v in [p, *y.values(), *d.values(), *z.values()]):
        raise Diverged(*broken[0])
    broken.clear()
    updates = learn(c, s, z, e, d, tell) if train and active else None
    if active:
        score(c, p, x, m, tell)
    if broken:
        raise Diverged(*broken[0])
    summed = any(name.startswith("sum.") for name in o)
    reduced = {}
    if updates is not None:
        n = F(1) / F(rows if c["mean"] == "all" else max(1, int(m.sum())))
        for label, dw in updates.items():
            for rule in ("O1", "O2") if c["clipOrder"] == "clip-mean" else ("O2", "O1"):
                dw = clip(c["clip"], dw) if rule == "O1" else dw * n
                trace[f"{rule}.d{label}"] = show(dw)
            if c["update"] == "sequence":
                dw = o[f"sum.{label}"] = o[f"sum.{label}"] + dw if summed else dw
                trace[f"sq-update.sum.{label}"] = show(dw)
            reduced[label] = dw
        if c["update"] == "sequence":
            for label in sorted(w, key=lambda label: int(label[2:]) + (label[0] == "c")):
                finite(label, [reduced[label]])
    if c["update"] == "step" and updates is not None:
        apply(c, w, o, reduced, trace)
    elif c["update"] == "sequence" and train and given.get("end") and (updates is not None or summed):
        sums = {label: o.pop(f"sum.{label}") for label in w}
        apply(c, w, o, sums, trace)
    s.update({"t": s["t"] + 1, "x": x, **{f"{v}_{l}": of[l] for v, of in (("y", y), ("z", z), ("d", d)) for l in d}})
    number_of = lambda name, v: bits(v) if name.startswith("power") else show(v)
    return {
        "out": show(p), "state": {name: v if name in ("t", "key") else show(v) for name, v in s.items()},
        "weights": {name: show(v) for name, v in w.items()}, "optimizer": {name: number_of(name, v) for name, v in o.items()},
        "trace": trace,
    }


def well_formed(r):
    """[pr-requests]: what can be said before the configuration is known."""
    for group in ("weights", "state", "optimizer"):
        need(isinstance(r.get(group), dict), group)
        for name, value in r[group].items():
            if group == "state" and name == "key":
                key(value, name)
            elif group == "state" and name == "t":
                need(whole(value, 0, 2**53 - 2), "t")
            elif group == "optimizer" and name in ("power1", "power2"):
                need(0 <= number(value) <= 1, name)
            else:
                formed(value, name)
    need(type(r.get("train")) is bool, "train")
    need(r.get("want") in ("trace", "none"), "want")
    inputs = r.get("inputs") if r["op"] == "run" else [r.get("input")]
    need(isinstance(inputs, list) and inputs, "inputs")
    for given in inputs:
        need(isinstance(given, dict), "input")
        for name in ("x", "mask"):
            formed(given.get(name), name)
        if "begin" in given:
            key(given["begin"], "begin")
        need(type(given.get("end", False)) is bool, "end")
    return inputs


def read_run(r):
    c = read_config(r["config"])
    shapes = weight_shapes(c)
    need(set(r["weights"]) == set(shapes), "weights: names")
    w = {name: tensor(r["weights"][name], shape, name) for name, shape in shapes.items()}
    held = [f"{moment}.{name}" for moment in MOMENTS[c["optimizer"]] for name in shapes]
    if c["update"] == "sequence" and any(name.startswith("sum.") for name in r["optimizer"]):
        held += [f"sum.{name}" for name in shapes]
    need(set(r["optimizer"]) == set(held) | {"power1", "power2"}, "optimizer: names")
    o = {name: tensor(r["optimizer"][name], shapes[name.split(".")[1]], name) for name in held}
    o.update({name: number(r["optimizer"][name]) for name in ("power1", "power2")})
    names = {"t", "key", "x"} | {f"{v}_{l}" for v in "yzd" for l in range(1, len(c["units"]))}
    need(set(r["state"]) == names, "state: names")
    rows = r["state"]["x"]["s"][0]
    s = {"t": r["state"]["t"], "key": r["state"]["key"], "x": tensor(r["state"]["x"], (rows, c["units"][0]), "x")}
    for l, n in enumerate(c["units"][1:], 1):
        s.update({f"{v}_{l}": tensor(r["state"][f"{v}_{l}"], (rows, n), f"{v}_{l}") for v in "yzd"})
    return c, w, o, s


# [pr-parts]


def wholes(value, most, what):
    need(isinstance(value, list) and len(value) == len(most) and all(whole(n, 0, top) for n, top in zip(value, most)), what)
    return value


def key_of(seed):
    return [seed % 2**32, seed >> 32]


def split(key, i):
    return philox((i % 2**32, i >> 32, 0, 0xFFFFFFFF), key)[:2]


def word_of(key, i):
    return philox((i // 4 % 2**32, i // 4 >> 32, 0, 0), key)[i % 4]


def horner(digits, x):
    """Coefficients as bits, in binary64."""
    s = 0.0
    for one in digits.split():
        s = s * x + float(number(one))
    return s


def normal(word):
    """[ar-normal] of deviation 1, in binary64."""
    u = ((word >> 9) + 0.5) / 2**23
    q = u - 0.5
    if abs(q) <= number("3ed9999a"):
        r = float(number("3e38f5c3")) - q * q
        return q * horner("426c7000 431f4a88 4249bcb2 4058c6c8", r) / horner("42866008 429d83f9 418f294f 3f800000", r)
    r = float(np.sqrt(-np.log(u if q < 0 else 1 - u))) - float(number("3fcccccd"))
    z = horner("3e2e52ed 3fa742e1 40306faa 3fb63331", r) / horner("3df6315c 3f3cac24 3f800000", r)
    return -z if q < 0 else z


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def of_tensor(name):
    """[ar-exp] to [ar-units] of a tensor in binary64."""
    if name in ("exp", "log"):
        return np.exp if name == "exp" else np.log
    if name == "softmax":
        return softmax
    if name == "sigmoid":
        return lambda x: 1 / (1 + np.exp(-x))
    if name == "ltanh":
        return lambda x: float(number("3fdba29c")) * np.tanh(float(number("3f2aaaab")) * x)
    if name in ("tanh", "relu", "relu6", "sign", "step"):
        return lambda x: activate({"activation": name}, x, 0, [0, 0], 0, 0)
    return None


WORD, LAST = 2**32 - 1, 2**53 - 1
OF_WHOLE = {
    "philox": ([WORD] * 6, lambda *w: philox(w[:4], w[4:])),
    "key": ([LAST], key_of),
    "split": ([WORD, WORD, LAST], lambda k0, k1, i: split((k0, k1), i)),
    "word": ([WORD, WORD, LAST], lambda k0, k1, i: [word_of((k0, k1), i)]),
    "below": ([WORD, WORD, WORD, LAST], lambda n, k0, k1, i: [word_of((k0, k1), i) * n >> 32]),
}
OF_WORDS = {"unit": lambda w: (w >> 8) / 2**24, "normal": normal}


def answer_function(r):
    name, words = r.get("name"), r.get("words")
    name = name if isinstance(name, str) else ""
    if name in OF_WHOLE:
        most, f = OF_WHOLE[name]
        given = wholes(words, most, "words")
        need(name != "below" or given[0] >= 1, "n")
        return {"words": list(f(*given))}
    if name in OF_WORDS:
        need(isinstance(words, list) and words, "words")
        return {"value": show([OF_WORDS[name](w) for w in wholes(words, [WORD] * len(words), "words")])}
    f = of_tensor(name)
    if f is None:
        raise Unsupported(f"no function {name}")
    formed(r.get("x"), "x")
    x = np.frombuffer(bytes.fromhex(r["x"]["x"]), ">f4").astype(float).reshape(r["x"]["s"])
    return {"value": show(f(x))}


def answer_init(r):
    """[wt-init]"""
    c, seed = read_config(r.get("config")), r.get("seed")
    need(whole(seed, 0, LAST), "seed")
    n = c["units"]
    if sum(2 * a * b + b * b for a, b in zip(n, n[1:])) > 2**20:
        raise TooLong()
    weights = {}
    for label, (rows, cols) in weight_shapes(c).items():
        matrix, layer = "WEMVU".find(label[0]), int(label[2:])
        own = split(split(key_of(seed), layer), matrix) if matrix >= 0 else None
        if matrix == 1 and c["errorStart"] == "transposed":
            weights[label] = weights[f"W_{layer}"].T
        elif matrix >= 0:
            drawn = [normal(word_of(own, e)) for e in range(rows * cols)]
            weights[label] = (float(c["weightScale"]) * np.array(drawn)).reshape(rows, cols)
        else:
            weights[label] = np.zeros((rows, cols))
    return {"weights": {label: show(value) for label, value in weights.items()}}


# [ck-format]


def once(pairs):
    """A record in which no name stands twice."""
    need(len({name for name, _ in pairs}) == len(pairs), "a name stands twice")
    return dict(pairs)


def refuse_number(text):
    raise Invalid(f"{text} is not digits alone")


def digits_alone(text):
    return refuse_number(text) if text.startswith("-") else int(text)


def read_json(text, **numbers):
    need(isinstance(text, str), "JSON is missing")
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse_number, **numbers)
    except (ValueError, RecursionError) as error:
        raise Invalid(str(error)) from error


def decimal(value):
    need(type(value) in (int, float), f"no number: {value}")
    try:
        return F(value)
    except OverflowError:
        return F(np.inf)


def split_file(file):
    """Header and data of a safetensors file."""
    need(len(file) >= 8, "at least 8 bytes")
    length = int.from_bytes(file[:8], "little")
    need(length <= min(len(file) - 8, 100_000_000), "length of the header")
    try:
        text = file[8:8 + length].decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("header: no UTF-8") from error
    header = read_json(text, parse_int=digits_alone, parse_float=refuse_number)
    need(isinstance(header, dict), "header")
    metadata = header.pop("__metadata__", None)
    need(isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values()), "__metadata__")
    return header, metadata, file[8 + length:]


def tensors_in(header, data):
    """The tensors, which have to fill the data one after another, in the form of a request's."""
    tensors, spans, size = {}, [], len(data)
    for name, entry in header.items():
        need(isinstance(entry, dict) and entry.get("dtype") == "F32", f"{name}: type")
        shape = wholes(entry.get("shape"), [size, size], f"{name}: shape")
        start, end = wholes(entry.get("data_offsets"), [size, size], f"{name}: place")
        need(end - start == 4 * shape[0] * shape[1], f"{name}: bytes")
        spans.append((start, end))
        tensors[name] = {"s": shape, "x": np.frombuffer(data[start:end], "<u4").astype(">u4").tobytes().hex()}
    at = 0
    for start, end in sorted(spans):
        need(start == at, "tensors that follow one another")
        at = end
    need(at == size, "no more data")
    return tensors


def config_text(c):
    """As JSON, and the version that has all its fields [cf-later]; a number in the digits that bring it back."""
    kept = [name for name in c if name not in LATER or c[name] != LATER[name]]
    text = json.dumps({name: float(c[name]) if name in NUMBERS else c[name] for name in kept})
    return text, "0.2.0" if set(kept) & set(LATER) else "0.1.0"


def file_of(tensors, metadata):
    header, at = {"__metadata__": metadata}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [at, at + 4 * value.size]}
        at += 4 * value.size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(value.astype("<f4").tobytes() for value in tensors.values())


def answer_checkpoint(r):
    """Read, held against its configuration, and written anew."""
    given = r.get("bytes")
    need(isinstance(given, str) and len(given) % 2 == 0 and re.fullmatch("[0-9a-f]*", given), "bytes")
    header, metadata, data = split_file(bytes.fromhex(given))
    need(metadata.get("format") == "ptncn" and metadata.get("spec") in ("0.1.0", "0.2.0"), "format, spec")
    fields = read_json(metadata.get("config"))
    c = read_config(fields, decimal)
    need(metadata["spec"] == "0.2.0" or not set(fields) & set(LATER), "a field of a later version")
    powers = read_json(metadata.get("optimizer"))
    need(isinstance(powers, dict) and all(0 <= number(powers.get(name)) <= 1 for name in ("power1", "power2")), "powers")
    tensors, shapes, held = tensors_in(header, data), weight_shapes(c), {}
    state = read_json(metadata["state"]) if "state" in metadata else None
    summed = state is not None and c["update"] == "sequence" and "optimizer.sum.W_1" in tensors
    groups = ["weights"] + [f"optimizer.{moment}" for moment in (*MOMENTS[c["optimizer"]], *(["sum"] if summed else []))]
    held.update({f"{group}.{name}": shape for group in groups for name, shape in shapes.items()})
    own = {"format": "ptncn", "optimizer": json.dumps({name: powers[name] for name in ("power1", "power2")})}
    own["config"], own["spec"] = config_text(c)
    if state is not None:
        need(isinstance(state, dict) and whole(state.get("t"), 0, LAST - 1), "t")
        key(state.get("key"), "key")
        own["state"] = json.dumps({name: state[name] for name in ("t", "key")})
        rows = tensors.get("state.x", {"s": [0]})["s"][0]
        need(rows >= 1, "state.x")
        held["state.x"] = (rows, c["units"][0])
        held.update({f"state.{v}_{l}": (rows, n) for l, n in enumerate(c["units"]) if l for v in "yzd"})
    need(set(tensors) == set(held), "the names of tensors")
    read = {name: tensor(tensors[name], shape, name) for name, shape in held.items()}
    return {"bytes": file_of(read, own).hex()}


def answer_steps(r):
    inputs = well_formed(r)
    c, w, o, s = read_run(r)
    steps = [step(c, w, o, s, given, r["train"]) for given in inputs]
    if r.get("want") == "none":
        for one in steps:
            del one["trace"]
    return {"steps": steps} if r["op"] == "run" else steps[0]


PARTS = {"init": answer_init, "function": answer_function, "checkpoint": answer_checkpoint}


def answer(r):
    if r["op"] == "hello":
        caps = {"layers": 64, "maxDims": 4096, "activations": NAMES["activation"], "outputs": NAMES["output"],
                "optimizers": NAMES["optimizer"], "ops": ["step", "run", *PARTS], "trace": "full", "level": "tol"}
        port = {"name": "ptncn-numpy", "version": "1", "language": "Python"}
        return {"ok": True, "protocol": 1, "specs": ["0.1.0", "0.2.0"], "port": port, "caps": caps}
    try:
        if r["op"] in ("step", "run"):
            return {"ok": True, **answer_steps(r)}
        if r["op"] in PARTS:
            return {"ok": True, **PARTS[r["op"]](r)}
        raise Unsupported(str(r["op"]))
    except Unsupported as error:
        return {"ok": False, "kind": "unsupported", "what": str(error)}
    except TooLong:
        return {"ok": False, "kind": "internal", "what": "the answer would be longer than a line may be"}
    except Invalid as error:
        return {"ok": False, "kind": "invalid", "what": str(error)}
    except Diverged as error:
        return {"ok": False, "kind": "diverged", "what": "", "equation": error.args[0], "layer": error.args[1]}


if __name__ == "__main__":
    np.seterr(all="ignore")
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "bye":
            break
        print(json.dumps({"id": request["id"], **answer(request)}), flush=True)
