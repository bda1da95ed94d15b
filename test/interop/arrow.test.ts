/** Against a stand-in for apache-arrow. The real one, and readers of its streams: examples/interop/tests. */

import { acquire, Flags, HostArray, IndirectArray, type View } from 'nbuf';
import { fromArrow, toArrow, toArrowStream } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases } from '../random.ts';
import { arrow, type Data } from './arrow_stand_in.ts';
import { codeOf, type Elements, randomElements, types } from './elements.ts';

const NUMBERS = types.filter((type) => type !== '?');

const TYPES: Readonly<
  Record<string, readonly [class_: keyof typeof arrow, array: string]>
> = {
  b: ['Int8', 'Int8Array'],
  B: ['Uint8', 'Uint8Array'],
  h: ['Int16', 'Int16Array'],
  H: ['Uint16', 'Uint16Array'],
  e: ['Float16', 'Uint16Array'],
  i: ['Int32', 'Int32Array'],
  I: ['Uint32', 'Uint32Array'],
  f: ['Float32', 'Float32Array'],
  q: ['Int64', 'BigInt64Array'],
  Q: ['Uint64', 'BigUint64Array'],
  d: ['Float64', 'Float64Array'],
  Zf: ['Float32', 'Float32Array'],
};

const dataOf = (column: { readonly vector: unknown }): Data =>
  (column.vector as { readonly data: Data[] }).data[0] as Data;

/** The numbers below all lists, and how long each list says that it is. */
function unwrap(data: Data): { leaf: Data; sizes: number[] } {
  const sizes: number[] = [];
  let leaf = data;
  for (let [child] = leaf.children; child !== undefined; [child] = leaf.children) {
    sizes.push((leaf.type.details as { listSize: number }).listSize);
    leaf = child;
  }
  return { leaf, sizes };
}

