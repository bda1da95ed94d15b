"""Oracle for views of records and for conversions: NumPy itself.

    python3 records.py   stdin: [[mode, ...question], ...]; prints the answers

A dtype is a type string, [dtype, shape] for a sub-array, or {names, formats, offsets, itemsize}.
Values are spelled as in npy_records.py.
"""

import json
import random
import sys
import warnings

import numpy as np
from npy_records import fill, leaves, plain, sliced


def dtype_of(spec):
    if isinstance(spec, str):
        return np.dtype(spec)
    if isinstance(spec, list):
        return np.dtype((dtype_of(spec[0]), tuple(spec[1])))
    return np.dtype({**spec, 'formats': [dtype_of(part) for part in spec['formats']]})


def filled(dtype, shape, rng):
    """Random, without the bits that a value in JavaScript does not keep."""
    array = np.zeros(shape, dtype)
    fill(array, rng)
    for leaf in leaves(array):
        if leaf.dtype.kind in 'fc':
            leaf[np.isnan(leaf)] = 1.5
        elif leaf.dtype.kind == 'b':
            leaf[...] = rng.random() < 0.5
    return array


def raw(array):
    """With the padding, which tobytes() of a record may leave out."""
    return bytes(np.ndarray((array.nbytes,), 'u1', array)).hex()


def at(array, path):
    for name in path:
        array = array[name]
    return array


def place(array, base):
    return array.__array_interface__['data'][0] - base.__array_interface__['data'][0]


def views(spec, shape, seed, steps, paths):
    """A window of an array, fields of it, and what the array is with another's values."""
    rng = random.Random(seed)
    dtype = dtype_of(spec)
    base, other = filled(dtype, shape, rng), filled(dtype, shape, rng)
    window = sliced(base, steps)
    fields = [at(window, path) for path in paths]
    answer = {
        'hex': raw(base), 'other': raw(other), 'values': plain(window),
        'fields': [{'shape': field.shape, 'strides': field.strides, 'values': plain(field),
                    'itemsize': field.itemsize, 'offset': place(field, base)}
                   for field in fields],
    }
    for target, source in zip(leaves(window), leaves(sliced(other, steps))):
        target[...] = source
    return {**answer, 'assigned': raw(base)}


def cast(source, target, text):
    """Values of one dtype as another, and whether 'same_kind' allows that."""
    warnings.simplefilter('ignore')
    array = np.frombuffer(bytes.fromhex(text), dtype_of(source))
    to = dtype_of(target)
    allowed = np.can_cast(array.dtype, to, 'same_kind')
    return {'allowed': allowed, 'hex': raw(array.astype(to, casting='unsafe'))}


MODES = {'views': views, 'cast': cast}
json.dump([MODES[mode](*question) for mode, *question in json.load(sys.stdin)], sys.stdout)
