/** Streams of Arrow: read back by apache-arrow, flechette, DuckDB and from the specification. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { tableFromIPC as readFlechette } from '@uwdata/flechette';
import * as arrow from 'apache-arrow';
import { acquire, HostArray, type View } from 'nbuf';
import { fromArrowStream, toArrowBatches, toArrowStream } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases, type Random } from '../../../test/random.ts';
import {
  codeOf,
  expected,
  innerAxes,
  logicalShape,
  messageOf,
  NUMBERS,
  OTHERS,
  plain,
  randomView,
  shapeOf,
} from './arrow_case.ts';
import { readIpcStream } from './arrow_ipc.ts';

const FORMATS = [...NUMBERS, ...OTHERS.filter((format) => format !== '=iq'), 'Zd', '5s'];

/** Columns of as many rows, some of them the same memory, or overlapping parts of it. */
function randomColumns(random: Random): Record<string, View> {
  const rows = random.chance(0.05) ? 0 : random.int(1, 5);
  const any = (count: number): View =>
    randomView(random, random.pick(FORMATS), random.chance(0.4), count);
  const longer = any(rows + 1);
  const columns: [string, View][] = [
    ['a', any(rows)],
    ['b', any(rows)],
    ['start', longer.slice([0, rows]) as View],
    ['end', longer.slice([1]) as View],
    ['whole', longer.slice([0, rows]) as View],
  ];
  return Object.fromEntries(random.shuffle(columns).slice(0, random.int(1, 5)));
}

const valuesOf = (view: View): unknown[] =>
  expected(view.toArray(), view.ndim) as unknown[];

/** flechette gives typed arrays and objects. */
function flat(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return [...(value as unknown as Iterable<unknown>)];
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, flat(each)]),
  );
}

