"""Row-pointer images as CPython slices them: the oracle for indirect views.

    python3 indirect.py --seed 7 --count 500

Prints a JSON array of {shape, slices, suboffsets, strides, list}: an array of bytes that count up
(flag ND_PIL of _testbuffer: the first axis goes by pointers), sliced once for each entry of
`slices`, each [start, stop, step] an axis. Its pointers are at the rows' starts, so that no
suboffset becomes negative where there are elements: there CPython is wrong, and no oracle.
"""

import argparse
import json
import random
from math import prod

from _testbuffer import ND_PIL, ndarray


def end(rng, extent):
    return None if rng.random() < 0.3 else rng.randint(-extent - 2, extent + 2)


def one(rng, extent):
    step = rng.choice([None, 1, 2, 3, -1, -2, -3])
    return [end(rng, extent), end(rng, extent), step]


def case(rng):
    shape = [rng.randint(1, 5) for _ in range(rng.randint(2, 4))]
    array = ndarray([k % 256 for k in range(prod(shape))], shape=shape, format='B', flags=ND_PIL)
    slices = []
    for _ in range(rng.randint(0, 3)):
        if 0 in array.shape:
            break
        slices.append([one(rng, extent) for extent in array.shape])
        array = array[tuple(slice(*parts) for parts in slices[-1])]
    return {
        'shape': shape,
        'slices': slices,
        'suboffsets': list(array.suboffsets),
        'strides': list(array.strides),
        'list': array.tolist(),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=500)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    print(json.dumps([case(rng) for _ in range(given.count)]))


main()
