/** Is every element and every pointer inside its block? Pure; in numbers without a limit. */
import type { Block, Peek, Snapshot } from './raw.ts';
import { Struct } from './raw.ts';
import { hex } from './rules_fields.ts';

/** How a layout moves: an axis in its level, and what is added behind each pointer. */
export type Walk = {
  readonly shape: readonly bigint[];
  readonly strides: readonly bigint[];
  readonly axis: readonly number[];
  /** One for each level but the last. */
  readonly post: readonly bigint[];
};

/** C-contiguous strides in bytes. */
export function packedStrides(shape: readonly bigint[], itemsize: bigint): bigint[] {
  const strides: bigint[] = [];
  let step = itemsize;
  for (let k = shape.length - 1; k >= 0; k--) {
    strides.unshift(step);
    const extent = shape[k] ?? 0n;
    if (extent > 0n) step *= extent;
  }
  return strides;
}

/** PEP 3118's suboffsets as levels: a pointer is followed after its axis has moved. */
function fromSuboffsets(suboffsets: readonly bigint[]): Pick<Walk, 'axis' | 'post'> {
  const axis: number[] = [];
  const post: bigint[] = [];
  for (const offset of suboffsets) {
    axis.push(post.length);
    if (offset >= 0n) post.push(offset);
  }
  return { axis, post };
}

export function walkOf(s: Snapshot): Walk {
  const shape = s.shape ?? (s.fields.ndim === 0 ? [] : [s.fields.len]);
  const itemsize = s.shape === null && s.fields.ndim > 0 ? 1n : s.fields.itemsize;
  const strides = s.strides ?? packedStrides(shape, itemsize);
  if (s.levels !== null) return { shape, strides, ...s.levels };
  return { shape, strides, ...fromSuboffsets(s.suboffsets ?? shape.map(() => -1n)) };
}

/** The lowest and highest byte offset that the axes of one level reach. */
export function reachOf(walk: Walk, level: number): { low: bigint; high: bigint } {
  let low = 0n;
  let high = 0n;
  walk.shape.forEach((extent, k) => {
    if (walk.axis[k] !== level) return;
    const span = (walk.strides[k] ?? 0n) * (extent - 1n);
    if (span < 0n) low += span;
    else high += span;
  });
  return { low, high };
}

const POINTER = 8n;
/** Pointers that are followed before the check is content. */
const MOST_POINTERS = 1 << 18;

class Inside {
  readonly problems: string[] = [];
  readonly #walk: Walk;
  readonly #snapshot: Snapshot;
  readonly #peek: Peek;
  readonly #kinds: readonly (readonly Block[])[];
  #pointers = 0;

  constructor(snapshot: Snapshot, peek: Peek) {
    this.#snapshot = snapshot;
    this.#walk = walkOf(snapshot);
    this.#peek = peek;
    this.#kinds = [0, 1].map((flag) =>
      snapshot.blocks.filter((b) => (b.flags & 1) === flag),
    );
  }

  level(level: number, at: bigint): void {
    const last = this.#walk.post.length;
    const { low, high } = reachOf(this.#walk, level);
    const width = level === last ? this.#snapshot.fields.itemsize : POINTER;
    const from = at + low;
    const to = at + high + width;
    const blocks = this.#kinds[level === last ? 0 : 1] ?? [];
    if (!blocks.some(({ base, size }) => from >= base && to <= base + size)) {
      const what = level === last ? 'elements' : 'pointers';
      const where = level === last ? 'one block (that is no table)' : 'one TABLE block';
      const known = blocks.slice(0, 3).map((b) => `[${hex(b.base)}, +${b.size})`);
      this.problems.push(
        `expected the ${what} at [${hex(from)}, +${to - from}) inside ${where}, found ${known.join(', ') || 'none'}`,
      );
    } else if (level < last) this.#pointersOf(level, 0, at);
  }

  #pointersOf(level: number, axis: number, at: bigint): void {
    const { shape, strides } = this.#walk;
    if (this.problems.length > 0 || this.#pointers > MOST_POINTERS) return;
    if (axis === shape.length) {
      this.#follow(level, at);
      return;
    }
    const stride = strides[axis] ?? 0n;
    const isStill = this.#walk.axis[axis] !== level || stride === 0n;
    const extent = isStill ? 1n : (shape[axis] ?? 0n);
    for (let k = 0n; k < extent; k++) this.#pointersOf(level, axis + 1, at + k * stride);
  }

  #follow(level: number, at: bigint): void {
    this.#pointers++;
    const target = new Struct(this.#peek(at, 8)).u64(0);
    if (target === 0n)
      this.problems.push(`expected a pointer at ${hex(at)} (level ${level}), found NULL`);
    else this.level(level + 1, target + (this.#walk.post[level] ?? 0n));
  }
}

export function checkInside(snapshot: Snapshot, peek: Peek): string[] {
  if (snapshot.fields.len === 0n) return [];
  const inside = new Inside(snapshot, peek);
  inside.level(0, snapshot.fields.buf);
  return inside.problems;
}
