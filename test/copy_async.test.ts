/** copyAsync: what is copied, what is refused, and who holds what meanwhile. */

import { readFile } from 'node:fs/promises';
import { acquire, copyAsync, HostArray, IndirectArray } from 'nbuf';
import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  counted,
  failureOf,
  MIB,
  refuses,
  unlocked,
} from './copy_async_tools.ts';
import * as model from './model.ts';
import { createRandom, firstSeed } from './random.ts';
import { blockOf, derive, randomCase } from './view_case.ts';

describe('what is copied', () => {
  test('against the model: two views of one random block', async () => {
    const first = firstSeed();
    for (let seed = first; seed < first + 150; seed++) {
      const random = createRandom(seed);
      const whole = randomCase(random);
      using _ = whole.provider;
      const target = derive(whole, random);
      const source = derive(whole, random);
      if (`${target.array.shape}` !== `${source.array.shape}`) continue;
      await copyAsync(target.view, source.view, { threads: random.int(1, 4) });
      model.copy(target.array, source.array);
      expect(blockOf(whole.provider), `NBUF_SEED=${seed}`).toEqual(target.array.memory);
    }
  });

  test.each([1, 2, 5, 64])('a large transposition, %i threads', async (threads) => {
    const [n, m] = [3001, 4003];
    const source = counted([n, m]);
    const target = HostArray.allocate([m, n]);
    using from = acquire(source);
    await copyAsync(target, from.transpose(), { threads });
    const [bytes, found] = [bytesOf(source), bytesOf(target)];
    const expected = new Uint8Array(found.length);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++) expected[j * n + i] = bytes[i * m + j] as number;
    expect(Buffer.compare(found, expected)).toBe(0);
  });

  test('overlap in one large array: shifted, reversed, turned around', async () => {
    const array = counted([3000, 3000]);
    using p = acquire(array, { writable: true });
    let bytes = p.toBytes();
    const flat = p.reshape([-1]);
    await copyAsync(flat.slice([5_000_001]), flat.slice([0, -5_000_001]), { threads: 3 });
    bytes.copyWithin(5_000_001, 0);
    expect(Buffer.compare(p.toBytes(), bytes)).toBe(0);
    await copyAsync(flat, flat.slice([null, null, -1]), { threads: 3 });
    bytes = bytes.reverse();
    expect(Buffer.compare(p.toBytes(), bytes)).toBe(0);
    await copyAsync(p, p.transpose(), { threads: 3 });
    const turned = bytes.map(
      (_, k) => bytes[(k % 3000) * 3000 + Math.floor(k / 3000)] as number,
    );
    expect(Buffer.compare(p.toBytes(), turned)).toBe(0);
  });

  test('broadcasts, and takes any kind of pinned source', async () => {
    const target = HostArray.allocate([2, 3]);
    const row = HostArray.from([1, 2, 3], 'B');
    await copyAsync(target, row);
    expect([...bytesOf(target)]).toEqual([1, 2, 3, 1, 2, 3]);
    const shared = new Uint8Array(new SharedArrayBuffer(6));
    await copyAsync(shared, acquire(target).reshape([6]).slice([null, null, -1]));
    expect([...shared]).toEqual([3, 2, 1, 3, 2, 1]);
    await copyAsync(target, shared.fill(9).subarray(0, 1));
    expect([...bytesOf(target)]).toEqual([9, 9, 9, 9, 9, 9]);
    await copyAsync(HostArray.allocate([0, 4]), HostArray.allocate([0, 1]));
    await copyAsync(target, target);
    expect([...bytesOf(target)]).toEqual([9, 9, 9, 9, 9, 9]);
  });

  test('pointers on either side, across their level', async () => {
    const source = IndirectArray.allocate([300, 5000], 'B', { blockBytes: 64 * 1024 });
    const target = IndirectArray.allocate([5000, 300], 'B', { blockBytes: 100_000 });
    using p = acquire(source, { writable: true });
    const bytes = bytesOf(counted([300, 5000]));
    p.writeBytes(bytes);
    await copyAsync(target, p.transpose(), { threads: 3 });
    const expected = bytes.map(
      (_, k) => bytes[(k % 300) * 5000 + Math.floor(k / 300)] as number,
    );
    expect(Buffer.compare(bytesOf(target), expected)).toBe(0);
    expect(target.locks).toEqual(unlocked);
    using q = acquire(target, { writable: true });
    await copyAsync(q.slice([1]), q.slice([0, -1]), { threads: 2 });
    expected.copyWithin(300, 0);
    expect(Buffer.compare(bytesOf(target), expected)).toBe(0);
    const borrowed = IndirectArray.fromRows([new Uint8Array(4), new Uint8Array(4)]);
    await refuses(
      'ERR_NBUF_UNSUPPORTED',
      copyAsync(HostArray.allocate([2, 4]), borrowed),
    );
  });

  test('many at once, beside a file that is read', async () => {
    const sources = Array.from({ length: 12 }, (_, k) => {
      const array = HostArray.allocate([MIB + k]);
      using p = acquire(array, { writable: true });
      p.fill(k + 1);
      return array;
    });
    const targets = sources.map((_, k) => HostArray.allocate([MIB + k]));
    const copies = sources.map((source, k) => copyAsync(targets[k], source));
    expect((await readFile(new URL(import.meta.url))).length).toBeGreaterThan(1000);
    await Promise.all(copies);
    targets.forEach((target, k) => {
      const bytes = bytesOf(target);
      expect(bytes.every((byte) => byte === k + 1)).toBe(true);
      expect([target.locks, sources[k]?.locks]).toEqual([unlocked, unlocked]);
    });
  });
});

