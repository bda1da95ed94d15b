// Two copies of the package in one process. Arguments: the two folders that have one installed,
// each as `import:<folder>` or `require:<folder>`, in the order of loading.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

async function load(argument) {
  const [way, ...rest] = argument.split(':');
  const folder = rest.join(':');
  if (way === 'require') return require(join(folder, 'use.cjs'));
  return await import(pathToFileURL(join(folder, 'use.mjs')));
}

export const copies = process.argv.slice(2, 4);
export const first = await load(copies[0]);
export const second = await load(copies[1]);

/** Both directions: [owner, peer]. */
export const pairs = [
  [first, second],
  [second, first],
];

/** Collects until `isDone`, at most for ten seconds. */
export async function collect(isDone) {
  for (let round = 0; round < 200 && (round === 0 || !isDone()); round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, round < 50 ? 5 : 50));
  }
  return isDone();
}

export function expectCode(code, act) {
  try {
    act();
  } catch (error) {
    if (error.code === code) return error;
    throw error;
  }
  throw new Error(`expected ${code}, nothing was thrown`);
}
