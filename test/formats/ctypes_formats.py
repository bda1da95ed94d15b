"""Structures as ctypes lays them out and spells them, as JSON on standard output.

    ctypes_formats.py [--seed N] [--count N]

Without arguments it prints the committed corpus/ctypes.json (Python 3.11's spelling: padding
is left out, a packed structure or a union is one B, bit fields are whole numbers).

`marks` says what the text does not: union, packed, bits, inherited (the base's fields are
missing in it); or what has no value: object, function, text (pointers to characters, which
ctypes writes as z and Z).
"""

import ctypes
import ctypes as c
import sys

import common

NATIVE = [c.c_byte, c.c_ubyte, c.c_short, c.c_ushort, c.c_int, c.c_uint, c.c_long, c.c_ulong]
NATIVE += [c.c_longlong, c.c_ulonglong, c.c_size_t, c.c_float, c.c_double, c.c_bool, c.c_char]
NATIVE += [c.c_wchar, c.c_longdouble, c.c_void_p]
BIG = [c.c_byte, c.c_char] + [t for t in NATIVE if hasattr(t, "__ctype_be__")]
BIT_TYPES = [c.c_int, c.c_uint, c.c_short, c.c_ubyte, c.c_longlong]


class Maker:
    """Random types of one case; `marks` gathers what they have."""

    def __init__(self, rng):
        self.rng, self.marks = rng, set()

    def simple(self, is_big):
        rng = self.rng
        if is_big:
            return rng.choice(BIG)
        kind = rng.random()
        if kind < 0.93:
            return rng.choice(NATIVE)
        if kind < 0.98:
            if rng.random() < 0.6:
                return ctypes.POINTER(rng.choice([c.c_int, c.c_double * 2]))
            # It is an address: what its target hides does not matter, only what is refused.
            inner = Maker(rng)
            target = inner.structure(3, False, False)
            self.marks |= inner.marks & {"text"}
            return ctypes.POINTER(target)
        if kind < 0.987:
            self.marks.add("function")
            return ctypes.CFUNCTYPE(c.c_int, c.c_double)
        if kind < 0.993:
            self.marks.add("object")
            return c.py_object
        self.marks.add("text")
        return rng.choice([c.c_char_p, c.c_wchar_p])

    def member(self, depth, is_big):
        rng = self.rng
        is_nested = depth < 3 and rng.random() < 0.3
        kind = self.structure(depth + 1, is_big, True) if is_nested else self.simple(is_big)
        if rng.random() < 0.25:
            for extent in reversed(common.random_extents(rng, 4 if depth else 8)):
                kind = kind * extent
        return kind

    def fields(self, depth, is_big):
        rng, taken = self.rng, set()
        names = [common.random_name(rng, taken) for _ in range(rng.choice([1, 2, 2, 3, 4, 5, 0]))]
        fields = [(name, self.member(depth, is_big)) for name in names]
        if not is_big and rng.random() < 0.02:
            self.marks.add("bits")
            fields += [(f"bit{k}", rng.choice(BIT_TYPES), rng.randint(1, 7)) for k in range(2)]
        return fields

    def structure(self, depth, is_big, may_hide):
        """May hide its fields from the text: only a nested one is not told of."""
        rng = self.rng
        base = ctypes.BigEndianStructure if is_big else ctypes.Structure
        members = {}
        hides = rng.random() if may_hide else 1
        if hides < 0.04:
            members["_pack_"] = rng.choice([1, 2, 4])
            self.marks.add("packed" if depth else "sole")
        elif hides < 0.07 and not is_big:
            base = ctypes.Union
            self.marks.add("union" if depth else "sole")
        elif hides < 0.08 and not is_big:
            base = type("Base", (base,), {"_fields_": [("base", c.c_int)]})
            self.marks.add("inherited")
        return type("S", (base,), {**members, "_fields_": self.fields(depth, is_big)})


def soften(kind, memory, offset):
    """Some bytes are no long double and no character: put what is one."""
    if kind is c.c_longdouble:
        number = int.from_bytes(memory[offset : offset + 6], "little", signed=True)
        kind.from_buffer(memory, offset).value = number / 3.0
    elif getattr(kind, "_type_", None) == "u":
        point = int.from_bytes(memory[offset : offset + 2], "little")
        kind.from_buffer(memory, offset).value = chr(point if point < 0xD800 else 0x1F600)


def read(kind, memory, offset):
    """A leaf's value; the address of a pointer."""
    if not hasattr(kind, "_type_") or not isinstance(kind._type_, str):
        kind = c.c_void_p
    elif kind._type_ in "zZO":
        return None
    value = kind.from_buffer(memory, offset).value
    if kind is c.c_void_p:
        value = value or 0
    return common.spell(value, ctypes.sizeof(kind))


def leaves(kind, memory, offset, path):
    if issubclass(kind, ctypes.Array):
        step = ctypes.sizeof(kind._type_)
        for k in range(kind._length_):
            yield from leaves(kind._type_, memory, offset + k * step, path + [k])
    elif issubclass(kind, (ctypes.Structure, ctypes.Union)):
        for name, member in kind._fields_:
            yield from leaves(member, memory, offset + getattr(kind, name).offset, path + [name])
    else:
        soften(kind, memory, offset)
        is_function = issubclass(kind, ctypes._CFuncPtr)
        value = None if is_function else read(kind, memory, offset)
        yield [path, offset, ctypes.sizeof(kind), value]


def random_case(rng):
    maker = Maker(rng)
    kind = maker.structure(0, rng.random() < 0.2, True) if rng.random() < 0.95 else maker.simple(False)
    shape = rng.choice([[], [], [], [2], [2, 3]])
    whole = kind
    for extent in reversed(shape):
        whole = whole * extent
    size = ctypes.sizeof(kind)
    if size > 400:
        return random_case(rng)
    memory = bytearray(rng.randbytes(size))
    # The text says nothing true of bit fields (and ctypes 3.11 gives some negative offsets).
    found = [] if "bits" in maker.marks else list(leaves(kind, memory, 0, []))
    if "sole" in maker.marks:
        maker.marks = {"sole"}  # the text is B, whatever is in it
        found = [[[], 0, 1, memory[0]]] if size else []
    filled = bytearray(bytes(memory) * (ctypes.sizeof(whole) // size if size else 0))
    view = memoryview(whole.from_buffer(filled))
    assert list(view.shape) == shape and view.itemsize == size, (view.shape, shape)
    case = {"by": "ctypes", "format": view.format, "itemsize": size, "shape": shape}
    return {**case, "hex": memory.hex(), "marks": sorted(maker.marks), "leaves": found}


def main():
    rng, count = common.arguments(__doc__, 250)
    assert sys.byteorder == "little" and ctypes.sizeof(c.c_wchar) == 4
    common.print_cases({"cases": [random_case(rng) for _ in range(count)]})


if __name__ == "__main__":
    main()
