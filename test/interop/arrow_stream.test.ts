/** Against a stand-in for apache-arrow. The real one, and readers of its streams: examples/interop/tests. */

import { acquire, HostArray, type View } from 'nbuf';
import { fromArrowStream, toArrowBatches, toArrowStream } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { forCases } from '../random.ts';
import { arrow } from './arrow_stand_in.ts';
import { randomElements, types } from './elements.ts';

const NUMBERS = types.filter((type) => type !== '?');

describe('streams', () => {
  test('every leaf is packed in its batch, whatever the layout', () => {
    forCases(150, (random) => {
      const rows = random.int(0, 4);
      const made = [0, 1].map(() =>
        randomElements(random, { types: NUMBERS, shape: [rows, random.int(1, 3)] }),
      );
      const views = Object.fromEntries(
        made.map(({ view }, at) => [`c${at}`, view as View]),
      );
      const expected = made.flatMap(({ view }) => {
        const bytes = [...nativeBytes(view as View)];
        return [
          ...bytes,
          ...Array.from({ length: (8 - (bytes.length % 8)) % 8 }, () => 0),
        ];
      });
      expect([...toArrowStream(views, arrow)]).toEqual([...expected, 0xee]);
      const pieces = [...toArrowBatches(views, arrow, { batchRows: 1 })];
      expect(pieces.length).toBe(Math.max(1, rows));
    });
  });

  test('errors of a reader are FORMAT, and keep their cause', () => {
    expect(() => fromArrowStream(new Uint8Array(16), arrow)).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_FORMAT', cause: new Error('not here') }),
    );
  });
});

/** The elements' bytes in C order, in this machine's order. */
function nativeBytes(view: View): Uint8Array {
  const letter = (view.format ?? '').slice(1);
  const copy = acquire(HostArray.allocate(view.shape ?? [], letter), { writable: true });
  copy.copyFrom(view, { convert: 'same-kind' });
  return copy.toBytes();
}
