/** Exporters of another addon that break the ABI, one rule each: refused, and let go once. */

import { spawnSync } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { acquire, BufferError, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { addonFile, loadHostile } from './foreign_addon.ts';

const addon = loadHostile();
const EXPORTER = Symbol.for('nbuf.exporter');

/** What becomes of each: the code's end, or 'good'. */
const EXPECTED: Readonly<Record<string, string>> = {
  none: 'good',
  len_short: 'ABI',
  len_long: 'ABI',
  len_negative: 'ABI',
  len_huge: 'ABI',
  shape_negative: 'ABI',
  shape_zero: 'ABI',
  shape_overflow: 'ABI',
  shape_wraps: 'ABI',
  shape_null: 'ABI',
  shape_null_with_format: 'ABI',
  itemsize_zero: 'ABI',
  itemsize_negative: 'ABI',
  itemsize_huge: 'ABI',
  ndim_65: 'ABI',
  ndim_negative: 'ABI',
  ndim_huge: 'ABI',
  strides_huge: 'BOUNDS',
  strides_lowest: 'BOUNDS',
  strides_sum_overflows: 'BOUNDS',
  strides_above: 'BOUNDS',
  strides_below: 'BOUNDS',
  strides_unused: 'good',
  format_null: 'good',
  format_empty: 'good',
  format_too_large: 'FORMAT',
  format_no_utf8: 'good',
  format_record: 'good',
  format_padded: 'good',
  format_long: 'good',
  format_count: 'good',
  buf_null: 'ABI',
  buf_before: 'BOUNDS',
  buf_behind: 'BOUNDS',
  buf_highest: 'BOUNDS',
  buf_odd: 'good',
  blocks_null: 'ABI',
  blocks_none: 'ABI',
  blocks_negative: 'ABI',
  block_size_negative: 'ABI',
  block_size_short: 'BOUNDS',
  block_size_overflows: 'ABI',
  block_base_null: 'ABI',
  block_flags: 'ABI',
  block_table: 'BOUNDS',
  block_split: 'BOUNDS',
  flags_unknown: 'ABI',
  flags_readonly: 'good',
  flags_borrowed: 'UNSUPPORTED',
  rows: 'good',
  rows_outside: 'BOUNDS',
  rows_null: 'BOUNDS',
  rows_without_table: 'BOUNDS',
  rows_table_short: 'BOUNDS',
  rows_table_overlaps: 'ABI',
  suboffsets_negative: 'good',
  suboffsets_alone: 'ABI',
  levels: 'good',
  levels_one: 'ABI',
  levels_negative: 'ABI',
  levels_65: 'ABI',
  levels_null: 'ABI',
  levels_outside: 'ABI',
  levels_and_suboffsets: 'ABI',
  ops_null: 'ABI',
  ops_short: 'ABI',
  ops_without_unlock: 'ABI',
  release_null: 'ABI',
  retain_null: 'ABI',
  unlock_null: 'ABI',
  struct_zero: 'ABI',
  struct_without_ops: 'ABI',
  struct_without_blocks: 'ABI',
  struct_without_levels: 'good',
  struct_longer: 'good',
  ok_with_null: 'ABI',
  error_with_provider: 'READONLY',
  status_unknown: 'ABI',
  status_negative: 'ABI',
  status_lowest: 'ABI',
};

/** Whose ops cannot be called: the provider is leaked rather than trusted. */
const UNRELEASABLE =
  /^(ops_|release_null|retain_null|unlock_null|struct_zero|struct_without_ops)/;

function outcome(use: () => Provider): string {
  try {
    use().release();
    return 'good';
  } catch (error) {
    if (!(error instanceof BufferError)) return `${error}`;
    if (error.message.length < 5) return `${error.code} without a word`;
    return error.code.replace('ERR_NBUF_', '');
  }
}

async function collect(): Promise<void> {
  for (let k = 0; k < 3; k++) {
    globalThis.gc?.();
    await setImmediate();
  }
}

/** Every use of a granted provider: reads and writes stay inside the block. */
function exercise(p: Provider): void {
  expect(p.toBytes().length).toBe(12);
  if (p.format !== 'h') return;
  const elements = [...p];
  expect([elements.length, p.equals(p.toContiguous())]).toEqual([6, true]);
  if (p.readonly) {
    expect(() => p.fill(1)).toThrow();
    return;
  }
  p.fill(0x0102);
  expect([...p]).toEqual(new Array(6).fill(0x0102));
  if (p.levels !== null) return; // no one buffer has all elements
  const inside = new Uint8Array(p.buffer, p.byteOffset, 12);
  expect([...inside].every((byte, k) => byte === 2 - (k % 2))).toBe(true);
  expect(new Uint8Array(p.buffer)[p.byteOffset - 1]).toBe(p.byteOffset - 1);
}

/** What becomes of a request beyond the plain one. */
function expectGranted(name: string, request: object | number, found: string): void {
  const isWritable = typeof request === 'object' && 'writable' in request;
  const isRefused =
    EXPECTED[name] !== 'good' ||
    (name === 'flags_readonly' && isWritable) ||
    (/^(rows|levels)$/.test(name) && request === 0);
  expect(found === 'good', JSON.stringify(request)).toBe(!isRefused);
}

describe('an exporter that lies', () => {
  test('the table knows every lie', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(addon.lies().sort());
  });

  test.each(Object.entries(EXPECTED))('%s: %s', async (name, expected) => {
    const liar = addon.liar(name);
    const before = addon.counts();
    expect(outcome(() => acquire(liar))).toBe(expected);
    for (const request of [{ writable: true }, { layout: 'snapshot' }, 0] as const)
      expectGranted(
        name,
        request,
        outcome(() => acquire(liar, request)),
      );
    outcome(() => acquire(liar, { copy: 'if-needed', contiguous: 'F' }));
    await collect();
    const after = addon.counts();
    expect(after.tooOften).toBe(0);
    const acquired = after.acquired - before.acquired;
    expect(acquired).toBeGreaterThanOrEqual(5);
    const ended = after.ended - before.ended;
    expect(ended).toBe(UNRELEASABLE.test(name) ? 0 : acquired);
  });

  test('what was granted is used without harm', () => {
    const good = Object.keys(EXPECTED).filter((name) => EXPECTED[name] === 'good');
    expect(good.length).toBeGreaterThan(10);
    for (const name of good.filter((each) => each !== 'strides_unused')) {
      using p = acquire(addon.liar(name));
      exercise(p);
    }
    using row = acquire(addon.liar('strides_unused'));
    expect([row.shape, row.byteLength]).toEqual([[1, 3], 6]);
    expect(row.strides?.every(Number.isSafeInteger)).toBe(true);
    using odd = acquire(addon.liar('buf_odd'));
    expect(odd.get(0, 0)).toBe(0x1211);
    using text = acquire(addon.liar('format_no_utf8'));
    expect(text.format).toContain('\ufffd');
    using long = acquire(addon.liar('format_long'));
    expect(long.format?.length).toBe(2 ** 20 - 1);
    using view = acquire(long.slice(1));
    expect(view.format).toBe(long.format);
  });

  test('nothing of theirs is left', async () => {
    await collect();
    for (let k = 0; k < 20 && addon.counts().exporters > 0; k++) await collect();
    expect(addon.counts()).toMatchObject({ tooOften: 0, exporters: 0 });
  });
});

