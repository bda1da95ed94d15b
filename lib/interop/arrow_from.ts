/** apache-arrow: columns as providers. */
import { BufferError, type Provider, type RequestOptions } from '../index.ts';
import {
  type Chunk,
  chunkOf,
  copyChunk,
  nullCount,
  numbersOf,
  rowsOf,
} from './arrow_chunks.ts';
import { entryOf, type Plan, planOf } from './arrow_plan.ts';
import {
  checkFunction,
  checkObject,
  listOf,
  MANY,
  rangeError,
  refusal,
  typeError,
} from './common.ts';
import { acquireFilled } from './foreign.ts';

export type FromArrowOptions = RequestOptions & {
  /** The Field of a Vector or Data, for its extension type. */
  readonly field?: object | undefined;
  /** Which column of a Table or RecordBatch. */
  readonly column?: string | undefined;
  /** With `copy: 'if-needed'`: the value of nulls. */
  readonly fill?: number | bigint | boolean | undefined;
  /** Dates, times, timestamps and durations as their integers: the type has the unit. */
  readonly storage?: boolean | undefined;
};

/** A Data or more, and the metadata of the field that they belong to. */
type Found = { readonly chunks: readonly unknown[]; readonly metadata: unknown };

function metadataOf(field: unknown): unknown {
  return field === undefined ? undefined : checkObject(field, 'field').metadata;
}

function chunksOf(vector: Record<string, unknown>): readonly unknown[] {
  const { data } = vector;
  return Array.isArray(data) ? listOf(data, 'data', MANY) : [vector];
}

function columnOf(table: Record<string, unknown>, name: unknown): Found {
  const { fields } = checkObject(table.schema, 'schema');
  const all = Array.isArray(fields) ? listOf(fields, 'schema.fields', MANY) : [];
  const named = all.map((each, at) => checkObject(each, `schema.fields[${at}]`));
  const at = named.findIndex((field) => field.name === name);
  if (at < 0)
    throw rangeError(
      `options.column: expected one of ${named.map((field) => `'${String(field.name)}'`).join(', ')}`,
    );
  checkFunction(table.getChildAt, 'getChildAt');
  const child = (table as { getChildAt(at: number): unknown }).getChildAt(at);
  const { metadata } = named[at] as Record<string, unknown>;
  return { chunks: chunksOf(checkObject(child, 'column')), metadata };
}

function find(value: unknown, options: FromArrowOptions): Found {
  const { column, field } = options;
  const object = checkObject(value, 'value');
  if (column !== undefined || object.schema !== undefined)
    return columnOf(object, column);
  const pair = object.vector;
  if (pair === undefined)
    return { chunks: chunksOf(object), metadata: metadataOf(field) };
  const vector = checkObject(pair, 'vector');
  return { chunks: chunksOf(vector), metadata: metadataOf(field ?? object.field) };
}

/** A refusal that the copy lifts, or null: the column's own memory will do. */
function reasonFor(plan: Plan, chunks: readonly Chunk[]): BufferError | null {
  let leaf = plan;
  while (leaf.kind === 'list') leaf = leaf.child;
  const nulls = chunks.reduce((sum, chunk) => sum + nullCount(chunk), 0);
  const all = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (nulls > 0)
    return new BufferError(
      'ERR_NBUF_FORMAT',
      `the column of ${all} rows has ${nulls} nulls, and memory knows none; pass ` +
        "{ copy: 'if-needed', fill: value } for a copy that has a value there",
    );
  if (leaf.kind === 'bool')
    return refusal('ERR_NBUF_FORMAT', "Arrow's Bool is one bit, nbuf's '?' one byte");
  if (leaf.kind === 'struct')
    return refusal(
      'ERR_NBUF_CONTIGUITY',
      'Arrow keeps the fields of a Struct apart, records have them together: take one, ' +
        'vector.getChild(name)',
    );
  return chunks.length < 2
    ? null
    : refusal(
        'ERR_NBUF_CONTIGUITY',
        `the column has ${chunks.length} chunks, each in memory of its own: take one of vector.data`,
      );
}

function copyAll(
  plan: Plan,
  chunks: readonly Chunk[],
  fill: unknown,
  request: RequestOptions,
): Provider {
  const { shape, format } = entryOf(plan);
  const rows = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const fillAll = (target: Provider) => {
    let start = 0;
    for (const chunk of chunks) {
      const part = target.slice([start, start + chunk.length]);
      copyChunk(part, plan, chunk, rowsOf(chunk), fill);
      start += chunk.length;
    }
  };
  return acquireFilled({ shape: [rows, ...shape], format }, fillAll, request, false);
}

/** @internal `check` sees what is not copied before it is used. */
export function provide(
  value: unknown,
  options: FromArrowOptions,
  check?: (plan: Plan, chunk: Chunk) => void,
): Provider {
  const { field, column, fill, storage, ...request } = options;
  if (storage !== undefined && typeof storage !== 'boolean')
    throw typeError('options.storage: expected a boolean');
  const { chunks, metadata } = find(value, { field, column });
  const type = checkObject(chunks[0], 'data').type;
  const plan = planOf(type, metadata, storage === true);
  const read = chunks.map((chunk) => chunkOf(chunk, plan, null));
  const used = read.filter(({ length }) => length > 0);
  const parts = used.length > 0 ? used : read.slice(0, 1);
  const hasNulls = parts.some((part) => nullCount(part) > 0);
  const mayCopy = request.copy === 'if-needed' && (fill !== undefined || !hasNulls);
  const reason = reasonFor(plan, parts);
  if (reason !== null && !mayCopy) throw reason;
  if (reason !== null) return copyAll(plan, parts, fill, request);
  const only = parts[0] as Chunk;
  if (request.copy !== 'if-needed') check?.(plan, only);
  return numbersOf(plan, only, rowsOf(only), request) as Provider;
}

/**
 * A provider of a column of apache-arrow, without a copy: a Vector or Data, what `toArrow`
 * returned, or a Table or RecordBatch with `{ column: name }`. Rows are the first axis, each
 * fixed-size list adds one; a list of type `arrow.fixed_shape_tensor` adds those of its shape,
 * transposed as its permutation says, where the field is known: pass `{ field }` with a Vector.
 * FixedSizeBinary is 's', float16 'e'. The provider keeps the column's typed arrays alive; its
 * release ends nothing but itself. Once their ArrayBuffer was transferred: DETACHED.
 *
 * With `copy: 'if-needed'` also several chunks (joined), Bool ('?'), Struct (records), and
 * nulls, where `fill` has a value for them. Nothing could be written back: `writable` is READONLY.
 *
 * Throws FORMAT for other types, by their name, and for nulls, with their number; CONTIGUITY
 * for chunks and Structs; BOUNDS for a column that is longer than its memory; otherwise as
 * `acquireAs`.
 */
export function fromArrow(value: object, options: FromArrowOptions = {}): Provider {
  return provide(value, checkObject(options, 'options'));
}
