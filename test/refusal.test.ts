/** Why a request was refused: `unmet`, `grantable` and the message, of every kind of source. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  acquire,
  BufferError,
  Flags,
  HostArray,
  IndirectArray,
  mapFile,
  type RequestOptions,
} from 'nbuf';
import { describe, expect, test } from 'vitest';
import { loadHostile } from './foreign_addon.ts';

const addon = loadHostile();

function refusalOf(source: unknown, request: number | RequestOptions): BufferError {
  try {
    acquire(source, request).release();
  } catch (error) {
    if (error instanceof BufferError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(request)} was granted`);
}

/** What it says, and that it is true. */
function expectRefusal(
  source: unknown,
  request: number | RequestOptions,
  unmet: readonly string[],
  grantable: number,
): void {
  const error = refusalOf(source, request);
  expect([error.unmet, error.grantable]).toEqual([unmet, grantable]);
  expect(error.message).toContain(`; unmet: ${unmet.join(', ')}; would be granted: `);
  acquire(source, grantable).release();
}

type Answer = { readonly flags: number[]; readonly error?: string };
type Layout = {
  readonly name: string;
  readonly format: string;
  readonly itemsize: number;
  readonly readonly: number;
  readonly memory: number;
  readonly shape: number[];
  readonly strides: number[];
  readonly offset: number;
  readonly suboffsets: number[] | null;
  readonly answers: Answer[];
};

const CORPUS = new URL('corpus/negotiation.json', import.meta.url);
const layouts = (JSON.parse(readFileSync(CORPUS, 'utf8')).layouts as Layout[]).filter(
  ({ suboffsets }) => suboffsets === null,
);

function arrayOf(layout: Layout): HostArray {
  return HostArray.fromBytes(new Uint8Array(layout.memory), {
    ...layout,
    readonly: layout.readonly === 1,
  });
}

function bitsIn(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}

/** All words that CPython refuses, against all that it grants. */
function expectNearest({ name, answers }: Layout, source: unknown): number {
  const granted = answers.flatMap((it) => (it.error === undefined ? it.flags : []));
  const refused = answers.flatMap((it) => (it.error === undefined ? [] : it.flags));
  for (const flags of refused) {
    const { unmet = [], grantable = -1 } = refusalOf(source, flags);
    const distance = Math.min(...granted.map((word) => bitsIn(word ^ flags)));
    const where = `${name}, 0x${flags.toString(16)}`;
    expect(unmet.length, where).toBeGreaterThan(0);
    expect(granted.includes(grantable), where).toBe(true);
    expect(bitsIn(grantable ^ flags), where).toBe(distance);
  }
  return refused.length;
}

describe('all words that CPython refuses', () => {
  test('of HostArrays, views, and exporters with an older header', () => {
    let count = 0;
    for (const layout of layouts) {
      const array = arrayOf(layout);
      count += expectNearest(layout, array);
      using p = acquire(array);
      expectNearest(layout, p);
      expectNearest(layout, addon.mute(0, array));
    }
    expect(count).toBeGreaterThan(5000);
  });
});

const readonlyRows = (): HostArray =>
  HostArray.fromBytes(new Uint8Array(24), {
    shape: [2, 3],
    strides: [12, 4],
    readonly: true,
  });

