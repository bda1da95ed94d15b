/** Peers as they are in memory: the native probe, and the structs of nbuf.h read byte by byte. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** native/binding/probe.cc: all bigints are addresses. */
export type Probe = {
  probeOpen(external: unknown): bigint;
  probeLocate(bytes: ArrayBuffer): bigint;
  probePeek(address: bigint, bytes: number): ArrayBuffer;
  probeTouch(address: bigint, bytes: number, writes: 0 | 1): void;
  probeAsk(
    acquire: bigint,
    exporter: bigint,
    request: bigint,
    out: bigint,
    error: bigint,
  ): number;
  probeAskValue(value: unknown, request: bigint, out: bigint, error: bigint): number;
  probeValidate(provider: bigint, error: bigint): number;
  probeCall(call: bigint, object: bigint, times: number, threads: number): 0 | 1;
  probeStorm(
    acquire: bigint,
    exporter: bigint,
    request: bigint,
    model: bigint,
    keep: bigint,
    rounds: number,
    threads: number,
  ): [done: number, refused: number, different: number, status: number];
  probePage(bytes: ArrayBuffer): bigint;
  probeSeal(page: bigint): boolean;
};

// The package's folder: from dist/cjs/ of the bundle, or from dist/esm/cli/.
const root =
  import.meta.url === undefined
    ? join(__dirname, '..', '..')
    : join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** The same instance of the addon that nbuf itself has loaded. */
export function loadProbe(): Probe {
  const load = createRequire(join(root, 'package.json'))('node-gyp-build');
  return (load(root) as { unsafeProbe(): Probe }).unsafeProbe();
}

/** What reads memory: the probe's peek, or a stand-in of a test. */
export type Peek = (address: bigint, bytes: number) => DataView;

const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A DataView in the machine's own byte order. */
export class Struct {
  readonly view: DataView;
  constructor(view: DataView) {
    this.view = view;
  }
  u32(at: number): number {
    return this.view.getUint32(at, LITTLE);
  }
  i32(at: number): number {
    return this.view.getInt32(at, LITTLE);
  }
  i64(at: number): bigint {
    return this.view.getBigInt64(at, LITTLE);
  }
  u64(at: number): bigint {
    return this.view.getBigUint64(at, LITTLE);
  }
  setU32(at: number, value: number): void {
    this.view.setUint32(at, value, LITTLE);
  }
  setU64(at: number, value: bigint): void {
    this.view.setBigUint64(at, value, LITTLE);
  }
}

/** An ops table: of a provider, or of an exporter (then `last` is acquire). */
export type Ops = {
  readonly address: bigint;
  readonly structSize: number;
  readonly retain: bigint;
  readonly release: bigint;
  /** unlock_layout, or acquire. */
  readonly last: bigint;
};

/** sizeof both ops tables. */
export const OPS_SIZE = 32;

/** Members beyond struct_size are read as 0. */
export function readOps(peek: Peek, address: bigint): Ops | null {
  if (address === 0n) return null;
  const structSize = new Struct(peek(address, 4)).u32(0);
  const bytes = new Uint8Array(OPS_SIZE);
  const most = Math.min(structSize, OPS_SIZE);
  const found = peek(address, most);
  bytes.set(new Uint8Array(found.buffer, found.byteOffset, most));
  const table = new Struct(new DataView(bytes.buffer));
  const whole = (at: number): bigint => (structSize >= at + 8 ? table.u64(at) : 0n);
  return {
    address,
    structSize,
    retain: whole(8),
    release: whole(16),
    last: whole(24),
  };
}

/** nbuf_provider's members; pointers as addresses. */
export type Fields = {
  readonly address: bigint;
  readonly structSize: number;
  readonly flags: number;
  readonly ops: bigint;
  readonly buf: bigint;
  readonly len: bigint;
  readonly itemsize: bigint;
  readonly ndim: number;
  readonly blockCount: number;
  readonly format: bigint;
  readonly shape: bigint;
  readonly strides: bigint;
  readonly suboffsets: bigint;
  readonly blocks: bigint;
  readonly levelCount: number;
  readonly axisLevel: bigint;
  readonly postOffsets: bigint;
};

/** sizeof(nbuf_provider), and where its first version ended that every peer has. */
export const PROVIDER_SIZE = 112;
export const PROVIDER_LEAST = 88;

