/** What a provider's members promise, each alone and with each other. Pure. */
import { calcsize } from '../index.ts';
import {
  type Block,
  type Fields,
  OPS_SIZE,
  type Ops,
  PROVIDER_LEAST,
  type Snapshot,
} from './raw.ts';

/** What is wrong, one sentence each; nothing: the promise is kept. */
export type Found = readonly string[];

const MOST_AXES = 64;
const PROVIDER_FLAGS = 7;
const MOST = 2n ** 63n - 1n;

export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function list(values: readonly (bigint | number)[]): string {
  return `[${values.join(', ')}]`;
}

export function checkOps(ops: Ops | null, last: 'acquire' | 'unlock_layout'): string[] {
  if (ops === null) return ['expected an ops table, found ops = NULL'];
  if (ops.structSize < OPS_SIZE)
    return [`expected ops->struct_size >= ${OPS_SIZE}, found ${ops.structSize}`];
  const functions = { retain: ops.retain, release: ops.release, [last]: ops.last };
  return Object.entries(functions)
    .filter(([, address]) => address === 0n)
    .map(([name]) => `expected a function, found ops->${name} = NULL`);
}

export function checkSize(f: Fields): string[] {
  if (f.structSize >= PROVIDER_LEAST) return [];
  return [
    `expected struct_size >= ${PROVIDER_LEAST} (up to blocks), found ${f.structSize}`,
  ];
}

export function checkFlags(f: Fields): string[] {
  const unknown = (f.flags & ~PROVIDER_FLAGS) >>> 0;
  return unknown === 0
    ? []
    : [
        `expected only READONLY 0x1, BORROWED 0x2, ENV_BOUND 0x4, found ${hex(f.flags)} with the unknown ${hex(unknown)}`,
      ];
}

export function checkShape({ fields: f, shape }: Snapshot): string[] {
  if (f.ndim < 0 || f.ndim > MOST_AXES)
    return [`expected ndim from 0 to ${MOST_AXES}, found ${f.ndim}`];
  if (f.ndim === 0)
    return f.shape === 0n
      ? []
      : ['expected shape = NULL where ndim is 0, found an address'];
  if (shape === null)
    return [`expected shape, which was requested, for ndim ${f.ndim}; found NULL`];
  return shape
    .map((extent, k) => ({ extent, k }))
    .filter(({ extent }) => extent < 0n)
    .map(({ extent, k }) => `expected extents >= 0, found shape[${k}] = ${extent}`);
}

/** itemsize * product(shape) of the axes that are not empty: what strides of C order need. */
function countable(shape: readonly bigint[], itemsize: bigint): bigint {
  return shape.reduce((all, extent) => (extent === 0n ? all : all * extent), itemsize);
}

export function checkLen({ fields: f, shape }: Snapshot): string[] {
  if (f.itemsize < 1n) return [`expected itemsize >= 1 byte, found ${f.itemsize}`];
  if (f.len < 0n) return [`expected len >= 0 bytes, found ${f.len}`];
  const extents = shape ?? [];
  const bytes = extents.includes(0n) ? 0n : countable(extents, f.itemsize);
  const problems: string[] = [];
  if (countable(extents, f.itemsize) > MOST)
    problems.push(
      `expected a product of shape ${list(extents)} and itemsize ${f.itemsize} below 2^63`,
    );
  if (f.len !== bytes)
    problems.push(
      `expected len = product(shape) * itemsize = ${bytes} bytes, found ${f.len}`,
    );
  return problems;
}

/** The text's size, or why it has none. */
function sizeOf(format: string): number | string {
  try {
    return calcsize(format);
  } catch (error) {
    return (error as Error).message;
  }
}

function short(text: string): string {
  return text.length > 60
    ? `${JSON.stringify(text.slice(0, 60))}…`
    : JSON.stringify(text);
}

export function checkFormat({ fields: f, format }: Snapshot): string[] {
  if (f.format === 0n) return ['expected format, which was requested; found NULL'];
  if (format === null) return ['expected a zero-terminated format, found no zero byte'];
  const bytes = Buffer.from(format, 'latin1');
  if (!Buffer.from(bytes.toString('utf8')).equals(bytes))
    return [`expected a format in UTF-8, found the bytes ${bytes.toString('hex')}`];
  const size = sizeOf(bytes.toString('utf8'));
  if (typeof size === 'string')
    return [`expected a format that PEP 3118 knows, found ${short(format)}: ${size}`];
  if (BigInt(size) > f.itemsize)
    return [
      `expected a format of at most itemsize ${f.itemsize} bytes, found ${short(format)} of ${size}`,
    ];
  return [];
}

export function checkStrides({ fields: f, strides, shape }: Snapshot): string[] {
  if (f.ndim === 0)
    return f.strides === 0n
      ? []
      : ['expected strides = NULL where ndim is 0, found an address'];
  if (strides === null)
    return [`expected strides, which were requested, for ndim ${f.ndim}; found NULL`];
  return strides
    .map((stride, k) => ({ stride, k }))
    .filter(({ stride, k }) => {
      const steps = (shape?.[k] ?? 1n) - 1n;
      const span = stride * steps;
      return steps > 0n && (span > MOST || span < -MOST - 1n);
    })
    .map(
      ({ stride, k }) =>
        `expected strides whose reach is below 2^63, found strides[${k}] = ${stride} for ${shape?.[k]} elements`,
    );
}

