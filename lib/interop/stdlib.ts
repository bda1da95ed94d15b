/** `@stdlib/ndarray`: any strides and an offset, both in elements, and a readonly flag. */
import type { Provider, RequestOptions, View } from '../index.ts';
import { accessorOf, orAccessor } from './accessor.ts';
import {
  type CopyOptions,
  checkClass,
  checkFunction,
  checkObject,
  checkView,
  copyChoice,
  type DType,
  type DTypeName,
  dtypeOfArray,
  dtypeOfFormat,
  dtypes,
  type Exposed,
  exposeOrCopy,
  hasFloat16,
  type Need,
} from './common.ts';
import {
  acquireElements,
  bytesBehind,
  copyElements,
  integerOf,
  integersOf,
} from './foreign.ts';

/** What an ndarray of stdlib shows of itself. `strides` and `offset` in elements. */
export type StdlibLike = {
  readonly data: unknown;
  readonly dtype: unknown;
  readonly shape: ArrayLike<number>;
  readonly strides: ArrayLike<number>;
  readonly offset: number;
  readonly flags?: { readonly READONLY?: boolean };
};

/** What `@stdlib/ndarray-ctor` exports. */
export type StdlibConstructor<T> = (
  dtype: never,
  buffer: never,
  shape: number[],
  strides: number[],
  offset: number,
  order: 'row-major' | 'column-major',
  options: { readonly: boolean },
) => T;

type ArrayConstructor = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) => object;

export type StdlibOptions = CopyOptions & {
  /** As for `toNdarray`; dtype 'generic'. A readonly view gives a readonly ndarray. */
  readonly accessor?: boolean | undefined;
  /** stdlib's own arrays of what JavaScript has no typed array for, where the view needs them. */
  readonly Complex64Array?: ArrayConstructor | undefined;
  readonly Complex128Array?: ArrayConstructor | undefined;
  readonly BooleanArray?: ArrayConstructor | undefined;
};

type Make<T> = (...args: unknown[]) => T;

function needOf(options: StdlibOptions): Need {
  const none: DTypeName[] = ['int64', 'uint64'];
  if (!hasFloat16) none.push('float16');
  if (options.BooleanArray === undefined) none.push('bool');
  if (options.Complex64Array === undefined) none.push('complex64');
  if (options.Complex128Array === undefined) none.push('complex128');
  const all = Object.keys(dtypes) as DTypeName[];
  return {
    name: '@stdlib/ndarray',
    layout: 'any',
    dtypes: all.filter((name) => !none.includes(name)),
    convert: { float16: 'float32' },
    hints: {
      complex64: 'give its class in options.Complex64Array',
      complex128: 'give its class in options.Complex128Array',
    },
  };
}

/** stdlib's own arrays of complex numbers. */
function pairsOf({ data, strides, offset, dtype }: Exposed, options: StdlibOptions) {
  const Class = (
    dtype.name === 'complex64' ? options.Complex64Array : options.Complex128Array
  ) as ArrayConstructor;
  return {
    buffer: new Class(data.buffer as ArrayBuffer, data.byteOffset, data.length / 2),
    steps: strides.map((step) => step / 2),
    start: offset / 2,
  };
}

function shownAs(exposed: Exposed, options: StdlibOptions) {
  const { data, strides, offset, dtype } = exposed;
  if (dtype.entries === 2) return pairsOf(exposed, options);
  const { BooleanArray } = options;
  const isBool = dtype.name === 'bool' && BooleanArray !== undefined;
  const buffer = isBool
    ? new BooleanArray(data.buffer as ArrayBuffer, data.byteOffset, data.length)
    : data;
  return { buffer, steps: strides, start: offset };
}

/** Needs one of stdlib's own arrays, which are made of ArrayBuffers only? */
function takesOwnArray(view: View, options: StdlibOptions): boolean {
  const name = dtypeOfFormat(checkView(view).format)?.dtype.name;
  return (
    name === 'complex64' ||
    name === 'complex128' ||
    (name === 'bool' && options.BooleanArray !== undefined)
  );
}