/** Members beyond struct_size are 0. */
export function readFields(peek: Peek, address: bigint): Fields {
  const structSize = new Struct(peek(address, 4)).u32(0);
  const bytes = new Uint8Array(PROVIDER_SIZE);
  const most = Math.min(structSize, PROVIDER_SIZE);
  const found = peek(address, most);
  bytes.set(new Uint8Array(found.buffer, found.byteOffset, most));
  const s = new Struct(new DataView(bytes.buffer));
  return {
    address,
    structSize,
    flags: s.u32(4),
    ops: s.u64(8),
    buf: s.u64(16),
    len: s.i64(24),
    itemsize: s.i64(32),
    ndim: s.i32(40),
    blockCount: s.i32(44),
    format: s.u64(48),
    shape: s.u64(56),
    strides: s.u64(64),
    suboffsets: s.u64(72),
    blocks: s.u64(80),
    levelCount: structSize >= PROVIDER_SIZE ? s.i32(88) : 0,
    axisLevel: structSize >= PROVIDER_SIZE ? s.u64(96) : 0n,
    postOffsets: structSize >= PROVIDER_SIZE ? s.u64(104) : 0n,
  };
}

export type Block = {
  readonly base: bigint;
  readonly size: bigint;
  readonly id: bigint;
  readonly flags: number;
};

const BLOCK_SIZE = 32;

/** A provider with all that its pointers lead to, except elements. */
export type Snapshot = {
  readonly fields: Fields;
  readonly format: string | null;
  readonly shape: readonly bigint[] | null;
  readonly strides: readonly bigint[] | null;
  readonly suboffsets: readonly bigint[] | null;
  readonly levels: {
    readonly axis: readonly number[];
    readonly post: readonly bigint[];
  } | null;
  readonly blocks: readonly Block[];
};

const MOST_AXES = 64;
/** More blocks than any array has are a lie. */
const MOST_BLOCKS = 1 << 24;
const MOST_FORMAT = 1 << 20;

function readNumbers(peek: Peek, address: bigint, count: number): bigint[] | null {
  if (address === 0n) return null;
  const found = new Struct(peek(address, count * 8));
  return Array.from({ length: count }, (_, k) => found.i64(k * 8));
}

/** Up to a zero byte, latin1 so that every byte is kept; null when there is none in reach. */
export function readText(peek: Peek, address: bigint): string | null {
  let text = '';
  // Byte by byte to the end of a page: the next one may not be there.
  for (let at = address; text.length <= MOST_FORMAT; ) {
    const bytes = Number(4096n - (at % 4096n));
    const view = peek(at, bytes);
    const found = Buffer.from(view.buffer, view.byteOffset, bytes);
    const end = found.indexOf(0);
    text += found.toString('latin1', 0, end < 0 ? bytes : end);
    if (end >= 0) return text;
    at += BigInt(bytes);
  }
  return null;
}

function readBlocks(peek: Peek, address: bigint, count: number): Block[] {
  if (address === 0n || count <= 0 || count > MOST_BLOCKS) return [];
  const found = new Struct(peek(address, count * BLOCK_SIZE));
  return Array.from({ length: count }, (_, k) => ({
    base: found.u64(k * BLOCK_SIZE),
    size: found.i64(k * BLOCK_SIZE + 8),
    id: found.u64(k * BLOCK_SIZE + 16),
    flags: found.u32(k * BLOCK_SIZE + 24),
  }));
}

function readLevels(peek: Peek, f: Fields, ndim: number): Snapshot['levels'] {
  const isWhole = f.axisLevel !== 0n && f.postOffsets !== 0n;
  if (f.levelCount < 2 || f.levelCount > MOST_AXES || !isWhole) return null;
  const axis = new Struct(peek(f.axisLevel, ndim * 4));
  return {
    axis: Array.from({ length: ndim }, (_, k) => axis.i32(k * 4)),
    post: readNumbers(peek, f.postOffsets, f.levelCount - 1) ?? [],
  };
}

/** Arrays are read for as many axes as there may be; ndim itself is judged elsewhere. */
export function readSnapshot(peek: Peek, address: bigint): Snapshot {
  const fields = readFields(peek, address);
  const ndim = fields.ndim >= 0 && fields.ndim <= MOST_AXES ? fields.ndim : 0;
  return {
    fields,
    format: fields.format === 0n ? null : readText(peek, fields.format),
    shape: readNumbers(peek, fields.shape, ndim),
    strides: readNumbers(peek, fields.strides, ndim),
    suboffsets: readNumbers(peek, fields.suboffsets, ndim),
    levels: readLevels(peek, fields, ndim),
    blocks: readBlocks(peek, fields.blocks, fields.blockCount),
  };
}
