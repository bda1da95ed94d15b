/** toArrow against apache-arrow itself. */
import * as arrow from 'apache-arrow';
import { acquire, HostArray, type View } from 'nbuf';
import { fromArrow, toArrow } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases } from '../../../test/random.ts';
import {
  codeOf,
  expected,
  innerAxes,
  logicalShape,
  messageOf,
  NUMBERS,
  named,
  OTHERS,
  plain,
  randomView,
  shapeOf,
} from './arrow_case.ts';

const valuesOf = (view: View): unknown => {
  const value = expected(view.toArray(), view.ndim);
  return view.format === '=iq' ? named(value, view.ndim) : value;
};

/** As Arrow sees the rows of a fixed shape: flat, in memory's order. */
function flatRows(view: View, permutation: readonly number[] | undefined): unknown[] {
  const order = innerAxes(view).map((_, axis) => permutation?.indexOf(axis) ?? axis);
  const physical = view.transpose(0, ...order.map((axis) => axis + 1));
  return Array.from({ length: shapeOf(physical as View)[0] ?? 0 }, (_, row) =>
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
      expect(codesFor(isShared, isAligned)).toContain(codeOf(() => toArrow(view, arrow)));
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
      const axes = random.shuffle(innerAxes(plainView));
      const view = plainView.transpose(0, ...axes) as View;
      const { vector, field } = toArrow(view, arrow, { as: 'fixed_shape_tensor' });
      if (view.ndim === 1) return expect(field.metadata.size).toBe(0);
      const said = JSON.parse(field.metadata.get('ARROW:extension:metadata') ?? '');
      const inner = view.format === 'Zf' ? [2] : [];
      expect(logicalShape(said)).toEqual([...shapeOf(view).slice(1), ...inner]);
      const rows = flatRows(view, said.permutation?.slice(0, view.ndim - 1));
      expect(plain(vector)).toEqual(rows.map((row) => (row as unknown[]).flat()));
      const back = fromArrow({ vector, field });
      expect(back.toArray()).toEqual(pairs(view));
      view.writeBytes(random.bytes(view.byteLength));
      expect(back.toArray()).toEqual(pairs(view));
    });
  });

  test('names of axes are those of memory', () => {
    const view = acquire(HostArray.allocate([4, 2, 3, 5], 'f'), { writable: true });
    const options = { as: 'fixed_shape_tensor', dimNames: ['C', 'H', 'W'] } as const;
    const metadata = (of: View) =>
      JSON.parse(
        toArrow(of, arrow, options).field.metadata.get('ARROW:extension:metadata') ?? '',
      );
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
    const array = HostArray.from(
      [
        [1, 2],
        [3, 4],
      ],
      'i',
    );
    const view = acquire(array);
    expect(messageOf(() => toArrow(view.transpose() as View, arrow))).toMatch(
      /contiguous.*copy: 'if-needed'/,
    );
    expect(messageOf(() => toArrow(view.toReadonly() as View, arrow))).toMatch(
      /readonly.*if-needed/,
    );
    expect(messageOf(() => toArrow(view.slice(0, 0) as View, arrow))).toMatch(
      /reshape\(\[1\]\)/,
    );
    expect(codeOf(() => toArrow(view.slice(0, 0) as View, arrow))).toBe(
      'ERR_NBUF_UNSUPPORTED',
    );
    const records = acquire(HostArray.allocate([2], 'T{i:a:d:b:}')) as View;
    expect(messageOf(() => toArrow(records, arrow))).toMatch(
      /field\(\["a"\]\).*if-needed/,
    );
    const text = acquire(HostArray.allocate([2], '3u')) as View;
    expect(messageOf(() => toArrow(text, arrow, { copy: 'if-needed' }))).toMatch(
      /no fixed-size type/,
    );
    view.release();
    expect(codeOf(() => toArrow(view, arrow))).toBe('ERR_NBUF_RELEASED');
    expect(codeOf(() => toArrow({} as View, arrow))).toBe('ERR_INVALID_ARG_TYPE');
  });
});

/** What toArrow may say without a copy. */
function codesFor(isShared: boolean, isAligned: boolean): string[] {
  if (isShared) return [isAligned ? 'none' : 'ERR_NBUF_STRIDES'];
  return ['ERR_NBUF_CONTIGUITY', 'ERR_NBUF_FORMAT', 'ERR_NBUF_STRIDES'];
}

function alignOf(format: string, itemsize: number): number {
  if (format.endsWith('s')) return 1;
  return format.startsWith('Z') ? itemsize / 2 : itemsize;
}

/** Complex numbers as lists, as they come back. */
function pairs(view: View): unknown {
  return view.format === 'Zf' ? expected(view.toArray(), view.ndim) : view.toArray();
}
