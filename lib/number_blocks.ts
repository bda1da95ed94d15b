/** Numbers of one type to those of another, block by block through typed arrays. */
import { Buffer } from 'node:buffer';
import { type FormatItem, machineOrder } from './format_tree.ts';
import { newBytes } from './js_memory.ts';
import { isEmpty, type Layout, sizeOf } from './layout.ts';
import { checkStatus, native, passLayout } from './native.ts';
import { pieces } from './npy_pieces.ts';
import type { Root } from './root.ts';
import { packed, withItemsize } from './view_copy.ts';

type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;
type Words = BigInt64Array | BigUint64Array;

const ARRAYS: Readonly<
  Record<string, (bytes: Uint8Array, length: number) => Numbers | Words>
> = {
  u1: ({ buffer }, length) => new Uint8Array(buffer, 0, length),
  i1: ({ buffer }, length) => new Int8Array(buffer, 0, length),
  u2: ({ buffer }, length) => new Uint16Array(buffer, 0, length),
  i2: ({ buffer }, length) => new Int16Array(buffer, 0, length),
  u4: ({ buffer }, length) => new Uint32Array(buffer, 0, length),
  i4: ({ buffer }, length) => new Int32Array(buffer, 0, length),
  u8: ({ buffer }, length) => new BigUint64Array(buffer, 0, length),
  i8: ({ buffer }, length) => new BigInt64Array(buffer, 0, length),
  f4: ({ buffer }, length) => new Float32Array(buffer, 0, length),
  f8: ({ buffer }, length) => new Float64Array(buffer, 0, length),
};

/** A key of ARRAYS; '' for what they do not hold. */
function kindOf({ type, unit }: FormatItem): string {
  if ('bhilqn'.includes(type)) return `i${unit}`;
  if ('BHILQN'.includes(type)) return `u${unit}`;
  return 'fd'.includes(type) ? `f${unit}` : '';
}

function isWord(kind: string): boolean {
  return kind === 'i8' || kind === 'u8';
}

/** Can convertBlocks do it? Words to floats of 4 bytes would be rounded twice. */
export function isForBlocks(from: FormatItem, to: FormatItem): boolean {
  const [source, target] = [kindOf(from), kindOf(to)];
  return source !== '' && target !== '' && !(isWord(source) && target === 'f4');
}

const LOW: 0 | 1 = machineOrder === 'little' ? 0 : 1;

function halvesOf({ buffer, length }: Words): Uint32Array {
  return new Uint32Array(buffer, 0, 2 * length);
}

function fromWords(words: Words, out: Numbers): void {
  const halves = halvesOf(words);
  if (!(out instanceof Float64Array)) {
    for (let k = 0; k < out.length; k++) out[k] = halves[2 * k + LOW] as number;
    return;
  }
  // One sum of two exact numbers: rounded once.
  const isSigned = words instanceof BigInt64Array;
  for (let k = 0; k < out.length; k++) {
    const high = halves[2 * k + 1 - LOW] as number;
    out[k] = (isSigned ? high | 0 : high) * 2 ** 32 + (halves[2 * k + LOW] as number);
  }
}

/** Wraps, as C does where it is defined; NaN and infinities become 0. */
function toWords(numbers: Numbers, out: Words): void {
  const halves = halvesOf(out);
  for (let k = 0; k < numbers.length; k++) {
    const whole = Math.trunc(numbers[k] as number);
    halves[2 * k + LOW] = whole;
    halves[2 * k + 1 - LOW] = Math.floor(whole / 2 ** 32);
  }
}

function convert(from: Numbers | Words, to: Numbers | Words): void {
  const [isFromWord, isToWord] = [from, to].map(
    (array) => array instanceof BigInt64Array || array instanceof BigUint64Array,
  );
  if (isFromWord === isToWord) (to as Numbers).set(from as Numbers);
  else if (isFromWord) fromWords(from as Words, to as Numbers);
  else toWords(from as Numbers, to as Words);
}

function turn(bytes: Uint8Array, { byteOrder, unit }: FormatItem): void {
  if (byteOrder === null || byteOrder === machineOrder || unit === 1) return;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (unit === 2) buffer.swap16();
  else if (unit === 4) buffer.swap32();
  else buffer.swap64();
}

/** One side: its memory, where its numbers are there, and what they are. */
export type NumberSide = {
  readonly root: Root;
  readonly layout: Layout;
  readonly item: FormatItem;
};

/** Elements that fit in the processor's nearer caches in both formats. */
const BLOCK_BYTES = 2 ** 16;
/** For the cutting into blocks, all items have as many bytes. */
const ITEM = 8;

/**
 * Converts all numbers of equal shapes. `isWhole`: reads all of them before it writes the first,
 * as it must where both sides may share memory or have pointers.
 */
export function convertBlocks(to: NumberSide, from: NumberSide, isWhole: boolean): void {
  if (isEmpty(to.layout.shape)) return;
  const cut = ({ layout }: NumberSide): Iterable<Layout> =>
    isWhole ? [layout] : pieces(withItemsize(layout, ITEM), BLOCK_BYTES);
  const size = isWhole ? sizeOf(to.layout.shape) : BLOCK_BYTES / ITEM;
  const most = Math.min(size, sizeOf(to.layout.shape));
  const source = newBytes(most * from.item.unit);
  const target = newBytes(most * to.item.unit);
  const outs = cut(to)[Symbol.iterator]();
  for (const piece of cut(from)) {
    const count = sizeOf(piece.shape);
    const bytes = source.subarray(0, count * from.item.unit);
    pass(piece, from.item.unit);
    checkStatus(native.pack(from.root.live(), bytes));
    turn(bytes, from.item);
    const out = target.subarray(0, count * to.item.unit);
    convert(arrayOf(source, from.item, count), arrayOf(target, to.item, count));
    turn(out, to.item);
    pass(outs.next().value as Layout, to.item.unit);
    checkStatus(native.unpack(to.root.live(), out));
  }
}

function arrayOf(bytes: Uint8Array, item: FormatItem, count: number): Numbers | Words {
  return (ARRAYS[kindOf(item)] as (typeof ARRAYS)[string])(bytes, count);
}

function pass(piece: Layout, unit: number): void {
  const layout = withItemsize(piece, unit);
  passLayout(layout, 0);
  passLayout(packed(layout, 'C'), 1);
}
