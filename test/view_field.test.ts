/** One field of all records as a view: what NumPy's array['name'] shows. */

import {
  acquire,
  type ElementValue,
  formatsEqual,
  HostArray,
  parseFormat,
  type Selection,
  type View,
} from 'nbuf';
import { describe, expect, test } from 'vitest';
import { plain } from './npy_ask.ts';
import { createRandom, firstSeed, type Random } from './random.ts';
import {
  askNumpy,
  hasNumpy,
  type RecordCase,
  randomRecord,
  randomSteps,
  type Step,
} from './record_case.ts';

function of(format: string, shape: number[], itemsize?: number): View {
  const size = itemsize ?? parseFormat(format).itemsize;
  const count = shape.reduce((product, extent) => product * extent, size);
  const bytes = Uint8Array.from({ length: count }, (_, k) => k);
  const array = HostArray.fromBytes(bytes, { format, shape, itemsize: size });
  return acquire(array, { writable: true });
}

const outOfRange = expect.objectContaining({
  name: 'RangeError',
  code: 'ERR_OUT_OF_RANGE',
});
const wrongType = expect.objectContaining({
  name: 'TypeError',
  code: 'ERR_INVALID_ARG_TYPE',
});
const wrongFormat = expect.objectContaining({
  name: 'BufferError',
  code: 'ERR_NBUF_FORMAT',
});

type Question = { record: RecordCase; shape: number[]; steps: Step[]; paths: string[][] };
type Answer = {
  hex: string;
  values: unknown;
  fields: {
    shape: number[];
    strides: number[];
    values: unknown;
    itemsize: number;
    offset: number;
  }[];
};

function question(random: Random): Question {
  const record = randomRecord(random);
  const shape = random.pick([[], [1], [5], [3, 4], [2, 3, 2]]);
  return { record, shape, steps: randomSteps(random, shape), paths: record.paths };
}

function windowOf(view: View, steps: readonly Step[]): View {
  return steps.reduce<View>(
    (from, step) =>
      'slice' in step
        ? from.slice(...(step.slice as Selection[]))
        : from.transpose(...step.transpose),
    view,
  );
}

function checkFields({ record, shape, steps, paths }: Question, answer: Answer): void {
  const { format, size: itemsize } = record;
  const bytes = Buffer.from(answer.hex, 'hex');
  using base = acquire(HostArray.fromBytes(bytes, { format, shape, itemsize }));
  const window = windowOf(base, steps);
  expect(plain(window.toArray()), format).toEqual(answer.values);
  paths.forEach((path, k) => {
    const expected = answer.fields[k] as Answer['fields'][number];
    const field = window.field(path);
    const message = `${path} of ${format}`;
    expect(field.shape, message).toEqual(expected.shape);
    expect(field.strides, message).toEqual(expected.strides);
    expect(field.itemsize, message).toBe(expected.itemsize);
    expect(field.byteOffset - base.byteOffset, message).toBe(expected.offset);
    expect(plain(field.toArray()), message).toEqual(expected.values);
    // One name after the other leads to the same place.
    const steps = path.reduce<View>((view, name) => view.field([name]), window);
    expect([steps.shape, steps.strides, steps.format, steps.byteOffset]).toEqual([
      field.shape,
      field.strides,
      field.format,
      field.byteOffset,
    ]);
  });
}

describe('field as NumPy has it', () => {
  test.runIf(hasNumpy)('of random records, sliced and transposed', () => {
    const seed = firstSeed();
    const random = createRandom(seed);
    const questions = Array.from({ length: 150 }, () => question(random));
    const answers = askNumpy<Answer>(
      questions.map(({ record, shape, steps, paths }, k) => {
        return ['views', record.dtype, shape, seed + k, steps, paths];
      }),
    );
    questions.forEach((asked, k) => {
      try {
        checkFields(asked, answers[k] as Answer);
      } catch (cause) {
        throw new Error(`NBUF_SEED=${seed}, case ${k}: ${cause}`, { cause });
      }
    });
  });
});

const POINT = '<T{i:id:4xT{d:x:>f:y:4x}:pos:<(2,3)H:m:3s:tag:x}';

