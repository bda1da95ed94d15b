/** Addresses in and out: koffi, and node:ffi in a Node that has it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import koffi from 'koffi';
import { acquire, acquireAs, HostArray, IndirectArray } from 'nbuf';
import { toPointer, unsafeFromPointer } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { findRuntimes } from '../../../scripts/runtimes.mjs';
import { forCases } from '../../../test/random.ts';
import { codeOf, collect, randomCase } from './cases.ts';

const c = koffi.load(process.platform === 'win32' ? 'msvcrt.dll' : (null as never));
const memset = c.func('void *memset(void *to, int byte, size_t size)');
const strlen = c.func('size_t strlen(const void *text)');
const malloc = c.func('void *malloc(size_t size)');
const free = c.func('void free(void *memory)');
const memcpy = c.func('void *memcpy(void *to, const void *from, size_t size)');

describe('toPointer', () => {
  test('says where the elements of random layouts lie', () => {
    forCases(200, (random) => {
      const { provider, shape, strides, offset } = randomCase(random);
      const at = toPointer(provider, { strides: true });
      expect(at.pointer).toBe(provider.address);
      expect([at.shape, at.strides]).toEqual([shape, strides]);
      if (shape.includes(0)) {
        expect([at.byteLength, at.before]).toEqual([0, 0]);
        return;
      }
      let below = 0;
      let high = 0;
      shape.forEach((extent, axis) => {
        const span = (extent - 1) * (strides[axis] as number);
        if (span < 0) below -= span;
        else high += span;
      });
      expect([at.before, at.byteLength]).toEqual([below, high + at.itemsize]);
      expect(offset).toBeGreaterThanOrEqual(at.before);
    });
  });

  test('a C function reads and writes there', () => {
    using p = acquire(HostArray.allocate([3, 4], 'B'), { writable: true });
    const { pointer, byteLength } = toPointer(p.slice(1));
    expect(memset(pointer, 65, byteLength - 1)).toBe(pointer);
    expect(p.toArray()).toEqual([
      [0, 0, 0, 0],
      [65, 65, 65, 0],
      [0, 0, 0, 0],
    ]);
    expect(Number(strlen(pointer))).toBe(3);
    expect(koffi.address(p.bytes() as never)).toBe(toPointer(p).pointer);
  });

  test('also in memory of JavaScript’s own, small arrays included', () => {
    using p = acquire(new Uint8Array(4), { writable: true });
    memset(toPointer(p).pointer, 7, 4);
    expect(p.toArray()).toEqual([7, 7, 7, 7]);
  });

  test('refuses what a C function would misread', () => {
    using p = acquire(HostArray.allocate([4, 4], 'i'));
    expect(codeOf(() => toPointer(p.transpose()))).toBe('CONTIGUITY');
    expect(toPointer(p.transpose(), { strides: true }).strides).toEqual([4, 16]);
    expect(codeOf(() => toPointer(p.toReadonly()))).toBe('READONLY');
    expect(toPointer(p.toReadonly(), { readonly: true }).readonly).toBe(true);
    const rows = acquire(IndirectArray.fromRows([p.slice(0), p.slice(1)]));
    expect(codeOf(() => toPointer(rows, { strides: true }))).toBe('SUBOFFSETS');
    expect(codeOf(() => toPointer({} as never))).toBe('ERR_INVALID_ARG_TYPE');
    p.release();
    expect(codeOf(() => toPointer(p))).toBe('RELEASED');
    const data = new Uint8Array(4);
    using q = acquire(data);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(codeOf(() => toPointer(q))).toBe('DETACHED');
  });

  test('without elements: 0n where there is no memory, and no bytes', () => {
    using none = unsafeFromPointer(0n, 0);
    expect(toPointer(none)).toMatchObject({ pointer: 0n, byteLength: 0, before: 0 });
    using p = acquire(HostArray.allocate([4, 0], 'i'));
    expect(toPointer(p)).toMatchObject({ byteLength: 0, before: 0 });
  });
});

describe('unsafeFromPointer', () => {
  test('sees C’s memory in a layout, and frees it once nobody uses it', async () => {
    const memory = malloc(48) as bigint;
    memset(memory, 1, 48);
    let freed = 0;
    const options = {
      shape: [2, 3],
      strides: [-24, 8],
      offset: 24,
      format: 'q',
      free: () => {
        freed++;
        free(memory);
      },
    } as const;
    const p = unsafeFromPointer(memory, 48, options, { writable: true, label: 'c' });
    expect(p.get(0, 0)).toBe(0x0101010101010101n);
    p.set(1, 0, 5n);
    expect(koffi.decode(memory, 'int64_t')).toBe(5);
    expect([p.address, p.label]).toEqual([memory + 24n, 'c']);
    const q = acquire(p.slice(0));
    p.release();
    await collect(() => false);
    expect(freed).toBe(0);
    expect(q.get(2)).toBe(0x0101010101010101n);
    q.release();
    await collect(() => freed > 0);
    expect(freed).toBe(1);
  });

  test('keeps the owner reachable until provider and ArrayBuffer are gone', async () => {
    let isGone = false;
    const registry = new FinalizationRegistry(() => {
      isGone = true;
    });
    const open = () => {
      const owner = { bytes: new Uint8Array(1 << 12).fill(9) };
      const address = koffi.address(owner.bytes as never);
      registry.register(owner, 0);
      return unsafeFromPointer(address, 1 << 12, { owner });
    };
    const held: { provider?: ReturnType<typeof open>; bytes?: Uint8Array } = {};
    held.provider = open();
    expect(await collect(() => isGone)).toBe(false);
    held.bytes = held.provider.bytes();
    expect(held.bytes[4095]).toBe(9);
    held.provider.release();
    delete held.provider;
    expect(held.bytes).toHaveLength(0);
    expect(await collect(() => isGone)).toBe(false); // the ArrayBuffer object is there
    delete held.bytes;
    expect(await collect(() => isGone)).toBe(true);
  });

  test('collected unreleased it frees, too', async () => {
    const memory = malloc(8) as bigint;
    let freed = 0;
    (() => {
      unsafeFromPointer(memory, 8, {
        free: () => {
          freed++;
          free(memory);
        },
      });
    })();
    expect(await collect(() => freed > 0)).toBe(true);
  });

  test('takes koffi’s pointers of any kind with koffi', () => {
    const memory = malloc(4) as bigint;
    memcpy(memory, Buffer.from('abcd'), 4);
    const older = { address: (pointer: { at: bigint }) => pointer.at };
    using p = unsafeFromPointer({ at: memory }, 4, { koffi: older });
    expect(p.toArray()).toEqual([97, 98, 99, 100]);
    using q = unsafeFromPointer(memory, 4, { koffi, free: () => free(memory) });
    expect(q.get(3)).toBe(100);
  });

  test('frees nothing when it refuses', async () => {
    const memory = malloc(8) as bigint;
    let freed = 0;
    const options = { free: () => void freed++ };
    const calls = {
      BOUNDS: () => unsafeFromPointer(memory, 8, { ...options, shape: [9] }),
      READONLY: () =>
        unsafeFromPointer(memory, 8, { ...options, readonly: true }, { writable: true }),
      ERR_OUT_OF_RANGE: () => unsafeFromPointer(0n, 8, options),
      ERR_INVALID_ARG_TYPE: () => unsafeFromPointer(5, 8, options),
    };
    for (const [code, call] of Object.entries(calls)) expect(codeOf(call)).toBe(code);
    for (const pointer of [-1n, 2n ** 64n])
      expect(codeOf(() => unsafeFromPointer(pointer, 8, options))).toBe(
        'ERR_OUT_OF_RANGE',
      );
    const wrong = { free: 5 } as never;
    expect(codeOf(() => unsafeFromPointer(memory, 8, wrong))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
    await collect(() => freed > 0);
    expect(freed).toBe(0);
    free(memory);
  });

  test('what another thread of koffi writes is there: a pinned provider across an await', async () => {
    using p = acquireAs(HostArray.allocate([64]), { shape: [64] }, { pin: true });
    await new Promise((resolve) => memset.async(toPointer(p).pointer, 3, 64, resolve));
    expect(p.get(63)).toBe(3);
  });
});

const newest = findRuntimes().at(-1) as { name: string; program: string };
const version = execFileSync(newest.program, ['-p', 'process.versions.node'], {
  encoding: 'utf8',
}).trim();
test(`node:ffi in Node ${version}`, () => {
  const example = join(import.meta.dirname, '..', 'node_ffi.mjs');
  const output = execFileSync(newest.program, ['--no-warnings', example], {
    encoding: 'utf8',
  });
  const has = Number(version.split('.')[0]) >= 26;
  expect(output).toMatch(has ? /given back to free/ : /has none/);
});