function plainArray<T>(view: View, make: Make<T>, options: StdlibOptions): T {
  const { copy } = options;
  const unshared = takesOwnArray(view, options);
  const need = { ...needOf(options), unshared, pairs: true };
  const exposed = exposeOrCopy(view, need, { copy });
  const { shape, dtype, order } = exposed;
  const { buffer, steps, start } = shownAs(exposed, options);
  return makeArray(make, dtype.name, buffer, shape, steps, start, order === 'F', false);
}

function makeArray<T>(
  make: Make<T>,
  dtype: string,
  buffer: unknown,
  shape: number[],
  steps: number[],
  offset: number,
  isF: boolean,
  readonly: boolean,
): T {
  const strides = shape.length === 0 ? [0] : steps; // stdlib's convention
  const order = isF ? 'column-major' : 'row-major';
  return make(dtype, buffer, shape, strides, offset, order, { readonly });
}

const CLASSES = ['Complex64Array', 'Complex128Array', 'BooleanArray'] as const;

/**
 * An ndarray of stdlib over the view's memory, with all its strides: `ndarray` is what
 * `@stdlib/ndarray-ctor` exports. Booleans and complex numbers need stdlib's own arrays, given in
 * `options`; without them booleans are uint8. There is no int64.
 *
 * Lifetime and errors as for `toNdarray`.
 */
export function toStdlib<T>(
  view: View,
  ndarray: StdlibConstructor<T>,
  options: StdlibOptions = {},
): T {
  checkFunction(ndarray, 'ndarray');
  copyChoice(options);
  for (const name of CLASSES) {
    const Class = options[name];
    if (Class !== undefined) checkClass(Class, `options.${name}`);
  }
  const make = ndarray as unknown as Make<T>;
  if (options.accessor !== true || options.copy === 'always')
    return plainArray(view, make, options);
  const access = () => {
    const { data: elements, shape, strides } = accessorOf(view);
    // Its accessors take the value first.
    const data = {
      ...elements,
      set: (value: never, k: number) => elements.set(k, value),
    };
    return makeArray(make, 'generic', data, shape, strides, 0, false, view.readonly);
  };
  return orAccessor(() => plainArray(view, make, { ...options, copy: 'never' }), access);
}

const OWN_ARRAYS: Readonly<Record<string, Pick<DType, 'format' | 'itemsize'>>> = {
  __proto__: null as never,
  bool: dtypes.bool,
  complex32: { format: 'Ze', itemsize: 4 },
  complex64: dtypes.complex64,
  complex128: dtypes.complex128,
};

/**
 * A provider of an ndarray's elements, in its layout and without a copy; readonly where the
 * ndarray's flag says so. Lifetime and errors as for `fromNdarray`; stdlib's arrays of complex
 * numbers and booleans are memory, too.
 */
export function fromStdlib(array: StdlibLike, request?: RequestOptions): Provider {
  const { data, dtype, shape, strides, offset, flags } = checkObject(array, 'array');
  const extents = integersOf(shape, 'array.shape');
  const layout = {
    shape: extents,
    // One stride of 0, where there are no axes.
    strides: extents.length === 0 ? [] : integersOf(strides, 'array.strides'),
    offset: integerOf(offset, 'array.offset'),
    readonly: (flags as StdlibLike['flags'])?.READONLY === true,
  };
  const found = dtypeOfArray(data);
  if (found !== null) {
    const { format, itemsize } = found;
    return acquireElements(data, { ...layout, format, itemsize }, request);
  }
  const own = OWN_ARRAYS[String(dtype)];
  const bytes = own === undefined ? null : bytesBehind(data);
  if (own === undefined || bytes === null)
    return copyElements('@stdlib/ndarray', data, layout, request);
  const { format, itemsize } = own;
  return acquireElements(bytes, { ...layout, format, itemsize }, request);
}
