"""Trains by the exported graphs: python3 train.py FOLDER SEQUENCES STEPS ROWS INPUTS, with start.onnx, step.onnx, loop.onnx
and x.bin (binary32) in FOLDER. Prints the mean loss of each sequence and the time of a step, step by step and by sequences."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

folder, shape = Path(sys.argv[1]), [int(n) for n in sys.argv[2:]]
sequences, steps, rows, _ = shape
x = np.fromfile(folder / "x.bin", "<f4").reshape(shape)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1


def load(name):
    session = onnxruntime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda feeds: dict(zip(names, session.run(None, feeds)))


start, step, loop = load("start.onnx"), load("step.onnx"), load("loop.onnx")
mask = np.ones((rows, 1), np.float32)
begin = start({"m": mask})
fresh = {name: value for name, value in begin.items() if name == "t" or name.startswith("state.")}


def carried(out):
    return {name[5:]: value for name, value in out.items() if name.startswith("next.")}


def by_steps(feeds, frames):
    loss = count = 0.0
    for frame in frames:
        out = step({**feeds, "x": frame, "m": mask})
        feeds = carried(out)
        loss, count = loss + float(out["loss"].item()), count + (float(out["count"].item()))
    return feeds, loss, count


def by_loop(feeds, frames):
    out = loop({**feeds, "x": frames, "m": np.broadcast_to(mask, (steps, rows, 1)).copy()})
    return carried(out), float(out["loss"].sum(dtype=np.float64)), float(out["count"].sum())


def train(way):
    way(begin, x[0])
    feeds, losses, began = begin, [], time.perf_counter()
    for frames in x:
        feeds, loss, count = way({**feeds, **fresh}, frames)
        losses.append(loss / count)
    return {"losses": losses, "millisecondsAStep": 1000 * (time.perf_counter() - began) / (sequences * steps)}


print(json.dumps({**train(by_steps), "byLoop": train(by_loop)}))
