/** copyFrom: every kind of source, broadcasting, and overlap, which is as through a temporary. */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';
import * as model from './model.ts';
import { firstSeed, forCases } from './random.ts';
import { blockOf, derive, randomCase } from './view_case.ts';

type Side = { readonly strides: number[]; readonly offset: number };
type Overlap = {
  readonly size: number;
  readonly itemsize: number;
  readonly shape: number[];
  readonly to: Side;
  readonly from: Side;
  readonly result: string;
};

const GENERATOR = fileURLToPath(new URL('corpus/overlap.py', import.meta.url));
const CORPUS = new URL('corpus/overlap.json', import.meta.url);
const PYTHON = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasOracle = spawnSync(PYTHON, ['-c', 'import numpy']).status === 0;

function code(suffix: string): unknown {
  return expect.objectContaining({ code: `ERR_NBUF_${suffix}` });
}

function writable(shape: number[], format = 'B'): Provider {
  return acquire(HostArray.allocate(shape, format), { writable: true });
}

/** Both sides are providers of one array: setLayout lays it out anew between the acquires. */
function replay(cases: readonly Overlap[]): void {
  for (const { size, itemsize, shape, to, from, result } of cases) {
    const bytes = Uint8Array.from({ length: size }, (_, k) => k % 256);
    const format = `${itemsize}s`;
    const array = HostArray.fromBytes(bytes, { shape, ...to, format });
    using target = acquire(array, { writable: true, layout: 'snapshot' });
    array.setLayout({ shape, ...from });
    using source = acquire(array);
    target.copyFrom(source);
    expect(Buffer.from(blockOf(target)).toString('hex')).toBe(result);
  }
}

describe('overlapping copies', () => {
  test('the committed corpus of NumPy', () => {
    const cases: Overlap[] = JSON.parse(readFileSync(CORPUS, 'utf8'));
    expect(cases.length).toBeGreaterThan(100);
    replay(cases);
  });

  const seed = firstSeed();
  test.runIf(hasOracle)(`NumPy's answers to NBUF_SEED=${seed}`, () => {
    const generate = (args: string[]): string =>
      execFileSync(PYTHON, [GENERATOR, ...args], { encoding: 'utf8' });
    replay(JSON.parse(generate(['--seed', `${seed}`, '--count', '600'])));
    expect(generate([]) === readFileSync(CORPUS, 'utf8')).toBe(true);
  });

  test('one axis, both directions', () => {
    for (const [to, from] of [
      [
        [1, 9],
        [0, 8],
      ],
      [
        [0, 8],
        [1, 9],
      ],
    ] as const) {
      using p = acquire(HostArray.from([0, 1, 2, 3, 4, 5, 6, 7, 8], 'B'), {
        writable: true,
      });
      const expected = p.toArray() as number[];
      expected.copyWithin(to[0], from[0], from[1]);
      p.slice([...to]).copyFrom(p.slice([...from]));
      expect(p.toArray()).toEqual(expected);
    }
  });

  test('a view onto its own transpose, reverse and first row', () => {
    using p = writable([3, 3]);
    const fresh = [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ];
    p.copyFrom(fresh);
    p.copyFrom(p.transpose());
    expect(p.toArray()).toEqual(fresh[0]?.map((_, k) => fresh.map((row) => row[k])));
    p.copyFrom(fresh);
    p.copyFrom(p.slice([null, null, -1], [null, null, -1]));
    expect([...p]).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
    p.copyFrom(p.slice(0));
    expect([...p]).toEqual([8, 7, 6, 8, 7, 6, 8, 7, 6]);
  });

  test('against the model: two views of one random block', () => {
    forCases(800, (random) => {
      const whole = randomCase(random);
      using _ = whole.provider;
      const target = derive(whole, random);
      const source = derive(whole, random);
      if (`${target.array.shape}` !== `${source.array.shape}`) return;
      target.view.copyFrom(source.view);
      model.copy(target.array, source.array);
      expect(blockOf(whole.provider)).toEqual(target.array.memory);
    });
  });

  test('through an ArrayBuffer of the same block', () => {
    using p = acquire(HostArray.from([1, 2, 3, 4], 'B'), { writable: true });
    p.slice([1, 4]).copyFrom(p.bytes().subarray(0, 3));
    expect([...p]).toEqual([1, 1, 2, 3]);
  });
});

