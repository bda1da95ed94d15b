/** What the copy benchmark measures and how it counts; not how fast anything is. */

import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { allCases, permutations, SIZES, sizeName } from '../bench/copy/cases.mjs';
import { conclude } from '../bench/copy/measure_copy.mjs';
import { targetRows } from '../bench/copy/targets.mjs';
import {
  broadcast,
  copyCase,
  every,
  flip,
  packed,
  part,
  rows,
  transpose,
  type View,
} from '../bench/copy/views.mjs';
import { mean, median, quantile, summary } from '../bench/statistics.mjs';

/** Byte offsets of all elements in C order. */
function places({ offset, shape, strides }: View): number[] {
  return shape.reduce(
    (all, extent, axis) =>
      all.flatMap((at) =>
        Array.from({ length: extent }, (_, k) => at + k * (strides[axis] as number)),
      ),
    [offset],
  );
}

describe('statistics', () => {
  test('quantiles are interpolated, as NumPy has them', () => {
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
    expect(median([3, 1, 2])).toBe(2);
    expect(summary([5, 1, 2, 4, 3])).toEqual({ median: 3, q1: 2, q3: 4 });
    expect(mean([1, 2, 6])).toBe(3);
    expect(quantile([7], 0.9)).toBe(7);
  });
});

describe('views', () => {
  const array = packed([2, 3], 4);

  test('say what NumPy says', () => {
    expect(array).toEqual({
      itemsize: 4,
      blocks: [24],
      view: { block: 0, offset: 0, shape: [2, 3], strides: [12, 4] },
    });
    expect(places(transpose(array).view)).toEqual([0, 12, 4, 16, 8, 20]);
    expect(places(flip(array, 0, 1).view)).toEqual([20, 16, 12, 8, 4, 0]);
    expect(places(every(array, 1, 2).view)).toEqual([0, 8, 12, 20]);
    expect(places(every(array, 1, -2).view)).toEqual([8, 0, 20, 12]);
    expect(places(part(array, 1, 1, 3).view)).toEqual([4, 8, 16, 20]);
    expect(places(packed([2, 2], 1, [2, 5]).view)).toEqual([0, 1, 5, 6]);
    expect(places(broadcast(packed([1, 2], 1), [2, 2]).view)).toEqual([0, 1, 0, 1]);
  });

  test('rows by pointers come with the places they are copied to', () => {
    const { dst, src, bytes } = copyCase(
      'image',
      'rows',
      packed([3, 2, 4], 1),
      rows([2, 4, 3], 1, [2, 0, 1]),
    );
    expect(bytes).toBe(24);
    expect(src.blocks).toEqual([12, 12]);
    expect(src.whole).toBeNull();
    expect(src.axes).toEqual([2, 0, 1]);
    // Row 1 of the source, [column][channel], goes to [channel][1][column].
    const [to, from] = [dst.views[1] as View, src.views[1] as View];
    expect(from).toMatchObject({ block: 1, offset: 0, shape: [4, 3] });
    expect(places(to)).toEqual([4, 12, 20, 5, 13, 21, 6, 14, 22, 7, 15, 23]);
  });

  test('both sides have one shape', () => {
    expect(() => copyCase('size', 'x', packed([2], 1), packed([3], 1))).toThrow(
      'x: expected one shape, found 2 and 3',
    );
  });
});

