// The baseline: memcpy of as many bytes, in memory like NumPy's.
import { createRequire } from 'node:module';
import { addon } from '../compile.mjs';

const { prepare: allocate, run } = createRequire(import.meta.url)(addon('memcpy_addon'));

export function prepare({ bytes }) {
  allocate(bytes);
  return { copy: run, measure: run, target: null };
}
