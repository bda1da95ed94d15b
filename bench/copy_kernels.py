"""The core's copies beside numpy.copyto and memcpy, in alternating rounds of one process.

    python3 bench/copy_kernels.py [--size 4K,2M,128M] [--only text] [--rounds 5] [--level 0..3] [--best]
Compiles the kernels with g++ into a temporary folder. Prints GB/s of payload and ratios of
medians; patterns: rows, strides, images, swaps, and all permutations of a 4-d array.
"""

import argparse
import ctypes
import itertools
import os
import re
import statistics
import subprocess
import tempfile
import time

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def build(folder):
    out = os.path.join(folder, "copy_kernels.so")
    core = os.path.join(ROOT, "native", "core")
    kernels = os.path.join(core, "kernels")
    sources = [os.path.join(kernels, n) for n in os.listdir(kernels) if n.endswith(".cc")]
    sources += [os.path.join(core, "copy_plan.cc")]
    sources += [os.path.join(ROOT, "bench", "native", "copy_kernels.cc")]
    flags = ["-std=gnu++17", "-O3", "-fPIC", "-shared", "-fvisibility=hidden"]
    include = ["-I" + os.path.join(ROOT, "native"), "-I" + os.path.join(ROOT, "native/include")]
    subprocess.run(["g++", *flags, *include, *sources, "-o", out], check=True)
    lib = ctypes.CDLL(out)
    lib.time_plan.restype = lib.time_memcpy.restype = ctypes.c_double
    return lib


def c_array(values):
    return (ctypes.c_int64 * max(1, len(values)))(*values)


def plan_time(lib, dst, src, swap, times):
    return lib.time_plan(
        ctypes.c_int64(times), dst.ndim, c_array(dst.shape), ctypes.c_int64(dst.itemsize),
        swap, ctypes.c_void_p(dst.__array_interface__["data"][0]), c_array(dst.strides),
        ctypes.c_void_p(src.__array_interface__["data"][0]), c_array(src.strides))


def numpy_time(dst, src, times):
    start = time.thread_time_ns()
    for _ in range(times):
        np.copyto(dst, src, casting="no" if dst.dtype == src.dtype else "equiv")
    return (time.thread_time_ns() - start) / times


def dtype_of(itemsize):
    usual = {1: "u1", 2: "u2", 4: "f4", 8: "f8", 16: "c16"}
    return np.dtype(usual.get(itemsize, f"V{itemsize}"))


def array(shape, dtype):
    return np.zeros(shape, dtype)  # pages come on first use: patterns left out cost nothing


def touch(view):
    """Random bytes in the array under a view, so that every page is there."""
    base = view if view.base is None else view.base
    while getattr(base, "base", None) is not None:
        base = base.base
    flat = base.reshape(-1).view("u1")
    flat[:] = np.resize(np.random.default_rng(1).integers(0, 256, 65537, "u1"), flat.size)


def side(size, item, channels=1):
    return max(1, int((size / item / channels) ** 0.5))