describe('sources', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const shared = new SharedArrayBuffer(4);
  new Uint8Array(shared).set(bytes);
  const sources: readonly (readonly [string, () => unknown])[] = [
    ['nested arrays', () => [1, 2, 3, 4]],
    ['a typed array', () => bytes],
    ['a Uint8ClampedArray', () => new Uint8ClampedArray(bytes)],
    ['a Buffer', () => Buffer.from(bytes)],
    ['a DataView', () => new DataView(bytes.buffer)],
    ['an ArrayBuffer', () => bytes.buffer],
    ['a SharedArrayBuffer', () => shared],
    ['a HostArray', () => HostArray.from(bytes)],
    ['a provider', () => acquire(HostArray.from(bytes))],
    ['a view', () => acquire(HostArray.from([4, 3, 2, 1], 'B')).slice([null, null, -1])],
    ['a borrowed view', () => acquire(bytes).reshape([2, 2]).reshape([4])],
  ];
  test.each(sources)('%s', (_name, make) => {
    using p = writable([4]);
    p.copyFrom(make());
    expect([...p]).toEqual([1, 2, 3, 4]);
    using q = writable([2, 4]);
    q.copyFrom(make());
    expect(q.toArray()).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  test('a source is released afterwards, whether or not the copy succeeds', () => {
    const array = HostArray.from(bytes);
    using p = writable([4]);
    p.copyFrom(array);
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
    using other = writable([5]);
    expect(() => other.copyFrom(array)).toThrow(RangeError);
    using wide = writable([4], 'H');
    expect(() => wide.copyFrom(array)).toThrow(code('FORMAT'));
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
  });

  test('formats must be equivalent: no value is converted', () => {
    using p = writable([2], 'q');
    p.copyFrom(BigInt64Array.of(1n, -2n));
    using same = writable([2], 'l');
    same.copyFrom(p);
    expect(same.toArray()).toEqual([1n, -2n]);
    for (const format of ['Q', '>q', 'd', '8s'])
      expect(() => p.copyFrom(HostArray.allocate([2], format)), format).toThrow(
        code('FORMAT'),
      );
  });

  test('items of different sizes: the elements alone are copied', () => {
    const padded = HostArray.fromBytes(new Uint8Array(12).fill(0xaa), {
      shape: [3],
      itemsize: 4,
      format: '<h',
    });
    using p = acquire(padded, { writable: true });
    p.copyFrom([1, -2, 3]);
    expect([...p]).toEqual([1, -2, 3]);
    expect(Buffer.from(p.toBytes()).toString('hex')).toBe('0100aaaafeffaaaa0300aaaa');
    using packed = writable([3], '<h');
    packed.copyFrom(p);
    expect([...packed]).toEqual([1, -2, 3]);
  });

  test('readonly targets refuse', () => {
    const array = HostArray.fromBytes(bytes, { readonly: true });
    using p = acquire(array);
    using q = writable([1, 4]);
    for (const view of [
      p,
      q.toReadonly(),
      q.broadcastTo([2, 4]),
      q.toReadonly().slice(0),
    ]) {
      expect(view.readonly).toBe(true);
      for (const write of [
        () => view.copyFrom([9, 9, 9, 9]),
        () => view.fill(9),
        () => view.writeBytes(new Uint8Array(view.byteLength)),
        () => view.set(...((view.shape ?? []).map(() => 0) as [0]), 9),
        () => view.buffer,
        () => view.bytes(),
        () => view.typedArray(),
        () => view.asNdarray(),
        () => view.runs(),
      ])
        expect(write, `${write}`).toThrow(code('READONLY'));
    }
    expect(q.toArray()).toEqual([[0, 0, 0, 0]]);
    expect(new Uint8Array(p.unsafeExpose())).toEqual(bytes);
  });
});

describe('writeBytes', () => {
  test('takes exactly byteLength bytes of anything that is bytes', () => {
    using p = writable([2, 2], '<H');
    const bytes = Uint8Array.from({ length: 8 }, (_, k) => k);
    for (const source of [
      bytes,
      bytes.buffer,
      new DataView(bytes.buffer),
      Buffer.from(bytes),
    ]) {
      p.fill(0);
      p.writeBytes(source as Uint8Array);
      expect(p.toBytes()).toEqual(bytes);
      p.writeBytes(source as Uint8Array, 'F');
      expect(p.toBytes('F')).toEqual(bytes);
      expect(p.transpose().toBytes()).toEqual(bytes);
    }
    for (const length of [7, 9, 0])
      expect(() => p.writeBytes(new Uint8Array(length))).toThrow(RangeError);
    p.slice([0, 0]).writeBytes(new Uint8Array(0));
  });

  test('from its own memory, as through a temporary', () => {
    using p = acquire(HostArray.from([1, 2, 3, 4], 'B'), { writable: true });
    p.slice([null, null, -1]).writeBytes(p.bytes());
    expect([...p]).toEqual([4, 3, 2, 1]);
  });
});

describe('axes of stride 0', () => {
  function repeated(bytes: number[], shape: number[], strides: number[]): Provider {
    const array = HostArray.from(bytes, 'B');
    array.setLayout({ shape, strides });
    return acquire(array, { writable: true });
  }

  test('take no time, however many elements they have', () => {
    using p = repeated([1, 2], [2 ** 25, 2, 2 ** 25], [0, 1, 0]);
    p.fill(7);
    expect([p.get(0, 0, 5), p.get(2 ** 25 - 1, 1, 0)]).toEqual([7, 7]);
    using q = repeated([3, 4], [2 ** 25, 2, 2 ** 25], [0, 1, 0]);
    p.copyFrom(q);
    expect([p.get(0, 0, 5), p.get(2 ** 25 - 1, 1, 0)]).toEqual([3, 4]);
    p.copyFrom(p);
    expect(p.slice(0, ':', 0).toArray()).toEqual([3, 4]);
  });

  test('keep what was written last', () => {
    using p = repeated([0, 0], [3, 2], [0, 1]);
    p.copyFrom([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(p.toArray()).toEqual([
      [5, 6],
      [5, 6],
      [5, 6],
    ]);
  });
});
