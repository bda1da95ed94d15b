"""Copies between overlapping views as NumPy does them, as JSON on standard output.

    overlap.py [--seed N] [--count N]

Without arguments it prints the committed test/corpus/overlap.json: a list of
{size, itemsize, shape, to, from, result}. Both sides, {strides, offset} in bytes, lie in one
block of bytes 0, 1, 2 ... of that size; `result` is the block after to[...] = from.copy().
The elements of `to` do not overlap one another: there no order of writing is defined.
"""

import argparse
import json
import random

import numpy as np


def side(rng, shape, itemsize, size, unique):
    """A random layout inside the block, or None."""
    axes = list(range(len(shape)))
    rng.shuffle(axes)
    strides, step = [0] * len(shape), itemsize
    for axis in axes:
        strides[axis] = step if unique or rng.random() < 0.8 else rng.randint(-2, 2) * itemsize
        step = max(step, step * shape[axis]) + rng.choice([0, 0, 0, 1, itemsize])
        if rng.random() < 0.4:
            strides[axis] = -strides[axis]
    spans = [s * (n - 1) for s, n in zip(strides, shape)]
    low, high = sum(min(s, 0) for s in spans), sum(max(s, 0) for s in spans) + itemsize
    if high - low > size:
        return None
    return {"strides": strides, "offset": rng.randint(-low, size - high)}


def view(block, given, shape, itemsize):
    return np.ndarray(shape, f"V{itemsize}", block, given["offset"], given["strides"])


def case(rng):
    itemsize = rng.choice([1, 2, 3, 4, 8])
    shape = [rng.randint(1, 4) for _ in range(rng.randint(1, 3))]
    size = int(np.prod(shape)) * itemsize + rng.randint(0, 24)
    to, source = side(rng, shape, itemsize, size, True), side(rng, shape, itemsize, size, False)
    if to is None or source is None:
        return None
    block = bytearray(k % 256 for k in range(size))
    # NumPy 1.24 without the copy is wrong where items overlap partly (strides -3 from 0).
    view(block, to, shape, itemsize)[...] = view(block, source, shape, itemsize).copy()
    result = {"size": size, "itemsize": itemsize, "shape": shape, "to": to, "from": source}
    return {**result, "result": block.hex()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=2007)
    parser.add_argument("--count", type=int, default=150)
    options = parser.parse_args()
    rng, cases = random.Random(options.seed), []
    while len(cases) < options.count:
        made = case(rng)
        if made is not None:
            cases.append(json.dumps(made, separators=(",", ":")))
    print("[\n" + ",\n".join(cases) + "\n]")


if __name__ == "__main__":
    main()
