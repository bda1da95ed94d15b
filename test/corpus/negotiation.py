"""CPython's answers to all 256 request flag words, for every layout below.

    /usr/bin/python3 negotiation.py [directory]

writes negotiation.json, and negotiation.txt (the same for C programs, one token after the
other, see write_text), into the directory, by default this file's. Deterministic.

The exporter is _testbuffer.ndarray. Left out because it is wrong there, and tested by
hand instead: 1-D empty arrays whose stride is not the itemsize (it denies that they are
contiguous, PyBuffer_IsContiguous does not), and suboffsets that are all negative (PEP
3118: must be NULL).
"""

import ctypes
import itertools
import json
import os
import sys

from _testbuffer import ND_FORTRAN, ND_PIL, ND_WRITABLE, ndarray

BITS = [0x1, 0x4, 0x8, 0x10, 0x20, 0x40, 0x80, 0x100]
WORDS = sorted(sum(b) for n in range(9) for b in itertools.combinations(BITS, n))


class PyBuffer(ctypes.Structure):
    """Py_buffer, stable ABI since 3.11 and unchanged since 2.6."""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_void_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    ]


get_buffer = ctypes.pythonapi.PyObject_GetBuffer
get_buffer.argtypes = [ctypes.py_object, ctypes.POINTER(PyBuffer), ctypes.c_int]
release_buffer = ctypes.pythonapi.PyBuffer_Release
release_buffer.argtypes = [ctypes.POINTER(PyBuffer)]
release_buffer.restype = None

# name, items, itemsize, format, shape, strides (bytes; None: packed), offset, flags
DIRECT = [
    ("scalar_B", 1, 1, "B", [], None, 0, 0),
    ("scalar_d", 1, 8, "d", [], None, 0, 0),
    ("c1_B", 6, 1, "B", [6], None, 0, 0),
    ("c1_b", 6, 1, "b", [6], None, 0, 0),
    ("c1_h", 6, 2, "h", [6], None, 0, 0),
    ("c1_i", 6, 4, "i", [6], None, 0, 0),
    ("c1_q", 6, 8, "q", [6], None, 0, 0),
    ("c1_d", 6, 8, "d", [6], None, 0, 0),
    ("c1_f_little", 6, 4, "<f", [6], None, 0, 0),
    ("c1_i_big", 6, 4, ">i", [6], None, 0, 0),
    ("c1_B_offset", 9, 1, "B", [6], None, 3, 0),
    ("one_item", 1, 4, "i", [1], None, 0, 0),
    ("one_item_odd_stride", 4, 4, "i", [1], [12], 0, 0),
    ("one_item_negative", 4, 4, "i", [1], [-12], 12, 0),
    ("one_item_zero_stride", 1, 4, "i", [1], [0], 0, 0),
    ("step_2", 6, 2, "h", [3], [4], 0, 0),
    ("reversed", 6, 2, "h", [6], [-2], 10, 0),
    ("repeated", 1, 8, "d", [5], [0], 0, 0),
    ("empty_1d", 1, 4, "i", [0], None, 0, 0),
    ("c2_B", 12, 1, "B", [3, 4], None, 0, 0),
    ("c2_i", 12, 4, "i", [3, 4], None, 0, 0),
    ("c2_d", 12, 8, "d", [3, 4], None, 0, 0),
    ("f2_B", 12, 1, "B", [3, 4], None, 0, ND_FORTRAN),
    ("f2_i", 12, 4, "i", [3, 4], None, 0, ND_FORTRAN),
    ("padded_rows", 18, 2, "h", [3, 4], [12, 2], 0, 0),
    ("padded_columns", 18, 2, "h", [4, 3], [2, 12], 0, 0),
    ("flip_rows", 12, 4, "i", [3, 4], [-16, 4], 32, 0),
    ("flip_columns", 12, 4, "i", [3, 4], [16, -4], 12, 0),
    ("flip_both", 12, 4, "i", [3, 4], [-16, -4], 44, 0),
    ("broadcast_rows", 4, 4, "i", [3, 4], [0, 4], 0, 0),
    ("broadcast_columns", 3, 4, "i", [3, 4], [4, 0], 0, 0),
    ("broadcast_all", 1, 4, "i", [3, 4], [0, 0], 0, 0),
    ("sliding_window", 6, 2, "h", [4, 3], [2, 2], 0, 0),
    ("row", 4, 4, "i", [1, 4], None, 0, 0),
    ("row_odd_stride", 16, 4, "i", [1, 4], [60, 4], 0, 0),
    ("row_step_2", 16, 4, "i", [1, 4], [60, 8], 0, 0),
    ("column", 4, 4, "i", [4, 1], None, 0, 0),
    ("column_odd_stride", 16, 4, "i", [4, 1], [4, -4], 4, 0),
    ("column_step_2", 16, 4, "i", [4, 1], [8, 4], 0, 0),
    ("ones", 1, 8, "d", [1, 1, 1], [0, 8, -8], 0, 0),
    ("empty_rows", 1, 4, "i", [0, 4], None, 0, 0),
    ("empty_columns", 1, 4, "i", [4, 0], None, 0, 0),
    ("empty_odd_strides", 8, 4, "i", [2, 0, 2], [-4, 0, 12], 16, 0),
    ("empty_fortran", 1, 4, "i", [3, 0, 2], None, 0, ND_FORTRAN),
    ("c3_B", 24, 1, "B", [2, 3, 4], None, 0, 0),
    ("f3_d", 24, 8, "d", [2, 3, 4], None, 0, ND_FORTRAN),
    ("rgb_to_planes", 24, 1, "B", [3, 2, 4], [1, 12, 3], 0, 0),
    ("middle_one", 8, 2, "h", [2, 1, 4], [8, 100, 2], 0, 0),
    ("middle_one_fortran", 8, 2, "h", [2, 1, 4], [2, 100, 4], 0, 0),
    ("every_other_plane", 24, 1, "B", [2, 3, 2], [12, 4, 2], 0, 0),
    ("dims_64", 2, 2, "h", [1] * 63 + [2], None, 0, 0),
]
INDIRECT = [
    ("pil_1", 3, 2, "h", [3], None, 0, ND_PIL),
    ("pil_2_B", 12, 1, "B", [3, 4], None, 0, ND_PIL),
    ("pil_2_i", 12, 4, "i", [3, 4], None, 0, ND_PIL),
    ("pil_2_d", 12, 8, "d", [3, 4], None, 0, ND_PIL),
    ("pil_2_fortran", 12, 4, "i", [3, 4], None, 0, ND_PIL | ND_FORTRAN),
    ("pil_2_flipped", 12, 4, "i", [3, 4], [-16, 4], 32, ND_PIL),
    ("pil_3", 24, 2, "h", [2, 3, 4], None, 0, ND_PIL),
    ("pil_one_row", 4, 1, "B", [1, 4], None, 0, ND_PIL),
    ("pil_empty_rows", 1, 1, "B", [3, 0], None, 0, ND_PIL),
    ("pil_no_rows", 1, 1, "B", [0, 3], None, 0, ND_PIL),
]


