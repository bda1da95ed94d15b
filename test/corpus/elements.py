"""Elements as Python's struct and NumPy have them, as JSON on standard output.

    elements.py [--seed N] [--count N]

Without arguments it prints the committed test/corpus/elements.json.

sizes   {format: struct.calcsize, or null where struct refuses the format}
cases   {format, hex, value}: these bytes are this element and back
reads   {format, hex, value}: one way only, for bytes that no value is written as
refused {format, value}: struct.pack (or NumPy) raises an overflow
halves  sha256 over the doubles, big-endian, of all 65536 halves, NaN as 7ff8000000000000

A value is a JSON number or boolean where that says it all, else
{"f": 16 hex digits of a big-endian double}, {"n": "decimal"}, {"b": hex}, {"t": [code points]},
{"c": [value, value]} for complex numbers.
"""

import argparse
import hashlib
import json
import math
import random
import struct
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")

ORDERS = ["", "@", "=", "<", ">", "!"]
INTEGERS = "bBhHiIlLqQnN"
BITS = {"b": 8, "B": 8, "h": 16, "H": 16, "i": 32, "I": 32}
HALF_TIES = [2049.0, 2051.0, 65519.99, 2.0**-25, 3 * 2.0**-25, 2.0**-14 - 2.0**-26]


def double(x):
    if x != x:
        return {"f": "7ff8000000000000"}
    return {"f": struct.pack(">d", x).hex()}


def sizes():
    formats = [o + c for o in ORDERS for c in "xcbB?hHiIlLqQnNefdspP"]
    formats += [o + c for o in ORDERS for c in ("5s", "1s", "300p", "7x", "1d", "h ")]
    found = {}
    for text in formats:
        try:
            found[text] = struct.calcsize(text)
        except struct.error:
            found[text] = None
    return found


def integer(text, n):
    """What nbuf makes of it: 8 bytes are a bigint."""
    return n if struct.calcsize(text) < 8 else {"n": str(n)}


