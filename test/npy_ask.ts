/** NumPy as the oracle for .npy files: how to ask it, and values in the form it prints. */

import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RECORDS = fileURLToPath(new URL('corpus/npy_records.py', import.meta.url));
const PYTHON: string = process.env.NBUF_PYTHON ?? '/usr/bin/python3';

export const hasNumpy: boolean =
  spawnSync(PYTHON, ['-c', 'import numpy, sys; assert sys.version_info >= (3, 9)'])
    .status === 0;

/** What corpus/npy_records.py says of one file. */
export type Described = {
  readonly shape: number[];
  readonly itemsize: number;
  readonly descr: string;
  readonly units: Record<string, string>;
  readonly values: unknown;
  readonly strides: number[];
};

/** Runs corpus/npy_records.py; its answers are in the order of the questions. */
export function askNumpy(args: readonly string[], questions: unknown = []): unknown {
  const options = {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 2 ** 29,
  } as const;
  return JSON.parse(execFileSync(PYTHON, [RECORDS, ...args], options));
}

const bits = new DataView(new ArrayBuffer(8));

function numberBits(value: number): unknown {
  bits.setFloat64(0, Number.isNaN(value) ? 0 : value);
  if (Number.isNaN(value)) bits.setBigUint64(0, 0x7ff8n << 48n); // any NaN's sign may be kept
  return { d: bits.getBigUint64(0).toString(16).padStart(16, '0') };
}

function plainObject(value: object): unknown {
  if (value instanceof Uint8Array) return { s: Buffer.from(value).toString('hex') };
  const entries = Object.entries(value).map(([name, item]) => [name, plain(item)]);
  return Object.fromEntries(entries);
}

/** A value of an element, or nested arrays of them, in the form that NumPy's are printed in. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  switch (typeof value) {
    case 'number':
      return numberBits(value);
    case 'bigint':
      return { q: String(value) };
    case 'string':
      return { u: value };
    case 'object':
      return plainObject(value as object);
    default:
      return value;
  }
}