describe('what is refused', () => {
  const good = (): HostArray => HostArray.allocate([4]);

  test.each<[string, string, () => [unknown, unknown]]>([
    [
      'a readonly target',
      'ERR_NBUF_READONLY',
      () => [acquire(good()).toReadonly(), good()],
    ],
    ['other formats', 'ERR_NBUF_FORMAT', () => [good(), HostArray.allocate([4], 'f')]],
    ['other shapes', 'ERR_OUT_OF_RANGE', () => [good(), HostArray.allocate([3])]],
    ['a plain target', 'ERR_NBUF_UNSUPPORTED', () => [new Uint8Array(4), good()]],
    ['a plain source', 'ERR_NBUF_UNSUPPORTED', () => [good(), Buffer.alloc(4)]],
    ['a view of one', 'ERR_NBUF_UNSUPPORTED', () => [good(), acquire(new Uint8Array(4))]],
    ['no exporter', 'ERR_NBUF_NOT_EXPORTER', () => [good(), { length: 4 }]],
    ['nested arrays', 'ERR_NBUF_NOT_EXPORTER', () => [good(), [1, 2, 3, 4]]],
  ])('%s', async (_name, code, make) => {
    const [target, source] = make();
    await refuses(code, copyAsync(target, source));
    for (const side of [target, source])
      if (side instanceof HostArray) expect(side.locks).toEqual(unlocked);
  });

  test('plain memory, with the remedy', async () => {
    const error = await refuses(
      'ERR_NBUF_UNSUPPORTED',
      copyAsync(good(), new Uint8Array(4)),
    );
    expect(error.message).toContain('into host memory or a SharedArrayBuffer first');
  });

  test('what was released', async () => {
    const provider = acquire(good(), { writable: true });
    const view = provider.slice(':');
    provider.release();
    await refuses('ERR_NBUF_RELEASED', copyAsync(view, good()));
    await refuses('ERR_NBUF_RELEASED', copyAsync(good(), provider));
    const array = good();
    array.dispose();
    await refuses('ERR_NBUF_RELEASED', copyAsync(array, good()));
  });

  test.each<[string, unknown]>([
    ['ERR_INVALID_ARG_TYPE', null],
    ['ERR_INVALID_ARG_TYPE', 7],
    ['ERR_INVALID_ARG_TYPE', { threads: '2' }],
    ['ERR_INVALID_ARG_TYPE', { threads: 2n }],
    ['ERR_OUT_OF_RANGE', { threads: 0 }],
    ['ERR_OUT_OF_RANGE', { threads: 65 }],
    ['ERR_OUT_OF_RANGE', { threads: 1.5 }],
    ['ERR_OUT_OF_RANGE', { threads: Number.NaN }],
    ['ERR_INVALID_ARG_TYPE', { onProgress: {} }],
    ['ERR_INVALID_ARG_TYPE', { signal: 'stop' }],
    ['ERR_INVALID_ARG_TYPE', { signal: {} }],
    ['ERR_INVALID_ARG_TYPE', { signal: { aborted: false } }],
  ])('%s for options %o', async (code, options) => {
    const [target, source] = [good(), good()];
    const promise = copyAsync(target, source, options as never);
    expect([target.locks, source.locks]).toEqual([unlocked, unlocked]);
    await refuses(code, promise);
  });

  test('options are read before anything is acquired', async () => {
    const order: string[] = [];
    const exporter = {
      [Symbol.for('nbuf.exporter')]: () => {
        order.push('exporter');
        throw new Error('not mine');
      },
    };
    const options = {
      get threads(): number {
        order.push('threads');
        return 1;
      },
      get signal(): undefined {
        order.push('signal');
        return undefined;
      },
      get onProgress(): undefined {
        order.push('onProgress');
        return undefined;
      },
    };
    await refuses('ERR_NBUF_NOT_EXPORTER', copyAsync(exporter, exporter, options));
    expect(order).toEqual(['threads', 'signal', 'onProgress', 'exporter']);
    order.length = 0;
    await refuses('ERR_OUT_OF_RANGE', copyAsync(exporter, exporter, { threads: 0 }));
    const gone = AbortSignal.abort('gone');
    const reason = await failureOf(copyAsync(exporter, exporter, { signal: gone }));
    expect([reason, order]).toEqual(['gone', []]);
  });

  test('user code of the source cannot end what holds the target', async () => {
    const target = counted([100]);
    const provider = acquire(target, { writable: true });
    const source = HostArray.from(new Uint8Array(100).fill(3));
    const exporter = {
      [Symbol.for('nbuf.exporter')]: () => {
        provider.release();
        target.dispose();
        return Reflect.apply(
          Reflect.get(source, Symbol.for('nbuf.exporter')) as () => unknown,
          source,
          [],
        );
      },
    };
    const keeper = acquire(provider);
    await copyAsync(provider, exporter);
    expect(keeper.toBytes().every((byte) => byte === 3)).toBe(true);
  });
});

