import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { descrToFormat } from '../lib/npy_dtype.ts';
import { parseNpyHeader } from '../lib/npy_header.ts';
import { isTuple, type PyLiteral, parsePythonLiteral } from '../lib/python_literal.ts';
import { firstSeed } from './random.ts';

const GENERATOR = fileURLToPath(new URL('corpus/npy_header.py', import.meta.url));
const PYTHON: string = process.env.NBUF_PYTHON ?? '/usr/bin/python3';
const hasOracle = spawnSync(PYTHON, ['-c', 'import numpy']).status === 0;

function ask(args: readonly string[], input = ''): unknown {
  const options = { input, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  return JSON.parse(execFileSync(PYTHON, [GENERATOR, ...args], options));
}

type Written = {
  readonly bytes: string;
  readonly descr: string;
  readonly itemsize: number;
  readonly unit: string | null;
  readonly shape: number[];
  readonly fortran: boolean;
  readonly offset: number;
};

/** A literal in the form in which the oracle prints what it means. */
function meaning(value: PyLiteral): unknown {
  if (value instanceof Map)
    return { dict: [...value].map(([key, item]) => [key, meaning(item)]) };
  if (Array.isArray(value)) return value.map(meaning);
  return isTuple(value) ? { tuple: value.tuple.map(meaning) } : value;
}

describe.runIf(hasOracle)('NumPy and Python agree about', () => {
  test('every simple dtype in all versions and orders', () => {
    const files = ask(['headers']) as Written[];
    const formats: [string, string][] = [];
    for (const file of files) {
      const header = parseNpyHeader(Buffer.from(file.bytes, 'base64'));
      const { descr, shape } = file;
      expect(header).toEqual({
        shape,
        fortranOrder: file.fortran,
        descr,
        dataOffset: file.offset,
      });
      if (descr === '>f16' || descr === '>c32') {
        expect(() => descrToFormat(descr)).toThrow(/long double/);
        continue;
      }
      const { format, itemsize, units } = descrToFormat(header.descr, 16);
      expect({ itemsize, unit: units.get('') ?? null }, descr).toEqual({
        itemsize: file.itemsize,
        unit: file.unit,
      });
      // NumPy drops padding that has no name, so it cannot judge '3x'.
      if (!descr.includes('V')) formats.push([format, descr]);
    }
    expect(formats.length).toBeGreaterThan(250);
    const answers = ask(['formats'], JSON.stringify(formats)) as boolean[];
    expect(formats.filter((_, k) => answers[k] !== true)).toEqual([]);
  });

  const seed = firstSeed();

  test(`literals with NBUF_SEED=${seed}`, () => {
    const literals = ask(['literals', `${seed}`]) as { text: string; value: unknown }[];
    for (const { text, value } of literals)
      expect(meaning(parsePythonLiteral(text)), text).toEqual(value);
  });
});
