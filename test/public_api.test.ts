/** The public surface: a change of any of these is a change for users. */

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import * as nbuf from 'nbuf';
import * as interop from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { root } from './compiler.ts';

const ESM = ['--input-type=module', '-e'];
const USE = 'if (acquire(HostArray.allocate([2])).size !== 2) process.exit(2);';
const BOTH = `
  import { createRequire } from 'node:module';
  import * as esm from 'nbuf';
  const require = createRequire(process.cwd() + '/x.js');
  const cjs = require('nbuf');
  const names = Object.keys(cjs);
  if (names.length < 10 || names.length !== Object.keys(esm).length) process.exit(3);
  for (const name of names) if (cjs[name] !== esm[name]) process.exit(4);
  if ((await import('nbuf')).View !== cjs.View) process.exit(5);
  const interop = await import('nbuf/interop');
  if (interop.fromNpyjs !== require('nbuf/interop').fromNpyjs) process.exit(6);
  const npy = { data: new Float32Array(2), shape: [2], dtype: 'f4', fortranOrder: false };
  if (!(interop.fromNpyjs(npy) instanceof cjs.View)) process.exit(7);`;

/** Own names; `get x` for accessors. */
function namesOf(value: object): string[] {
  const descriptors = Object.getOwnPropertyDescriptors(value);
  return Reflect.ownKeys(descriptors)
    .map((key) => {
      const { get, set } = descriptors[key as string] as PropertyDescriptor;
      // Its own description differs between Node versions.
      const name = key === Symbol.dispose ? 'Symbol.dispose' : String(key);
      return `${set ? 'set ' : ''}${get ? 'get ' : ''}${name}`;
    })
    .sort();
}

/** Statics without what every function has. */
function staticsOf(value: object): string[] {
  return namesOf(value).filter((name) => !['length', 'name', 'prototype'].includes(name));
}

