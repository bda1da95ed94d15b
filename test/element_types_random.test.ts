/** The compiler reads random formats as the core does. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { calcsize, type FormatItem, parseFormat } from 'nbuf';
import { afterAll, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { randomFormat, spoil } from './formats/grammar.ts';
import { createRandom, firstSeed } from './random.ts';
import type { AnyKind } from './types/kind.ts';

const folder = mkdtempSync(join(tmpdir(), 'nbuf-types-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BY_LETTER: Readonly<Record<string, AnyKind>> = {
  ...Object.fromEntries(Array.from('bBhHiIefdg', (letter) => [letter, 'number'])),
  ...Object.fromEntries(Array.from('qQP&', (letter) => [letter, 'bigint'])),
  ...Object.fromEntries(Array.from('csp', (letter) => [letter, 'bytes'])),
  ...Object.fromEntries(Array.from('uw', (letter) => [letter, 'string'])),
  ...Object.fromEntries(Array.from('OXt', (letter) => [letter, 'refused'])),
  x: 'bytes',
  '?': 'boolean',
  T: 'anything',
};

/** More are a type with an open end, which has no kind of its own. */
const MAX_SPREAD = 99;
class Open extends Error {}

function single({ type, unit, items }: FormatItem): AnyKind {
  if (type === 'T') return listKind(items ?? []);
  if (type.startsWith('Z')) return { fields: { re: 'number', im: 'number' } };
  if (type.startsWith('[')) return 'number';
  // The size tells native from standard ones where they differ: see below.
  if ('lLnN'.includes(type)) return unit === 4 ? 'number' : 'number or bigint';
  return BY_LETTER[type] ?? 'anything';
}

function kindOf(item: FormatItem): AnyKind {
  const kind = single(item);
  if (kind === 'refused') return kind;
  return item.shape.reduce<AnyKind>((arrayOf) => ({ arrayOf }), kind);
}

/** NumPy's names for the others. */
function namesOf(items: readonly FormatItem[]): string[] {
  const names = items.map(({ name }) => name);
  items.forEach((_, at) => {
    let next = 0;
    while (names.includes(`f${next}`)) next++;
    names[at] ??= `f${next}`;
  });
  return names as string[];
}

function listKind(items: readonly FormatItem[]): AnyKind {
  if (items.some(({ name }) => name !== null)) {
    const names = namesOf(items);
    const fields = items.map((item, at) => [names[at], kindOf(item)]);
    return { fields: Object.fromEntries(fields) };
  }
  const listOf = items.flatMap((item) => {
    if (!item.spread) return [kindOf(item)];
    const [count = 0] = item.shape;
    if (count > MAX_SPREAD) throw new Open();
    return Array<AnyKind>(count).fill(single(item));
  });
  return { listOf };
}

/** null where the compiler cannot tell what the core refuses, or says less. */
function expectedKind(format: string): AnyKind | null {
  try {
    const { items } = parseFormat(format);
    const [lone] = items;
    if (lone === undefined) return 'refused';
    if (items.length > 1 || lone.name !== null || lone.spread) return listKind(items);
    return kindOf(lone);
  } catch (error) {
    if (error instanceof Open) return null;
    const { message } = error as Error;
    return /less than 2\^53 bytes|below 2\^53/.test(message) ? null : 'anything';
  }
}

function complaints(lines: readonly string[]): string {
  const source = join(folder, 'formats.ts');
  const types = join(root, 'test/types/kind.ts');
  const head = `import type { ElementOf } from 'nbuf';import type { Kind } from ${JSON.stringify(types)};`;
  writeFileSync(source, [head, ...lines].join('\n'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    target: 'es2022',
    module: 'nodenext',
    types: [],
    paths: { nbuf: [join(root, 'dist/esm/index.d.ts')] },
  };
  const config = { compilerOptions, files: ['formats.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  const run = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  return run.stdout + run.stderr;
}

const COUNT = 400;

// Where a native long has 4 bytes, its kind cannot be seen in the tree.
test.runIf(calcsize('l') === 8)(`${2 * COUNT} formats`, () => {
  const seed = firstSeed();
  const random = createRandom(seed);
  const formats = Array.from({ length: COUNT }, () => randomFormat(random)).flatMap(
    (format) => [format, spoil(random, format)],
  );
  const kinds = formats.map(expectedKind);
  const lines = formats.flatMap((format, at) =>
    kinds[at] === null
      ? []
      : `export const k${at}: Kind<ElementOf<${JSON.stringify(format)}>> = ${JSON.stringify(kinds[at])};`,
  );
  const readable = kinds.filter((kind) => kind !== null && kind !== 'anything');
  expect(readable.length).toBeGreaterThan(COUNT / 2);
  const output = complaints(lines);
  const wrong = [...output.matchAll(/^\S*formats\.ts\((\d+),.*$/gm)].map(
    ([text, line]) => `${lines[Number(line) - 2]} // ${text}`,
  );
  expect(wrong, `NBUF_SEED=${seed} brings this back`).toEqual([]);
  expect(output).not.toContain('error');
});