describe('what is unmet, and what would be granted', () => {
  const C: RequestOptions = { writable: true, contiguous: 'C' };

  test('of a HostArray: all flags at once, by options and by flags', () => {
    const array = readonlyRows();
    const word = Flags.FULL | Flags.C_CONTIGUOUS;
    for (const request of [C, word])
      expectRefusal(array, request, ['WRITABLE', 'C_CONTIGUOUS'], Flags.FULL_RO);
    expect(refusalOf(array, C)).toMatchObject({
      code: 'ERR_NBUF_READONLY',
      message:
        'the underlying memory is not writable; unmet: WRITABLE, C_CONTIGUOUS; ' +
        'would be granted: FULL_RO (0x11c)',
    });
    expectRefusal(array, Flags.SIMPLE, ['ND', 'STRIDES'], Flags.STRIDES);
    expectRefusal(array, Flags.FORMAT, ['FORMAT', 'ND', 'STRIDES'], Flags.RECORDS_RO);
    expectRefusal(array, { strides: false }, ['STRIDES'], Flags.RECORDS_RO);
    expectRefusal(array, 0x80000002, ['ND', 'STRIDES', '0x2', '0x80000000'], 0x18);
    expectRefusal(array, Flags.ANY_CONTIGUOUS | 0x10000, ['ANY_CONTIGUOUS'], 0x10018);
  });

  test('of a readonly view, whatever bit is unknown', () => {
    using p = acquire(HostArray.allocate([2, 3]));
    const view = p.transpose().toReadonly();
    expectRefusal(view, C, ['WRITABLE', 'C_CONTIGUOUS'], Flags.FULL_RO);
    expectRefusal(view, 0x80001, ['WRITABLE', 'ND', 'STRIDES', '0x80000'], 0x18);
    expectRefusal(p, Flags.FULL | 0x80000, ['0x80000'], Flags.FULL);
  });

  test('of an IndirectArray', () => {
    const array = IndirectArray.allocate([4, 4]);
    expectRefusal(array, { indirect: false }, ['INDIRECT'], Flags.FULL_RO);
    expectRefusal(array, Flags.SIMPLE, ['ND', 'STRIDES', 'INDIRECT'], Flags.INDIRECT);
    expectRefusal(array, { contiguous: 'any' }, ['ANY_CONTIGUOUS'], Flags.FULL_RO);
    using p = acquire(array);
    const turned = p.transpose(); // suboffsets cannot say this one
    expectRefusal(
      turned,
      Flags.C_CONTIGUOUS,
      ['C_CONTIGUOUS', 'INDIRECT'],
      Flags.INDIRECT,
    );
    expectRefusal(
      turned,
      { writable: true, contiguous: 'F' },
      ['F_CONTIGUOUS'],
      Flags.FULL,
    );
  });

  test('of a mapped file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nbuf-'));
    const path = join(folder, 'file');
    writeFileSync(path, Buffer.alloc(64));
    const file = mapFile(path, { mode: 'r', shape: [8, 8] });
    expectRefusal(file, { writable: true }, ['WRITABLE'], Flags.FULL_RO);
    file.dispose();
    rmSync(folder, { recursive: true });
  });

  test("of JavaScript's own memory", () => {
    for (const source of [new Float32Array(4), Buffer.alloc(4), new ArrayBuffer(4)]) {
      expectRefusal(source, { pin: true }, ['REQUIRE_PINNED'], Flags.FULL_RO);
      const word = 0x40000 | Flags.FORMAT | 0x2;
      expectRefusal(source, word, ['FORMAT', 'ND', 'REQUIRE_PINNED', '0x2'], 0xc);
    }
    expectRefusal(new SharedArrayBuffer(4), 0x2, ['0x2'], Flags.SIMPLE);
  });

  test("of windows of an array's buffer", () => {
    using p = acquire(HostArray.allocate([4, 4]));
    expectRefusal(p.bytes(), Flags.FORMAT | 0x2, ['FORMAT', 'ND', '0x2'], 0xc);
    const readonly = acquire(readonlyRows());
    const window = new Uint8Array(readonly.unsafeExpose(), 4, 8);
    expectRefusal(window, C, ['WRITABLE'], Flags.FULL_RO | Flags.C_CONTIGUOUS);
    expectRefusal(window, 0x5, ['WRITABLE', 'FORMAT', 'ND'], 0xc);
    readonly.release();
  });

  test('of another addon by nbuf_export_pointer', () => {
    const exporter = addon.honest(3);
    expectRefusal(exporter, { contiguous: 'F' }, ['F_CONTIGUOUS'], Flags.FULL_RO);
    expectRefusal(exporter, Flags.SIMPLE, ['ND', 'STRIDES'], Flags.STRIDES);
    expect(addon.locks(exporter)).toEqual({ memory: 0, layout: 0 });
  });

  test('of a copy that could not be made, and of its cause', () => {
    const error = refusalOf(readonlyRows(), { ...C, copy: 'if-needed' });
    expect(error).toMatchObject({
      unmet: ['WRITABLE', 'C_CONTIGUOUS'],
      grantable: 0x11c,
    });
    const array = readonlyRows();
    using copy = acquire(array, { contiguous: 'C', copy: 'if-needed' });
    expect(copy.copied).toBe(true);
  });
});

