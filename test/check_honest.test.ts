/** Exporters that keep every promise, ours and others': `nbuf check` finds nothing to blame. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkApart } from './check_tools.ts';
import { root } from './compiler.ts';

const module = join(root, 'test/check/exporters.cjs');
const names = Object.keys(createRequire(import.meta.url)(module));

/** What cannot be tried with them, beside what depends on their size. */
const NOT_TRIED: Readonly<Record<string, RegExp>> = {
  memory: /^(protocol|ops\.exporter|ops\.constant|threads|locks|life\.(freed|worker))/,
  window: /^(threads|locks|life\.freed)|life\.worker/,
  array: /^(life\.freed|blocks\.writable|locks\.resize)/,
  foreign: /^(locks|life\.freed|blocks\.writable)/,
};

function kindOf(name: string): RegExp {
  if (/^(bytes|buffer|floats|dataView|arrayBuffer|shared|nothing)$/.test(name))
    return NOT_TRIED.memory as RegExp;
  if (
    /^(view|provider|readonlyView|transposedRows|reversedRows|frame|pointer|byHand)$/.test(
      name,
    )
  )
    return NOT_TRIED.foreign as RegExp;
  return name === 'exposed' ? (NOT_TRIED.window as RegExp) : (NOT_TRIED.array as RegExp);
}

describe('promises kept by', () => {
  test.each(names.filter((name) => name !== 'nested'))('%s', async (name) => {
    const rows = await checkApart(`${module}:${name}`);
    const blamed = rows.filter(({ status }) => status === 'broken');
    expect(blamed).toEqual([]);
    const left = rows.filter(({ status }) => status === 'not tried').map(({ id }) => id);
    const allowed = kindOf(name);
    const isFixed = name === 'made';
    expect(
      left.filter((id) => !allowed.test(id) && !(isFixed && id === 'life.dropped')),
    ).toEqual([]);
  });
});