describe('meanwhile', () => {
  test('memory is locked, layouts are not, and the caller may let go', async () => {
    const target = HostArray.allocate([40 * MIB]);
    const source = counted([40 * MIB]);
    const p = acquire(target, { writable: true });
    const q = acquire(source);
    const copying = copyAsync(p.slice(':'), q, { threads: 2 });
    p.release();
    q.release();
    expect([target.locks, source.locks]).toEqual([
      { memory: 1, layout: 0 },
      { memory: 1, layout: 0 },
    ]);
    expect(() => source.resize([1])).toThrow(/'copyAsync/);
    target.setLayout({ shape: [40, MIB] });
    source.dispose();
    globalThis.gc?.();
    await copying;
    expect([target.locks, source.locks]).toEqual([unlocked, unlocked]);
    const bytes = bytesOf(target);
    expect(bytes[12_345_678]).toBe((12_345_678 * 31 + (12_345_678 >> 8)) & 255);
    target.resize([1, 1]);
  });

  test('progress goes up and ends with all bytes, then the promise settles', async () => {
    const seen: number[] = [];
    const total = 96 * MIB;
    const array = HostArray.allocate([total]);
    await copyAsync(array, HostArray.allocate([1]), {
      threads: 1,
      onProgress: (copied, all) => {
        expect(all).toBe(total);
        seen.push(copied);
      },
    });
    expect(seen.at(-1)).toBe(total);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.length).toBeLessThan(60);
    // One that goes through a temporary, where each byte is moved twice.
    const again: number[] = [];
    using p = acquire(array, { writable: true });
    const square = p.slice([0, 9000 * 9000]).reshape([9000, 9000]);
    await copyAsync(square.slice([1], ':'), square.transpose().slice([0, -1], ':'), {
      onProgress: (copied) => again.push(copied),
    });
    expect(again.at(-1)).toBe(8999 * 9000);
    expect(again).toEqual([...again].sort((a, b) => a - b));
  });

  test('an exception in onProgress ends it', async () => {
    const target = HostArray.allocate([64 * MIB]);
    const source = HostArray.allocate([1]);
    const failure = new Error('enough');
    let calls = 0;
    const onProgress = (): void => {
      calls++;
      throw failure;
    };
    const error = await failureOf(copyAsync(target, source, { threads: 1, onProgress }));
    expect([error, calls]).toEqual([failure, 1]);
    expect([target.locks, source.locks]).toEqual([unlocked, unlocked]);
    // Also in the last call of all, when every byte is there.
    const small = copyAsync(HostArray.allocate([4]), source, { onProgress });
    expect(await failureOf(small)).toBe(failure);
  });
});