/** How an indirect layout is said; both of it, for `word` asked for INDIRECT. */
export function checkSuboffsets(s: Snapshot): string[] {
  const { fields: f, suboffsets } = s;
  const problems: string[] = [];
  if (f.suboffsets === 0n) return problems;
  if (f.ndim === 0) problems.push('expected suboffsets = NULL where ndim is 0');
  if (f.strides === 0n) problems.push('expected strides beside suboffsets, found NULL');
  if (f.levelCount !== 0)
    problems.push(
      `expected levels or suboffsets, found both: level_count is ${f.levelCount}`,
    );
  if (f.ndim > 0 && suboffsets?.every((offset) => offset < 0n))
    problems.push(
      `expected suboffsets = NULL where all are negative (no pointers), found ${list(suboffsets)}`,
    );
  return problems;
}

function checkLevelArrays({ fields: f, levels }: Snapshot): string[] {
  if (levels === null)
    return ['expected axis_level and post_offsets beside level_count, found NULL'];
  return levels.axis
    .map((level, k) => ({ level, k }))
    .filter(({ level }) => level < 0 || level >= f.levelCount)
    .map(
      ({ level, k }) =>
        `expected levels from 0 to ${f.levelCount - 1}, found axis_level[${k}] = ${level}`,
    );
}

export function checkLevels(s: Snapshot): string[] {
  const f = s.fields;
  if (f.levelCount === 0) return [];
  if (f.levelCount < 2 || f.levelCount > MOST_AXES)
    return [`expected level_count 0, or from 2 to 64, found ${f.levelCount}`];
  const problems = checkLevelArrays(s);
  if (f.strides === 0n && f.ndim > 0)
    problems.push('expected strides beside levels, found NULL');
  return problems;
}

export function checkBuf({ fields: f }: Snapshot): string[] {
  if (f.len <= 0n) return [];
  const problems: string[] = [];
  if (f.buf === 0n) problems.push(`expected buf for ${f.len} bytes, found NULL`);
  if (f.blockCount < 1)
    problems.push(
      `expected blocks for ${f.len} bytes, found block_count ${f.blockCount}`,
    );
  return problems;
}

const MOST_ADDRESS = 2n ** 64n;

function checkBlock({ base, size, flags }: Block, k: number): string[] {
  const problems: string[] = [];
  if (size < 0n) problems.push(`expected blocks[${k}].size >= 0, found ${size}`);
  if (base === 0n && size > 0n)
    problems.push(`expected blocks[${k}].base for ${size} bytes, found NULL`);
  if (base + size > MOST_ADDRESS)
    problems.push(
      `expected blocks[${k}] inside the address space, found ${size} bytes at ${hex(base)}`,
    );
  if ((flags & ~1) !== 0)
    problems.push(`expected only TABLE 0x1 in blocks[${k}].flags, found ${hex(flags)}`);
  return problems;
}

export function checkBlocks({ fields: f, blocks }: Snapshot): string[] {
  if (f.blockCount < 0) return [`expected block_count >= 0, found ${f.blockCount}`];
  if (f.blockCount > 0 && f.blocks === 0n)
    return [`expected blocks for block_count ${f.blockCount}, found NULL`];
  if (blocks.length !== f.blockCount)
    return [`expected a block_count that memory can hold, found ${f.blockCount}`];
  return blocks.flatMap(checkBlock);
}

const overlaps = (a: Block, b: Block): boolean =>
  a.size > 0n && b.size > 0n && a.base < b.base + b.size && b.base < a.base + a.size;

/** Else writing elements could redirect pointers that were checked. */
export function checkTables({ blocks }: Snapshot): string[] {
  const numbered = blocks.map((block, k) => ({ block, k }));
  const tables = numbered.filter(({ block }) => (block.flags & 1) !== 0);
  const others = numbered.filter(({ block }) => (block.flags & 1) === 0);
  return tables.flatMap(({ block: table, k }) =>
    others
      .filter(({ block }) => overlaps(block, table))
      .map(
        (other) =>
          `expected no elements in a table of pointers, found blocks[${other.k}] overlapping the table blocks[${k}]`,
      ),
  );
}

export function checkIds({ blocks }: Snapshot): string[] {
  const seen = new Map<bigint, number>();
  const problems: string[] = [];
  blocks.forEach(({ id, base, size }, k) => {
    const first = id === 0n ? undefined : seen.get(id);
    const same = first === undefined ? undefined : blocks[first];
    if (same !== undefined && (same.base !== base || same.size !== size))
      problems.push(
        `expected one id for one block, found ${hex(id)} for blocks[${first}] and blocks[${k}], which differ`,
      );
    seen.set(id, k);
  });
  return problems;
}
