/** Columns of apache-arrow that end, share memory, or lie. */
import * as arrow from 'apache-arrow';
import { acquire, HostArray } from 'nbuf';
import { fromArrow, toArrow } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases, type Random } from '../../../test/random.ts';
import { codeOf, randomView } from './arrow_case.ts';

describe('fromArrow', () => {
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
    const data = arrow.makeData({
      type: new arrow.Int32(),
      length: 100,
      data: Int32Array.of(1, 2),
    });
    expect(codeOf(() => fromArrow(data))).toBe('ERR_NBUF_BOUNDS');
    const list = arrow.makeData({
      type: new arrow.FixedSizeList(5, new arrow.Field('item', new arrow.Int32())),
      length: 2,
      child: arrow.makeData({ type: new arrow.Int32(), data: Int32Array.of(1, 2) }),
    });
    expect(codeOf(() => fromArrow(list))).toBe('ERR_NBUF_BOUNDS');
    const bools = arrow.makeData({
      type: new arrow.Bool(),
      length: 100,
      data: Uint8Array.of(1),
    });
    expect(codeOf(() => fromArrow(bools, { copy: 'if-needed' }))).toBe('ERR_NBUF_BOUNDS');
  });

  test('forged columns throw, or stay in their memory', () => {
    forCases(300, (random) => {
      const view = randomView(
        random,
        random.pick(['h', 'd', '?', 'T{i:a:?:b:}', '3s']),
        true,
      );
      const data = toArrow(view, arrow, { copy: 'if-needed' }).vector.data[0];
      const forged = forge(random, data as never);
      try {
        const options = { copy: random.pick(['never', 'if-needed'] as const), fill: 0 };
        const provider = fromArrow(forged, options);
        if (provider.size < 1e5) provider.toArray();
      } catch (error) {
        expect(error).toHaveProperty('code');
      }
    });
  });
});

const LIES: readonly unknown[] = [
  -1,
  0,
  1,
  3,
  1.5,
  2 ** 31,
  2 ** 40,
  2 ** 53,
  Number.NaN,
  'x',
  null,
  {},
  [],
  new Uint8Array(3),
  new Float64Array(2),
];

/** A Data with one lie in it, or in a child. */
function forge(random: Random, data: Record<string, unknown>): object {
  const { length, offset, nullCount, nullBitmap, values, children, type } = data;
  const copy: Record<string, unknown> = {
    length,
    offset,
    nullCount,
    nullBitmap,
    values,
    children,
    type,
  };
  const inner = children as Record<string, unknown>[];
  if (inner.length > 0 && random.chance(0.5))
    copy.children = inner.map((child) => forge(random, child));
  else if (random.chance(0.3)) {
    const {
      typeId,
      listSize,
      bitWidth,
      children: types,
    } = type as Record<string, unknown>;
    const said: Record<string, unknown> = { typeId, listSize, bitWidth, children: types };
    said[random.pick(['typeId', 'listSize', 'bitWidth', 'children'])] = random.pick(LIES);
    copy.type = said;
  } else {
    copy[random.pick(Object.keys(copy))] = random.pick(LIES);
    if (random.chance(0.3)) copy.nullCount = 1;
  }
  return copy;
}
