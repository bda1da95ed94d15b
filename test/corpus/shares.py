"""What NumPy's solver says about shared bytes, one line a case on standard output.

    shares.py [--seed N] [--count N]

Without arguments it prints the committed test/corpus/shares.txt. A line is
`itemsize answer side side`, where a side is `first ndim shape... strides...` in bytes and
elements, and the answer 1 when np.shares_memory is true. The memory does not exist: elements
may be terabytes apart. Cases that NumPy finds too hard are left out.
"""

import argparse
import math
import random

import numpy as np

BASE = 1 << 62


class Place:
    """Something with an array interface; nobody reads the memory."""

    def __init__(self, itemsize, first, shape, strides):
        self.__array_interface__ = {
            "version": 3, "typestr": f"|V{itemsize}", "data": (BASE + first, False),
            "shape": tuple(shape), "strides": tuple(strides),
        }


def side(rng, scale, unit):
    """Nested axes, some of them coprime, some negative, at a scale of bytes."""
    shape, strides, step = [], [], unit
    for _ in range(rng.randint(0, 4)):
        extent = rng.choice([1, 2, 3, rng.randint(2, 9), rng.randint(2, scale)])
        shape.append(extent)
        strides.append(step * rng.choice([-1, 1]) if rng.random() < 0.9 else 0)
        if rng.random() < 0.7:
            step = step * extent + rng.choice([0, unit, rng.randint(0, scale)])
        else:
            step = rng.randint(1, 4 * scale)
    order = list(range(len(shape)))
    rng.shuffle(order)
    return [shape[k] for k in order], [strides[k] for k in order]


def fits(itemsize, shape, strides):
    reach = sum(abs(s) * (n - 1) for s, n in zip(strides, shape))
    return reach < 1 << 56 and math.prod(shape) * itemsize < 1 << 63


def case(rng):
    scale = rng.choice([4, 30, 1000, 10**6, 10**9])
    itemsize = rng.choice([1, 1, 2, 3, 8, 16])
    unit = rng.choice([itemsize, itemsize, 3 * itemsize, rng.randint(1, scale)])
    a, b = side(rng, scale, unit), side(rng, scale, unit)
    if not fits(itemsize, *a) or not fits(itemsize, *b):
        return None
    # Inside the other's extent, mostly: else there is nothing to find out.
    far = sum(s * rng.randint(0, n - 1) for n, s in zip(*a))
    far -= sum(s * rng.randint(0, n - 1) for n, s in zip(*b))
    places = [0, far + rng.choice([0, 1, itemsize, unit, rng.randint(0, 2 * scale)])]
    arrays = [np.array(Place(itemsize, p, *s), copy=False) for p, s in zip(places, (a, b))]
    try:
        answer = np.shares_memory(*arrays, max_work=10**5)
    except np.TooHardError:
        return None
    sides = [f"{p} {len(s[0])} {' '.join(map(str, s[0] + s[1]))}" for p, s in zip(places, (a, b))]
    return " ".join(f"{itemsize} {int(answer)} {sides[0]} {sides[1]}".split())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=2009)
    parser.add_argument("--count", type=int, default=600)
    options = parser.parse_args()
    rng, count = random.Random(options.seed), 0
    while count < options.count:
        made = case(rng)
        if made is not None:
            print(made)
            count += 1


main()