describe('field', () => {
  test.each([
    ['id', [3], [], 'i', 0, 4],
    ['pos', [3], [], 'T{<d:x:>f:y:4x}', 8, 16],
    ['pos.x', [3], [], '<d', 8, 8],
    [['pos', 'y'], [3], [], '>f', 16, 4],
    ['m', [3, 2, 3], [6, 2], 'H', 24, 2],
    ['tag', [3], [], '3s', 36, 3],
  ])('%s', (path, shape, inner, format, offset, itemsize) => {
    const view = of(POINT, [3], 40);
    const field = view.field(path as string);
    expect(field.shape).toEqual(shape);
    expect(field.strides).toEqual([40, ...inner]);
    expect(formatsEqual(field.format, format), field.format).toBe(true);
    expect(field.byteOffset).toBe(view.byteOffset + offset);
    expect(field.itemsize).toBe(itemsize);
    expect(field.buffer).toBe(view.buffer);
  });

  test('follows negative strides and goes on as any view', () => {
    const view = of(POINT, [3], 40).slice([null, null, -1]);
    const field = view.field('m');
    expect(field.strides).toEqual([-40, 6, 2]);
    expect(field.transpose(2, 0, 1).get(2, 0, 1)).toBe(view.field('m').get(0, 1, 2));
    expect(field.slice(1, ':', 0).toArray()).toEqual([
      40 + 24 + 256 * (40 + 25),
      40 + 30 + 256 * (40 + 31),
    ]);
  });

  test('goes through arrays of records', () => {
    const view = of('T{(2)T{(3)d:x:b:n:}:p:}', [4]);
    expect(view.field('p').shape).toEqual([4, 2]);
    const x = view.field('p.x');
    expect([x.shape, x.strides, x.format]).toEqual([[4, 2, 3], [64, 32, 8], '<d']);
    expect(view.field('p').field('n').shape).toEqual([4, 2]);
    expect(of('(2)T{i:a:}', [4]).field('a').shape).toEqual([4, 2]);
    expect(of('3i:a:', [4]).field('a').shape).toEqual([4, 3]);
  });

  test('by index, where items have no names', () => {
    const view = of('2ihd', [2]);
    expect(view.field([1]).byteOffset - view.byteOffset).toBe(4);
    expect(view.field([2]).format).toBe('<h');
    expect(view.field([3]).byteOffset - view.byteOffset).toBe(16);
    const deep = of('T{i:a:T{ihT{bd}}:b:}', [2]);
    expect(deep.field(['b', 2, 1]).get(1)).toBe(
      (deep.get(1) as { b: number[][] }).b[2]?.[1],
    );
    expect(deep.field([1, 0]).format).toBe('<i');
    // A lone index need not be in an array.
    expect(view.field(2 as never).format).toBe('<h');
    expect(of('i', [2]).field([0]).toArray()).toEqual(of('i', [2]).toArray());
  });

  test('items without names among named ones are f0, f1, ...', () => {
    const view = of('<ii:f0:ii:b:', [1]);
    expect(Object.keys(view.get(0) as object)).toEqual(['f1', 'f0', 'f2', 'b']);
    for (const name of ['f0', 'f1', 'f2', 'b'])
      expect(view.field(name).get(0)).toBe(
        (view.get(0) as Record<string, ElementValue>)[name],
      );
  });

  test('a name with a dot comes before a path; an array says which', () => {
    const view = of('<T{T{B:b:}:a:H:a.b:T{B:c.d:}:e:}', [1]);
    expect(view.field('a.b').format).toBe('<H');
    expect(view.field(['a', 'b']).format).toMatch(/B$/);
    expect(() => view.field('e.c.d')).toThrow(outOfRange);
    expect(view.field(['e', 'c.d']).get(0)).toBe(3);
  });

  test('writes through to the records, and only there', () => {
    const view = of('<T{B:a:2xH:b:T{B:c:}:d:}', [2]);
    const before = [...view.toBytes()];
    view.field('b').set(1, 0x1234);
    view.field('d.c').copyFrom([7, 8]);
    view.field('a').fill(9);
    before.splice(9, 2, 0x34, 0x12);
    before[5] = 7;
    before[11] = 8;
    before[0] = before[6] = 9;
    expect([...view.toBytes()]).toEqual(before);
    expect(() => view.toReadonly().field('b').set(0, 1)).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_READONLY' }),
    );
  });

  test('as a typed array, where it is dense and aligned', () => {
    const view = of('<T{d:a:f:b:4x(4)i:c:}', [3]);
    const { data, shape, stride, offset } = view.field('a').asNdarray();
    expect([shape, stride, offset % 1]).toEqual([[3], [4], 0]);
    expect(data).toBeInstanceOf(Float64Array);
    expect((data as Float64Array)[offset + 4]).toBe(view.field('a').get(1));
    expect(view.field('c').slice(2).typedArray()).toEqual(
      Int32Array.from(view.field('c').slice(2).toArray() as number[]),
    );
    expect(() => view.field('a').typedArray()).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_CONTIGUITY' }),
    );
    const packed = of('<T{b:a:d:b:}', [2]);
    expect(() => packed.field('b').asNdarray()).toThrow(
      expect.objectContaining({ code: 'ERR_NBUF_STRIDES' }),
    );
  });

  test('shows what has no value in JavaScript too', () => {
    const view = of('T{O:o:X{}:f:&i:p:i:n:}', [2]);
    expect(view.field('o').itemsize).toBe(8);
    expect(() => view.field('o').get(0)).toThrow(wrongFormat);
    expect(view.field('p').get(0)).toBe(0x1716151413121110n);
    expect(() => of('T{3t:a:B:b:}', [2]).field('a')).toThrow(wrongFormat);
    expect(of('T{3t:a:B:b:}', [2]).field('b').toArray()).toEqual([1, 3]);
  });

  test('refuses what is no field', () => {
    const view = of(POINT, [3], 40);
    for (const path of [
      '',
      'nothing',
      'pos.z',
      'pos.',
      '.pos',
      'id.x',
      '__proto__',
      'ID',
    ])
      expect(() => view.field(path), path).toThrow(outOfRange);
    for (const path of [['pos', 'x', 'y'], [], ['pos.x'], [5], [-1], [0.5], [NaN], 5, -1])
      expect(() => view.field(path as never), String(path)).toThrow(outOfRange);
    for (const path of [null, undefined, {}, true, 1n, [null], [['pos']], Symbol('id')])
      expect(() => view.field(path as never)).toThrow(wrongType);
    expect(() => of('<T{0s:a:B:b:}', [2]).field('a')).toThrow(outOfRange);
    expect(() => of('k', [1], 8).field('a')).toThrow(wrongFormat);
    const axes = Array.from({ length: 64 }, () => 1);
    expect(() => of('T{2i:a:}', axes).field('a')).toThrow(outOfRange);
    expect(() => view.field('nothing')).toThrow(/"id", "pos", "m", "tag".*"nothing"/);
  });

  test('ends with its provider; its shape stays readable', () => {
    using p = acquire(HostArray.allocate([2], 'T{i:a:d:b:}'), { writable: true });
    const field = p.field('b');
    field.set(0, 2.5);
    p.release();
    expect([field.shape, field.strides, field.format]).toEqual([[2], [16], '<d']);
    const released = expect.objectContaining({ code: 'ERR_NBUF_RELEASED' });
    expect(() => field.get(0)).toThrow(released);
    expect(() => field.itemsize).toThrow(released);
    expect(() => p.field('a')).toThrow(released);
    expect(() => p.field(null as never)).toThrow(wrongType);
  });

  test('of no records: has no byte that could lie outside', () => {
    using p = acquire(HostArray.allocate([0], 'T{i:a:(2)d:b:}'), { writable: true });
    const field = p.field('b');
    expect([field.shape, field.toBytes().length]).toEqual([[0, 2], 0]);
    field.fill(1);
    field.copyFrom(field);
    using again = acquire(field);
    expect(again.toContiguous().shape).toEqual([0, 2]);
  });
});
