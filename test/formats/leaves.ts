/** What the oracles of formats tell, and the same from nbuf's trees and elements. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ElementValue } from 'nbuf';
import type { FormatItem, FormatTree } from '../../lib/format_tree.ts';

export type Spelled =
  | number
  | boolean
  | null
  | { readonly f: string }
  | { readonly n: string }
  | { readonly b: string }
  | { readonly t: readonly number[] }
  | { readonly c: readonly [Spelled, Spelled] };

export type Path = readonly (string | number)[];
export type Leaf = readonly [path: Path, offset: number, size: number, value?: Spelled];

/** As the generators print it; common.py says what it means. */
export type Case = {
  readonly by: string;
  readonly format: string;
  readonly itemsize: number;
  readonly hex?: string;
  readonly marks?: readonly string[];
  readonly style?: string;
  readonly open?: boolean;
  readonly leaves: readonly Leaf[];
};

const PYTHON: string = process.env.NBUF_PYTHON ?? '/usr/bin/python3';

export function hasPython(modules: string): boolean {
  return spawnSync(PYTHON, ['-c', `import ${modules}`]).status === 0;
}

export function generate(script: string, args: readonly string[], input = ''): string {
  const file = fileURLToPath(new URL(script, import.meta.url));
  return execFileSync(PYTHON, [file, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
}

export function committed(name: string): string {
  return readFileSync(new URL(`corpus/${name}.json`, import.meta.url), 'utf8');
}

export function meaningOf(spelled: Spelled): unknown {
  if (typeof spelled !== 'object' || spelled === null) return spelled;
  if ('f' in spelled) return Buffer.from(spelled.f, 'hex').readDoubleBE();
  if ('n' in spelled) return BigInt(spelled.n);
  if ('b' in spelled) return Uint8Array.from(Buffer.from(spelled.b, 'hex'));
  if ('t' in spelled) return String.fromCodePoint(...spelled.t);
  const [re, im] = spelled.c.map(meaningOf);
  return { re, im };
}

/** The part of an element's value that a path names. */
export function valueAt(value: ElementValue, path: Path): unknown {
  let found: unknown = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key))
      throw new Error(`expected ${JSON.stringify(path)}, found no ${String(key)}`);
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}

function* indices(shape: readonly number[]): Generator<number[]> {
  const [extent, ...inner] = shape;
  if (extent === undefined) yield [];
  else
    for (let k = 0; k < extent; k++)
      for (const rest of indices(inner)) yield [k, ...rest];
}

/** Names as in NumPy: items without one get the first f0, f1, ... that nobody has. */
function keysOf(items: readonly FormatItem[]): (string | null)[] {
  const names = items.map((item) => item.name);
  if (names.every((name) => name === null)) return names;
  let next = 0;
  const free = (): string => {
    while (names.includes(`f${next}`)) next++;
    return `f${next++}`;
  };
  return names.map((name) => name ?? free());
}

function* leavesIn(
  items: readonly FormatItem[],
  offset: number,
  path: Path,
): Generator<Leaf> {
  const keys = keysOf(items);
  let position = 0;
  for (const [k, item] of items.entries()) {
    const key = keys[k] ?? null;
    let entry = 0;
    for (const index of indices(item.shape)) {
      const own = item.spread ? [position + entry] : [key ?? position, ...index];
      yield* leavesOfOne(item, offset + item.offset + entry * item.itemsize, [
        ...path,
        ...own,
      ]);
      entry++;
    }
    position += item.spread ? entry : 1;
  }
}

function* leavesOfOne(item: FormatItem, offset: number, path: Path): Generator<Leaf> {
  if (item.type === 'T') yield* leavesIn(item.items ?? [], offset, path);
  else yield [path, offset, item.itemsize];
}

/** Every leaf of a tree in order; a lone item without a name is the element itself. */
export function leavesOf(tree: FormatTree): Leaf[] {
  const [lone] = tree.items;
  const isLone = tree.items.length === 1 && lone?.name === null && !lone.spread;
  if (!isLone) return [...leavesIn(tree.items, 0, [])];
  let entry = 0;
  return [...indices(lone.shape)].flatMap((index) => [
    ...leavesOfOne(lone, lone.offset + entry++ * lone.itemsize, index),
  ]);
}

/** Only where the leaves are, as JSON. */
export function places(leaves: readonly Leaf[]): string {
  return JSON.stringify(leaves.map(([path, offset, size]) => [path, offset, size]));
}