describe('a block that claims the id of another', () => {
  test('never shows the other’s memory', () => {
    const array = HostArray.from([1, 2, 3, 4], 'B');
    using victim = acquire(array, { writable: true });
    const liar = addon.liar('none', array);
    for (const isExposed of [false, true]) {
      if (isExposed) expect([...victim.bytes()]).toEqual([1, 2, 3, 4]);
      using p = acquire(liar);
      expect([p.get(0, 0), p.toBytes()[0]]).toEqual([0x1110, 16]);
      expect(new Uint8Array(p.buffer)[16]).toBe(16);
      expect(p.buffer).not.toBe(victim.buffer);
    }
    expect([...victim.bytes()]).toEqual([1, 2, 3, 4]);
  });

  test('never keeps or frees it either', () => {
    const array = HostArray.from([1, 2, 3, 4], 'B');
    const victim = acquire(array, { writable: true });
    const stale = victim.bytes();
    using p = acquire(addon.liar('none', array));
    const shown = new Uint8Array(p.buffer);
    victim.release();
    array.dispose();
    expect([stale.length, shown.length]).toEqual([0, 64]);
    expect(p.get(1, 2)).toBe(0x1b1a);
    p.release();
    expect(shown.length).toBe(0);
  });

  test('nor whoever comes second', () => {
    const array = HostArray.from([1, 2, 3, 4], 'B');
    acquire(array).release();
    using p = acquire(addon.liar('none', array));
    expect(p.get(0, 0)).toBe(0x1110);
    using victim = acquire(array);
    expect([...victim.bytes()]).toEqual([1, 2, 3, 4]);
  });
});

describe('methods that break the protocol', () => {
  const table: readonly (readonly [string, () => unknown, string])[] = [
    ['an External without a tag', () => addon.external(0), 'ABI'],
    ['one with another tag', () => addon.external(1), 'ABI'],
    ['one over nothing', () => addon.external(2), 'ABI'],
    ['an exporter instead of its External', () => addon.honest(1), 'ABI'],
    ['a number', () => 5, 'ABI'],
    ['nothing', () => undefined, 'ABI'],
    ['a promise', async () => addon.external(0), 'ABI'],
  ];
  test.each(table)('%s', (_name, make, expected) => {
    const value = { [EXPORTER]: make };
    for (const request of [undefined, { copy: 'if-needed' }] as const)
      expect(outcome(() => acquire(value, request))).toBe(expected);
  });

  test('throwing: the message is kept', () => {
    const value = {
      [EXPORTER]() {
        throw new Error('not today');
      },
    };
    expect(() => acquire(value)).toThrow(/not today/);
    expect(outcome(() => acquire(value))).toBe('NOT_EXPORTER');
  });
});

const SCRIPT = `
  const { acquire } = require('nbuf');
  const addon = require(process.argv[1]);
  for (const lie of addon.lies()) {
    process.stdout.write(lie + '\\n');
    for (let k = 0; k < 3; k++)
      try {
        const p = acquire(addon.liar(lie));
        p.toBytes();
        p.typedArray();
        if (k > 0) p.release();
      } catch {}
    gc();
  }`;

test('in a process of its own: exit code 0, with and without a release', () => {
  const args = ['--expose-gc', '-e', SCRIPT, addonFile];
  const child = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  expect([child.signal, child.status, child.stderr]).toEqual([null, 0, '']);
  expect(child.stdout.trim().split('\n')).toEqual(addon.lies());
});
