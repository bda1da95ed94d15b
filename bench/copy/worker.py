"""NumPy, or CPython's PyBuffer_ToContiguous, in a process of its own: worker.py numpy|cpython.

The lines are those of worker.mjs.
"""

import ctypes
import functools
import gc
import hashlib
import itertools
import json
import math
import platform
import sys
import time
import traceback

import numpy

PERIOD = 1048573
k = numpy.arange(PERIOD, dtype=numpy.int64)
TILE = (1 + (k * k * 31 + k * 17 + k // 8 * 7) % 126).astype(numpy.uint8)

DTYPES = {1: "u1", 2: "u2", 4: "f4", 8: "f8", 16: "c16"}
ELEMENTS = 32 * 2**20
BYTES = 64 * 2**20


def fill(block, number):
    """As fillBlock of content.mjs."""
    at, start = 0, number * 7919 % PERIOD
    while at < len(block):
        count = min(PERIOD - start, len(block) - at)
        block[at : at + count] = TILE[start : start + count]
        at, start = at + count, 0


def blocks_of(side, is_source):
    made = []
    for number, size in enumerate(side["blocks"]):
        block = numpy.empty(size, "u1")  # in huge pages from 4 MiB, as NumPy has it
        if is_source:
            fill(block, number)
        else:
            block[:] = 0
        made.append(block)
    return made


def view(block, dtype, layout):
    return numpy.ndarray(
        layout["shape"], dtype, block, layout["offset"], layout["strides"]
    )


def all_of(actions):
    for action in actions:
        action()


class Numpy:
    """numpy.copyto between views; row by row where there are pointers."""

    def __init__(self, case):
        dtype = numpy.dtype(DTYPES.get(case["itemsize"], f"V{case['itemsize']}"))
        to, source = blocks_of(case["dst"], False), blocks_of(case["src"], True)
        swapped = dtype.newbyteorder() if case["swap"] else dtype
        copies = [
            functools.partial(
                numpy.copyto,
                view(to[d["block"]], dtype, d),
                view(source[s["block"]], swapped, s),
            )
            for d, s in zip(case["dst"]["views"], case["src"]["views"])
        ]
        self.target = to
        self.copy = copies[0] if len(copies) == 1 else functools.partial(all_of, copies)


class PyBuffer(ctypes.Structure):
    """Py_buffer, of CPython's object.h; obj stays NULL: nothing is released."""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    ]


def sizes(values):
    return (ctypes.c_ssize_t * len(values))(*values)


def left_out(case):
    """Why PyBuffer_ToContiguous cannot do this copy, or None."""
    target, axes = case["dst"]["whole"], case["src"]["axes"]
    if case["swap"]:
        return "has no byte order"
    step = case["itemsize"]
    for extent, stride in reversed(list(zip(case["shape"], (target or {}).get("strides", [])))):
        if extent > 1 and stride != step:
            return "only into contiguous memory"
        step *= extent
    if target is None or step != case["bytes"]:
        return "only into contiguous memory"
    if axes is not None and axes != sorted(axes):
        return "suboffsets cannot say it"
    if case["bytes"] > BYTES or math.prod(case["shape"]) > ELEMENTS:
        return "too slow for this size"
    return None


class ToContiguous:
    """PyBuffer_ToContiguous over a Py_buffer with strides, and suboffsets for pointers."""

    def __init__(self, case):
        self.target, self.source = blocks_of(case["dst"], False), blocks_of(case["src"], True)
        layout = case["src"]["whole"]
        if layout is None:
            row = case["src"]["views"][0]
            table = [block.ctypes.data + row["offset"] for block in self.source]
            self.table = (ctypes.c_void_p * len(table))(*table)
            strides, start = [8, *row["strides"]], ctypes.addressof(self.table)
            suboffsets = sizes([0] + [-1] * (len(strides) - 1))
        else:
            strides, suboffsets = layout["strides"], None
            start = self.source[0].ctypes.data + layout["offset"]
        self.view = PyBuffer(
            buf=start,
            len=case["bytes"],
            itemsize=case["itemsize"],
            readonly=1,
            ndim=len(strides),
            format=b"%ds" % case["itemsize"],
            shape=sizes(case["shape"]),
            strides=sizes(strides),
            suboffsets=suboffsets,
        )
        function = ctypes.pythonapi.PyBuffer_ToContiguous
        function.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(PyBuffer),
            ctypes.c_ssize_t,
            ctypes.c_char,
        ]
        self.copy = functools.partial(
            function,
            self.target[0].ctypes.data,
            ctypes.pointer(self.view),
            case["bytes"],
            b"C",
        )


class Worker:
    def __init__(self, peer):
        self.make = {"numpy": Numpy, "cpython": ToContiguous}[peer]
        self.why_not = left_out if peer == "cpython" else lambda case: None
        self.made = None

    def prepare(self, case):
        self.made = None
        left = self.why_not(case)
        if left is not None:
            return {"left": left}
        self.made = self.make(case)
        self.made.copy()
        digest = hashlib.sha1()
        for block in self.made.target:
            digest.update(block)
        return {"sum": digest.hexdigest()}

    def run(self, count):
        copy = self.made.copy
        wall, used = time.perf_counter_ns(), time.process_time_ns()
        for _ in itertools.repeat(None, count):
            copy()
        used = time.process_time_ns() - used
        return {"ns": min(time.perf_counter_ns() - wall, used) / count}

    def answer(self, request):
        try:
            if request["do"] == "prepare":
                return self.prepare(request["copy"])
            if request["do"] == "about":
                return {"python": platform.python_version(), "numpy": numpy.__version__}
            return self.run(request["count"])
        except Exception:
            return {"error": traceback.format_exc()}


gc.disable()
worker = Worker(sys.argv[1])
for line in sys.stdin:
    print(json.dumps(worker.answer(json.loads(line))), flush=True)
