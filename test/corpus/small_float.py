"""Oracle for lib/small_float.ts: a slow model in exact fractions.

    python3 small_float.py SEED

Prints {kind: {"values": [double of each code], "cases": [[double, code or null], ...]}}. A
double is its 64 bits in hexadecimal, so that zeros keep their sign; null stands for NaN.
The nearest value is looked up in the list of all values; nothing is computed on bits.
"""

import json
import random
import struct
import sys
from bisect import bisect_left
from fractions import Fraction

# name: bits of exponent, bits of fraction, bias, codes that are infinite and NaN
KINDS = {
    'bfloat16': (8, 7, 127, 'ieee'),
    'float8_e3m4': (3, 4, 3, 'ieee'),
    'float8_e4m3': (4, 3, 7, 'ieee'),
    'float8_e4m3b11fnuz': (4, 3, 11, 'fnuz'),
    'float8_e4m3fn': (4, 3, 7, 'fn'),
    'float8_e4m3fnuz': (4, 3, 8, 'fnuz'),
    'float8_e5m2': (5, 2, 15, 'ieee'),
    'float8_e5m2fnuz': (5, 2, 16, 'fnuz'),
    'float8_e8m0fnu': (8, 0, 127, 'fnu'),
}


def two(power):
    return Fraction(2) ** power


def magnitude(name, text):
    """What the digits behind the sign stand for: a Fraction, 'inf' or 'nan'."""
    exponent_bits, fraction_bits, bias, style = KINDS[name]
    exponent, fraction = text[:exponent_bits], text[exponent_bits:]
    digits = int(fraction or '0', 2)
    if style == 'ieee' and '0' not in exponent:
        return 'nan' if '1' in fraction else 'inf'
    if style in ('fn', 'fnu') and '0' not in text:
        return 'nan'
    if style != 'fnu' and '1' not in exponent:
        return digits * two(1 - bias - fraction_bits)
    return (1 + Fraction(digits, 2**fraction_bits)) * two(int(exponent, 2) - bias)


def decode(name, code):
    exponent_bits, fraction_bits, _, style = KINDS[name]
    width = exponent_bits + fraction_bits + (style != 'fnu')
    text = f'{code:0{width}b}'
    if style == 'fnu':
        return '+', magnitude(name, text)
    if style == 'fnuz' and text == '1' + '0' * (width - 1):
        return '+', 'nan'
    return '+-'[int(text[0])], magnitude(name, text[1:])


def hexadecimal(number):
    return struct.pack('>d', number).hex()


def shown(sign, size):
    if size == 'nan':
        return None
    number = float('inf') if size == 'inf' else float(size)
    return hexadecimal(-number if sign == '-' else number)


class Model:
    def __init__(self, name):
        exponent_bits, fraction_bits, _, self.style = KINDS[name]
        self.count = 2 ** (exponent_bits + fraction_bits + (self.style != 'fnu'))
        decoded = [decode(name, code) for code in range(self.count)]
        self.values = [shown(*value) for value in decoded]
        sizes = {size: code for code, (sign, size) in enumerate(decoded) if sign == '+'}
        self.infinity = sizes.pop('inf', None)
        sizes.pop('nan', None)
        self.codes = sizes
        # What would come next if exponents had no bounds: what rounds to it does not fit.
        self.sizes = sorted(sizes)
        top = self.sizes[-1]
        if fraction_bits == 0:
            self.sizes = [self.sizes[0] / 2, *self.sizes, top * 2]
        else:
            self.sizes.append(top + (top - self.sizes[-2]))

    def nearest(self, size):
        at = bisect_left(self.sizes, size)
        if at == len(self.sizes):
            return self.sizes[-1]
        if self.sizes[at] == size or at == 0:
            return self.sizes[at]
        below, above = self.sizes[at - 1], self.sizes[at]
        if size - below != above - size:
            return below if size - below < above - size else above
        # Significands of one digit are all odd: the tie goes to the one with a carry.
        odd = self.style == 'fnu' or self.codes[below] % 2 == 1
        return above if odd else below

    def encode(self, number):
        if number != number:
            return 'nan'
        negative = hexadecimal(number) >= '8'
        if negative and self.style == 'fnu':
            return None
        if abs(number) == float('inf'):
            code = self.infinity
        else:
            code = self.codes.get(self.nearest(Fraction(abs(number))))
        if code is None or not negative or (code == 0 and self.style == 'fnuz'):
            return code
        return code + self.count // 2


def neighbours(number):
    """Of a positive finite double, one step up and down."""
    bits = struct.unpack('>Q', struct.pack('>d', number))[0]
    for step in (-1, 0, 1):
        if 0 <= bits + step < 0x7FF0000000000000:
            yield struct.unpack('>d', struct.pack('>Q', bits + step))[0]


def numbers(model, rng):
    yield from (float('inf'), float('nan'), 5e-324, 2.0**-1022, 1.7976931348623157e308)
    for _ in range(1500):
        yield struct.unpack('>d', rng.randbytes(8))[0]  # any exponent
        yield rng.choice([1, 1 << 7, 1 << 30]) * rng.random() * 2.0 ** rng.randint(-12, 12)
        yield 1.5 * 2.0 ** rng.randint(-1074, 1023)
    at = range(len(model.sizes) - 1)
    if len(at) > 2000:
        at = [*rng.sample(at, 1200), *at[:20], *at[-20:]]
    for k in at:
        low, high = model.sizes[k], model.sizes[k + 1]
        for size in (low, (low + high) / 2, high, low + (high - low) / rng.randint(2, 99)):
            yield from neighbours(float(size))


def main():
    rng = random.Random(int(sys.argv[1]))
    answers = {}
    for name in KINDS:
        model = Model(name)
        cases = []
        for number in numbers(model, rng):
            for signed in (number, -number):
                cases.append([hexadecimal(signed), model.encode(signed)])
        answers[name] = {'values': model.values, 'cases': cases}
    json.dump(answers, sys.stdout)


main()
