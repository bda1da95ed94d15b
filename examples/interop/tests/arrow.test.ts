/** toArrow and fromArrow against apache-arrow itself. */
import * as arrow from 'apache-arrow';
import { acquire, BufferError, HostArray, type View } from 'nbuf';
import { fromArrow, toArrow } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases, type Random } from '../../../test/random.ts';
import { expected, NUMBERS, named, OTHERS, plain, randomView } from './arrow_case.ts';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

const valuesOf = (view: View): unknown => {
  const value = expected(view.toArray(), view.ndim);
  return view.format === '=iq' ? named(value, view.ndim) : value;
};

/** As Arrow sees the rows of a fixed shape: flat, in memory's order. */
function flatRows(view: View, permutation: readonly number[] | undefined): unknown[] {
  const order = view.shape?.slice(1).map((_, axis) => permutation?.indexOf(axis) ?? axis) ?? [];
  const physical = view.transpose(0, ...order.map((axis) => axis + 1));
  return Array.from({ length: physical.shape?.[0] ?? 0 }, (_, row) =>
    (valuesOf(physical.slice(row) as View) as unknown[]).flat(view.ndim - 2),
  );
}

describe('toArrow', () => {
  test('C-contiguous numbers of all types are the same memory', () => {
    forCases(150, (random) => {
      const view = randomView(random, random.pick([...NUMBERS, 'Zf', 'Zd', '5s']), true);
      const { vector, field } = toArrow(view, arrow, { name: 'x' });
      expect(plain(vector)).toEqual(valuesOf(view));
      expect([field.name, field.nullable, String(field.type)]).toEqual([
        'x',
        false,
        String(vector.type),
      ]);
      view.writeBytes(random.bytes(view.byteLength));
      expect(plain(vector)).toEqual(valuesOf(view));
    });
  });

  test('what is written there is read here', () => {
    const view = acquire(HostArray.allocate([2, 3], 'd'), { writable: true });
    const { vector } = toArrow(view, arrow);
    const lists = vector as arrow.Vector<arrow.FixedSizeList<arrow.Float64>>;
    lists.getChildAt(0)?.set(4, 2.5);
    expect(view.get(1, 1)).toBe(2.5);
    expect(lists.data[0]?.children[0]?.values.buffer).toBe(view.buffer);
  });

  test('any layout and format as a copy, and refused without', () => {
    forCases(300, (random) => {
      const format = random.pick([...NUMBERS, ...OTHERS, ...OTHERS, 'Zd', '5s']);
      const view = randomView(random, format, random.chance(0.2));
      const isShared = view.isContiguous('C') && !OTHERS.includes(format);
      const isAligned =
        view.size === 0 || view.byteOffset % alignOf(format, view.itemsize) === 0;
      if (!isShared) expect(['CONTIGUITY', 'FORMAT', 'STRIDES'].map((c) => `ERR_NBUF_${c}`)).toContain(codeOf(() => toArrow(view, arrow)));
      else expect(codeOf(() => toArrow(view, arrow))).toBe(isAligned ? 'none' : 'ERR_NBUF_STRIDES');
      const copy = random.pick(['if-needed', 'always'] as const);
      const { vector } = toArrow(view, arrow, { copy });
      expect(plain(vector)).toEqual(valuesOf(view));
      const before = plain(vector);
      if (copy === 'always' || !isShared || !isAligned) {
        view.writeBytes(random.bytes(view.byteLength));
        expect(plain(vector)).toEqual(before);
      }
    });
  });

  test('fixed shapes, with transposed rows in place', () => {
    forCases(200, (random) => {
      const plainView = randomView(random, random.pick(['i', 'd', 'Zf', 'e']), true);
      const axes = random.shuffle(plainView.shape?.slice(1).map((_, axis) => axis + 1) ?? []);
      const view = plainView.transpose(0, ...axes) as View;
      const { vector, field } = toArrow(view, arrow, { as: 'fixed_shape_tensor' });
      if (view.ndim === 1) return expect(field.metadata.size).toBe(0);
      const said = JSON.parse(field.metadata.get('ARROW:extension:metadata') ?? '');
      const inner = view.format === 'Zf' ? [2] : [];
      const physical = said.shape as number[];
      const order: number[] = said.permutation ?? physical.map((_, axis) => axis);
      expect(order.map((axis) => physical[axis])).toEqual([...(view.shape?.slice(1) ?? []), ...inner]);
      const rows = flatRows(view, said.permutation?.slice(0, view.ndim - 1));
      expect(plain(vector)).toEqual(inner.length === 0 ? rows : rows.map((row) => (row as unknown[]).flat()));
      const back = fromArrow({ vector, field });
      expect(back.toArray()).toEqual(pairs(view));
      if (view.size > 0 && !field.metadata.has('none')) {
        view.writeBytes(random.bytes(view.byteLength));
        expect(back.toArray()).toEqual(pairs(view));
      }
    });
  });

  test('names of axes are those of memory', () => {
    const view = acquire(HostArray.allocate([4, 2, 3, 5], 'f'), { writable: true });
    const options = { as: 'fixed_shape_tensor', dimNames: ['C', 'H', 'W'] } as const;
    const metadata = (of: View) =>
      JSON.parse(toArrow(of, arrow, options).field.metadata.get('ARROW:extension:metadata') ?? '');
    expect(metadata(view)).toEqual({ shape: [2, 3, 5], dim_names: ['C', 'H', 'W'] });
    // The specification's example: logical i is physical permutation[i].
    expect(metadata(view.transpose(0, 3, 1, 2) as View)).toEqual({
      shape: [2, 3, 5],
      dim_names: ['H', 'W', 'C'],
      permutation: [2, 0, 1],
    });
  });

  test('the end: release empties it, a copy stays', () => {
    const view = acquire(HostArray.from([1, 2, 3], 'i'), { writable: true });
    const { vector } = toArrow(view, arrow);
    const copy = toArrow(view, arrow, { copy: 'always' });
    view.release();
    expect(vector.data[0]?.values.length).toBe(0);
    expect(plain(copy.vector)).toEqual([1, 2, 3]);
  });

  test('refusals name the reason and the remedy', () => {
    const array = HostArray.from([[1, 2], [3, 4]], 'i');
    const view = acquire(array) as View;
    const say = (run: () => unknown) => expect(run).toThrow(BufferError) ?? messageOf(run);
    expect(messageOf(() => toArrow(view.transpose() as View, arrow))).toMatch(/contiguous.*copy: 'if-needed'/);
    expect(messageOf(() => toArrow(view.toReadonly() as View, arrow))).toMatch(/readonly.*if-needed/);
    expect(messageOf(() => toArrow(view.slice(0, 0) as View, arrow))).toMatch(/reshape\(\[1\]\)/);
    expect(codeOf(() => toArrow(view.slice(0, 0) as View, arrow))).toBe('ERR_NBUF_UNSUPPORTED');
    const records = acquire(HostArray.allocate([2], 'T{i:a:d:b:}')) as View;
    expect(messageOf(() => toArrow(records, arrow))).toMatch(/field\(\["a"\]\).*if-needed/);
    const text = acquire(HostArray.allocate([2], '3u')) as View;
    expect(messageOf(() => toArrow(text, arrow, { copy: 'if-needed' }))).toMatch(/no fixed-size type/);
    view.release();
    expect(codeOf(() => toArrow(view, arrow))).toBe('ERR_NBUF_RELEASED');
    say(() => toArrow(view, arrow));
    expect(codeOf(() => toArrow({} as View, arrow))).toBe('ERR_INVALID_ARG_TYPE');
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

function alignOf(format: string, itemsize: number): number {
  if (format.endsWith('s')) return 1;
  return format.startsWith('Z') ? itemsize / 2 : itemsize;
}

/** Complex numbers as lists, as they come back. */
function pairs(view: View): unknown {
  return view.format === 'Zf' ? expected(view.toArray(), view.ndim) : view.toArray();
}

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
      expect([provider.toArray(), provider.shape]).toEqual([values.slice(start, end), [end - start]]);
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
      const inner = new arrow.FixedSizeList(b, new arrow.Field('item', new arrow.Int32()));
      const type = new arrow.FixedSizeList(a, new arrow.Field('item', inner));
      const values = Array.from({ length: n }, (_, i) =>
        Array.from({ length: a }, (_, j) => Array.from({ length: b }, (_, k) => 100 * i + 10 * j + k)),
      );
      const vector = arrow.vectorFromArray(values, type) as arrow.Vector;
      const start = random.int(0, n);
      const provider = fromArrow(vector.slice(start), { writable: true });
      expect([provider.shape, provider.toArray()]).toEqual([[n - start, a, b], values.slice(start)]);
      if (start === n) return;
      provider.set(0, a - 1, b - 1, 7);
      expect(vector.get(start).get(a - 1).get(b - 1)).toBe(7);
    });
  });

  test('columns of tables and batches, with their extension', () => {
    const view = acquire(HostArray.from([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]], 'i'));
    const { vector, field } = toArrow(view.transpose(0, 2, 1) as View, arrow, { name: 'm', as: 'fixed_shape_tensor' });
    const schema = new arrow.Schema([field as never]);
    const data = arrow.makeData({ type: new arrow.Struct([field as never]), length: 2, nullCount: 0, children: [vector.data[0] as arrow.Data] });
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
    expect(codeOf(() => fromArrow(vector, { copy: 'if-needed' }))).toBe('ERR_NBUF_FORMAT');
    const options = { copy: 'if-needed', fill: -1 } as const;
    expect(fromArrow(vector, options).toArray()).toEqual([1, -1, 3, -1, 5, -1]);
    expect(fromArrow(vector.slice(1, 4), options).toArray()).toEqual([-1, 3, -1]);
    expect(fromArrow(vector.slice(2, 3)).toArray()).toEqual([3]);
    expect(codeOf(() => fromArrow(vector, { copy: 'if-needed', fill: 2 ** 40 }))).toBe('ERR_OUT_OF_RANGE');
  });

  test('nulls of lists and in lists', () => {
    forCases(60, (random) => {
      const size = random.int(1, 3);
      const type = new arrow.FixedSizeList(size, new arrow.Field('item', new arrow.Float64(), true));
      const values = Array.from({ length: random.int(1, 9) }, () =>
        random.chance(0.3) ? null : Array.from({ length: size }, () => (random.chance(0.3) ? null : random.int(0, 99))),
      );
      const vector = arrow.vectorFromArray(values, type) as arrow.Vector;
      const start = random.int(0, values.length - 1);
      const provider = fromArrow(vector.slice(start), { copy: 'if-needed', fill: -1 });
      expect(provider.toArray()).toEqual(
        values.slice(start).map((list) => Array.from({ length: size }, (_, at) => list?.[at] ?? -1)),
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
    const chunks = arrow.vectorFromArray([1, 2], new arrow.Int16()).concat(arrow.vectorFromArray([3], new arrow.Int16()));
    expect(codeOf(() => fromArrow(chunks))).toBe('ERR_NBUF_CONTIGUITY');
    expect(fromArrow(chunks, { copy: 'if-needed' }).toArray()).toEqual([1, 2, 3]);
    expect(fromArrow(chunks.slice(0, 2)).toArray()).toEqual([1, 2]);
  });

  test('records go there and come back', () => {
    forCases(60, (random) => {
      const format = random.pick(['T{i:a:d:b:}', 'T{(2)h:x:?:y:T{f:u:}:z:3s:t:}', 'T{(2,3)e:m:}']);
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
    expect(fromArrow(arrow.makeVector(arrow.makeData({ type: new arrow.TimeMillisecond(), data: Int32Array.of(7) })), { storage: true }).toArray()).toEqual([7]);
    expect(fromArrow(arrow.makeVector(arrow.makeData({ type: new arrow.DurationSecond(), data: BigInt64Array.of(7n) })), { storage: true }).toArray()).toEqual([7n]);
  });

  test.each([
    ['Dictionary', arrow.vectorFromArray(['a', 'b'])],
    ['Utf8', arrow.vectorFromArray(['a', 'b'], new arrow.Utf8())],
    ['List', arrow.vectorFromArray([[1], [2, 3]], new arrow.List(new arrow.Field('item', new arrow.Int32())))],
    ['Decimal', arrow.makeVector(arrow.makeData({ type: new arrow.Decimal(2, 10), data: new Uint32Array(4) }))],
    ['Null', arrow.vectorFromArray([null, null], new arrow.Null())],
  ])('%s is refused by its name', (name, vector) => {
    expect(codeOf(() => fromArrow(vector))).toBe('ERR_NBUF_FORMAT');
    expect(messageOf(() => fromArrow(vector))).toContain(`found ${name}`);
  });

  test('a transferred column is gone, a released provider frees nothing of Arrow', () => {
    const values = Int32Array.of(1, 2, 3);
    const vector = arrow.makeVector(values);
    const provider = fromArrow(vector);
    structuredClone(values.buffer, { transfer: [values.buffer] });
    expect(codeOf(() => provider.get(0))).toBe('ERR_NBUF_DETACHED');
    provider.release();
  });

  test('memory of nbuf that went to Arrow comes back with its lock', () => {
    const array = HostArray.from([1, 2, 3], 'd');
    const view = acquire(array, { writable: true });
    const back = fromArrow(toArrow(view, arrow).vector);
    view.release();
    expect(back.toArray()).toEqual([1, 2, 3]);
    expect(codeOf(() => array.resize([5]))).toBe('ERR_NBUF_LOCKED');
    back.release();
    array.resize([5]);
  });

  test('a column that lies about its length stays in its memory', () => {
    const data = arrow.makeData({ type: new arrow.Int32(), length: 100, data: Int32Array.of(1, 2) });
    expect(codeOf(() => fromArrow(data))).toBe('ERR_NBUF_BOUNDS');
    const list = arrow.makeData({
      type: new arrow.FixedSizeList(5, new arrow.Field('item', new arrow.Int32())),
      length: 2,
      child: arrow.makeData({ type: new arrow.Int32(), data: Int32Array.of(1, 2) }),
    });
    expect(codeOf(() => fromArrow(list))).toBe('ERR_NBUF_BOUNDS');
    const bools = arrow.makeData({ type: new arrow.Bool(), length: 100, data: Uint8Array.of(1) });
    expect(codeOf(() => fromArrow(bools, { copy: 'if-needed' }))).toBe('ERR_NBUF_BOUNDS');
  });
});
