import { acquire, type BufferError, HostArray, type Selection, type View } from 'nbuf';
import { describe, expect, test } from 'vitest';
import { type IndirectCase, randomIndirect } from './indirect_case.ts';
import * as model from './model.ts';
import { forCases, type Random, randomReshape, randomSelection } from './random.ts';

const CASES = 400;

type Given = {
  readonly made: IndirectCase;
  readonly view: View;
  readonly array: model.Model;
};

function sliced({ made, view, array }: Given, random: Random): Given {
  const selection = randomSelection(random, array.shape);
  return {
    made,
    view: view.slice(...(selection as Selection[])),
    array: model.slice(array, selection),
  };
}

function transposed({ made, view, array }: Given, random: Random): Given {
  const axes = random.shuffle(array.shape.map((_, axis) => axis));
  return {
    made,
    view: view.transpose(...axes),
    array: model.transpose(array, axes.length > 0 ? axes : undefined),
  };
}

function reshaped({ made, view, array }: Given, random: Random): Given {
  const size = array.addresses.length;
  const shape = randomReshape(random, size);
  const product = shape.reduce((a, b) => a * b, 1);
  const full = shape.map((n) => (n === -1 ? -size / product : n));
  try {
    return { made, view: view.reshape(shape), array: model.reshape(array, full) };
  } catch (error) {
    expect((error as BufferError).code).toBe('ERR_NBUF_CONTIGUITY');
    return { made, view, array };
  }
}

function broadcasted({ made, view, array }: Given, random: Random): Given {
  if (array.addresses.length > 100) return { made, view, array };
  const shape = [2, ...array.shape.map((n) => (n === 1 ? random.int(1, 2) : n))];
  return {
    made,
    view: view.broadcastTo(shape),
    array: model.broadcastTo(array, shape),
  };
}

function derived(random: Random, steps: readonly (typeof sliced)[]): Given {
  const made = randomIndirect(random, random.pick([1, 1, 2, 3]));
  const provider = acquire(made.array, { writable: true, layout: 'snapshot' });
  let given: Given = { made, view: provider, array: made.model };
  for (let count = random.int(0, 4); count > 0; count--)
    given = random.pick(steps)(given, random);
  return given;
}

const WINDOWS = [sliced, transposed, reshaped];

/** All blocks' bytes as they are now. */
function memoryOf({ made }: Given): Uint8Array {
  return Uint8Array.from(
    made.blocks.flatMap((block) => {
      using p = acquire(block);
      return [...p.toBytes()];
    }),
  );
}

