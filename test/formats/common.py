"""What the generators of format corpora share: arguments, spelled values, printing.

A case is {by, format, itemsize, hex?, shape?, leaves, ...}: the text an exporter gave, the
bytes of its memory, and every leaf [path, offset, size, value] as that exporter has it.

A path is a list of names and indices. A value is a JSON number, boolean or null (not to be
compared), else {"f": 16 hex digits of a big-endian double}, {"n": "decimal"}, {"b": hex},
{"t": [code points]} or {"c": [value, value]} for complex numbers.
"""

import argparse
import json
import random
import string
import struct


def double(x):
    """Every NaN is one NaN."""
    return {"f": "7ff8000000000000" if x != x else struct.pack(">d", x).hex()}


def number(n, size):
    """8 bytes are a bigint in nbuf."""
    return {"n": str(n)} if size >= 8 else n


def spell(value, size):
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return number(value, size)
    if isinstance(value, float):
        return double(value)
    if isinstance(value, bytes):
        return {"b": value.hex()}
    if isinstance(value, complex):
        return {"c": [double(value.real), double(value.imag)]}
    return {"t": [ord(c) for c in value]}


def random_name(rng, taken):
    """Mostly plain; now and then what only a name may hold."""
    while True:
        name = rng.choice(string.ascii_lowercase) + rng.choice(["", "", "1", "_x"])
        if rng.random() < 0.05:
            name = rng.choice(["a b", "T{", "}", "<i", "\u00e9\u00df", "\U0001f600", "f0", "x.y", "[0]"])
        if name not in taken:
            taken.add(name)
            return name


def random_extents(rng, most=12):
    """One or two extents, now and then an empty or a single one."""
    extents = [rng.choice([1, 2, 2, 3, 4, 0]) for _ in range(rng.choice([1, 1, 2, 3]))]
    product = 1
    for extent in extents:
        product *= extent
    return extents if product <= most else [2]


def indices(extents):
    """Every index into an array of these extents, in C order."""
    if not extents:
        return [[]]
    return [[k] + rest for k in range(extents[0]) for rest in indices(extents[1:])]


def print_cases(lists):
    """One case a line, so that a change of the corpus can be read."""
    rows = []
    for name, cases in lists.items():
        body = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        rows.append(f'"{name}": [\n{body}\n]')
    print("{\n" + ",\n".join(rows) + "\n}")


def arguments(about, count):
    """(generator of random numbers, count); without arguments those of the committed corpus."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--seed", type=int, default=3118)
    parser.add_argument("--count", type=int, default=count)
    options = parser.parse_args()
    return random.Random(options.seed), options.count
