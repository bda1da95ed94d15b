"""Oracle for lib/npy_header.ts, npy_dtype.ts and python_literal.ts.

    python3 npy_header.py headers          .npy headers as NumPy writes them
    python3 npy_header.py literals SEED    random Python literals, and what they mean
    python3 npy_header.py formats          stdin: [[format, descr], ...] -> which NumPy takes
                                           for the same type

All print JSON. Bytes are base64; in `literals`, tuples are {"tuple": [...]} and dicts
{"dict": [[key, value], ...]}.
"""

import base64
import io
import json
import random
import sys
import warnings

import numpy as np
from numpy.core._internal import _dtype_from_pep3118

KINDS = ['b1', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8', 'f16', 'c8',
         'c16', 'c32', 'S7', 'U5', 'V3', 'M8[ns]', 'M8[25s]', 'm8[us]', 'm8', 'M8']
SHAPES = [(), (1,), (0,), (5,), (2, 3), (3, 0, 2), (1,) * 32]


def headers():
    """Every simple dtype, byte order, memory order, some shapes, in all three versions."""
    warnings.simplefilter('ignore')
    for kind in KINDS:
        for mark in '<>':
            for k, shape in enumerate(SHAPES):
                order = 'CF'[k % 2]
                array = np.zeros(shape, mark + kind, order=order)
                version = [(1, 0), (2, 0), (3, 0)][k % 3]
                file = io.BytesIO()
                np.lib.format.write_array(file, array, version)
                offset = len(file.getvalue()) - array.nbytes
                yield {
                    'bytes': base64.b64encode(file.getvalue()[:offset]).decode(),
                    'descr': array.dtype.str,
                    'itemsize': array.dtype.itemsize,
                    'unit': array.dtype.name if array.dtype.kind in 'mM' else None,
                    'shape': list(shape),
                    'fortran': bool(array.flags.fnc),
                    'offset': offset,
                }


def literal(rng, depth=0):
    kind = rng.randrange(9 if depth < 4 else 5)
    if kind < 3:
        alphabet = 'ab \'"\\\n\r\t\0\x07\x7fäß\u20ac\U0001f600{}[](),:'
        return ''.join(rng.choice(alphabet) for _ in range(rng.randint(0, 6)))
    if kind == 3:
        return rng.choice([0, 1, -1, 7, 2**31, -2**40, 2**53 - 1])
    if kind == 4:
        return rng.choice([True, False, None])
    items = [literal(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    if kind == 5:
        return items
    if kind == 6:
        return {str(k): item for k, item in enumerate(items)}
    return tuple(items)


def meaning(value):
    if isinstance(value, tuple):
        return {'tuple': [meaning(item) for item in value]}
    if isinstance(value, list):
        return [meaning(item) for item in value]
    if isinstance(value, dict):
        return {'dict': [[key, meaning(item)] for key, item in value.items()]}
    return value


def literals(seed):
    rng = random.Random(seed)
    for _ in range(1000):
        value = literal(rng)
        text = ascii(value) if rng.random() < 0.5 else repr(value)
        yield {'text': text, 'value': meaning(value)}


def formats(pairs):
    for text, descr in pairs:
        dtype = np.dtype(descr)
        if dtype.kind in 'mM':
            dtype = np.dtype('i8').newbyteorder(descr[0])
        yield _dtype_from_pep3118(text) == dtype


def main():
    mode = sys.argv[1]
    answers = {
        'headers': lambda: headers(),
        'literals': lambda: literals(int(sys.argv[2])),
        'formats': lambda: formats(json.load(sys.stdin)),
    }[mode]()
    json.dump(list(answers), sys.stdout)


if __name__ == '__main__':
    main()