describe('views of indirect arrays against the model', () => {
  test('elements by index, in a loop, as nested arrays, as bytes, printed', () => {
    forCases(CASES, (random) => {
      const { made, view, array } = derived(random, [...WINDOWS, broadcasted]);
      const values = model.elements(array).map(made.read);
      expect(view.shape).toEqual(array.shape);
      expect([...view]).toEqual(values);
      expect(view.toArray()).toEqual(model.toNested(array, made.read));
      model.indexVectors(array.shape).forEach((vector, k) => {
        expect(view.get(...vector)).toEqual(values[k]);
        const negative = vector.map((i, axis) => i - (array.shape[axis] ?? 0));
        expect(view.at(...negative)).toEqual(values[k]);
      });
      for (const order of ['C', 'F'] as const)
        expect(view.toBytes(order)).toEqual(model.toBytes(array, order));
    });
  });

  test('runs are the elements in C order, and cannot be longer', () => {
    let joined = 0;
    forCases(CASES, (random) => {
      const { made, view, array } = derived(random, WINDOWS);
      // No typed array has such elements: their bytes.
      const isBytes = ['3s', '>i'].includes(made.options.format as string);
      const unit = isBytes ? 1 : array.itemsize;
      const isAligned = array.addresses.every((at) => {
        const base = made.bases.filter((each) => each <= at).pop() ?? 0;
        return (at - base) % unit === 0;
      });
      if (!isAligned) return;
      const runs = [...view.runs()];
      expect(runs.every((run) => !isBytes || run instanceof Uint8Array)).toBe(true);
      const bytes = runs.flatMap((run) => [
        ...new Uint8Array(run.buffer, run.byteOffset, run.byteLength),
      ]);
      expect(Uint8Array.from(bytes)).toEqual(model.toBytes(array));
      // As many as the model has jumps; a new block is a jump, too.
      const jumps = array.addresses.filter((at, k) => {
        const before = array.addresses[k - 1];
        if (k === 0 || before === undefined) return true;
        return at !== before + array.itemsize || made.bases.includes(at);
      });
      expect(runs.length).toBe(jumps.length);
      if (runs.length < array.addresses.length) joined++;
    });
    expect(joined).toBeGreaterThan(CASES / 50);
  });

  test('set, fill, copyFrom and writeBytes reach the same bytes as the model’s', () => {
    forCases(CASES, (random) => {
      const given = derived(random, WINDOWS);
      const { view, array } = given;
      if (view.readonly || array.addresses.length === 0) return;
      const expected = array.memory.slice();
      const put = (bytes: Uint8Array, from = 0): void =>
        array.addresses.forEach((at, k) => {
          const start = from + k * array.itemsize;
          expected.set(bytes.subarray(start, start + array.itemsize), at);
        });
      const bytes = random.bytes(array.addresses.length * array.itemsize);
      // Elements that are the same memory: the last one written stays.
      view.writeBytes(bytes);
      put(bytes);
      expect(memoryOf(given)).toEqual(expected);
      const other = random.bytes(bytes.length);
      const shape = array.shape;
      const format = given.made.options.format ?? 'B';
      view.copyFrom(acquire(HostArray.fromBytes(other, { shape, format })));
      put(other);
      expect(memoryOf(given)).toEqual(expected);
      const vector = array.shape.map((n) => random.int(0, n - 1));
      const value = view.get(...array.shape.map(() => 0));
      view.set(...vector, value);
      const first = array.addresses[0] ?? 0;
      const item = expected.slice(first, first + array.itemsize);
      expected.set(item, model.addressOf(array, vector));
      expect(memoryOf(given)).toEqual(expected);
      const again = expected.slice(first, first + array.itemsize);
      view.fill(view.get(...array.shape.map(() => 0)));
      for (const at of array.addresses) expected.set(again, at);
      expect(memoryOf(given)).toEqual(expected);
    });
  });

  test('equals, and copies that are contiguous', () => {
    forCases(CASES / 4, (random) => {
      const { view, array } = derived(random, [...WINDOWS, broadcasted]);
      const order = random.pick(['C', 'F', 'A'] as const);
      const copy = view.toContiguous(order);
      expect(view.equals(copy)).toBe(true);
      using q = acquire(copy, { writable: true });
      expect(q.equals(view)).toBe(true);
      if (array.addresses.length === 0) return;
      const bytes = q.toBytes();
      const place = random.int(0, bytes.length - 1);
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      q.writeBytes(bytes);
      expect([view.equals(q), q.equals(view)]).toEqual([false, false]);
    });
  });

  test('what is exported again is what the view is', () => {
    forCases(CASES / 4, (random) => {
      const { view, array } = derived(random, WINDOWS);
      using again = acquire(view);
      expect(again.levels).toEqual(view.levels);
      expect(again.toBytes()).toEqual(model.toBytes(array));
      const wrapped = { [Symbol.for('nbuf.exporter')]: () => exporterOf(view) };
      using foreign = acquire(wrapped);
      expect(foreign.levels).toEqual(view.levels);
      expect(foreign.toBytes()).toEqual(model.toBytes(array));
      if (array.addresses.length > 0) expect(again.address).toBe(view.address);
    });
  });
});

function exporterOf(view: object): unknown {
  const method = Reflect.get(view, Symbol.for('nbuf.exporter')) as () => unknown;
  return method.call(view);
}
