/** The public surface: every function and member, each with arguments that are good. */

import * as nbuf from 'nbuf';
import * as interop from 'nbuf/interop';
import { callInterop, INTEROP } from './hostile_interop.ts';
import { rowOf, type Stage } from './hostile_stage.ts';

const { HostArray, IndirectArray, MappedFile, Provider, View } = nbuf;

export type Entry = {
  readonly name: string;
  readonly call: (stage: Stage, args: readonly unknown[]) => unknown;
  readonly good: (stage: Stage) => unknown[];
  /** Works on memory that `stage.provider` holds. */
  readonly needs: 'provider' | 'array' | 'nothing';
};

const FILE = new URL('../package.json', import.meta.url);

/** Good arguments by name. The table must have every function that the package has. */
const FUNCTIONS: Readonly<Record<string, (stage: Stage) => unknown[]>> = {
  acquire: ({ array }) => [array, { writable: true, label: 'x', contiguous: 'C' }],
  acquireAs: () => [
    new Uint8Array(12),
    {
      shape: [2],
      strides: [-4],
      offset: 8,
      format: 'h',
      itemsize: 4,
      readonly: false,
    },
    { writable: true, label: 'x', contiguous: 'C', copy: 'if-needed' },
  ],
  calcsize: () => ['d'],
  formatsEqual: () => ['d', '<d', { names: true }],
  parseFormat: () => ['T{i:a:b:b:}', 8],
  writeFormat: () => ['T{i:a:b:b:}', 8],
  contiguousStrides: () => [[2, 3], 4, 'F'],
  mapFile: () => [FILE, { offset: 1, shape: [2], format: 'H', mode: 'c' }],
  copyAsync: ({ provider, array }) => [
    provider,
    array,
    { threads: 2, onProgress: () => {}, signal: new AbortController().signal },
  ],
  trackProviders: () => [false],
  openNpy: () => ['/nonexistent.npy', { mode: 'r' }],
};

const STATICS: Readonly<Record<string, (stage: Stage) => unknown[]>> = {
  allocate: () => [[2, 3], 'h', { order: 'F', align: 128 }],
  from: () => [
    [
      [1, 2],
      [3, 4],
    ],
    'h',
  ],
  fromBytes: () => [
    new Uint8Array(8),
    { shape: [2], strides: [-2], offset: 2, format: 'h' },
  ],
  unsafeFromAddress: ({ provider }) => [provider.address, 4, { shape: [2], format: 'h' }],
};

const INDIRECT_STATICS: Readonly<Record<string, (stage: Stage) => unknown[]>> = {
  allocate: () => [[2, 3], 'h', { blockBytes: 10 }],
  fromRows: () => [[rowOf(1), rowOf(2)]],
  fromPointers: () => [
    {
      blocks: [rowOf(1), rowOf(4)],
      tables: [
        [
          [0, 0],
          [1, 1],
        ],
      ],
      start: 0,
      shape: [2, 2],
      strides: [8, 1],
      suboffsets: [0, -1],
      format: 'B',
      readonly: false,
    },
  ],
};

const OF_INDIRECT: Readonly<Record<PropertyKey, (stage: Stage) => unknown[]>> = {
  setLayout: () => [
    { shape: [1, 3], strides: [8, 1], suboffsets: [0, -1], start: 1, format: 'b' },
  ],
};

const OF_ARRAYS: Readonly<Record<PropertyKey, (stage: Stage) => unknown[]>> = {
  resize: () => [[4, 2]],
  setLayout: () => [{ shape: [3], strides: [2], offset: 0, format: 'B' }],
};

const OF_VIEWS: Readonly<Record<PropertyKey, (stage: Stage) => unknown[]>> = {
  get: () => [0, 1],
  set: () => [0, 1, 5],
  at: () => [-1, 1],
  slice: () => [[0, 2], 'newaxis', [null, null, -1]],
  transpose: () => [1, 0],
  reshape: () => [[3, -1]],
  broadcastTo: () => [[2, 2, 3]],
  cast: () => ['b', [3, 2]],
  field: () => [0],
  isContiguous: () => ['F'],
  toBytes: () => ['A'],
  writeBytes: () => [Uint8Array.of(1, 2, 3, 4, 5, 6), 'F'],
  toContiguous: () => ['F'],
  copyFrom: () => [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ],
  fill: () => [7],
  equals: () => [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { nan: true },
  ],
  lend: () => [() => 1],
};

const none = (): unknown[] => [];

function descriptorOf(prototype: object | null, key: PropertyKey): PropertyDescriptor {
  if (prototype === null) return {};
  return (
    Object.getOwnPropertyDescriptor(prototype, key) ??
    descriptorOf(Object.getPrototypeOf(prototype), key)
  );
}