def patterns(size):
    """(name, dst, src) of about `size` bytes."""
    for item in (1, 2, 3, 4, 8, 16):
        d = dtype_of(item)
        n = max(2, size // item)
        k = side(size, item)
        yield f"contiguous {item}", array(n, d), array(n, d)
        yield f"padded rows {item}", array((k, k), d), array((k, k + 8), d)[:, :k]
        yield f"to padded rows {item}", array((k, k + 8), d)[:, :k], array((k, k), d)
        yield f"transpose {item}", array((k, k), d), array((k, k), d).T
        yield f"rot90 {item}", array((k, k), d), np.rot90(array((k, k), d))
        yield f"flip both {item}", array((k, k), d), array((k, k), d)[::-1, ::-1]
        yield f"flip rows {item}", array((k, k), d), array((k, k), d)[::-1]
        yield f"flip columns {item}", array((k, k), d), array((k, k), d)[:, ::-1]
        for step in (2, 3, 5):
            yield f"every {step} {item}", array(n // step, d), array(n, d)[: n // step * step : step]
        yield f"into every 2 {item}", array(n, d)[: n // 2 * 2 : 2], array(n // 2, d)
        yield f"2-d gaps {item}", array((k, k // 2), d), array((k, k), d)[:, : k // 2 * 2 : 2]
        yield f"broadcast rows {item}", array((k, k), d), np.broadcast_to(array(k, d), (k, k))
        yield f"broadcast columns {item}", array((k, k), d), np.broadcast_to(array((k, 1), d), (k, k))
        yield f"fill {item}", array(n, d), np.broadcast_to(array(1, d), n)
        if item in (2, 4, 8):
            s = d.newbyteorder()
            yield f"swap {item}", array(n, d), array(n, d).view(s)
            yield f"swap transpose {item}", array((k, k), d), array((k, k), d).view(s).T
    for item in (1, 2, 4):
        d = dtype_of(item)
        k = side(size, item, 3)
        hwc, chw = array((k, k, 3), d), array((3, k, k), d)
        yield f"HWC to CHW {item}", chw, array((k, k, 3), d).transpose(2, 0, 1)
        yield f"CHW to HWC {item}", hwc, array((3, k, k), d).transpose(1, 2, 0)
        yield f"RGB to BGR {item}", hwc, array((k, k, 3), d)[..., ::-1]
        yield f"RGBA to RGB {item}", hwc, array((k, k, 4), d)[..., :3]
        yield f"RGBA to BGR {item}", hwc, array((k, k, 4), d)[..., 2::-1]
        yield f"RGB into RGBA {item}", array((k, k, 4), d)[..., :3], array((k, k, 3), d)
        yield f"RGBA to planes {item}", chw, array((k, k, 4), d)[..., :3].transpose(2, 0, 1)
        yield f"gray to RGB {item}", hwc, np.broadcast_to(array((k, k, 1), d), (k, k, 3))
        yield f"one channel {item}", array((k, k), d), array((k, k, 3), d)[..., 1]
        yield f"flip RGB {item}", hwc, array((k, k, 3), d)[:, ::-1]
        yield f"rot90 RGB {item}", hwc, np.rot90(array((k, k, 3), d))
        k = side(size, item, 5)
        yield f"5 bands out {item}", array((5, k, k), d), array((k, k, 5), d).transpose(2, 0, 1)
        yield f"5 bands in {item}", array((k, k, 5), d), array((5, k, k), d).transpose(1, 2, 0)
    for item in (1, 2, 3, 4, 8, 16):
        d = dtype_of(item)
        k = max(2, int((size / item / 16 / 2) ** (1 / 3)))
        shape = (k, 2 * k, k, 16)
        for axes in itertools.permutations(range(4)):
            yield (f"perm {''.join(map(str, axes))} of {item}",
                   array([shape[i] for i in axes], d), array(shape, d).transpose(axes))


def measure(lib, dst, src, rounds, best):
    swap = dst.itemsize if dst.dtype != src.dtype else 0
    flat = dst.base if dst.base is not None else dst
    bytes_ = dst.size * dst.itemsize
    other = np.ones(bytes_, "u1")
    to = ctypes.c_void_p(flat.__array_interface__["data"][0])
    work = {
        "nbuf": lambda n: plan_time(lib, dst, src, swap, n),
        "numpy": lambda n: numpy_time(dst, src, n),
        "memcpy": lambda n: lib.time_memcpy(ctypes.c_int64(n), to, other.ctypes.data_as(
            ctypes.c_void_p), ctypes.c_int64(bytes_)),
    }
    touch(dst)
    touch(src)
    plan_time(lib, dst, src, swap, 1)
    wanted = np.empty(dst.shape, dst.dtype)
    np.copyto(wanted, src, casting="equiv")
    if dst.tobytes() != wanted.tobytes():
        raise SystemExit("wrong result")
    times = {name: [] for name in work}
    counts = {name: max(1, int(2e6 / max(1, run(1)))) for name, run in work.items()}
    middle = statistics.median if not best else min
    for _ in range(rounds):
        for name, run in work.items():
            times[name].append(run(counts[name]))
    return bytes_, {name: middle(all_) for name, all_ in times.items()}


def size_of(text):
    scale = {"K": 1 << 10, "M": 1 << 20}
    return int(float(text[:-1]) * scale[text[-1]])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="4K,2M,128M")
    parser.add_argument("--only", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--level", type=int, default=3)
    parser.add_argument("--stream", type=int, default=0)
    parser.add_argument("--best", action="store_true", help="minima instead of medians")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lib = build(folder)
    lib.set_level(options.level, ctypes.c_int64(options.stream))
    print(f"{'size':>5} {'pattern':24} {'nbuf':>7} {'numpy':>7} {'memcpy':>7}  x numpy  x memcpy")
    for size in options.size.split(","):
        for name, dst, src in patterns(size_of(size)):
            if not re.search(options.only, name):
                continue
            bytes_, t = measure(lib, dst, src, options.rounds, options.best)
            print(f"{size:>5} {name:24} {bytes_ / t['nbuf']:7.2f} {bytes_ / t['numpy']:7.2f} "
                  f"{bytes_ / t['memcpy']:7.2f} {t['numpy'] / t['nbuf']:8.2f} "
                  f"{t['memcpy'] / t['nbuf']:9.2f}", flush=True)


main()