describe('toArrowStream', () => {
  test('three readers see the same values, whatever the layout', () => {
    forCases(150, (random) => {
      const columns = randomColumns(random);
      const batchRows = random.chance(0.5) ? undefined : random.int(1, 3);
      const bytes = toArrowStream(columns, arrow, { batchRows });
      const slow = readIpcStream(bytes);
      const table = arrow.tableFromIPC(bytes);
      const other = readFlechette(bytes, { useBigInt: true });
      const rows = Object.values(columns)[0]?.shape?.[0] ?? 0;
      const counts = Array.from(
        { length: Math.max(1, Math.ceil(rows / (batchRows ?? 9))) },
        (_, at) => Math.min(batchRows ?? 9, rows - at * (batchRows ?? 9)),
      );
      expect(slow.batches).toEqual(counts);
      expect(slow.fields.map(({ name, nullable }) => [name, nullable])).toEqual(
        Object.keys(columns).map((name) => [name, false]),
      );
      for (const [name, view] of Object.entries(columns)) {
        const values = valuesOf(view);
        expect(slow.columns[name]).toEqual(values);
        expect(plain(table.getChild(name))).toEqual(values);
        expect(flat([...(other.getChild(name) as Iterable<unknown>)])).toEqual(values);
      }
      const pieces = [...toArrowBatches(columns, arrow, { batchRows: batchRows ?? 9 })];
      expect(pieces.length).toBe(counts.length);
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    });
  });

  test('fixed shapes keep their metadata, and come back transposed', () => {
    forCases(60, (random) => {
      const made = randomView(random, random.pick(['h', 'd', 'Q']), true);
      const axes = random.shuffle(innerAxes(made));
      const view = made.transpose(0, ...axes) as View;
      const bytes = toArrowStream({ view }, arrow, { as: 'fixed_shape_tensor' });
      const [field] = readIpcStream(bytes).fields;
      if (view.ndim > 1) {
        expect(field?.metadata['ARROW:extension:name']).toBe('arrow.fixed_shape_tensor');
        const said = JSON.parse(field?.metadata['ARROW:extension:metadata'] ?? '');
        expect(logicalShape(said)).toEqual(shapeOf(view).slice(1));
      }
      const columns = fromArrowStream(bytes, arrow);
      expect([columns.view?.shape, columns.view?.toArray()]).toEqual([
        view.shape,
        view.toArray(),
      ]);
      columns[Symbol.dispose]();
      expect(columns.view?.released).toBe(true);
    });
  });

  test('DuckDB reads it', async () => {
    const require = createRequire(import.meta.url);
    const duckdb = require('@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs');
    const folder = dirname(
      require.resolve('@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs'),
    );
    const bundle = (name: string) => ({ mainModule: join(folder, name), mainWorker: '' });
    const bundles = { mvp: bundle('duckdb-mvp.wasm'), eh: bundle('duckdb-eh.wasm') };
    const db = await duckdb.createDuckDB(
      bundles,
      new duckdb.VoidLogger(),
      duckdb.NODE_RUNTIME,
    );
    await db.instantiate(() => undefined);
    const connection = db.connect();
    const pixels = acquire(
      HostArray.from(
        [
          [
            [1, 2],
            [3, 4],
          ],
          [
            [5, 6],
            [7, 8],
          ],
        ],
        'f',
      ),
    );
    const columns = {
      id: acquire(BigInt64Array.of(1n, 2n)) as View,
      pixels: pixels.transpose(0, 2, 1) as View,
      ok: acquire(HostArray.from([true, false], '?')) as View,
      at: acquire(
        HostArray.from(
          [
            { x: 1, y: 2.5 },
            { x: 3, y: 4.5 },
          ],
          'T{i:x:d:y:}',
        ),
      ) as View,
    };
    connection.insertArrowFromIPCStream(toArrowStream(columns, arrow), { name: 't' });
    const rows = (query: string) =>
      JSON.parse(
        JSON.stringify(connection.query(query).toArray(), (_, value) =>
          typeof value === 'bigint' ? Number(value) : value,
        ),
      );
    expect(
      rows('SELECT column_type AS t FROM (DESCRIBE t)').map(
        (row: { t: string }) => row.t,
      ),
    ).toEqual(['BIGINT', 'FLOAT[2][2]', 'BOOLEAN', 'STRUCT(x INTEGER, y DOUBLE)']);
    expect(
      rows('SELECT id, pixels[1][2] AS p, ok, "at".y AS y FROM t ORDER BY id'),
    ).toEqual([
      { id: 1, p: 3, ok: true, y: 2.5 },
      { id: 2, p: 7, ok: false, y: 4.5 },
    ]);
    connection.close();
  });

  test('no rows, no columns, any name', () => {
    const none = toArrowStream(
      { a: acquire(HostArray.allocate([0, 3], 'i')) as View },
      arrow,
    );
    expect(readIpcStream(none)).toMatchObject({ batches: [0], columns: { a: [] } });
    const columns = fromArrowStream(none, arrow);
    expect([columns.a?.shape, columns.a?.format]).toEqual([[0, 3], 'i']);
    expect(readIpcStream(toArrowStream({}, arrow)).fields).toEqual([]);
    expect(Object.keys(fromArrowStream(toArrowStream({}, arrow), arrow))).toEqual([]);
    const odd = Object.fromEntries([
      ['__proto__', acquire(Int8Array.of(5)) as View],
      ['', acquire(Int8Array.of(6)) as View],
    ]);
    const back = fromArrowStream(toArrowStream(odd, arrow), arrow);
    expect(Object.keys(back).map((name) => back[name]?.get(0))).toEqual([5, 6]);
  });

  test('readonly memory goes in, and nothing is exposed or held', () => {
    const array = HostArray.fromBytes(Uint8Array.of(1, 2, 3), {
      shape: [3],
      readonly: true,
    });
    const view = acquire(array);
    const bytes = toArrowStream({ a: view as View }, arrow);
    expect(array.locks.memory).toBe(1);
    view.release();
    expect(readIpcStream(bytes).columns.a).toEqual([1, 2, 3]);
    expect(codeOf(() => toArrowStream({ a: view as View }, arrow))).toBe(
      'ERR_NBUF_RELEASED',
    );
  });

  test('batches are made as they are asked for', () => {
    const array = HostArray.allocate([10, 1000], 'd');
    const view = acquire(array, { writable: true });
    const pieces = toArrowBatches({ a: view as View }, arrow, { batchRows: 2 });
    const first = pieces.next().value as Uint8Array;
    expect(first.length).toBeLessThan(2 * 8000 + 1000);
    view.set(9, 999, 7);
    const rest = [...pieces];
    expect([rest.length, readIpcStream(Buffer.concat([first, ...rest])).batches]).toEqual(
      [4, [2, 2, 2, 2, 2]],
    );
    expect(
      plain(
        arrow
          .tableFromIPC(Buffer.concat([first, ...rest]))
          .getChild('a')
          ?.get(9)
          .get(999),
      ),
    ).toBe(7);
    const broken = toArrowBatches({ a: view as View }, arrow, { batchRows: 2 });
    broken.next();
    view.release();
    expect(codeOf(() => broken.next())).toBe('ERR_NBUF_RELEASED');
    expect(codeOf(() => toArrowBatches({ a: view as View }, arrow))).toBe(
      'ERR_NBUF_RELEASED',
    );
  });

  test('a view far larger than memory goes out in pieces', () => {
    const huge = acquire(Float64Array.of(2.5)).broadcastTo([2 ** 33, 3]) as View;
    const pieces = toArrowBatches({ huge }, arrow);
    const first = pieces.next().value as Uint8Array;
    expect(first.length).toBeGreaterThan(2 ** 23);
    expect(first.length).toBeLessThan(2 ** 25);
    expect(
      codeOf(() =>
        toArrowStream(
          {
            a:
              huge.reshape === undefined
                ? huge
                : (acquire(Uint8Array.of(1)).broadcastTo([1, 2 ** 31]) as View),
          },
          arrow,
        ),
      ),
    ).toBe('ERR_NBUF_UNSUPPORTED');
  });

  test('refusals', () => {
    const a = acquire(Int32Array.of(1, 2, 3)) as View;
    const b = acquire(Int32Array.of(1, 2)) as View;
    expect(messageOf(() => toArrowStream({ a, b }, arrow))).toMatch(
      /3 rows in 'b', as in 'a', found 2/,
    );
    expect(codeOf(() => toArrowStream({ a: a.slice(0) as View }, arrow))).toBe(
      'ERR_NBUF_UNSUPPORTED',
    );
    expect(
      codeOf(() =>
        toArrowStream({ a: acquire(HostArray.allocate([2], '3u')) as View }, arrow),
      ),
    ).toBe('ERR_NBUF_FORMAT');
    expect(codeOf(() => toArrowStream({ a: {} as View }, arrow))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
    for (const batchRows of [0, -1, 1.5, Number.NaN])
      expect(codeOf(() => toArrowStream({ a }, arrow, { batchRows }))).toBe(
        'ERR_OUT_OF_RANGE',
      );
    expect(codeOf(() => toArrowStream({ a }, arrow, { dimNames: { b: [] } }))).toBe(
      'ERR_OUT_OF_RANGE',
    );
    expect(codeOf(() => toArrowStream({ a }, {} as typeof arrow))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
  });
});
