"""What NumPy and struct make of format strings: a JSON list on standard input, one out.

Each answer is {numpy: {itemsize, leaves: [[path, offset, size], ...]} | null,
struct: calcsize | null}; null where that reader refuses the text.
"""

import json
import struct
import sys
import warnings

import common
from numpy.core._internal import _dtype_from_pep3118


def leaves(dtype, offset, path):
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        for k, index in enumerate(common.indices(list(shape))):
            yield from leaves(base, offset + k * base.itemsize, path + index)
    elif dtype.names is not None:
        for name in dtype.names:
            member, at = dtype.fields[name][:2]
            yield from leaves(member, offset + at, path + [name])
    else:
        yield [path, offset, dtype.itemsize]


def by_numpy(text):
    try:
        dtype = _dtype_from_pep3118(text)
    except (ValueError, NotImplementedError, RuntimeError, LookupError, TypeError):
        return None
    return {"itemsize": dtype.itemsize, "leaves": list(leaves(dtype, 0, []))}


def by_struct(text):
    try:
        return struct.calcsize(text)
    except (struct.error, UnicodeEncodeError):
        return None


def main():
    warnings.simplefilter("ignore")
    answers = [{"numpy": by_numpy(text), "struct": by_struct(text)} for text in json.load(sys.stdin)]
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
