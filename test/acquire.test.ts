/** Providers: the two locks, the answers of DESIGN section 1, re-export, life after release. */

import { acquire, Flags, HostArray, IndirectArray, Provider, View } from 'nbuf';
import { describe, expect, test } from 'vitest';

function code(suffix: string): unknown {
  return expect.objectContaining({ code: `ERR_NBUF_${suffix}` });
}

/** The message of what `use` throws. */
function messageOf(use: () => unknown): string {
  try {
    use();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('expected an error, found none');
}

describe('what the 2007 discussion left open', () => {
  test('1. Who owns shape, strides, format? The provider', () => {
    const array = HostArray.from([1, 2, 3, 4, 5, 6], 'B');
    using p = acquire(array, { layout: 'snapshot' });
    const { shape, strides, format } = p;
    array.setLayout({ shape: [3], format: 'H' });
    expect([p.shape, p.strides, p.format]).toEqual([[6], [1], 'B']);
    expect([p.shape, p.strides]).toEqual([shape, strides]);
    expect(p.format).toBe(format);
    array.dispose();
    expect([...p]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('2. May the exporter re-assign its shape while its memory is held? Unless the layout is locked', () => {
    const array = HostArray.from([1, 2, 3, 4], 'B');
    const old = acquire(array, { layout: 'snapshot' });
    array.setLayout({ shape: [2, 2] });
    using locking = acquire(array);
    expect(old.shape).toEqual([4]);
    expect(locking.shape).toEqual([2, 2]);
    expect(() => array.setLayout({ shape: [4] })).toThrow(code('LOCKED'));
    old.release();
    expect(() => array.setLayout({ shape: [4] })).toThrow(code('LOCKED'));
  });

  test('3. How does a requestor that copied the layout say so? unlockLayout, or a snapshot', () => {
    const array = HostArray.allocate([4]);
    using p = acquire(array);
    expect(p.locks).toEqual({ memory: true, layout: true });
    p.unlockLayout();
    p.unlockLayout();
    expect(p.locks).toEqual({ memory: true, layout: false });
    expect(array.locks).toEqual({ memory: 1, layout: 0 });
    array.setLayout({ shape: [2, 2] });
    expect(p.shape).toEqual([4]);
    using snapshot = acquire(array, Flags.FULL | Flags.LAYOUT_SNAPSHOT);
    expect(snapshot.locks).toEqual({ memory: true, layout: false });
    expect(() => array.resize([9])).toThrow(code('LOCKED'));
  });

  test('4. Must a lock be released on something else than was asked? No', () => {
    const array = HostArray.allocate([4]);
    const a = acquire(array);
    const b = acquire(array);
    expect(array.locks).toEqual({ memory: 2, layout: 2 });
    a.release();
    a.release();
    expect(array.locks).toEqual({ memory: 1, layout: 1 });
    expect(b.released).toBe(false);
    b[Symbol.dispose]();
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
  });

  test('5. A slice of a transposed array: whose strides? Its own', () => {
    const array = HostArray.allocate([2, 3], 'h');
    using p = acquire(array);
    const view = p.transpose().slice([1, 3]);
    expect([view.shape, view.strides]).toEqual([
      [2, 2],
      [2, 6],
    ]);
    using again = acquire(view);
    expect([again.shape, again.strides]).toEqual([view.shape, view.strides]);
    expect([p.shape, p.strides]).toEqual([
      [2, 3],
      [6, 2],
    ]);
  });

  test('6. PIL-like images of hundreds of buffers? One provider, a pointer to each', () => {
    const rows = Array.from({ length: 300 }, (_, y) => HostArray.from([y, -y], 'h'));
    using p = acquire(IndirectArray.fromRows(rows), { writable: true });
    expect([p.shape, p.suboffsets]).toEqual([
      [300, 2],
      [0, -1],
    ]);
    p.transpose().set(1, 299, 7);
    expect([...acquire(rows[299])]).toEqual([299, 7]); // the row's own memory
    expect(p.slice(299).typedArray().buffer).toBe(acquire(rows[299]).buffer);
    expect(() => acquire(p, Flags.STRIDED)).toThrow(code('SUBOFFSETS'));
  });

  test('7. A hidden raw buffer object? The exporter may go while providers live', () => {
    const array = HostArray.from([1, 2, 3], 'B');
    using p = acquire(array);
    array.dispose();
    expect(() => acquire(array)).toThrow(code('RELEASED'));
    expect([...p]).toEqual([1, 2, 3]);
    expect(array.locks).toEqual({ memory: 1, layout: 1 });
    expect(array.capacity).toBe(3);
    p.release();
    expect(array.capacity).toBe(0);
  });
});

describe('re-export of views', () => {
  test('keeps the memory after its parent, takes no layout lock', () => {
    const array = HostArray.from([1, 2, 3, 4], 'B');
    const parent = acquire(array, { label: 'a' });
    const child = acquire(parent.slice([1, 3]), { label: 'b' });
    expect(child.locks).toEqual({ memory: true, layout: false });
    expect(array.locks).toEqual({ memory: 2, layout: 1 });
    parent.release();
    expect(array.locks).toEqual({ memory: 1, layout: 0 });
    array.setLayout({ shape: [2, 2] });
    expect([...child]).toEqual([2, 3]);
    expect(messageOf(() => array.resize([8]))).toMatch(
      /^the memory is locked by 1 provider \('b ← a', \d+ ms\)/,
    );
    using grandchild = acquire(child, { label: 'c' });
    child.release();
    expect(messageOf(() => array.resize([8]))).toMatch(/\('c ← b ← a', \d+ ms\)/);
    expect([...grandchild]).toEqual([2, 3]);
    grandchild.release();
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
    array.resize([8]);
  });

  test('of a view whose provider is gone is refused', () => {
    const p = acquire(HostArray.allocate([4]));
    const view = p.slice([1, 2]);
    p.release();
    expect(() => acquire(view)).toThrow(code('RELEASED'));
    expect(() => acquire(p)).toThrow(code('RELEASED'));
  });

  test('shares the one ArrayBuffer of the block', () => {
    using a = acquire(HostArray.allocate([4], 'h'));
    using b = acquire(a.slice([2, 4]));
    expect(b.buffer).toBe(a.buffer);
    expect(b.byteOffset).toBe(4);
    expect(b.address - a.address).toBe(4n);
  });

  test('keeps readonly, and grants no more than the view', () => {
    const array = HostArray.allocate([2, 2]);
    using p = acquire(array, { writable: true });
    expect(() => acquire(p.toReadonly(), { writable: true })).toThrow(code('READONLY'));
    expect(acquire(p.toReadonly()).readonly).toBe(true);
    expect(() => acquire(p.broadcastTo([2, 2, 2]), { writable: true })).toThrow(
      code('READONLY'),
    );
    expect(() => acquire(p.transpose(), { contiguous: 'C' })).toThrow(code('CONTIGUITY'));
    expect(acquire(p.transpose(), { contiguous: 'F' }).strides).toEqual([1, 2]);
  });

  test('of a provider that was given no shape', () => {
    using p = acquire(HostArray.from([1, 2], '<H'), Flags.SIMPLE);
    using q = acquire(p);
    expect([q.shape, q.format, [...q]]).toEqual([[4], 'B', [1, 0, 2, 0]]);
  });
});

/** Every name that instances have from these prototypes, symbols included. */
function membersOf(...prototypes: object[]): PropertyKey[] {
  const keys = prototypes.flatMap((prototype) => Reflect.ownKeys(prototype));
  return [...new Set(keys)].filter((key) => key !== 'constructor');
}

const READABLE: readonly PropertyKey[] = [
  'released',
  'label',
  'shape',
  'strides',
  'format',
];
const IDEMPOTENT: readonly PropertyKey[] = ['release', Symbol.dispose, 'unsafeRelease'];
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Good arguments: what fails must fail because of the release. */
const ARGUMENTS: Readonly<Record<PropertyKey, unknown[]>> = {
  get: [0],
  set: [0, 1],
  at: [0],
  slice: [0],
  reshape: [[2, 2]],
  broadcastTo: [[1, 4]],
  cast: ['B'],
  writeBytes: [new Uint8Array(4)],
  field: [0],
  copyFrom: [[1, 2, 3, 4]],
  fill: [0],
  equals: [[1, 2, 3, 4]],
  lend: [() => 0],
};

/** Reads a getter or calls a method. */
function use(target: object, key: PropertyKey): unknown {
  const member = Reflect.get(target, key);
  return typeof member === 'function'
    ? member.apply(target, ARGUMENTS[key] ?? [])
    : member;
}

describe('after release', () => {
  const base = Object.getPrototypeOf(View.prototype) as object;
  const members = membersOf(base, View.prototype, Provider.prototype);

  test('released, label, shape, strides and format are readable', () => {
    const p = acquire(HostArray.allocate([4], 'h'), { label: 'me' });
    const view = p.slice([1, 3]);
    p.release();
    expect([p.released, p.label, p.shape, p.strides, p.format]).toEqual([
      true,
      'me',
      [4],
      [2],
      'h',
    ]);
    expect([view.shape, view.strides, view.format]).toEqual([[2], [2], 'h']);
  });

  test('everything else throws, on providers and views', async () => {
    const array = HostArray.allocate([4]);
    const p = acquire(array, { writable: true });
    const touched = acquire(array, { writable: true });
    touched.get(0);
    touched.bytes();
    const uses = [p, p.slice([0, 4]), touched, touched.slice([0, 4])].flatMap((view) =>
      members
        .filter((key) => key in view && !IDEMPOTENT.includes(key))
        .map((key) => ({ view, key })),
    );
    for (const { view, key } of uses) await use(view, key); // the arguments are good
    p.release();
    touched.release();
    const refused = uses.filter(({ key }) => ![...READABLE, INSPECT].includes(key));
    expect(refused.length).toBeGreaterThan(100);
    for (const { view, key } of refused)
      await expect(async () => use(view, key), String(key)).rejects.toThrow(
        code('RELEASED'),
      );
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
  });

  test('an iteration that has begun ends', () => {
    const p = acquire(HostArray.allocate([4]), { writable: true });
    const elements = p[Symbol.iterator]();
    const runs = p.slice([null, null, 2]).runs();
    expect([elements.next().value, runs.next().value]).toEqual([0, Uint8Array.of(0)]);
    p.release();
    expect(() => elements.next()).toThrow(code('RELEASED'));
    expect(() => runs.next()).toThrow(code('RELEASED'));
  });

  test('using releases at the end of the block, also after an error', () => {
    const array = HostArray.allocate([4]);
    expect(() => {
      using p = acquire(array);
      expect(p.locks.memory).toBe(true);
      throw new Error('inside');
    }).toThrow('inside');
    expect(array.locks).toEqual({ memory: 0, layout: 0 });
  });
});
