/** Exporters that keep every promise, ours and others': `nbuf check` finds nothing to blame. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenOf, checkApart, checkHere } from './check_tools.ts';
import { root } from './compiler.ts';

const module = join(root, 'test/check/exporters.cjs');
const {
  made: _made,
  nested: _nested,
  ...makers
} = createRequire(import.meta.url)(module) as Record<string, () => unknown>;

describe('what these say and answer', () => {
  test.each(Object.entries(makers))('%s', async (_name, make) => {
    const value = await make();
    const outcomes = await checkHere(() => value);
    expect(outcomes).not.toContainEqual(expect.objectContaining({ status: 'broken' }));
    expect(brokenOf(outcomes)).toEqual([]);
  });
});

/** Of each kind of memory, and what cannot be tried with it. */
const KINDS: readonly (readonly [name: string, left: readonly string[]])[] = [
  ['c', ['life.freed']],
  ['large', []],
  ['empty', ['life.freed']],
  ['readonly', ['blocks.writable', 'life.freed']],
  ['later', ['life.freed']],
  ['made', ['life.dropped', 'life.freed']],
  ['nested.deeper.array', ['life.freed']],
  ['planes', ['life.freed', 'locks.resize']],
  ['transposedRows', ['life.freed', 'locks']],
  ['view', ['life.freed', 'locks']],
  ['mapped', ['life.freed']],
  ['frame', ['locks']],
  ['pointer', ['life.freed', 'locks']],
  ['byHand', ['life.freed', 'locks']],
  [
    'exposed',
    ['protocol', 'ops.exporter', 'ops.constant', 'threads', 'life.freed', 'locks'],
  ],
  [
    'shared',
    [
      'protocol',
      'ops.exporter',
      'ops.constant',
      'threads',
      'life.freed',
      'life.worker',
      'locks',
    ],
  ],
  [
    'bytes',
    [
      'protocol',
      'ops.exporter',
      'ops.constant',
      'threads',
      'life.freed',
      'life.worker',
      'locks',
    ],
  ],
];

describe('every promise, in processes of their own', () => {
  test.each(KINDS)('%s', async (name, expected) => {
    const rows = await checkApart(`${module}:${name}`);
    expect(rows.filter(({ status }) => status === 'broken')).toEqual([]);
    const left = rows.filter(({ status }) => status === 'not tried');
    expect(left.every(({ notes }) => notes.join('').length > 10)).toBe(true);
    const shortened = left.map(({ id }) =>
      expected.includes(id) ? id : id.replace(/\..*/, ''),
    );
    expect([...new Set(shortened)].sort()).toEqual([...expected].sort());
  });
});
