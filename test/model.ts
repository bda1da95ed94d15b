/**
 * The slow, obvious model: an array is its memory and the address of each element, listed in
 * C order. No strides after construction: slicing picks index vectors, transposing permutes
 * them, contiguity looks at the addresses. Shares nothing with lib/.
 */

export type Model = {
  readonly memory: Uint8Array;
  readonly itemsize: number;
  readonly shape: readonly number[];
  /** Offsets of the elements' first bytes in `memory`, the last index running fastest. */
  readonly addresses: readonly number[];
};

export type Nested<Value> = Value | Nested<Value>[];

type StridedLayout = {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly itemsize: number;
};

/** All index vectors of a shape, the last index running fastest. */
export function indexVectors(shape: readonly number[]): number[][] {
  let vectors: number[][] = [[]];
  for (const extent of shape)
    vectors = vectors.flatMap((head) =>
      Array.from({ length: extent }, (_, index) => [...head, index]),
    );
  return vectors;
}

export function fromLayout(layout: StridedLayout, memory: Uint8Array): Model {
  const addresses = indexVectors(layout.shape).map((vector) =>
    vector.reduce(
      (sum, i, axis) => sum + i * (layout.strides[axis] ?? NaN),
      layout.offset,
    ),
  );
  return { memory, itemsize: layout.itemsize, shape: layout.shape, addresses };
}

/** The address that an index vector leads to. */
export function addressOf(model: Model, vector: readonly number[]): number {
  let rank = 0;
  model.shape.forEach((extent, axis) => {
    rank = rank * extent + (vector[axis] ?? NaN);
  });
  const address = model.addresses[rank];
  if (address === undefined) throw new Error(`model: no element [${vector}]`);
  return address;
}

/** A model of another shape, each element fetched from where `source` says. */
function remap(
  model: Model,
  shape: readonly number[],
  source: (vector: readonly number[]) => number[],
): Model {
  const addresses = indexVectors(shape).map((v) => addressOf(model, source(v)));
  return { ...model, shape, addresses };
}

/** The indices that Python's `range(length)[start:stop:step]` has, by the language reference. */
export function pythonRange(
  length: number,
  parts: readonly (number | null | undefined)[],
): number[] {
  const step = parts[2] ?? 1;
  const limit = step > 0 ? length : length - 1;
  const clipped = (end: number): number => {
    const fromStart = end < 0 ? length + end : end;
    return Math.min(Math.max(fromStart, step > 0 ? 0 : -1), limit);
  };
  const [start, stop] = parts;
  const from = clipped(start ?? (step > 0 ? 0 : length));
  const to =
    stop === null || stop === undefined ? (step > 0 ? length : -1) : clipped(stop);
  const indices: number[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) indices.push(i);
  return indices;
}

/** '...' and what is left out at the end, spelled as ':'. */
function spellOut(selection: readonly unknown[], ndim: number): unknown[] {
  const named = selection.filter((item) => item !== '...' && item !== 'newaxis').length;
  const rest = new Array<unknown>(ndim - named).fill(':');
  const items = selection.flatMap((item) => (item === '...' ? rest : [item]));
  return selection.includes('...') ? items : [...items, ...rest];
}

/** The old indices that one item steps through along its axis; an integer, just one. */
function picked(item: unknown, extent: number): number[] {
  if (typeof item === 'number') return [item < 0 ? item + extent : item];
  return pythonRange(extent, Array.isArray(item) ? item : []);
}

export function slice(model: Model, selection: readonly unknown[]): Model {
  const items = spellOut(selection, model.shape.length);
  let axis = 0;
  const picks = items.map((item) =>
    item === 'newaxis' ? [0] : picked(item, model.shape[axis++] ?? NaN),
  );
  const keeps = items.map((item) => typeof item !== 'number');
  const shape = picks.filter((_, k) => keeps[k]).map((indices) => indices.length);
  return remap(model, shape, (vector) => {
    let next = 0;
    const full = picks.map(
      (indices, k) => indices[keeps[k] ? (vector[next++] ?? NaN) : 0],
    );
    return full.filter((_, k) => items[k] !== 'newaxis').map((i) => i ?? NaN);
  });
}

export function transpose(model: Model, axes?: readonly number[]): Model {
  const order = axes ?? model.shape.map((_, axis) => axis).reverse();
  const shape = order.map((axis) => model.shape[axis] ?? NaN);
  return remap(model, shape, (vector) =>
    model.shape.map((_, axis) => vector[order.indexOf(axis)] ?? NaN),
  );
}

/** The same elements in C order under another shape (without -1): always possible here. */
export function reshape(model: Model, shape: readonly number[]): Model {
  return { ...model, shape };
}

export function broadcastTo(model: Model, shape: readonly number[]): Model {
  const added = shape.length - model.shape.length;
  return remap(model, shape, (vector) =>
    model.shape.map((extent, axis) => (extent === 1 ? 0 : (vector[axis + added] ?? NaN))),
  );
}

/** Are the addresses, listed in this order, one element after the other? */
export function isContiguous(model: Model, order: 'C' | 'F' | 'A'): boolean {
  if (order === 'A') return isContiguous(model, 'C') || isContiguous(model, 'F');
  const { addresses } = order === 'C' ? model : transpose(model);
  return addresses.every((at, k) => at === (addresses[0] ?? NaN) + k * model.itemsize);
}

/** Can strides walk these addresses? That is what a reshape without a copy needs. */
export function isStrided(model: Model): boolean {
  if (model.addresses.length === 0) return true;
  const origin = model.shape.map(() => 0);
  const first = addressOf(model, origin);
  const steps = model.shape.map((extent, axis) =>
    extent < 2
      ? 0
      : addressOf(
          model,
          origin.map((_, k) => (k === axis ? 1 : 0)),
        ) - first,
  );
  return indexVectors(model.shape).every(
    (vector, rank) =>
      model.addresses[rank] ===
      vector.reduce((at, i, k) => at + i * (steps[k] ?? NaN), first),
  );
}

export function elements(model: Model): Uint8Array[] {
  return model.addresses.map((at) => model.memory.slice(at, at + model.itemsize));
}

/** All elements' bytes in C or Fortran order. */
export function toBytes(model: Model, order: 'C' | 'F' = 'C'): Uint8Array {
  return Uint8Array.from(
    elements(order === 'C' ? model : transpose(model)).flatMap((e) => [...e]),
  );
}

/** Copies element by element, through a temporary: overlap does not matter. */
export function copy(target: Model, source: Model): void {
  if (`${target.shape}` !== `${source.shape}` || target.itemsize !== source.itemsize)
    throw new Error('model: copy between different shapes or itemsizes');
  elements(source).forEach((element, k) => {
    target.memory.set(element, target.addresses[k] ?? NaN);
  });
}

export function isEqual(a: Model, b: Model): boolean {
  return (
    `${a.shape}` === `${b.shape}` &&
    a.itemsize === b.itemsize &&
    Buffer.compare(toBytes(a), toBytes(b)) === 0
  );
}

/** Nested arrays of what `read` makes of each element's bytes. */
export function toNested<Value>(
  model: Model,
  read: (element: Uint8Array) => Value,
): Nested<Value> {
  const values = elements(model).map(read);
  let next = 0;
  const build = (axis: number): Nested<Value> =>
    axis === model.shape.length
      ? (values[next++] as Value)
      : Array.from({ length: model.shape[axis] ?? 0 }, () => build(axis + 1));
  return build(0);
}
