/** From a target to the exporter that is tried, in the process that tries it. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hasMethod, type Source } from './subject.ts';
import { type Importer, type Target, UsageError } from './target.ts';

type Exports = Record<string, unknown>;

function isPath(specifier: string): boolean {
  return (
    /^\.{1,2}[\\/]/.test(specifier) || isAbsolute(specifier) || existsSync(specifier)
  );
}

function requireIt(specifier: string): Exports {
  return { default: createRequire(join(process.cwd(), 'package.json'))(specifier) };
}

/** ESM by import(), addons by require(): import() knows no .node files. */
export async function loadModule(specifier: string, load: Importer): Promise<Exports> {
  try {
    if (!isPath(specifier)) return await importOrRequire(specifier, load);
    const path = resolve(specifier);
    return /\.node$/.test(path)
      ? requireIt(path)
      : await importOrRequire(pathToFileURL(path).href, load, path);
  } catch (error) {
    throw new UsageError(
      `cannot load ${specifier}: ${(error as Error)?.message ?? error}`,
    );
  }
}

const CANNOT_IMPORT = /ERR_UNKNOWN_FILE_EXTENSION|ERR_UNSUPPORTED_DIR_IMPORT/;

async function importOrRequire(
  specifier: string,
  load: Importer,
  path: string = specifier,
): Promise<Exports> {
  try {
    return await load(specifier);
  } catch (error) {
    if (!CANNOT_IMPORT.test(String((error as { code?: unknown })?.code))) throw error;
    return requireIt(path);
  }
}

function isMemory(value: unknown): boolean {
  return (
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof SharedArrayBuffer
  );
}

export function isExporter(value: unknown): boolean {
  return hasMethod(value) || isMemory(value);
}

const members = (value: unknown): Exports =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? (value as Exports)
    : {};

/** A named export; of CommonJS modules, a property of module.exports. Dots go deeper. */
function find(exports: Exports, path: string): { value: unknown; owner: unknown } {
  const [first = '', ...rest] = path.split('.');
  let owner: unknown = exports;
  let value = first in exports ? exports[first] : members(exports.default)[first];
  for (const name of rest) {
    owner = value;
    value = members(value)[name];
  }
  return { value, owner };
}

/** What may be tried without being named: '' is the module itself (its default export). */
export function listExports(exports: Exports): string[] {
  const whole = exports.default;
  if (isExporter(whole) || typeof whole === 'function') return [''];
  const all = { ...members(whole), ...exports };
  return Object.keys(all).filter((name) => name !== 'default' && isExporter(all[name]));
}

/** The functions that could be named instead. */
export function listFunctions(exports: Exports): string[] {
  const all = { ...members(exports.default), ...exports };
  return Object.keys(all).filter((name) => typeof all[name] === 'function');
}

async function callMaker(make: () => unknown, name: string): Promise<unknown> {
  let value: unknown;
  try {
    value = await make();
  } catch (error) {
    throw new UsageError(
      `${name}() threw: ${(error as Error)?.message ?? error}; expected a function that makes an exporter, without arguments`,
    );
  }
  if (isExporter(value)) return value;
  throw new UsageError(
    `${name}() returned ${value === null ? 'null' : typeof value}; expected an exporter: an object with a method at Symbol.for('nbuf.exporter'), or a typed array or buffer`,
  );
}

/** The exporter that the target names; of functions, what they make. */
export async function loadSource(target: Target, load: Importer): Promise<Source> {
  const exports = await loadModule(target.module, load);
  const name = target.export ?? '';
  const { value, owner } =
    name === '' ? { value: exports.default, owner: exports } : find(exports, name);
  if (isExporter(value)) return { value, make: null };
  if (typeof value !== 'function') {
    const known = listFunctions(exports).concat(listExports(exports)).filter(Boolean);
    throw new UsageError(
      `${target.module} has no exporter '${name || 'default'}'; it exports ${known.join(', ') || 'nothing that could be one'}`,
    );
  }
  const make = (): Promise<unknown> =>
    callMaker(() => value.call(owner), name || 'default');
  return { value: await make(), make };
}