function halfOf(bits: number): number {
  const [sign, exponent, fraction] = [
    bits >> 15 ? -1 : 1,
    (bits >> 10) & 31,
    bits & 1023,
  ];
  if (exponent === 31) return fraction > 0 ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return (
    sign *
    (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
  );
}

function valuesOf(leaf: Data, type: string): unknown[] {
  const values = [...(leaf.values as unknown as Iterable<number>)];
  return type === 'e' ? values.map(halfOf) : values;
}

const columns = (check: (elements: Elements) => void): void =>
  forCases(300, (random) => {
    const elements = randomElements(random, { types: NUMBERS });
    if (elements.shape.length > 0) check(elements);
    else
      expect(codeOf(() => toArrow(elements.view as View, arrow))).toBe(
        'ERR_NBUF_UNSUPPORTED',
      );
  });

describe('toArrow', () => {
  test('types, lengths, lists and values of any layout', () => {
    columns(({ view, type, shape, values }) => {
      const column = toArrow(view as View, arrow, { copy: 'if-needed', name: 'x' });
      const { leaf, sizes } = unwrap(dataOf(column));
      const [Class, array] = TYPES[type] ?? [];
      expect(leaf.type).toBeInstanceOf(arrow[Class as 'Int8']);
      expect(leaf.values?.constructor.name).toBe(array);
      const inner = type === 'Zf' ? [2] : [];
      expect([dataOf(column).length, ...sizes]).toEqual([...shape, ...inner]);
      expect(valuesOf(leaf, type)).toEqual(values.flat());
      expect(leaf.length).toBe(values.flat().length);
    });
  });

  test('without a copy: the same memory, or a reason', () => {
    columns(({ view, isPlain }) => {
      const run = () => toArrow(view as View, arrow);
      if (!isPlain)
        return expect(codeOf(run)).toMatch(
          /^ERR_NBUF_(CONTIGUITY|STRIDES|FORMAT|READONLY)$/,
        );
      const { leaf } = unwrap(dataOf(run()));
      if (view.size > 0) expect(leaf.values?.buffer).toBe(view.buffer);
    });
  });

  test('booleans as bits, text as bytes, records as structs', () => {
    const bools = acquire(
      HostArray.from([true, false, false, true, true, true, true, true, true], '?'),
    );
    const bits = dataOf(toArrow(bools as View, arrow, { copy: 'if-needed' }));
    expect([...(bits.values as Uint8Array)]).toEqual([0b11111001, 1, 0, 0, 0, 0, 0, 0]);
    expect(codeOf(() => toArrow(bools as View, arrow))).toBe('ERR_NBUF_FORMAT');
    const text = acquire(
      HostArray.fromBytes(Uint8Array.of(1, 2, 3, 4), { shape: [2], format: '2s' }),
      { writable: true },
    );
    const binary = dataOf(toArrow(text as View, arrow));
    expect([binary.type.details, binary.values]).toEqual([
      { byteWidth: 2 },
      Uint8Array.of(1, 2, 3, 4),
    ]);
    const records = acquire(HostArray.from([{ a: 1, b: 2n }], 'T{i:a:q:b:}'), {
      writable: true,
    });
    const struct = dataOf(toArrow(records as View, arrow, { copy: 'if-needed' }));
    expect(struct.children.map(({ values }) => values)).toEqual([
      Int32Array.of(1),
      BigInt64Array.of(2n),
    ]);
    records.set(0, { a: 7, b: 7n });
    expect(struct.children[0]?.values).toEqual(Int32Array.of(1));
  });

  test('what a caller may get wrong', () => {
    const view = acquire(HostArray.allocate([2, 3], 'i'), { writable: true }) as View;
    const fixed = { as: 'fixed_shape_tensor' } as const;
    expect(codeOf(() => toArrow(view, arrow, { ...fixed, dimNames: ['x', 'y'] }))).toBe(
      'ERR_OUT_OF_RANGE',
    );
    expect(codeOf(() => toArrow(view, arrow, { ...fixed, dimNames: [1] as never }))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
    expect(codeOf(() => toArrow(view, arrow, { dimNames: ['x'] }))).toBe(
      'ERR_OUT_OF_RANGE',
    );
    expect(codeOf(() => toArrow(view, arrow, { as: 'tensor' as never }))).toBe(
      'ERR_OUT_OF_RANGE',
    );
    expect(codeOf(() => toArrow(view, arrow, { copy: 'yes' as never }))).toBe(
      'ERR_OUT_OF_RANGE',
    );
    expect(codeOf(() => toArrow(view, arrow, { name: 5 as never }))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
    for (const module of [null, undefined, 5, {}, { makeData: 1 }])
      expect(codeOf(() => toArrow(view, module as never))).toBe('ERR_INVALID_ARG_TYPE');
    for (const value of [null, {}, new Uint8Array(2)])
      expect(codeOf(() => toArrow(value as never, arrow))).toBe('ERR_INVALID_ARG_TYPE');
  });
});

describe('fromArrow', () => {
  test('what toArrow made is the view again', () => {
    columns(({ view, shape, type }) => {
      const as = view.size % 2 === 0 ? 'list' : 'fixed_shape_tensor';
      const made = toArrow(view as View, arrow, { copy: 'if-needed', as });
      const back = fromArrow(made, { writable: true });
      expect(back.shape).toEqual(type === 'Zf' ? [...shape, 2] : shape);
      if (type !== 'Zf') expect(back.equals(view, { nan: true })).toBe(true);
      expect(back.format).toBe(type === 'Zf' ? 'f' : type);
    });
  });

  test('metadata that contradicts the list, or is none', () => {
    const { vector } = toArrow(
      acquire(HostArray.allocate([2, 6], 'i'), { writable: true }) as View,
      arrow,
    );
    const read = (text: string) => {
      const metadata = new Map([
        ['ARROW:extension:name', 'arrow.fixed_shape_tensor'],
        ['ARROW:extension:metadata', text],
      ]);
      return fromArrow(vector, { field: { metadata } });
    };
    expect(
      read('{"shape":[3,2],"permutation":[1,0],"dim_names":["a","b"]}').strides,
    ).toEqual([24, 4, 8]);
    expect(read('{"shape":[3,2],"permutation":null}').shape).toEqual([2, 3, 2]);
    for (const text of [
      '',
      '[]',
      'null',
      '{}',
      '{"shape":6}',
      '{"shape":[5]}',
      '{"shape":[-6,-1]}',
      '{"shape":[1.5,4]}',
      '{"shape":["6"]}',
      '{"shape":[3,2],"permutation":[0,0]}',
      '{"shape":[3,2],"permutation":[1,2]}',
      '{"shape":[3,2],"permutation":[0]}',
      '{"shape":[3,2],"permutation":{}}',
      `{"shape":[6${',1'.repeat(64)}]}`,
    ])
      expect(
        codeOf(() => read(text)),
        text,
      ).toBe('ERR_NBUF_FORMAT');
  });

  test('getters that change their mind reach no memory that is not there', () => {
    const values = new Int32Array(4);
    let asked = 0;
    const type = new arrow.Int32();
    const lying = {
      type,
      nullCount: 0,
      get length() {
        asked++;
        structuredClone(values.buffer, { transfer: [values.buffer] });
        return 4;
      },
      values,
    };
    expect(codeOf(() => fromArrow(lying))).toMatch(/^ERR_NBUF_(DETACHED|BOUNDS)$/);
    expect(asked).toBe(1);
    const endless: Record<string, unknown> = { typeId: 16, listSize: 1 };
    endless.children = [{ type: endless }];
    expect(codeOf(() => fromArrow({ type: endless, length: 1, children: [] }))).toBe(
      'ERR_NBUF_FORMAT',
    );
  });
});

test('lengths are checked before memory is asked for', () => {
  const type = new arrow.Int32();
  const values = new Int32Array(4);
  const chunk = (length: number) => ({
    type,
    length,
    nullCount: 0,
    values,
    children: [],
  });
  const copy = { copy: 'if-needed' } as const;
  for (const length of [5, 2 ** 40, 2 ** 53 - 1])
    expect(codeOf(() => fromArrow({ type, data: [chunk(1), chunk(length)] }, copy))).toBe(
      'ERR_NBUF_BOUNDS',
    );
  const nullBitmap = Uint8Array.of(255);
  const nulls = { type: new arrow.Bool(), length: 2 ** 40, nullCount: 1, nullBitmap };
  const bits = { ...nulls, values: nullBitmap, children: [] };
  expect(codeOf(() => fromArrow(bits, { ...copy, fill: false }))).toBe('ERR_NBUF_BOUNDS');
});

test('elements behind pointers, and requests that left things out', () => {
  const rows = [Int16Array.of(1, 2), Int16Array.of(3, 4)];
  const stacked = acquire(IndirectArray.fromRows(rows)) as View;
  expect(codeOf(() => toArrow(stacked, arrow))).toBe('ERR_NBUF_SUBOFFSETS');
  const { leaf } = unwrap(dataOf(toArrow(stacked, arrow, { copy: 'if-needed' })));
  expect(leaf.values).toEqual(Int16Array.of(1, 2, 3, 4));
  const as = 'fixed_shape_tensor';
  const stream = toArrowStream({ stacked }, arrow, { as });
  expect(new Int16Array(stream.buffer, 0, 4)).toEqual(Int16Array.of(1, 2, 3, 4));
  const bytes = acquire(HostArray.from([513], 'h'), Flags.WRITABLE);
  expect(dataOf(toArrow(bytes as never as View, arrow)).values).toEqual(
    Uint8Array.of(1, 2),
  );
});
