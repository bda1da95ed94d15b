"""Layout algebra as CPython and NumPy do it: the oracle for lib/layout.ts and the core.

    python3 layout.py > layout.json                 the committed corpus
    python3 layout.py --seed 7 --count 3000         fresh cases

Prints a JSON array of {by, op, layout, args, result}. A layout is {shape, strides, offset,
itemsize} in bytes; `result` is {shape, strides, offset} (of a cast also itemsize),
{"contiguous": bool} or {"error": name}. Two things are brought into one form, because the
oracles differ where nothing depends on it: strides that are never stepped along (axes of one
element, empty layouts) are written 0, and an empty result keeps the offset.

Who answers: NumPy (views over raw bytes: any stride), CPython's _testbuffer (strides in
whole items, at most one integer, but 64 axes), memoryview (one axis, casts). Deterministic by
seed.
"""

import argparse
import json
import random
import sys

import _testbuffer
import numpy as np

# Items that can hold their own position, which tells where a view begins.
FORMATS = {2: 'H', 4: 'I', 8: 'Q'}
HUGE = [2**31, 2**53, 2**62]


def address(array):
    return array.__array_interface__['data'][0]


def canonical(shape, strides, offset, layout):
    """The one form of a result (see above)."""
    empty = 0 in shape
    return {
        'shape': list(shape),
        'strides': [0 if empty or n == 1 else s for n, s in zip(shape, strides)],
        'offset': layout['offset'] if empty else offset,
    }


# ---- random layouts ----

def random_shape(rng, max_ndim=6, max_size=200):
    shape, left = [], max_size
    for _ in range(rng.randint(0, max_ndim)):
        n = rng.randint(1, min(left, rng.choice([1, 3, 5, 7])))
        left //= n
        shape.append(n)
    if shape and rng.random() < 0.07:
        shape[rng.randrange(len(shape))] = 0
    return shape


