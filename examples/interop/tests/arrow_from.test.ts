/** fromArrow against apache-arrow itself. */
import * as arrow from 'apache-arrow';
import { acquire, HostArray, type View } from 'nbuf';
import { fromArrow, toArrow } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases, type Random } from '../../../test/random.ts';
import { codeOf, messageOf, randomView } from './arrow_case.ts';

const INTS: [arrow.DataType, (random: Random) => number | bigint][] = [
  [new arrow.Int8(), (random) => random.int(-128, 127)],
  [new arrow.Uint8(), (random) => random.int(0, 255)],
  [new arrow.Int16(), (random) => random.int(-32768, 32767)],
  [new arrow.Uint16(), (random) => random.int(0, 65535)],
  [new arrow.Int32(), (random) => random.int(-(2 ** 31), 2 ** 31 - 1)],
  [new arrow.Uint32(), (random) => random.int(0, 2 ** 32 - 1)],
  [new arrow.Int64(), (random) => BigInt(random.int(-(2 ** 40), 2 ** 40)) << 20n],
  [new arrow.Uint64(), (random) => BigInt(random.int(0, 2 ** 40)) << 22n],
  [new arrow.Float32(), (random) => Math.fround(random.int(-1e6, 1e6) / 7)],
  [new arrow.Float64(), (random) => random.int(-1e6, 1e6) / 7],
  [new arrow.Float16(), (random) => random.int(-2048, 2048)],
];