def make(case, writable):
    name, count, itemsize, fmt, shape, strides, offset, flags = case
    item = 0.0 if fmt[-1] in "fd" else 0
    optional = {} if strides is None else {"strides": strides}
    return ndarray(
        item if shape == [] and count == 1 else [item] * count,
        shape=shape,
        offset=offset,
        format=fmt,
        flags=flags | (ND_WRITABLE if writable else 0),
        **optional,
    )


def ask(exporter, flags):
    view = PyBuffer()
    try:
        get_buffer(exporter, ctypes.byref(view), flags)
    except BufferError as error:
        return {"error": str(error)}
    answer = {
        name: bool(getattr(view, name))
        for name in ("format", "shape", "strides", "suboffsets")
    }
    for name in ("ndim", "itemsize", "len", "readonly"):
        answer[name] = getattr(view, name)
    release_buffer(ctypes.byref(view))
    return answer


def describe(case, writable):
    """The layout, and each distinct answer with the flag words that get it."""
    exporter = make(case, writable)
    view = PyBuffer()
    get_buffer(exporter, ctypes.byref(view), 0x11C)
    axes = range(view.ndim)
    layout = {
        "name": case[0] + ("" if writable else "_readonly"),
        "format": case[3],
        "itemsize": view.itemsize,
        "readonly": view.readonly,
        "memory": case[1] * case[2],
        "offset": case[6],
        "shape": [view.shape[i] for i in axes] if view.shape else [],
        "strides": [view.strides[i] for i in axes] if view.strides else [],
        "suboffsets": [view.suboffsets[i] for i in axes] if view.suboffsets else None,
    }
    release_buffer(ctypes.byref(view))
    assert layout["itemsize"] == case[2], case
    answers = {}
    for flags in WORDS:
        answers.setdefault(json.dumps(ask(exporter, flags)), []).append(flags)
    layout["answers"] = [dict(json.loads(a), flags=f) for a, f in answers.items()]
    return layout


def classify(error, flags):
    """The nbuf status of an error's text."""
    if "not writable" in error:
        return "READONLY"
    if "suboffsets" in error:
        return "SUBOFFSETS"
    if "cannot cast to unsigned bytes" in error:
        return "FORMAT"
    if "not C-contiguous" in error and (flags & 0x38) != 0x38:
        return "STRIDES"
    if "contiguous" in error:
        return "CONTIGUITY"
    raise ValueError(error)


def write_text(layouts, file):
    """Tokens. layout: name format itemsize readonly memory offset indirect ndim, shape,
    strides, and suboffsets when indirect. answer: a status, or ok and 0 or 1 for the
    presence of format shape strides suboffsets, then ndim itemsize len readonly; then how
    many flag words, and these in hexadecimal."""
    for layout in layouts:
        head = [layout[k] for k in ("name", "format", "itemsize", "readonly", "memory")]
        head += [layout["offset"], int(layout["suboffsets"] is not None)]
        axes = layout["shape"] + layout["strides"] + (layout["suboffsets"] or [])
        print("layout", *head, len(layout["shape"]), *axes, file=file)
        for answer in layout["answers"]:
            by_status = {}
            for flags in answer["flags"]:
                if "error" in answer:
                    status = classify(answer["error"], flags)
                else:
                    status = "ok " + " ".join(
                        str(int(v)) for k, v in answer.items() if k != "flags"
                    )
                by_status.setdefault(status, []).append("%x" % flags)
            for status, words in by_status.items():
                print("answer", status, len(words), *words, file=file)


def write_json(layouts, file):
    """One answer a line, so that a change can be read."""
    lines = []
    for layout in layouts:
        answers = layout["answers"]
        head = json.dumps({k: v for k, v in layout.items() if k != "answers"})
        body = ",\n".join("   " + json.dumps(a, separators=(",", ":")) for a in answers)
        lines.append("  " + head[:-1] + ', "answers": [\n' + body + "]}")
    file.write('{"layouts": [\n' + ",\n".join(lines) + "\n]}\n")


def main():
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(__file__)
    cases = DIRECT + INDIRECT
    layouts = [describe(case, True) for case in cases]
    layouts += [describe(case, False) for case in cases[::3]]
    with open(os.path.join(directory, "negotiation.json"), "w") as file:
        write_json(layouts, file)
    with open(os.path.join(directory, "negotiation.txt"), "w") as file:
        write_text(layouts, file)


if __name__ == "__main__":
    main()
