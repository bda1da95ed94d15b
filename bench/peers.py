"""The CPython and NumPy sides of the benchmarks.

Reads one JSON object a line, {"peer": name, ...parameters}, and answers with
{"figure": number} or {"error": text}. Loops are timeit's: a compiled loop over the
statement with the garbage collector off, the most favourable way to time Python; in
processor time, as measure.mjs does.
"""

import importlib.util
import json
import os
import sys
import time
import timeit


def per_loop(statement, setup, count):
    timer = timeit.Timer(statement, setup, timer=time.process_time)
    return timer.timeit(count) / count * 1e9


def memoryview_release(count):
    """memoryview(bytearray) and its release; ns."""
    return per_loop("memoryview(b).release()", "b = bytearray(4096)", count)


NUMPY_ARRAY = "import numpy; a = numpy.zeros((480, 640))"


def numpy_slice(count):
    """A 2-D slice of a 2-D array; ns."""
    return per_loop("a[10:470, 20:620]", NUMPY_ARRAY, count)


def numpy_strided_slice(count):
    """A 2-D slice with a step; ns."""
    return per_loop("a[10:470:2, ::-1]", NUMPY_ARRAY, count)


def numpy_row(count):
    """One row of a 2-D array; ns."""
    return per_loop("a[100]", NUMPY_ARRAY, count)


def numpy_transpose(count):
    """.T of a 2-D array; ns."""
    return per_loop("a.T", NUMPY_ARRAY, count)


modules = {}


def load_module(path):
    if path not in modules:
        spec = importlib.util.spec_from_file_location("getbuffer", path)
        modules[path] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(modules[path])
    return modules[path]


def get_buffer(module, exporter, count):
    """PyObject_GetBuffer and PyBuffer_Release from C; ns."""
    if exporter == "numpy":
        import numpy

        source = numpy.zeros((480, 640))
    else:
        source = bytearray(4096)
    return load_module(module).loop(source, count)


def numpy_load(path, count):
    """numpy.load(mmap_mode='c') to the first element; ns."""
    import numpy

    def load():
        if float(numpy.load(path, mmap_mode="c")[0, 0]) != 1.5:
            raise ValueError("expected the first element to be 1.5")

    timer = timeit.Timer(load, timer=time.process_time)
    return timer.timeit(count) / count * 1e9


def write_npy(path, rows, columns):
    """A file of rows × columns float64 with holes for zeros; the first element is 1.5."""
    import numpy

    array = numpy.lib.format.open_memmap(
        path, mode="w+", dtype=numpy.float64, shape=(rows, columns)
    )
    array[0, 0] = 1.5
    array.flush()
    return 0


saved = {}


def numpy_save(path, rows, columns, order):
    """numpy.save into a new file; MiB a second, by the wall clock."""
    import numpy

    if (rows, columns) not in saved:
        saved[rows, columns] = numpy.full((rows, columns), 1.5)
    array = saved[rows, columns]
    if order == "backwards":
        array = array[:, ::-1]
    start = time.perf_counter()
    numpy.save(path, array)
    seconds = time.perf_counter() - start
    os.unlink(path)
    return array.nbytes / 2**20 / seconds


PEERS = {
    function.__name__: function
    for function in [
        memoryview_release,
        numpy_slice,
        numpy_strided_slice,
        numpy_row,
        numpy_transpose,
        get_buffer,
        numpy_load,
        numpy_save,
        write_npy,
    ]
}


def answer(line):
    parameters = json.loads(line)
    try:
        return {"figure": PEERS[parameters.pop("peer")](**parameters)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


for request in sys.stdin:
    print(json.dumps(answer(request)), flush=True)
