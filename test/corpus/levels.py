"""Slices of row-pointer arrays as CPython's _testbuffer does them (ND_PIL).

    python3 levels.py > levels.json                 the committed corpus
    python3 levels.py --seed 7 --count 3000         fresh cases

Prints a JSON array of {shape, format, itemsize, strides, suboffsets, selections, result}: an
array of the items 0, 1, 2 ... (modulo 251) in C order, whose first axis has a pointer for
each row; one selection after the other, each a list of [start, stop, step]; and what CPython
makes of it: {shape, strides, suboffsets, offset, items}, the offset being that of the first
pointer in the table. Pointers stand at the starts of rows, so that no suboffset becomes negative: what
CPython does then is wrong. Deterministic by seed.
"""

import argparse
import ctypes
import json
import random

from _testbuffer import ND_PIL, ndarray

FORMATS = {'B': 1, 'H': 2, 'I': 4, 'q': 8}


class PyBuffer(ctypes.Structure):
    _fields_ = [('buf', ctypes.c_void_p), ('obj', ctypes.py_object),
                ('len', ctypes.c_ssize_t), ('itemsize', ctypes.c_ssize_t),
                ('readonly', ctypes.c_int), ('ndim', ctypes.c_int),
                ('format', ctypes.c_char_p), ('shape', ctypes.c_void_p),
                ('strides', ctypes.c_void_p), ('suboffsets', ctypes.c_void_p),
                ('internal', ctypes.c_void_p)]


def address(array):
    view = PyBuffer()
    full_ro = 0x11c
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(array), ctypes.byref(view), full_ro)
    try:
        return view.buf
    finally:
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(view))


def flat(nested):
    return [x for part in nested for x in flat(part)] if isinstance(nested, list) else [nested]


def end(rng, size):
    return rng.choice([None] * 5 + [rng.randint(-size - 1, size + 1)])


def random_case(rng):
    ndim = rng.randint(1, 4)
    shape = [rng.randint(1, 6) for _ in range(ndim)]
    if rng.random() < 0.05:
        shape[rng.randrange(ndim)] = 0
    count = 1
    for n in shape:
        count *= n
    code = rng.choice(list(FORMATS))
    items = [k % 251 for k in range(max(1, count))]
    base = ndarray(items, shape=shape, format=code, flags=ND_PIL)
    array, selections = base, []
    for _ in range(rng.randint(1, 3)):
        selection = [[end(rng, n), end(rng, n), rng.choice([None, 1, 2, -1, -1, -2])]
                     for n in array.shape]
        selections.append(selection)
        array = array[tuple(slice(*part) for part in selection)]
    assert 0 in array.shape or array.suboffsets[0] >= 0
    return {
        'shape': shape, 'format': code, 'itemsize': FORMATS[code],
        'strides': list(base.strides), 'suboffsets': list(base.suboffsets),
        'selections': selections,
        'result': {
            'shape': list(array.shape), 'strides': list(array.strides),
            'suboffsets': list(array.suboffsets),
            'offset': address(array) - address(base), 'items': flat(array.tolist()),
        },
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seed', type=int, default=3118)
    parser.add_argument('--count', type=int, default=300)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    cases = [random_case(rng) for _ in range(args.count)]
    print('[' + ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases) + ']')


main()
