/** Random views over native memory, each beside its model over the same bytes. */

import {
  acquire,
  BufferError,
  type ElementValue,
  HostArray,
  type Provider,
  type Selection,
  type View,
} from 'nbuf';
import * as model from './model.ts';
import {
  type Random,
  type RandomShapeOptions,
  randomLayout,
  randomReshape,
  randomSelection,
} from './random.ts';

type Kind = {
  readonly format: string;
  readonly read: (bytes: Uint8Array) => ElementValue;
};

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Formats by itemsize: with and without a typed array, swapped, bytes, opaque to sign. */
const KINDS: Readonly<Record<number, readonly Kind[]>> = {
  1: [
    { format: 'B', read: (bytes) => view(bytes).getUint8(0) },
    { format: 'b', read: (bytes) => view(bytes).getInt8(0) },
    { format: '?', read: (bytes) => bytes[0] !== 0 },
  ],
  2: [
    { format: '<h', read: (bytes) => view(bytes).getInt16(0, true) },
    { format: '>H', read: (bytes) => view(bytes).getUint16(0) },
  ],
  3: [{ format: '3s', read: (bytes) => bytes }],
  4: [
    { format: '<I', read: (bytes) => view(bytes).getUint32(0, true) },
    { format: '>i', read: (bytes) => view(bytes).getInt32(0) },
    { format: '<f', read: (bytes) => view(bytes).getFloat32(0, true) },
  ],
  8: [
    { format: '<q', read: (bytes) => view(bytes).getBigInt64(0, true) },
    { format: '>Q', read: (bytes) => view(bytes).getBigUint64(0) },
    { format: '<d', read: (bytes) => view(bytes).getFloat64(0, true) },
  ],
  16: [
    { format: '16s', read: (bytes) => bytes },
    {
      format: '<Zd',
      read: (bytes) => ({
        re: view(bytes).getFloat64(0, true),
        im: view(bytes).getFloat64(8, true),
      }),
    },
  ],
};

export type Case = {
  readonly provider: Provider;
  /** The provider, or a view of it. */
  readonly view: View;
  readonly array: model.Model;
  readonly read: (bytes: Uint8Array) => ElementValue;
};

/** A provider over a random layout; the model's memory is a copy of the block. */
export function randomCase(random: Random, options?: RandomShapeOptions): Case {
  const { layout, blockSize } = randomLayout(random, options);
  const memory = random.bytes(blockSize);
  const { format, read } = random.pick(KINDS[layout.itemsize] ?? []);
  const { shape, strides, offset } = layout;
  const array = HostArray.fromBytes(memory, { shape, strides, offset, format });
  const provider = acquire(array, { writable: true });
  return { provider, view: provider, array: model.fromLayout(layout, memory), read };
}

function sliced(given: Case, random: Random): Case {
  const selection = randomSelection(random, given.array.shape);
  return {
    ...given,
    view: given.view.slice(...(selection as Selection[])),
    array: model.slice(given.array, selection),
  };
}

function transposed(given: Case, random: Random): Case {
  const axes = random.shuffle(given.array.shape.map((_, axis) => axis));
  return {
    ...given,
    view: given.view.transpose(...axes),
    array: model.transpose(given.array, axes.length > 0 ? axes : undefined),
  };
}

function reshaped(given: Case, random: Random): Case {
  const size = given.array.addresses.length;
  const shape = randomReshape(random, size);
  const product = shape.reduce((a, b) => a * b, 1);
  const full = shape.map((n) => (n === -1 ? -size / product : n));
  const array = model.reshape(given.array, full);
  try {
    return { ...given, view: given.view.reshape(shape), array };
  } catch (error) {
    const isRight = error instanceof BufferError && !model.isStrided(array);
    if (isRight && error.code === 'ERR_NBUF_CONTIGUITY') return given;
    throw error;
  }
}

/** The same case after up to three operations that copy nothing. */
export function derive(given: Case, random: Random): Case {
  let made = given;
  for (let count = random.int(0, 3); count > 0; count--)
    made = random.pick([sliced, sliced, transposed, reshaped])(made, random);
  return made;
}

/** A target shape for broadcasting, and the model's answer. */
export function broadcasted(given: Case, random: Random): Case {
  const { shape } = given.array;
  if (shape.length > 60) return given;
  let repeats = 3; // each may triple the size
  const kept = shape.map((extent) =>
    extent === 1 && repeats-- > 0 ? random.int(0, 3) : extent,
  );
  const added = Array.from({ length: random.int(0, 2) }, () => random.int(1, 3));
  const target = [...added, ...kept];
  return {
    ...given,
    view: given.view.broadcastTo(target),
    array: model.broadcastTo(given.array, target),
  };
}

/** The block's bytes, as native code would see them. */
export function blockOf(provider: Provider): Uint8Array {
  return new Uint8Array(provider.buffer).slice();
}
