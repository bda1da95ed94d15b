"""Record dtypes as NumPy lays them out and spells them, as JSON on standard output.

    numpy_formats.py [--seed N] [--count N]

Without arguments it prints the committed corpus/numpy.json. `style` says how the dtype was
made: packed (no padding), aligned (align=True), spaced (explicit offsets and itemsize), or
mixed (each of its records in its own way). NumPy leaves trailing padding out, and writes it
as single x's behind a nested record; so the stride of a sub-array of records is not in the
text. `open`: it need not be what alignment or its absence would make it; or nothing in the text
tells NumPy's spelling from C's, and padding at the end makes both fit.
"""

import sys

import common
import numpy as np

SIMPLE = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16"]
ORDERED = SIMPLE[2:]
NATIVE = ["l", "q", "L", "Q", "p", "P", "g", "G", "?", "h", "B"]
STYLES = ["packed", "aligned", "spaced"]


def simple_dtype(rng):
    kind = rng.random()
    if kind < 0.5:
        return np.dtype(rng.choice(SIMPLE))
    if kind < 0.6:
        return np.dtype(">" + rng.choice(ORDERED))
    if kind < 0.8:
        return np.dtype(rng.choice(NATIVE))
    return np.dtype(f"{rng.choice(['S', 'U', 'V', '>U'])}{rng.choice([0, 1, 1, 2, 3, 5])}")


def spaced_dtype(rng, names, formats):
    """Offsets grow, with gaps; the item may end with one."""
    offsets, at = [], 0
    for dtype in formats:
        at += rng.choice([0, 0, 0, 1, 2, 4, 8])
        if rng.random() < 0.5:
            at += -at % dtype.alignment
        offsets.append(at)
        at += dtype.itemsize
    size = at + rng.choice([0, 0, 1, 2, 4, 8, 16])
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


def record_dtype(rng, style, depth):
    taken = set()
    names = [common.random_name(rng, taken) for _ in range(rng.choice([1, 2, 2, 3, 3, 4, 5]))]
    formats = [member_dtype(rng, style, depth) for _ in names]
    own = rng.choice(STYLES) if style == "mixed" else style
    if own == "spaced":
        return spaced_dtype(rng, names, formats)
    fields = {"names": names, "formats": formats}
    return np.dtype(fields, align=own == "aligned")


def member_dtype(rng, style, depth):
    if depth < 3 and rng.random() < 0.3:
        dtype = record_dtype(rng, style, depth + 1)
    else:
        dtype = simple_dtype(rng)
    if dtype.itemsize and rng.random() < 0.25:
        extents = common.random_extents(rng, 4 if depth else 8)
        dtype = np.dtype((dtype, tuple(extents)))
    return dtype


def soften(dtype, memory, offset):
    """Some bytes are no long double and no character: put what is one."""
    place = memory[offset : offset + dtype.itemsize]
    if dtype.char in "gG":
        part = np.frombuffer(bytes(place), "<i4")[: 1 if dtype.char == "g" else 2]
        number = complex(*(part / 3.0)) if dtype.char == "G" else part[0] / 3.0
        place = bytearray(np.array([number], dtype).tobytes())
        for part in range(0, len(place), 16):
            place[part + 10 : part + 16] = bytes(6)  # x87: undefined otherwise
    elif dtype.kind == "U":
        points = np.frombuffer(bytes(place), "<u4") % 0xD000 + 1
        place = points.astype(dtype.byteorder.replace("=", "<") + "u4").tobytes()
    memory[offset : offset + dtype.itemsize] = place


def read(dtype, raw):
    """NumPy drops trailing zeros of bytes, so those are taken from memory."""
    if dtype.kind in "SV":
        return {"b": raw.hex()}
    value = np.frombuffer(raw, dtype)[0] if dtype.itemsize else ""
    if dtype.char in "gG":
        value = complex(value) if dtype.char == "G" else float(value)
    return common.spell(value.item() if isinstance(value, np.generic) else value, dtype.itemsize)


def leaves(dtype, memory, offset, path):
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        for k, index in enumerate(common.indices(list(shape))):
            yield from leaves(base, memory, offset + k * base.itemsize, path + index)
    elif dtype.names is not None:
        for name in dtype.names:
            member, at = dtype.fields[name][:2]
            yield from leaves(member, memory, offset + at, path + [name])
    else:
        soften(dtype, memory, offset)
        raw = bytes(memory[offset : offset + dtype.itemsize])
        yield [path, offset, dtype.itemsize, read(dtype, raw)]


def has_array(dtype):
    """Of several records, so that a stride matters that the text does not say."""
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return base.names is not None and np.prod(shape) > 1 or has_array(base)
    return any(has_array(dtype.fields[name][0]) for name in dtype.names or [])


def written(dtype):
    """(bytes that the text accounts for, whether single x's are among them)"""
    if dtype.subdtype is not None:
        size, has_gap = written(dtype.subdtype[0])
        return size * int(np.prod(dtype.shape)), has_gap
    if dtype.names is None:
        return dtype.itemsize, False
    end, has_gap = 0, False
    for member, offset, *_ in (dtype.fields[name] for name in dtype.names):
        size, inner = written(member)
        has_gap = has_gap or inner or offset > end
        end = offset + size
    return end, has_gap


def is_open(dtype, style):
    size, has_gap = written(dtype)
    may_be_c = size < dtype.itemsize and not has_gap
    is_free = style in ("spaced", "mixed")
    return bool(is_free and (has_array(dtype) or may_be_c) or has_array(dtype) and may_be_c)


def random_case(rng):
    style = rng.choice(STYLES + ["mixed"])
    dtype = record_dtype(rng, style, 0)
    if not 0 < dtype.itemsize <= 256:
        return random_case(rng)
    memory = bytearray(rng.randbytes(dtype.itemsize))
    found = list(leaves(dtype, memory, 0, []))
    try:
        view = memoryview(np.frombuffer(bytes(memory) * 2, dtype))
    except ValueError:  # a long double at an odd place in a foreign order
        return random_case(rng)
    case = {"by": "numpy", "style": style, "format": view.format, "itemsize": view.itemsize}
    case |= {"shape": [2], "open": is_open(dtype, style)}
    return {**case, "hex": memory.hex(), "leaves": found}


def main():
    rng, count = common.arguments(__doc__, 250)
    assert sys.byteorder == "little"
    common.print_cases({"cases": [random_case(rng) for _ in range(count)]})


if __name__ == "__main__":
    main()
