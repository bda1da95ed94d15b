"""Format strings as Python's struct and _testbuffer have them, as JSON on standard output.

    struct_formats.py [--seed N] [--count N]

Without arguments it prints the committed corpus/struct.json.

cases    accepted by struct, with random bytes; leaves have the path [k], or [] for a lone item
arrays   _testbuffer's ndarrays: {format, itemsize, shape, hex, items: [value, ...]}
sizes    {format: struct.calcsize}, counts too large to have memory for
refused  struct refuses them, and not only because PEP 3118 says more than struct
"""

import struct
import warnings

import _testbuffer

import common

ORDERS = ["", "", "", "@", "=", "<", ">", "!"]
NUMBERS = "bBhHiIlLqQefd?"
NATIVE = "nNP"
BLANKS = " \t\n\v\f\r"
# In no format at all: neither struct nor PEP 3118 nor nbuf knows them as a type.
NO_TYPES = "aACDEFGjJkKmMorRSUvVWyYz.-+,;/\\'\"#~|)}]\x00\x01\x7f\u00e9\U0001f600"


def random_item(rng, is_native):
    """(text, kind, values): kind is the type, values how many struct unpacks."""
    kind = rng.choice(NUMBERS + "csxxp" + (NATIVE if is_native else ""))
    if rng.random() < 0.65:
        return kind, kind, 0 if kind == "x" else 1
    count = rng.choice([0, 1, 1, 2, 2, 3, 5, 9])
    if kind == "p" and count == 0:
        count = 1  # struct 3.11 cannot unpack it
    digits = rng.choice(["", "0", "00"]) + str(count)
    values = {"x": 0, "s": 1, "p": 1}.get(kind, count)
    return digits + kind, kind, values


def random_items(rng):
    order = rng.choice(ORDERS)
    items = [random_item(rng, order in ("", "@")) for _ in range(rng.choice([0, 1, 1, 2, 3, 5, 9]))]
    return order, items


def blank(rng):
    return "".join(rng.choice(BLANKS) for _ in range(rng.choice([0, 0, 0, 0, 1, 2])))


def item_size(order, text):
    """Without the padding in front of it."""
    return struct.calcsize("=" + text) if order not in ("", "@") else struct.calcsize(text)


def leaf_places(order, items):
    """[offset, size, kind] of every unpacked value, by calcsize of what stands before."""
    places, prefix = [], order
    for text, kind, values in items:
        prefix += text
        start = struct.calcsize(prefix) - item_size(order, text)
        size = item_size(order, text) // values if values else 0
        places += [[start + k * size, size, kind] for k in range(values)]
    return places


def struct_case(rng):
    order, items = random_items(rng)
    text = order + blank(rng) + "".join(item[0] + blank(rng) for item in items)
    itemsize = struct.calcsize(text)
    memory = rng.randbytes(itemsize)
    values = struct.unpack(text, memory)
    places = leaf_places(order, items)
    is_lone = len(places) == 1 and len([1 for item in items if item[1] != "x"]) == 1
    is_lone = is_lone and items_are_single(items)
    leaves = []
    for k, (value, (offset, size, _)) in enumerate(zip(values, places)):
        leaves.append([[] if is_lone else [k], offset, size, common.spell(value, size)])
    return {"by": "struct", "format": text, "itemsize": itemsize, "hex": memory.hex(), "leaves": leaves}


def items_are_single(items):
    """No count that makes a list: '0i' and '2i' are lists, '1i' and '2s' are not."""
    return all(values == 1 for _, kind, values in items if kind != "x")


def random_value(rng, kind):
    if kind in "efd":
        return rng.choice([0.0, -1.5, 1e4, 0.333, float("inf")])
    if kind == "?":
        return rng.random() < 0.5
    if kind in "csp":
        return b"A"
    return rng.randint(0, 127)


def array_case(rng):
    order, items = random_items(rng)
    text = order + "".join(item[0] for item in items)
    kinds = [item[1] for item in items for _ in range(item[2])]
    if not kinds or struct.calcsize(text) == 0:
        return None
    packed = [tuple(random_value(rng, kind) for kind in kinds) for _ in range(3)]
    array = _testbuffer.ndarray([p if len(p) > 1 else p[0] for p in packed], shape=[3], format=text)
    view = memoryview(array)
    sizes = [place[1] for place in leaf_places(order, items)]
    values = []
    for read in array.tolist():
        read = read if isinstance(read, tuple) else (read,)
        values.append([common.spell(v, size) for v, size in zip(read, sizes)])
    case = {"by": "_testbuffer", "format": view.format, "itemsize": view.itemsize, "shape": [3]}
    is_lone = len(kinds) == 1 and items_are_single(items)
    items = [value[0] for value in values] if is_lone else values
    return {**case, "hex": view.tobytes().hex(), "items": items}


def large_size(rng):
    """A single count up to 2^40: struct says the size without having the memory."""
    order = rng.choice(ORDERS)
    kind = rng.choice(NUMBERS + "sx")
    text = f"{order}{rng.choice(['', 'b', 'i'])}{rng.choice([2**16, 2**31, 2**32 + 1, 2**40])}{kind}"
    return {"format": text, "size": struct.calcsize(text)}


def spoil(rng, order, parts):
    """One mistake that struct and PEP 3118 both refuse."""
    at = rng.randint(0, len(parts))
    before, after = order + "".join(parts[:at]), "".join(parts[at:])
    mistake = rng.randrange(6)
    if mistake == 0:
        return before + rng.choice(NO_TYPES) + after
    if mistake == 1:
        return before + after + rng.choice(["1", " 12", "0", "999"])
    if mistake == 2:
        return before + rng.choice(["2 ", "0\t", "17\n"]) + rng.choice("ihdsx") + after
    if mistake == 3:
        huge = rng.choice([2**63, 2**64, 2**64 + 1, 10**30, 2**63 - 1])
        return before + f"{huge}{rng.choice('ihqd')}" + after
    if mistake == 4:
        return rng.choice("=<>!") + "".join(parts[:at]) + rng.choice("nN") + after
    return before + f"{2**62}q" + f"{2**62}q" + after


def refused_case(rng):
    while True:
        order, items = random_items(rng)
        if order in ("", "@") or not any(item[1] in NATIVE for item in items):
            text = spoil(rng, order, [item[0] for item in items])
            try:
                struct.calcsize(text)
            except (struct.error, UnicodeEncodeError):
                return text


def main():
    warnings.simplefilter("ignore")
    rng, count = common.arguments(__doc__, 300)
    arrays = [array_case(rng) for _ in range(count // 4)]
    common.print_cases(
        {
            "cases": [struct_case(rng) for _ in range(count)],
            "arrays": [case for case in arrays if case is not None],
            "sizes": [large_size(rng) for _ in range(count // 8)],
            "refused": [refused_case(rng) for _ in range(count // 2)],
        }
    )


if __name__ == "__main__":
    main()