/** Reads a getter, calls a method. */
function member(
  owner: string,
  prototype: object,
  key: PropertyKey,
  pick: (stage: Stage) => object,
  table: Readonly<Record<PropertyKey, (stage: Stage) => unknown[]>>,
  needs: Entry['needs'],
): Entry {
  const { get } = descriptorOf(prototype, key);
  // A namespace's members may be getters too; what counts there is the function behind.
  const value =
    needs === 'nothing' || get === undefined ? Reflect.get(prototype, key) : null;
  return {
    name: `${owner}.${String(key)}`,
    call: (stage, args) => Reflect.apply(value ?? get, pick(stage), args),
    good: table[key] ?? none,
    needs,
  };
}

/** Its own, and those of the class that View is made from. */
function membersOf(prototype: object): PropertyKey[] {
  const base = Object.getPrototypeOf(prototype) as object;
  const inherited = prototype === View.prototype ? Reflect.ownKeys(base) : [];
  const keys = [...Reflect.ownKeys(prototype), ...inherited];
  return keys.filter((key) => key !== 'constructor');
}

function constructors(): Entry[] {
  const classes = { View, Provider, HostArray, IndirectArray, MappedFile } as const;
  return Object.entries(classes).map(([name, Class]) => ({
    name: `new ${name}`,
    call: (_stage, args) => Reflect.construct(Class, args) as unknown,
    good: ({ array }) => [array, array, 'x'],
    needs: 'nothing',
  }));
}

function methodsOf(value: object): PropertyKey[] {
  const keys = Reflect.ownKeys(value);
  return keys.filter(
    (key) => typeof Reflect.get(value, key) === 'function' && !/^[A-Z]/.test(String(key)),
  );
}

/** Numbers are checked at once; complex ones are objects, whose getters run. */
function onComplex(): Entry[] {
  const table: Record<string, () => unknown[]> = {
    fill: () => [{ re: 1, im: 2 }],
    set: () => [0, { re: 1, im: 2 }],
  };
  const pick = ({ complex }: Stage): object => complex;
  return Object.keys(table).map((key) =>
    member('complex', View.prototype, key, pick, table, 'provider'),
  );
}

/** Records are objects with arrays and other objects in them. */
function onRecords(): Entry[] {
  const value = () => ({ a: 1, b: [2, 3], c: { x: 4 } });
  const table: Record<string, () => unknown[]> = {
    fill: () => [value()],
    set: () => [0, value()],
    copyFrom: () => [[value(), value()], { convert: 'unsafe' }],
    equals: () => [[value(), value()]],
    field: () => [['c', 'x']],
  };
  const pick = ({ records }: Stage): object => records;
  return Object.keys(table).map((key) =>
    member('records', View.prototype, key, pick, table, 'provider'),
  );
}

/** Whatever the package has, found by looking: nothing new can be forgotten. */
export function entries(): Entry[] {
  const ofView = membersOf(View.prototype);
  const ofProvider = membersOf(Provider.prototype);
  return [
    ...methodsOf(nbuf).map((key) =>
      member('nbuf', nbuf, key, () => nbuf, FUNCTIONS, 'nothing'),
    ),
    ...methodsOf(interop).map(
      (key): Entry => ({
        name: `interop.${String(key)}`,
        call: (_stage, args) => callInterop(String(key), args),
        good: INTEROP[String(key)] ?? none,
        needs: 'nothing',
      }),
    ),
    ...methodsOf(HostArray).map((key) =>
      member('HostArray', HostArray, key, () => HostArray, STATICS, 'nothing'),
    ),
    ...methodsOf(IndirectArray).map((key) =>
      member(
        'IndirectArray',
        IndirectArray,
        key,
        () => IndirectArray,
        INDIRECT_STATICS,
        'nothing',
      ),
    ),
    ...membersOf(IndirectArray.prototype).map((key) =>
      member(
        'stack',
        IndirectArray.prototype,
        key,
        ({ stack }) => stack,
        OF_INDIRECT,
        'array',
      ),
    ),
    ...ofView.map((key) =>
      member(
        'pointers',
        View.prototype,
        key,
        ({ pointers }) => pointers,
        OF_VIEWS,
        'provider',
      ),
    ),
    ...membersOf(HostArray.prototype).map((key) =>
      member('array', HostArray.prototype, key, ({ array }) => array, OF_ARRAYS, 'array'),
    ),
    ...ofView.map((key) =>
      member('view', View.prototype, key, ({ view }) => view, OF_VIEWS, 'provider'),
    ),
    ...ofProvider.map((key) =>
      member(
        'provider',
        Provider.prototype,
        key,
        (of) => of.provider,
        OF_VIEWS,
        'provider',
      ),
    ),
    ...onComplex(),
    ...onRecords(),
    ...constructors(),
  ];
}

/** Names of functions for which the tables above have no arguments, though they take some. */
export function unlisted(): string[] {
  return entries()
    .filter(({ name, good }) => good === none && !/^new |Symbol/.test(name))
    .map(({ name }) => name);
}
