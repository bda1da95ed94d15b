/** saveNpy against NumPy: views that take many pieces. */

import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, mapFile, openNpy, saveNpy, type View } from 'nbuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeNpyHeader } from '../lib/npy_header.ts';
import { askNumpy, hasNumpy } from './npy_ask.ts';
import { createRandom, firstSeed } from './random.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nbuf-save-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (name: string): string => join(folder, name);

const random = createRandom(firstSeed());

/** A file of random bytes in NumPy's format, made without saveNpy. */
function source(name: string, descr: string, itemsize: number, shape: number[]): View {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const bytes = new Uint32Array(Math.ceil((count * itemsize) / 4));
  for (let k = 0, state = random.int(1, 2 ** 31); k < bytes.length; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[k] = state ^ (state >>> 16);
  }
  const header = makeNpyHeader(descr, false, shape);
  const data = Buffer.from(bytes.buffer).subarray(0, count * itemsize);
  writeFileSync(fileOf(name), Buffer.concat([header, data]));
  return acquire(openNpy(fileOf(name), { mode: 'r' }));
}

describe('large views', () => {
  test.runIf(hasNumpy)('of many pieces', async () => {
    const rows = source('rows.npy', "'<u4'", 4, [700, 3001]);
    const long = source('long.npy', "'|u1'", 1, [3, 4_500_001]);
    const items = source('items.npy', "'|S9000001'", 9_000_001, [2]);
    const records = source('records.npy', "[('', '|V1'), ('a', '>f8')]", 9, [10, 99_999]);
    const cases: [string, object[], View][] = [
      ['rows', [], rows],
      ['rows', [{ transpose: [1, 0] }], rows.transpose()],
      [
        'rows',
        [
          {
            slice: [
              [null, null, -2],
              [1, -1],
            ],
          },
        ],
        rows.slice([null, null, -2], [1, -1]),
      ],
      [
        'rows',
        [{ slice: [5] }, { broadcast: [900, 3001] }],
        rows.slice(5).broadcastTo([900, 3001]),
      ],
      ['long', [], long],
      ['long', [{ transpose: [1, 0] }], long.transpose()],
      [
        'long',
        [
          {
            slice: [
              [null, null, 2],
              [7, null, 1],
            ],
          },
        ],
        long.slice([null, null, 2], [7, null, 1]),
      ],
      ['items', [], items],
      ['items', [{ slice: [[null, null, -1]] }], items.slice([null, null, -1])],
      ['records', [], records],
      [
        'records',
        [
          {
            slice: [
              [null, null],
              [3, null, 2],
            ],
          },
        ],
        records.slice(':', [3, null, 2]),
      ],
      ['records', [{ transpose: [1, 0] }], records.transpose()],
    ];
    for (const [k, [, , view]] of cases.entries()) {
      const seen: number[] = [];
      await saveNpy(view, fileOf(`large_${k}.npy`), {
        onProgress: (done, total) => {
          expect(total).toBe(view.byteLength);
          seen.push(done);
        },
      });
      // Each piece is told once, and the last one completes it.
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
      expect(seen.at(-1)).toBe(view.byteLength);
      const most = view.isContiguous('A') ? 2 ** 24 : 2 ** 22;
      expect(seen.length).toBeGreaterThanOrEqual(view.byteLength / most);
    }
    const questions = cases.map(([name, steps], k) => ({
      source: `${name}.npy`,
      saved: `large_${k}.npy`,
      steps,
    }));
    expect(askNumpy(['check', folder], questions)).toEqual(cases.map(() => null));
  });

  test('beyond 4 GiB, which no ArrayBuffer can show', async () => {
    const path = fileOf('sparse');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 32 + 2 ** 23);
    const file = acquire(mapFile(path, { mode: 'c' }), { writable: true });
    file.set(2 ** 32 + 5, 77);
    await saveNpy(file.slice([2 ** 32 - 3, null]), fileOf('beyond.npy'));
    const content = readFileSync(fileOf('beyond.npy')).subarray(128);
    expect(content.length).toBe(2 ** 23 + 3);
    expect(content.indexOf(77)).toBe(8);
    file.release();
  });
});
