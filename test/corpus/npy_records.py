"""Oracle for records in .npy files: NumPy itself.

    python3 npy_records.py make SEED COUNT FOLDER   random dtypes and arrays, saved as 0.npy ...;
                                                    prints what is in them
    python3 npy_records.py check FOLDER             stdin: [{source, saved, steps}, ...]; prints
                                                    what is wrong with each, or null
    python3 npy_records.py parse FOLDER             stdin: [[file, format], ...]; what NumPy makes
                                                    of the format, where that is another dtype
    python3 npy_records.py load FOLDER              stdin: [file, ...]; prints what they hold

Values as JSON: numbers are {"d": bits of the double} or, of 8 bytes, {"q": decimal}; bytes
{"s": hexadecimal}; text {"u": text}; complex numbers {"re", "im"} of numbers.
"""

import io
import json
import random
import struct
import sys
import warnings

import numpy as np
from numpy.core._internal import _dtype_from_pep3118

KINDS = ['b1', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16']
SIZED = ['S1', 'S5', 'U1', 'U3', 'V3', 'V8', 'S0', 'U0', 'V0']
TIMES = ['M8[ns]', 'M8[D]', 'm8[25s]', 'm8[us]', 'm8', 'M8[Y]', 'M8[10ms]']
NAMES = ['a', 'x y', 'é', '\u20ac', "it's", 'q"', '"\'', 'a.b', '{}', 'T{', '__proto__', 'f0',
         'f1', '\u4e2d', '\U0001f600', '\\', 'n\n', '\t', '0', '(2)', '<i', '\x7f', '\xad', ' ']
NATIVE = '<' if sys.byteorder == 'little' else '>'


def simple(rng):
    mark = rng.choice('<>')
    kind = rng.random()
    if kind < 0.6:
        return np.dtype(mark + rng.choice(KINDS))
    if kind < 0.75:
        return np.dtype(mark + rng.choice(SIZED))
    if kind < 0.95:
        return np.dtype(mark + rng.choice(TIMES))
    return np.dtype(NATIVE + rng.choice(['f16', 'c32']))


def shape_of(rng):
    return rng.choice([(), (), (), (2,), (1,), (3,), (2, 3), (1, 2, 1), (0,), (2, 0)])


def record(rng, depth):
    names = rng.sample(NAMES, rng.choice([1, 2, 2, 3, 5, 9]))
    formats = [np.dtype((field(rng, depth + 1), shape_of(rng))) for _ in names]
    form = rng.random()
    if form < 0.4:
        titles = [f'title of {name}' if rng.random() < 0.2 else None for name in names]
        fields = [((title, name) if title else name, dtype)
                  for title, name, dtype in zip(titles, names, formats)]
        return np.dtype(fields, align=rng.random() < 0.5)
    offsets, end = [], 0
    for dtype in formats:
        end += rng.choice([0, 0, 1, 2, 3, 13])
        offsets.append(end)
        end += dtype.itemsize
    itemsize = end + rng.choice([0, 0, 1, 5])
    return np.dtype({'names': names, 'formats': formats, 'offsets': offsets,
                     'itemsize': itemsize})


def field(rng, depth):
    if depth < 4 and rng.random() < (1 if depth == 0 else 0.25):
        return record(rng, depth)
    return simple(rng)


def leaves(array):
    if array.dtype.names is None:
        yield array
    else:
        for name in array.dtype.names:
            yield from leaves(array[name])


def fill(array, rng):
    """Random bytes, also in the padding; numbers and text that have a meaning."""
    raw = np.ndarray((array.nbytes,), 'u1', array)  # shares memory
    raw[:] = np.frombuffer(rng.randbytes(array.nbytes), 'u1')
    for leaf in leaves(array):
        kind, size = leaf.dtype.kind, leaf.dtype.itemsize
        if size == 0 or leaf.size == 0:
            continue
        if kind == 'U':
            text = [''.join(rng.choice('ab\u20ac\U0001f600') for _ in range(size // 4))
                    for _ in range(leaf.size)]
            leaf[...] = np.array(text).reshape(leaf.shape)
        if leaf.dtype.char in 'gG':
            leaf[...] = np.longdouble(rng.uniform(-9, 9)) / 3


def number(value):
    value = float(value)
    bits = '7ff8000000000000' if value != value else struct.pack('>d', value).hex()
    return {'d': bits}


def scalar(dtype, value):
    kind = dtype.kind
    if kind == 'b':
        return value
    if kind in 'mM' or dtype.itemsize == 8 and kind in 'iu':
        return {'q': str(value)}
    if kind in 'SV':
        return {'s': value.ljust(dtype.itemsize, b'\0').hex()}
    if kind == 'U':
        return {'u': value}
    if kind == 'c':
        return {'re': number(value.real), 'im': number(value.imag)}
    return number(value)


def nested(shape, index, entry):
    if len(index) == len(shape):
        return entry(index)
    return [nested(shape, (*index, k), entry) for k in range(shape[len(index)])]


def plain(array):
    dtype = array.dtype
    if dtype.names is None:
        if dtype.kind in 'mM':
            array = array.astype('i8')
        # Long doubles have no Python value: item() is the NumPy scalar itself.
        return nested(array.shape, (), lambda at: scalar(dtype, array[at].item()
                      if dtype.kind in 'SVU' or dtype.char not in 'gG' else array[at]))
    parts = {name: plain(array[name]) for name in dtype.names}

    def at(index):
        out = {}
        for name, part in parts.items():
            for k in index:
                part = part[k]
            out[name] = part
        return out

    return nested(array.shape, (), at)


def units(dtype, path=''):
    dtype = dtype.base
    if dtype.names is not None:
        for name in dtype.names:
            yield from units(dtype[name], f'{path}.{name}' if path else name)
    elif dtype.kind in 'mM':
        yield path, dtype.newbyteorder('=').name


def without_titles(descr):
    if not isinstance(descr, list):
        return descr
    return [(field[0][1] if isinstance(field[0], tuple) else field[0],
             without_titles(field[1]), *field[2:]) for field in descr]


def made(seed, count, folder):
    warnings.simplefilter('ignore')
    rng = random.Random(seed)
    written = 0
    while written < count:
        try:
            dtype = field(rng, 0)
        except ValueError:  # a title that is a name
            continue
        paths = [path for path, _ in units(dtype)]
        if dtype.itemsize == 0 or len(set(paths)) < len(paths):
            continue
        shape = rng.choice([(), (1,), (5,), (2, 3), (3, 0), (2, 3, 2)])
        array = np.zeros(shape, dtype, order=rng.choice('CF'))
        fill(array, rng)
        np.save(f'{folder}/{written}.npy', array)
        yield {**described(array), 'strides': list(array.strides)}
        written += 1


def described(array):
    dtype = array.dtype
    return {
        'shape': list(array.shape),
        'itemsize': dtype.itemsize,
        'descr': repr(without_titles(np.lib.format.dtype_to_descr(dtype))),
        'units': dict(units(dtype)),
        'values': plain(array),
    }


def load(path):
    return np.load(path, max_header_size=2**21)


def raw(array):
    """All bytes of the elements: tobytes() of a record may leave its padding out."""
    return array.view(f'V{array.dtype.itemsize}').tobytes()


def sliced(array, steps):
    for step in steps:
        if 'transpose' in step:
            array = array.transpose(step['transpose'])
        elif 'broadcast' in step:
            array = np.broadcast_to(array, step['broadcast'])
        else:
            array = array[(*(slice(*part) if isinstance(part, list) else part
                             for part in step['slice']), ...)]
    return array


def saved_by_numpy(array):
    warnings.simplefilter('ignore')
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def problem(folder, case):
    expected = sliced(load(f'{folder}/{case["source"]}'), case['steps'])
    path = f'{folder}/{case["saved"]}'
    found = load(path)
    if found.dtype.descr != without_titles(expected.dtype.descr):
        return f'dtype {found.dtype.descr}, expected {expected.dtype.descr}'
    if found.shape != expected.shape or found.itemsize != expected.itemsize:
        return f'{found.shape} of {found.itemsize}, expected {expected.shape}'
    if raw(found) != raw(expected):
        return 'other bytes'
    if found.flags.fnc != expected.flags.fnc:
        return 'other memory order'
    with open(path, 'rb') as file:
        content = file.read()
    if expected.dtype.descr == without_titles(expected.dtype.descr):
        if content[:len(content) - found.nbytes] != saved_by_numpy(expected)[:-found.nbytes or None]:
            return 'another header than NumPy writes'
    return None


def bare(dtype):
    """Counts instead of datetimes, and no titles: all that a format can say."""
    if dtype.names is not None:
        fields = [dtype.fields[name] for name in dtype.names]
        return np.dtype({'names': dtype.names, 'formats': [bare(field[0]) for field in fields],
                         'offsets': [field[1] for field in fields],
                         'itemsize': dtype.itemsize})
    if dtype.subdtype is not None:
        return np.dtype((bare(dtype.base), dtype.shape))
    return np.dtype(dtype.str[0] + 'i8') if dtype.kind in 'mM' else dtype


def difference(path, text):
    expected, found = bare(load(path).dtype), _dtype_from_pep3118(text)
    same = found == expected and found.itemsize == expected.itemsize
    return None if same else f'{text}: {found}, expected {expected}'


def main():
    mode, folder = sys.argv[1], sys.argv[-1]
    if mode == 'make':
        answers = made(int(sys.argv[2]), int(sys.argv[3]), folder)
    elif mode == 'check':
        answers = (problem(folder, case) for case in json.load(sys.stdin))
    elif mode == 'parse':
        answers = (difference(f'{folder}/{name}', text) for name, text in json.load(sys.stdin))
    else:
        answers = (described(load(f'{folder}/{name}')) for name in json.load(sys.stdin))
    json.dump(list(answers), sys.stdout)


if __name__ == '__main__':
    main()
