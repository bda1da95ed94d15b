/** What a type of Arrow's says about the bytes of its columns. */
import { BufferError, contiguousStrides } from '../index.ts';
import { fixedShapeOf } from './arrow_extension.ts';
import { TypeId } from './arrow_types.ts';
import { checkObject, listOf, MANY } from './common.ts';

/** One entry of a column. Extents and steps in entries of what is inside. */
export type Plan =
  | { readonly kind: 'number'; readonly format: string; readonly itemsize: number }
  | { readonly kind: 'bool'; readonly format: '?' }
  | {
      readonly kind: 'list';
      readonly size: number;
      readonly shape: readonly number[];
      readonly steps: readonly number[];
      readonly child: Plan;
    }
  | {
      readonly kind: 'struct';
      readonly fields: readonly { readonly name: string; readonly plan: Plan }[];
    };

const NAMES: Readonly<Record<number, string>> = {
  '-1': 'Dictionary',
  1: 'Null',
  4: 'Binary',
  5: 'Utf8',
  7: 'Decimal',
  8: 'Date',
  9: 'Time',
  10: 'Timestamp',
  11: 'Interval',
  12: 'List',
  14: 'Union',
  17: 'Map',
  18: 'Duration',
  19: 'LargeBinary',
  20: 'LargeUtf8',
  21: 'LargeList',
  23: 'BinaryView',
  24: 'Utf8View',
};

type Type = Readonly<Record<string, unknown>>;

function refuseType({ typeId, bitWidth }: Type, isTime: boolean): BufferError {
  const id = Number(typeId);
  const name =
    NAMES[id] ?? `type ${id}${bitWidth === undefined ? '' : ` of ${bitWidth} bits`}`;
  const remedy = isTime
    ? 'its unit would be lost: pass { storage: true } for the integers'
    : "vector.toArray() copies the values to JavaScript's own";
  return new BufferError(
    'ERR_NBUF_FORMAT',
    `apache-arrow: expected integers, floats, Bool, FixedSizeBinary, or FixedSizeList and ` +
      `Struct of these, found ${name}; ${remedy}`,
  );
}

const INTEGERS: Readonly<Record<number, string>> = { 8: 'b', 16: 'h', 32: 'i', 64: 'q' };
const FLOATS = ['e', 'f', 'd'];
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  h: 2,
  e: 2,
  i: 4,
  f: 4,
  q: 8,
  d: 8,
};

function formatOf(type: Type): string | undefined {
  if (type.typeId === TypeId.Float) return FLOATS[type.precision as number];
  const signed = INTEGERS[type.bitWidth as number];
  return type.isSigned === true ? signed : signed?.toUpperCase();
}

/** Dates, times, timestamps and durations as the integers that they are. */
function storageOf({ typeId, unit, bitWidth }: Type): string | undefined {
  if (typeId === TypeId.Timestamp || typeId === TypeId.Duration) return 'q';
  if (typeId === TypeId.Date) return unit === 0 ? 'i' : 'q';
  return typeId === TypeId.Time ? INTEGERS[bitWidth as number] : undefined;
}

function numberPlan(type: Type, storage: boolean): Plan {
  const { typeId } = type;
  const isTime = storageOf(type) !== undefined;
  const format =
    typeId === TypeId.Int || typeId === TypeId.Float
      ? formatOf(type)
      : isTime && storage
        ? storageOf(type)
        : undefined;
  if (format === undefined) throw refuseType(type, isTime);
  const itemsize = SIZES[format.toLowerCase()] as number;
  return { kind: 'number', format, itemsize };
}

function childrenOf(type: Type): readonly unknown[] {
  const { children } = type;
  return Array.isArray(children) ? listOf(children, 'type.children', MANY) : [];
}

function integerOf(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new BufferError('ERR_NBUF_FORMAT', `apache-arrow: ${name}: expected an integer`);
}

function listPlan(
  type: Type,
  metadata: unknown,
  storage: boolean,
  nesting: Nesting,
): Plan {
  const size = integerOf(type.listSize, 'listSize');
  const item = checkObject(childrenOf(type)[0], 'type.children[0]');
  const child = planOf(item.type, item.metadata, storage, nesting);
  const fixed = fixedShapeOf(metadata, size) ?? { shape: [size], permutation: null };
  const packed = contiguousStrides(fixed.shape, 1);
  const order = fixed.permutation ?? fixed.shape.map((_, axis) => axis);
  return {
    kind: 'list',
    size,
    shape: order.map((axis) => fixed.shape[axis] as number),
    steps: order.map((axis) => packed[axis] as number),
    child,
  };
}

/** As deep as a view has axes. */
const MAX_DEPTH = 64;
/** Types may share their children, so that few objects stand for any number of columns. */
const MAX_TYPES = 10_000;

/** How deep in other types, and how many there were so far. */
type Nesting = { readonly depth: number; readonly seen: { types: number } };

/** FORMAT for what has no fixed size, or nothing that nbuf could call it. */
export function planOf(
  value: unknown,
  metadata: unknown,
  storage: boolean,
  around: Nesting = { depth: 0, seen: { types: 0 } },
): Plan {
  const type = checkObject(value, 'type');
  const nesting: Nesting = { ...around, depth: around.depth + 1 };
  if (around.depth > MAX_DEPTH || ++nesting.seen.types > MAX_TYPES)
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `apache-arrow: expected at most ${MAX_DEPTH} types in each other, and ${MAX_TYPES} in all`,
    );
  switch (type.typeId) {
    case TypeId.Bool:
      return { kind: 'bool', format: '?' };
    case TypeId.FixedSizeBinary: {
      const itemsize = integerOf(type.byteWidth, 'byteWidth');
      return { kind: 'number', format: `${itemsize}s`, itemsize };
    }
    case TypeId.FixedSizeList:
      return listPlan(type, metadata, storage, nesting);
    case TypeId.Struct: {
      const fields = childrenOf(type).map((child, at) => {
        const field = checkObject(child, `type.children[${at}]`);
        const plan = planOf(field.type, field.metadata, storage, nesting);
        return { name: String(field.name), plan };
      });
      return { kind: 'struct', fields };
    }
    default:
      return numberPlan(type, storage);
  }
}

/** The axes of an entry, and the format of what they have. */
export function entryOf(plan: Plan): { shape: readonly number[]; format: string } {
  if (plan.kind === 'list') {
    const { shape, format } = entryOf(plan.child);
    return { shape: [...plan.shape, ...shape], format };
  }
  if (plan.kind !== 'struct') return { shape: [], format: plan.format };
  const items = plan.fields.map(({ name, plan: inner }) => {
    if (name === '' || name.includes(':'))
      throw new BufferError(
        'ERR_NBUF_FORMAT',
        `apache-arrow: a record's fields have names without ':', found '${name}'`,
      );
    const { shape, format } = entryOf(inner);
    return `${shape.length === 0 ? '' : `(${shape.join(',')})`}${format}:${name}:`;
  });
  return { shape: [], format: `T{${items.join('')}}` };
}
