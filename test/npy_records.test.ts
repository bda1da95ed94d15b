/** Records of every kind in .npy files, against NumPy. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquire, calcsize, openNpy, parseFormat, saveNpy, type View } from 'nbuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { npyElement } from '../lib/npy_descr.ts';
import { askNumpy, type Described, hasNumpy, plain } from './npy_ask.ts';
import { createRandom, firstSeed, type Random, randomRange } from './random.ts';

const COUNT = Number(process.env.NBUF_COUNT ?? 150);
const seed = firstSeed();
let folder: string;
let files: Described[];

const fileOf = (k: number): string => join(folder, `${k}.npy`);

/** The dtype that NumPy would write for what we made of its dtype. */
function descrAgain(
  format: string,
  itemsize: number,
  units: ReadonlyMap<string, string>,
): string {
  const tree = parseFormat(format);
  return npyElement(tree, itemsize, { byPath: units, isStrict: true }).descr;
}

type Step = { transpose?: number[]; broadcast?: number[]; slice?: unknown[] };

/** A slice, a transposition or a broadcast, as we and NumPy say it. */
function randomStep(random: Random, view: View): [Step, View] {
  const shape = view.shape ?? [];
  const kind = random.int(0, 3);
  if (kind === 0) {
    const transpose = random.shuffle(shape.map((_, k) => k));
    return [{ transpose }, transpose.length === 0 ? view : view.transpose(...transpose)];
  }
  if (kind === 1) {
    const broadcast = [random.int(0, 3), ...shape];
    return [{ broadcast }, view.broadcastTo(broadcast)];
  }
  const parts = shape.map((extent) =>
    extent > 0 && random.chance(0.2)
      ? random.int(-extent, extent - 1)
      : Array.from({ length: 3 }, (_, k) => randomRange(random, extent)[k] ?? null),
  );
  return [{ slice: parts }, view.slice(...parts)];
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nbuf-npy-'));
  if (hasNumpy)
    files = askNumpy(['make', String(seed), String(COUNT), folder]) as Described[];
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.runIf(hasNumpy)(`NumPy's own files, NBUF_SEED=${seed}`, () => {
  test('have the same shapes, layouts, units and values', () => {
    expect(files.length).toBe(COUNT);
    for (const [
      k,
      { shape, strides, itemsize, descr, units, values },
    ] of files.entries()) {
      const file = openNpy(fileOf(k), { mode: 'r' });
      const provider = acquire(file);
      const found = { shape: provider.shape, itemsize: provider.itemsize, descr };
      expect(found, descr).toEqual({ shape, itemsize, descr });
      expect(descrAgain(provider.format ?? '', itemsize, file.units)).toBe(descr);
      expect(Object.fromEntries(file.units), descr).toEqual(units);
      if (!shape.includes(0)) expect(provider.strides, descr).toEqual(strides);
      // JSON.parse makes a field '__proto__' one like any other; so must we.
      expect(JSON.stringify(plain(provider.toArray())), descr).toBe(
        JSON.stringify(values),
      );
      provider.release();
    }
  });

  test('have formats that say all by themselves, to NumPy too', () => {
    const formats = files.map(({ descr }, k) => {
      const { format, itemsize } = openNpy(fileOf(k));
      // The size needs no help from the file's.
      expect([descr, calcsize(format)]).toEqual([descr, itemsize]);
      return [`${k}.npy`, format];
    });
    expect(
      (askNumpy(['parse', folder], formats) as unknown[]).filter((x) => x !== null),
    ).toEqual([]);
  });

  test('are loaded by NumPy as they were, whatever is saved of them', async () => {
    const random = createRandom(seed);
    const cases: unknown[] = [];
    for (const k of files.keys()) {
      const file = openNpy(fileOf(k), { mode: random.pick(['r', 'c']) });
      const provider = acquire(file);
      let view: View = provider;
      const steps: Step[] = [];
      for (let count = random.int(0, 3); count > 0; count--) {
        const [step, next] = randomStep(random, view);
        steps.push(step);
        view = next;
      }
      const saved = `saved_${k}.npy`;
      const whole = steps.length === 0 && random.chance(0.5);
      await saveNpy(
        whole ? file : view,
        join(folder, saved),
        whole ? {} : { units: file.units },
      );
      provider.release();
      cases.push({ source: `${k}.npy`, saved, steps });
    }
    const problems = askNumpy(['check', folder], cases) as (string | null)[];
    const wrong = problems.flatMap((problem, k) =>
      problem === null ? [] : [[problem, files[k]?.descr, cases[k]]],
    );
    expect(wrong).toEqual([]);
  });
});