describe('cases', () => {
  const full = allCases(false);
  const short = allCases(true);

  test('cover what the issue names', () => {
    expect(permutations(3)).toHaveLength(6);
    const orders = full.filter(({ group }) => group === 'permutation');
    expect(new Set(orders.map(({ label }) => label)).size).toBe(24);
    const sizes = new Set(full.map(({ itemsize }) => itemsize));
    for (let size = 1; size <= 16; size++) expect(sizes).toContain(size);
    const ndims = new Set(full.map(({ shape }) => shape.length));
    for (let ndim = 1; ndim <= 6; ndim++) expect(ndims).toContain(ndim);
    expect([SIZES[0], SIZES.at(-1)].map((size) => sizeName(size as number))).toEqual([
      '4 KiB',
      '512 MiB',
    ]);
    expect(full.some(({ swap }) => swap > 0)).toBe(true);
    expect(full.some(({ src, dst }) => (src.axes ?? dst.axes) !== null)).toBe(true);
    expect(new Set(full.map(({ name }) => name)).size).toBeGreaterThan(180);
  });

  test('a short run has every image, every order of axes and every layout', () => {
    for (const group of ['image', 'permutation', 'size', 'swap', 'broadcast'])
      expect(new Set(short.filter((each) => each.group === group).map(labelOf))).toEqual(
        new Set(full.filter((each) => each.group === group).map(labelOf)),
      );
  });

  test('every element lies in its block', () => {
    for (const { dst, src, itemsize } of short)
      for (const { blocks, views } of [dst, src])
        for (const view of views) {
          const spans = view.shape.map((n, k) => (n - 1) * (view.strides[k] as number));
          const reach = (sign: number) =>
            spans.reduce((at, span) => at + (span * sign > 0 ? span : 0), view.offset);
          expect(reach(-1)).toBeGreaterThanOrEqual(0);
          expect(reach(1) + itemsize).toBeLessThanOrEqual(blocks[view.block] as number);
        }
  });
});

function labelOf({ label }: { label: string }): string {
  return label;
}

describe('results', () => {
  const copy = copyCase('size', 'contiguous f64', packed([256], 8), packed([256], 8));
  const figures = {
    nbuf: [100, 200, 100],
    memcpy: [50, 100, 60],
    numpy: [200, 400, 400],
  };
  const result = conclude(copy, figures, { scijs: 'too slow for this size' });

  test('ratios are of the rounds', () => {
    expect(result.peers.nbuf).toEqual({ median: 100, q1: 100, q3: 150, GBps: 20.48 });
    expect(result.peers.scijs).toEqual({ left: 'too slow for this size' });
    expect(result.ratios.numpy).toEqual({ ratio: 2, q1: 2, q3: 3 });
    expect(result.ratios.memcpy).toEqual({ ratio: 0.5, q1: 0.5, q3: 0.55 });
  });

  test('P5 shows the worst', () => {
    const better = conclude(
      { ...copy, label: 'RGB to BGR' },
      { ...figures, nbuf: [10, 10, 10] },
      {},
    );
    const found = targetRows([result, better]);
    expect(found.map(({ name, ratio, target }) => [name, ratio, target])).toEqual([
      ['rows, below 1 MiB, worst of 1: contiguous f64', 0.5, 0.9],
      ['channels, 900 KiB, worst of 1: contiguous f64', 40, 4],
      ['everything, worst of 2: contiguous f64', 2, 0.95],
    ]);
  });
});

const PYTHON = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasNumPy = spawnSync(PYTHON, ['-c', 'import numpy']).status === 0;

test.runIf(hasNumPy)('NumPy is told the same bytes as JavaScript', async () => {
  const { fillBlock } = (await import(
    new URL('../bench/copy/content.mjs', import.meta.url).href
  )) as { fillBlock: (bytes: Uint8Array, number: number) => void };
  const bytes = new Uint8Array(1_100_000);
  fillBlock(bytes, 3);
  const folder = new URL('../bench/copy/', import.meta.url).pathname;
  const script =
    'import sys; sys.path.insert(0, sys.argv.pop()); sys.argv.append("numpy"); ' +
    'sys.stdin = open("/dev/null"); import worker, numpy, zlib; ' +
    'block = numpy.empty(1100000, "u1"); worker.fill(block, 3); ' +
    'print(block[:4].tolist(), block[-4:].tolist(), int(block.sum()))';
  const said = execFileSync(PYTHON, ['-B', '-c', script, folder], {
    encoding: 'utf8',
  }).trim();
  const list = (part: Uint8Array) => `[${[...part].join(', ')}]`;
  const sum = bytes.reduce((all, byte) => all + byte, 0);
  expect(said).toBe(`${list(bytes.subarray(0, 4))} ${list(bytes.subarray(-4))} ${sum}`);
});
