/* P2's peer, a Python module: PyObject_GetBuffer + PyBuffer_Release in a C loop.
 * loop(exporter, count) returns the processor nanoseconds of one pair. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <time.h>

static int pairs(PyObject* exporter, long count) {
  long k;
  Py_buffer view;
  for (k = 0; k < count; k++) {
    if (PyObject_GetBuffer(exporter, &view, PyBUF_FULL_RO) != 0) return -1;
    PyBuffer_Release(&view);
  }
  return 0;
}

static PyObject* loop(PyObject* self, PyObject* args) {
  PyObject* exporter;
  long count;
  clock_t start, end;
  (void)self;
  if (!PyArg_ParseTuple(args, "Ol", &exporter, &count)) return NULL;
  if (pairs(exporter, count / 10) != 0) return NULL;
  start = clock();
  if (pairs(exporter, count) != 0) return NULL;
  end = clock();
  return PyFloat_FromDouble((double)(end - start) * (1e9 / CLOCKS_PER_SEC) /
                            (double)count);
}

static PyMethodDef methods[] = {
    {"loop", loop, METH_VARARGS, "nanoseconds of one PyObject_GetBuffer and its release"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "getbuffer", NULL, -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_getbuffer(void) { return PyModule_Create(&module); }