def random_strides(rng, shape, unit, itemsize):
    """Dense in some axis order, then padded, flipped, repeated or wild, in units of `unit`."""
    axes = list(range(len(shape)))
    rng.choice([lambda a: a.reverse(), lambda a: None, rng.shuffle])(axes)
    padded, wild, zeros = (rng.random() < p for p in (0.3, 0.2, 0.15))
    strides, step = [0] * len(shape), itemsize
    for axis in axes:
        strides[axis] = step
        step *= max(1, shape[axis])
        if padded and rng.random() < 0.4:
            step += unit * rng.randint(1, 5)
    for axis in axes:
        if wild or (shape[axis] == 1 and rng.random() < 0.2):
            strides[axis] = unit * rng.randint(-24 // unit - 2, 24 // unit + 2)
        if zeros and rng.random() < 0.4:
            strides[axis] = 0
        if rng.random() < 0.2:
            strides[axis] = -strides[axis]
    return strides


def random_layout(rng, itemsize, unit, shape):
    """A layout and the size of a block that holds it; offset and strides divide by `unit`."""
    strides = random_strides(rng, shape, unit, itemsize)
    low = high = 0
    if 0 not in shape:
        spans = [(n - 1) * s for n, s in zip(shape, strides)]
        low = -sum(s for s in spans if s < 0)
        high = sum(s for s in spans if s > 0)
    offset = low + unit * rng.choice([0, 0, rng.randint(0, 5)])
    layout = {'shape': shape, 'strides': strides, 'offset': offset, 'itemsize': itemsize}
    return layout, offset + high + itemsize + unit * rng.choice([0, rng.randint(0, 5)])


def random_end(rng, n):
    if rng.random() < 0.3:
        return None
    if rng.random() < 0.04:
        return rng.choice([-1, 1]) * rng.choice(HUGE)
    return rng.randint(-n - 2, n + 2)


def random_range(rng, n):
    step = rng.choice([None, rng.randint(1, 3), -rng.randint(1, n + 2)])
    if rng.random() < 0.04:
        step = rng.choice([0, rng.choice(HUGE), -rng.choice(HUGE)])
    parts = [random_end(rng, n), random_end(rng, n), step]
    return parts[:rng.choice([3, 3, 3, 2, 1, 0])]


def to_slice(parts):
    """[2] is 2:, unlike Python's slice(2)."""
    return slice(*(list(parts) + [None] * 3)[:3])


# ---- NumPy ----

def numpy_view(layout, block_size):
    base = np.zeros(block_size, np.uint8)
    return np.ndarray(tuple(layout['shape']), f"V{layout['itemsize']}", base,
                      layout['offset'], tuple(layout['strides'])), base


def numpy_key(item):
    if isinstance(item, int):
        return item
    if isinstance(item, list):
        return to_slice(item)
    return {'...': Ellipsis, 'newaxis': None, ':': slice(None), None: slice(None)}[item]


def numpy_selection(rng, shape):
    items = []
    for n in shape:
        kind = rng.random()
        if kind < 0.3:
            items.append(rng.randint(-n, n - 1) if n and rng.random() < 0.97
                         else rng.choice([n, -n - 1]))
        else:
            items.append(rng.choice([':', None]) if kind < 0.45 else random_range(rng, n))
    if rng.random() < 0.4:
        start = rng.randint(0, len(items))
        items[start:rng.randint(start, len(items))] = ['...']
    elif rng.random() < 0.3:
        del items[rng.randint(0, len(items)):]
    while rng.random() < 0.2:
        items.insert(rng.randint(0, len(items)), 'newaxis')
    if rng.random() < 0.04:
        items.insert(rng.randint(0, len(items)), rng.choice(['...', 0, ':']))
    return items


def numpy_shape(rng, size):
    """A shape of `size` elements, sometimes with -1, sometimes wrong."""
    if size == 0:
        return rng.choice([[0], [0, 3], [2, 0, 1], [-1], [0, -1], [3]])
    shape, left = [], size
    while left > 1 and len(shape) < 6:
        n = rng.choice([d for d in range(1, left + 1) if left % d == 0])
        shape.append(n)
        left //= n
    if left > 1 or rng.random() < 0.2:
        shape.append(left)
    if shape and rng.random() < 0.06:
        shape[rng.randrange(len(shape))] += 1
    if shape and rng.random() < 0.25:
        shape[rng.randrange(len(shape))] = -1
    return shape


def numpy_reshape(array, shape):
    view = array.view()
    try:
        view.shape = tuple(shape)
    except AttributeError:
        # It would fit, but only as a copy. Make sure that this is what was meant.
        assert not np.shares_memory(array.reshape(shape), array)
        return 'CONTIGUITY'
    return view


def numpy_axes(rng, ndim):
    axes = rng.sample(range(ndim), ndim)
    if rng.random() < 0.3:
        axes = [a - ndim if rng.random() < 0.5 else a for a in axes]
    if axes and rng.random() < 0.06:
        axes[rng.randrange(ndim)] = rng.randint(-ndim - 1, ndim)
    return axes if rng.random() < 0.97 else axes + [0]


def numpy_target(rng, shape):
    target = [rng.randint(0, 3) if n == 1 else n for n in shape]
    target[:0] = [rng.randint(1, 3) for _ in range(rng.choice([0, 0, 1, 2]))]
    if target and rng.random() < 0.08:
        target[rng.randrange(len(target))] += 1
    return target if rng.random() < 0.96 else target[1:]


def numpy_case(rng):
    itemsize = rng.choice([1, 1, 2, 3, 4, 8, 16])
    layout, block_size = random_layout(rng, itemsize, 1, random_shape(rng))
    array, base = numpy_view(layout, block_size)
    op = rng.choice(['slice', 'slice', 'slice', 'at', 'transpose', 'reshape', 'reshape',
                     'reshape', 'broadcast'])
    if op == 'slice':
        args = numpy_selection(rng, layout['shape'])
        run = lambda: array[tuple(map(numpy_key, args)) + (() if '...' in args else (...,))]
    elif op == 'at':
        args = [rng.randint(-n - (rng.random() < 0.03), max(0, n - (rng.random() > 0.03)))
                for n in layout['shape']]
        run = lambda: array[tuple(args) + (...,)]
    elif op == 'transpose':
        args = numpy_axes(rng, array.ndim)
        run = lambda: array.transpose(args)
    elif op == 'reshape':
        args = numpy_shape(rng, array.size)
        run = lambda: numpy_reshape(array, args)
    else:
        args = numpy_target(rng, layout['shape'])
        run = lambda: np.broadcast_to(array, args)
    try:
        view = run()
    except (IndexError, ValueError):
        return layout, op, args, {'error': 'OUT_OF_RANGE'}
    if isinstance(view, str):
        return layout, op, args, {'error': view}
    offset = address(view) - address(base)
    return layout, op, args, canonical(view.shape, view.strides, offset, layout)


# ---- CPython ----

def first_item(nested):
    while isinstance(nested, list):
        nested = nested[0]
    return nested


def testbuffer_view(layout, block_size):
    itemsize = layout['itemsize']
    return _testbuffer.ndarray(list(range(block_size // itemsize)), shape=layout['shape'],
                               strides=layout['strides'], offset=layout['offset'],
                               format=FORMATS[itemsize])


def testbuffer_layout(rng, max_ndim=6):
    itemsize = rng.choice(list(FORMATS))
    shape = random_shape(rng, max_ndim) or [1]
    if max_ndim == 6 and rng.random() < 0.1:
        for _ in range(rng.randint(1, 64 - len(shape))):
            shape.insert(rng.randint(0, len(shape)), 1)
    return random_layout(rng, itemsize, itemsize, shape)


def positioned(view, layout):
    """The canonical layout of a _testbuffer.ndarray or memoryview whose items say where."""
    offset = 0
    if 0 not in view.shape:
        offset = first_item(view.tolist()) * layout['itemsize']
    return canonical(view.shape, view.strides, offset, layout)


def testbuffer_case(rng):
    layout, block_size = testbuffer_layout(rng)
    view = testbuffer_view(layout, block_size)
    if rng.random() < 0.4:
        order = rng.choice('CFA')
        answer = bool(_testbuffer.is_contiguous(view, order))
        return layout, 'contiguous', [order], {'contiguous': answer}
    shape = layout['shape']
    if rng.random() < 0.15 and len(shape) > 1:
        args = [rng.randint(-shape[0] - 1, shape[0])]
        key = args[0]
    else:
        args = [random_range(rng, n) for n in shape[:rng.randint(1, len(shape))]]
        key = tuple(map(to_slice, args))
    try:
        return layout, 'slice', args, positioned(view[key], layout)
    except (IndexError, ValueError):
        return layout, 'slice', args, {'error': 'OUT_OF_RANGE'}


def memoryview_slice_case(rng):
    layout, block_size = testbuffer_layout(rng, max_ndim=1)
    view = memoryview(testbuffer_view(layout, block_size))
    args = [random_range(rng, layout['shape'][0])]
    try:
        return layout, 'slice', args, positioned(view[to_slice(args[0])], layout)
    except ValueError:
        return layout, 'slice', args, {'error': 'OUT_OF_RANGE'}


def memoryview_cast_case(rng):
    """Bytes to items with a shape, or shaped items to bytes; both may fail to fit."""
    itemsize = rng.choice(list(FORMATS))
    shape = [n for n in random_shape(rng, 4) if n > 0] or [1]
    size = int(np.prod(shape))
    offset = rng.randint(0, 3) * itemsize
    step = rng.choice([1, 1, 1, 2])
    wrong = rng.choice([0, 0, 0, 1])
    memory = memoryview(bytearray(offset + step * size * itemsize + wrong))
    if rng.random() < 0.5:
        view = memory[offset::step]
        layout = {'shape': [len(view)], 'strides': [step], 'offset': offset, 'itemsize': 1}
        args, target = [itemsize, shape], FORMATS[itemsize]
    else:
        view = memory[offset:offset + size * itemsize].cast(FORMATS[itemsize], shape)
        if len(shape) == 1:
            view = view[::step]
        layout = {'shape': list(view.shape), 'strides': list(view.strides),
                  'offset': offset, 'itemsize': itemsize}
        args, target = [1, [size * itemsize]], 'B'
    try:
        cast = view.cast(target, args[1]) if len(args[1]) > 1 else view.cast(target)
        args[1] = list(cast.shape) if len(args[1]) > 1 else None
    except TypeError:
        error = 'OUT_OF_RANGE' if view.c_contiguous else 'CONTIGUITY'
        return layout, 'cast', args, {'error': error}
    result = canonical(cast.shape, cast.strides, offset, layout)
    return layout, 'cast', args, {**result, 'itemsize': cast.itemsize}


def make_cases(seed, count):
    rng = random.Random(seed)
    makers = [('numpy', numpy_case)] * 6 + [('_testbuffer', testbuffer_case)] * 3 + [
        ('memoryview', memoryview_slice_case), ('memoryview', memoryview_cast_case)]
    for _ in range(count):
        by, maker = rng.choice(makers)
        layout, op, args, result = maker(rng)
        yield {'by': by, 'op': op, 'layout': layout, 'args': args, 'result': result}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seed', type=int, default=2007)
    parser.add_argument('--count', type=int, default=1500)
    options = parser.parse_args()
    cases = make_cases(options.seed, options.count)
    lines = (json.dumps(case, separators=(',', ':')) for case in cases)
    sys.stdout.write('[\n' + ',\n'.join(lines) + '\n]\n')


if __name__ == '__main__':
    main()