def integer_cases(rng, count):
    for order in ORDERS:
        for char in INTEGERS:
            text = order + char
            try:
                bits = struct.calcsize(text) * 8
            except struct.error:
                continue
            high = 2 ** (bits - 1) - 1 if char.islower() else 2**bits - 1
            low = -high - 1 if char.islower() else 0
            for n in [low, high, 0, 1, high // 3] + [rng.randint(low, high) for _ in range(count)]:
                yield {"format": text, "hex": struct.pack(text, n).hex(), "value": integer(text, n)}
        for n in [0, 1, 2**48 - 1, 2**64 - 1] if order in ("", "@") else []:
            stored = struct.pack(order + "P", n).hex()
            yield {"format": order + "P", "hex": stored, "value": {"n": str(n)}}


def random_double(rng):
    kind = rng.randrange(5)
    if kind == 0:
        return struct.unpack("<d", rng.randbytes(8))[0]
    if kind == 1:
        return rng.uniform(-70000, 70000)
    if kind == 2:
        return rng.choice([1, -1]) * math.ldexp(rng.random(), rng.randint(-30, 17))
    if kind == 3:
        return float(rng.randint(-4096, 4096)) / rng.choice([1, 2, 3, 2**13, 2**24])
    return rng.choice([0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7e308, 2.0**-149])


def near_halves(rng):
    """A half, a tie between two, or one double beside either."""
    bits = rng.randrange(0x7C00)
    half = float(np.array([bits], "<u2").view("<f2")[0])
    after = float(np.array([bits + 1], "<u2").view("<f2")[0]) if bits < 0x7BFF else 65536.0
    x = rng.choice([half, (half + after) / 2])
    return rng.choice([1, -1]) * rng.choice([x, math.nextafter(x, 0), math.nextafter(x, 1e9)])


def float_case(text, x):
    """NaN has many encodings: it is only read."""
    stored = struct.pack(text, x)
    back = struct.unpack(text, stored)[0]
    if math.isinf(back) and not math.isinf(x):
        raise OverflowError("native 'f' casts; all others refuse, and so does nbuf")
    case = {"format": text, "hex": stored.hex(), "value": double(back)}
    if back == back and struct.pack(">d", back) != struct.pack(">d", x):
        case["from"] = double(x)  # writing this rounds
    return case


def float_cases(rng, count):
    special = [0.0, -0.0, 1.0, -1.5, math.inf, -math.inf, math.nan, 1 / 3, 5e-324, 2.0**-24]
    for order in ORDERS:
        for char in "efd":
            values = special + [random_double(rng) for _ in range(count)]
            if char == "e":
                values += HALF_TIES + [near_halves(rng) for _ in range(4 * count)]
            for x in values:
                try:
                    yield float_case(order + char, x)
                except OverflowError:
                    yield {"format": order + char, "value": double(x)}


def refused_cases():
    for order in ORDERS:
        for char, bits in BITS.items():
            edge = 2 ** (bits - 1) if char.islower() else 2**bits
            for n in [edge, -edge - 1, -1 if char.isupper() else edge + 1, 2**53]:
                yield {"format": order + char, "value": n}
        for char in "qQ":
            for n in [2**64, -(2**63) - 1, 2**63 if char == "q" else -1]:
                yield {"format": order + char, "value": {"n": str(n)}}
        for x in [65520.0, -65520.0, 1e300]:
            yield {"format": order + "e", "value": double(x)}
        for x in [3.4028235677973366e38, -1e39]:
            yield {"format": order + "f", "value": double(x)}


def quad_bytes(x):
    """A double as IEEE binary128, little-endian, in integers."""
    bits = struct.unpack("<Q", struct.pack("<d", x))[0]
    sign, exponent, fraction = bits >> 63, bits >> 52 & 2047, bits & (2**52 - 1)
    if exponent == 2047:
        exponent = 32767
    elif exponent:
        exponent += 16383 - 1023
    elif fraction:
        shift = 53 - fraction.bit_length()
        fraction = fraction << shift & (2**52 - 1)
        exponent = 16383 - 1022 - shift
    return (sign << 127 | exponent << 112 | fraction << 60).to_bytes(16, "little")


def nearest(sign, significand, exponent):
    """(-1)^sign * significand * 2^exponent, rounded once (Python rounds int / int correctly)."""
    try:
        top = significand << max(exponent, 0)
        size = top / (1 << max(-exponent, 0))
    except OverflowError:
        size = math.inf
    return -size if sign else size


def random_exponent(rng):
    """Biased, 15 bits: around a double's range, and above all around its subnormals."""
    normal = rng.randint(16383 - 1100, 16383 + 1040)
    return rng.choice([normal, 1, 32766, 16383, rng.randint(16383 - 1076, 16383 - 1020)])


def random_quad(rng):
    exponent = rng.choice([random_exponent(rng), 0])
    tie = rng.getrandbits(52) << 60 | 1 << 59
    fraction = rng.choice([rng.getrandbits(112), rng.getrandbits(53) << 59, tie, 0])
    sign = rng.getrandbits(1)
    raw = (sign << 127 | exponent << 112 | fraction).to_bytes(16, "little")
    significand = fraction | (1 << 112 if exponent else 0)
    return raw, nearest(sign, significand, max(exponent, 1) - 16383 - 112)


def random_x87(rng):
    exponent = random_exponent(rng)
    tie = rng.getrandbits(52) << 11 | 1 << 10
    low = rng.choice([rng.getrandbits(63), rng.getrandbits(52) << 11, tie, 0])
    sign = rng.getrandbits(1)
    raw = (1 << 63 | low).to_bytes(8, "little") + (sign << 15 | exponent).to_bytes(2, "little")
    found = nearest(sign, 1 << 63 | low, exponent - 16383 - 63)
    numpy_says = float(np.frombuffer(raw + bytes(6), np.longdouble)[0])
    assert struct.pack("d", found) == struct.pack("d", numpy_says), (raw.hex(), found, numpy_says)
    return raw, found


def long_doubles(rng, count):
    """Both kinds, least significant byte first; x87's are NumPy's own on the committing machine."""
    values = [0.0, -0.0, 1.0, -2.5, math.inf, -math.inf, 5e-324, 2.0**-1022, 1.7e308]
    values += [random_double(rng) for _ in range(count)]
    for x in values:
        if x == x:
            stored = np.longdouble(x).tobytes()[:10]  # the rest of its 16 is undefined
            yield {"kind": "x87", "hex": stored.hex(), "value": double(x)}
            yield {"kind": "quad", "hex": quad_bytes(x).hex(), "value": double(x)}
    for _ in range(4 * count):
        raw, x = random_x87(rng)
        yield {"kind": "x87", "hex": raw.hex(), "value": double(x), "read": True}
        raw, x = random_quad(rng)
        yield {"kind": "quad", "hex": raw.hex(), "value": double(x), "read": True}


def random_text(rng, length, wide):
    pools = [range(1, 128), range(0x400, 0x500), [0xDC00, 0xDFFF, 0xFFFD, 0xFFFF]]
    # Wide: no high surrogate. Before a low one, JavaScript's strings would have one character.
    pools.append([0x10000, 0x1F600, 0x10FFFF] if wide else [0xD800, 0xDBFF])
    return [rng.choice(rng.choice(pools)) for _ in range(length)]


def text_cases(rng, count):
    for order in ORDERS:
        big = order in (">", "!")
        for _ in range(count):
            width = rng.randint(1, 6)
            points = random_text(rng, rng.randint(1, width), False)
            codec = "utf-16-be" if big else "utf-16-le"
            text = "".join(map(chr, points))
            stored = text.encode(codec, "surrogatepass").ljust(2 * width, b"\0")
            yield {"format": f"{order}{width}u", "hex": stored.hex(), "value": {"t": points}}
            points = random_text(rng, rng.randint(1, width), True)
            if any(0xD800 <= p <= 0xDFFF for p in points):  # NumPy refuses lone surrogates
                kind = ">I" if big else "<I"
                stored = b"".join(struct.pack(kind, p) for p in points).ljust(4 * width, b"\0")
            else:
                text = "".join(map(chr, points))
                stored = np.array(text, f"{'>' if big else '<'}U{width}").tobytes()
            yield {"format": f"{order}{width}w", "hex": stored.hex(), "value": {"t": points}}


def byte_case(text, value):
    return {"format": text, "hex": struct.pack(text, value).hex(), "value": {"b": value.hex()}}


def byte_cases(rng, count):
    for order in ORDERS:
        for b in (False, True):
            yield {"format": order + "?", "hex": struct.pack(order + "?", b).hex(), "value": b}
        for _ in range(count):
            yield byte_case(order + "c", rng.randbytes(1))
            text = rng.randbytes(rng.randint(1, 9))
            yield byte_case(f"{order}{len(text)}s", text)
            yield byte_case(f"{order}{len(text) + rng.randint(1, 3)}p", text)
        yield byte_case(order + "300p", rng.randbytes(255))


def complex_cases(rng, count):
    kinds = {"Ze": ("f2", None), "Zf": ("f4", "c8"), "Zd": ("f8", "c16")}
    for order in ["", "<", ">"]:
        for text, (part, whole) in kinds.items():
            for _ in range(count):
                pool = [0.0, -0.0, math.inf, rng.uniform(-99, 99), rng.uniform(-1, 1)]
                re, im = (float(np.array(rng.choice(pool), part)) for _ in range(2))
                numpy_order = ">" if order == ">" else "<"
                stored = np.array([re, im], numpy_order + part).tobytes()
                if whole is not None:
                    assert stored == np.array(complex(re, im), numpy_order + whole).tobytes()
                value = {"c": [double(re), double(im)]}
                yield {"format": order + text, "hex": stored.hex(), "value": value}


def reads():
    """Bytes that nothing is written as."""
    for order in ORDERS:
        for raw in (b"\x02", b"\xff"):
            value = struct.unpack(order + "?", raw)[0]
            yield {"format": order + "?", "hex": raw.hex(), "value": value}
        # A length byte beyond the room is cut to the room.
        raw = b"\xffabc"
        value = struct.unpack(order + "4p", raw)[0]
        yield {"format": order + "4p", "hex": raw.hex(), "value": {"b": value.hex()}}
        for bits in ("7ff0000000000001", "fff8000000000123"):
            raw = bytes.fromhex(bits) if order in (">", "!") else bytes.fromhex(bits)[::-1]
            yield {"format": order + "d", "hex": raw.hex(), "value": double(math.nan)}


def halves():
    table = np.arange(65536, dtype="<u2").view("<f2").astype(">f8")
    table[np.isnan(table)] = struct.unpack(">d", bytes.fromhex("7ff8000000000000"))[0]
    return hashlib.sha256(table.tobytes()).hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=3118)
    parser.add_argument("--count", type=int, default=5)
    options = parser.parse_args()
    rng, count = random.Random(options.seed), options.count
    assert sys.byteorder == "little", "the corpus is written on a little-endian machine"
    makers = [integer_cases, float_cases, byte_cases, text_cases, complex_cases]
    cases = [case for make in makers for case in make(rng, count)]
    lists = {
        "cases": [case for case in cases if "hex" in case],
        "reads": list(reads()),
        "refused": [case for case in cases if "hex" not in case] + list(refused_cases()),
        "longDoubles": list(long_doubles(rng, 4 * count)),
    }
    print("{")
    print(f'"sizes": {json.dumps(sizes())},\n"halves": "{halves()}",')
    for name, items in lists.items():
        rows = ",\n".join(json.dumps(item, separators=(",", ":")) for item in items)
        print(f'"{name}": [\n{rows}\n]' + ("" if name == "longDoubles" else ","))
    print("}")


if __name__ == "__main__":
    main()