describe('the package', () => {
  test('exports', () => {
    expect(Object.keys(nbuf).sort()).toMatchInlineSnapshot(`
      [
        "BufferError",
        "Flags",
        "HostArray",
        "IndirectArray",
        "MappedFile",
        "NpyFile",
        "Provider",
        "View",
        "acquire",
        "acquireAs",
        "calcsize",
        "capabilities",
        "contiguousStrides",
        "copyAsync",
        "formatsEqual",
        "mapFile",
        "openNpy",
        "parseFormat",
        "report",
        "saveNpy",
        "trackProviders",
        "writeFormat",
      ]
    `);
  });

  test('exports of nbuf/interop', () => {
    expect(Object.keys(interop).sort()).toMatchInlineSnapshot(`
      [
        "fromArrow",
        "fromArrowStream",
        "fromCanvas",
        "fromImageData",
        "fromNdarray",
        "fromNpyjs",
        "fromOnnx",
        "fromPlanes",
        "fromSharp",
        "fromStdlib",
        "fromTfjs",
        "fromWebGpu",
        "fromZarrita",
        "toArrow",
        "toArrowBatches",
        "toArrowStream",
        "toImageData",
        "toNdarray",
        "toNpyjs",
        "toOnnx",
        "toPlanes",
        "toPointer",
        "toSharp",
        "toStdlib",
        "toTfjs",
        "toTfjsBuffer",
        "toWebGpu",
        "toZarrita",
        "unsafeFromPointer",
      ]
    `);
  });

  // Not here: vitest loads its own copy of what it imports.
  test.each([
    ['CommonJS', ['-e', `const { acquire, HostArray } = require('nbuf'); ${USE}`]],
    ['a module', [...ESM, `import { acquire, HostArray } from 'nbuf'; ${USE}`]],
    ['both, one instance', [...ESM, BOTH]],
  ])('loads in plain Node as %s', (_name, args) => {
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('classes', () => {
  test('HostArray', () => {
    expect(staticsOf(nbuf.HostArray)).toMatchInlineSnapshot(`
      [
        "allocate",
        "from",
        "fromBytes",
        "unsafeFromAddress",
      ]
    `);
    expect(namesOf(nbuf.HostArray.prototype)).toMatchInlineSnapshot(`
      [
        "Symbol(nbuf.exporter)",
        "Symbol(nodejs.util.inspect.custom)",
        "Symbol.dispose",
        "constructor",
        "dispose",
        "get byteLength",
        "get capacity",
        "get format",
        "get itemsize",
        "get locks",
        "get shape",
        "get strides",
        "resize",
        "setLayout",
      ]
    `);
  });

  test('IndirectArray', () => {
    expect(staticsOf(nbuf.IndirectArray)).toEqual([
      'allocate',
      'fromPointers',
      'fromRows',
    ]);
    expect(namesOf(nbuf.IndirectArray.prototype)).toMatchInlineSnapshot(`
      [
        "Symbol(nbuf.exporter)",
        "Symbol(nodejs.util.inspect.custom)",
        "Symbol.dispose",
        "constructor",
        "dispose",
        "get byteLength",
        "get format",
        "get itemsize",
        "get levels",
        "get locks",
        "get shape",
        "get strides",
        "get suboffsets",
        "setLayout",
      ]
    `);
  });

  test('MappedFile', () => {
    expect(Object.getPrototypeOf(nbuf.MappedFile)).toBe(nbuf.HostArray);
    expect(staticsOf(nbuf.MappedFile)).toEqual([]);
    expect(namesOf(nbuf.MappedFile.prototype)).toMatchInlineSnapshot(`
      [
        "constructor",
        "flush",
      ]
    `);
  });

  test('View', () => {
    expect(staticsOf(nbuf.View)).toEqual([]);
    const { prototype } = nbuf.View;
    const base = Object.getPrototypeOf(prototype) as object;
    const names = new Set([...namesOf(prototype), ...namesOf(base)]);
    expect([...names].sort()).toMatchInlineSnapshot(`
      [
        "Symbol(Symbol.iterator)",
        "Symbol(nbuf.buffer)",
        "Symbol(nbuf.exporter)",
        "Symbol(nodejs.util.inspect.custom)",
        "asNdarray",
        "at",
        "broadcastTo",
        "bytes",
        "cast",
        "constructor",
        "copyFrom",
        "equals",
        "field",
        "fill",
        "get",
        "get address",
        "get buffer",
        "get byteLength",
        "get byteOffset",
        "get format",
        "get itemsize",
        "get levels",
        "get ndim",
        "get readonly",
        "get shape",
        "get size",
        "get strides",
        "get suboffsets",
        "isContiguous",
        "lend",
        "reshape",
        "runs",
        "set",
        "slice",
        "toArray",
        "toBytes",
        "toContiguous",
        "toReadonly",
        "transpose",
        "typedArray",
        "unsafeExpose",
        "writeBytes",
      ]
    `);
  });

  test('Provider', () => {
    expect(Object.getPrototypeOf(nbuf.Provider)).toBe(nbuf.View);
    expect(staticsOf(nbuf.Provider)).toEqual([]);
    expect(namesOf(nbuf.Provider.prototype)).toMatchInlineSnapshot(`
      [
        "Symbol.dispose",
        "constructor",
        "get copied",
        "get label",
        "get locks",
        "get released",
        "release",
        "unlockLayout",
        "unsafeRelease",
      ]
    `);
  });

  test('instances carry nothing that JavaScript could change', () => {
    const array = nbuf.HostArray.allocate([2]);
    using p = nbuf.acquire(array);
    for (const value of [array, p, p.slice(0)])
      expect(Reflect.ownKeys(value)).toEqual([]);
  });

  test('BufferError', () => {
    expect(Object.getPrototypeOf(nbuf.BufferError)).toBe(Error);
    const names = ['Symbol(nbuf.BufferError)', 'constructor', 'name'];
    expect(namesOf(nbuf.BufferError.prototype)).toEqual(names);
  });
});

describe('values', () => {
  test('Flags are PEP 3118’s, and frozen', () => {
    expect(nbuf.Flags).toMatchInlineSnapshot(`
      {
        "ANY_CONTIGUOUS": 152,
        "CONTIG": 9,
        "CONTIG_RO": 8,
        "C_CONTIGUOUS": 56,
        "FORMAT": 4,
        "FULL": 285,
        "FULL_RO": 284,
        "F_CONTIGUOUS": 88,
        "INDIRECT": 280,
        "LAYOUT_SNAPSHOT": 65536,
        "ND": 8,
        "RECORDS": 29,
        "RECORDS_RO": 28,
        "SIMPLE": 0,
        "STRIDED": 25,
        "STRIDED_RO": 24,
        "STRIDES": 24,
        "WRITABLE": 1,
      }
    `);
    expect(Object.isFrozen(nbuf.Flags)).toBe(true);
  });

  test('capabilities', () => {
    expect(Object.isFrozen(nbuf.capabilities)).toBe(true);
    const types = Object.entries(nbuf.capabilities).map(
      ([name, value]) => `${name}: ${typeof value}`,
    );
    expect(types).toMatchInlineSnapshot(`
      [
        "externalArrayBuffers: boolean",
        "revocation: boolean",
        "sharedArrayBuffers: boolean",
        "float16Array: boolean",
        "symbolDispose: boolean",
      ]
    `);
    expect(nbuf.capabilities).toMatchObject({
      externalArrayBuffers: true,
      revocation: true,
      sharedArrayBuffers: true,
      float16Array: 'Float16Array' in globalThis,
    });
  });

  test('the addon shows nothing that takes addresses, but what says unsafe', () => {
    const addon = createRequire(import.meta.url)('node-gyp-build')(root) as object;
    expect(Object.keys(addon).filter((name) => /^probe/.test(name))).toEqual([]);
    expect(addon).toHaveProperty('unsafeProbe');
  });
});