describe('fromArrow', () => {
  test('primitive columns, whole and sliced, are the same memory', () => {
    forCases(150, (random) => {
      const [type, make] = random.pick(INTS);
      const values = Array.from({ length: random.int(1, 20) }, () => make(random));
      const whole = arrow.vectorFromArray(values, type) as arrow.Vector;
      const start = random.int(0, values.length);
      const end = random.int(start, values.length);
      const provider = fromArrow(whole.slice(start, end));
      expect([provider.toArray(), provider.shape]).toEqual([
        values.slice(start, end),
        [end - start],
      ]);
      if (end === start) return;
      whole.set(start, (typeof values[0] === 'bigint' ? 1n : 1) as never);
      expect(Number(provider.get(0))).toBe(Number(whole.get(start)));
      provider.release();
      expect(whole.get(start)).not.toBeNull();
    });
  });

  test('lists in lists, sliced at every level', () => {
    forCases(100, (random) => {
      const [n, a, b] = [random.int(1, 5), random.int(1, 3), random.int(1, 4)];
      const inner = new arrow.FixedSizeList(
        b,
        new arrow.Field('item', new arrow.Int32()),
      );
      const type = new arrow.FixedSizeList(a, new arrow.Field('item', inner));
      const values = Array.from({ length: n }, (_, i) =>
        Array.from({ length: a }, (_, j) =>
          Array.from({ length: b }, (_, k) => 100 * i + 10 * j + k),
        ),
      );
      const vector = arrow.vectorFromArray(values, type) as arrow.Vector;
      const start = random.int(0, n);
      const provider = fromArrow(vector.slice(start), { writable: true });
      expect([provider.shape, provider.toArray()]).toEqual([
        [n - start, a, b],
        values.slice(start),
      ]);
      if (start === n) return;
      provider.set(0, a - 1, b - 1, 7);
      expect(
        vector
          .get(start)
          .get(a - 1)
          .get(b - 1),
      ).toBe(7);
    });
  });

  test('columns of tables and batches, with their extension', () => {
    const view = acquire(
      HostArray.from(
        [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          [
            [7, 8, 9],
            [10, 11, 12],
          ],
        ],
        'i',
      ),
    );
    const { vector, field } = toArrow(view.transpose(0, 2, 1) as View, arrow, {
      name: 'm',
      as: 'fixed_shape_tensor',
    });
    const schema = new arrow.Schema([field as never]);
    const data = arrow.makeData({
      type: new arrow.Struct([field as never]),
      length: 2,
      nullCount: 0,
      children: [vector.data[0] as arrow.Data],
    });
    const batch = new arrow.RecordBatch(schema, data);
    for (const source of [batch, new arrow.Table(batch)]) {
      const provider = fromArrow(source, { column: 'm' });
      expect([provider.shape, provider.get(0, 2, 1)]).toEqual([[2, 3, 2], 6]);
      expect(codeOf(() => fromArrow(source, { column: 'x' }))).toBe('ERR_OUT_OF_RANGE');
      expect(messageOf(() => fromArrow(source))).toMatch(/column.*'m'/);
    }
    expect(fromArrow(vector).shape).toEqual([2, 6]);
    expect(fromArrow(vector, { field }).shape).toEqual([2, 3, 2]);
    expect(fromArrow(vector.data[0] as arrow.Data, { field }).shape).toEqual([2, 3, 2]);
  });

  test('nulls: refused with their number, or a value for them', () => {
    const vector = arrow.vectorFromArray([1, null, 3, null, 5, null], new arrow.Int32());
    expect(messageOf(() => fromArrow(vector))).toMatch(/6 rows has 3 nulls/);
    expect(codeOf(() => fromArrow(vector, { copy: 'if-needed' }))).toBe(
      'ERR_NBUF_FORMAT',
    );
    const options = { copy: 'if-needed', fill: -1 } as const;
    expect(fromArrow(vector, options).toArray()).toEqual([1, -1, 3, -1, 5, -1]);
    expect(fromArrow(vector.slice(1, 4), options).toArray()).toEqual([-1, 3, -1]);
    expect(fromArrow(vector.slice(2, 3)).toArray()).toEqual([3]);
    expect(codeOf(() => fromArrow(vector, { copy: 'if-needed', fill: 2 ** 40 }))).toBe(
      'ERR_OUT_OF_RANGE',
    );
  });

  test('nulls of lists and in lists', () => {
    forCases(60, (random) => {
      const size = random.int(1, 3);
      const type = new arrow.FixedSizeList(
        size,
        new arrow.Field('item', new arrow.Float64(), true),
      );
      const values = Array.from({ length: random.int(1, 9) }, () =>
        random.chance(0.3)
          ? null
          : Array.from({ length: size }, () =>
              random.chance(0.3) ? null : random.int(0, 99),
            ),
      );
      const vector = arrow.vectorFromArray(values, type) as arrow.Vector;
      const start = random.int(0, values.length - 1);
      const provider = fromArrow(vector.slice(start), { copy: 'if-needed', fill: -1 });
      expect(provider.toArray()).toEqual(
        values
          .slice(start)
          .map((list) => Array.from({ length: size }, (_, at) => list?.[at] ?? -1)),
      );
    });
  });

  test('Bool, chunks and structs as copies', () => {
    forCases(60, (random) => {
      const bools = Array.from({ length: random.int(1, 40) }, () => random.chance(0.5));
      const vector = arrow.vectorFromArray(bools, new arrow.Bool());
      const start = random.int(0, bools.length - 1);
      expect(codeOf(() => fromArrow(vector))).toBe('ERR_NBUF_FORMAT');
      const provider = fromArrow(vector.slice(start), { copy: 'if-needed' });
      expect([provider.format, provider.toArray()]).toEqual(['?', bools.slice(start)]);
    });
    const chunks = arrow
      .vectorFromArray([1, 2], new arrow.Int16())
      .concat(arrow.vectorFromArray([3], new arrow.Int16()));
    expect(codeOf(() => fromArrow(chunks))).toBe('ERR_NBUF_CONTIGUITY');
    expect(fromArrow(chunks, { copy: 'if-needed' }).toArray()).toEqual([1, 2, 3]);
    expect(fromArrow(chunks.slice(0, 2)).toArray()).toEqual([1, 2]);
  });

  test('records go there and come back', () => {
    forCases(60, (random) => {
      const format = random.pick([
        'T{i:a:d:b:}',
        'T{(2)h:x:?:y:T{f:u:}:z:3s:t:}',
        'T{(2,3)e:m:}',
      ]);
      const view = randomView(random, format, false);
      const { vector } = toArrow(view, arrow, { copy: 'if-needed' });
      expect(codeOf(() => fromArrow(vector))).toBe('ERR_NBUF_CONTIGUITY');
      const back = fromArrow(vector, { copy: 'if-needed' });
      expect([back.shape, back.toArray()]).toEqual([view.shape, view.toArray()]);
    });
  });

  test('times are integers only when asked', () => {
    const days = arrow.vectorFromArray([new Date(86_400_000)], new arrow.DateDay());
    const stamps = arrow.vectorFromArray([5], new arrow.TimestampNanosecond());
    expect(messageOf(() => fromArrow(days))).toMatch(/Date.*storage: true/);
    expect(messageOf(() => fromArrow(stamps))).toMatch(/Timestamp/);
    expect(fromArrow(days, { storage: true }).toArray()).toEqual([1]);
    expect(fromArrow(stamps, { storage: true }).format).toBe('q');
    expect(
      fromArrow(
        arrow.makeVector(
          arrow.makeData({ type: new arrow.TimeMillisecond(), data: Int32Array.of(7) }),
        ),
        { storage: true },
      ).toArray(),
    ).toEqual([7]);
    expect(
      fromArrow(
        arrow.makeVector(
          arrow.makeData({
            type: new arrow.DurationSecond(),
            data: BigInt64Array.of(7n),
          }),
        ),
        { storage: true },
      ).toArray(),
    ).toEqual([7n]);
  });

  test.each([
    ['Dictionary', arrow.vectorFromArray(['a', 'b'])],
    ['Utf8', arrow.vectorFromArray(['a', 'b'], new arrow.Utf8())],
    [
      'List',
      arrow.vectorFromArray(
        [[1], [2, 3]],
        new arrow.List(new arrow.Field('item', new arrow.Int32())),
      ),
    ],
    [
      'Decimal',
      arrow.makeVector(
        arrow.makeData({ type: new arrow.Decimal(2, 10), data: new Uint32Array(4) }),
      ),
    ],
    ['Null', arrow.vectorFromArray([null, null], new arrow.Null())],
  ])('%s is refused by its name', (name, vector) => {
    expect(codeOf(() => fromArrow(vector))).toBe('ERR_NBUF_FORMAT');
    expect(messageOf(() => fromArrow(vector))).toContain(`found ${name}`);
  });
});