describe('exporters that do not say', () => {
  /** Counts the calls of the method and of acquire. */
  function counted(
    kind: number,
    inner: unknown,
  ): { source: object; calls: () => number[] } {
    const exporter = addon.mute(kind, inner) as Record<symbol, () => unknown>;
    const key = Symbol.for('nbuf.exporter');
    const start = addon.asked();
    let methods = 0;
    const source = {
      [key]() {
        methods++;
        return exporter[key]?.();
      },
    };
    return { source, calls: () => [methods, addon.asked() - start] };
  }

  test('are asked to describe themselves, without running JavaScript again', () => {
    for (const kind of [0, 1]) {
      const array = readonlyRows();
      const { source, calls } = counted(kind, array);
      const error = refusalOf(source, { writable: true, contiguous: 'F' });
      expect(error.unmet).toEqual(['WRITABLE', 'F_CONTIGUOUS']);
      expect(error.grantable).toBe(Flags.FULL_RO);
      expect(error.message).toMatch(
        /not writable; unmet: WRITABLE, F_CONTIGUOUS; would be granted: FULL_RO \(0x11c\)$/,
      );
      expect(calls()).toEqual([1, 3]);
      acquire(source).release();
      expect(calls()).toEqual([2, 4]);
      expect(array.locks).toEqual({ memory: 0, layout: 0 });
    }
  });

  test.each([2, 3, 5])('and cannot: kind %d', (kind) => {
    const array = readonlyRows();
    const error = refusalOf(counted(kind, array).source, { writable: true });
    expect(Object.keys(error)).toEqual(['code']);
    expect(error.message).not.toContain('unmet');
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
  });

  test('and whose message has no end', () => {
    const error = refusalOf(counted(6, readonlyRows()).source, { writable: true });
    expect(error.message).toMatch(/^x{247}(;|$)/);
  });

  test('and write nonsense', () => {
    const error = refusalOf(counted(4, readonlyRows()).source, { writable: true });
    expect([error.unmet, error.grantable]).toEqual([['WRITABLE'], Flags.FULL_RO]);
  });
});

describe('errors of another kind', () => {
  test('have no such members, also after a refusal', () => {
    const array = readonlyRows();
    using p = acquire(array);
    const failures: (() => unknown)[] = [
      () => array.setLayout({ shape: [3] }),
      () => acquire({}),
      () => p.set(0, 0, 1),
      () => HostArray.fromBytes(new Uint8Array(2), { shape: [3] }),
      () => array.resize([1]),
    ];
    for (const fail of failures) {
      expect(refusalOf(array, 0x2).unmet).toContain('0x2');
      try {
        fail();
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        expect(error).not.toHaveProperty('unmet');
        expect(error).not.toHaveProperty('grantable');
      }
    }
  });

  test('members are frozen, plain, and shown', () => {
    const error = refusalOf(readonlyRows(), 0x2);
    expect(Object.isFrozen(error.unmet)).toBe(true);
    expect(Object.keys(error)).toEqual(['code', 'unmet', 'grantable']);
    expect(inspect(error)).toContain("unmet: [ 'ND', 'STRIDES', '0x2' ]");
  });
});
