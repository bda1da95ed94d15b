/** apache-arrow: a stream of record batches as providers of its columns. */
import { types } from 'node:util';
import { BufferError, type Provider, type RequestOptions } from '../index.ts';
import { checkModule } from './arrow.ts';
import type { Chunk } from './arrow_chunks.ts';
import { provide } from './arrow_from.ts';
import type { Plan } from './arrow_plan.ts';
import type { ArrowIpc, ArrowIpcModule } from './arrow_types.ts';
import {
  checkFunction,
  checkObject,
  kindOf,
  listOf,
  MANY,
  rangeError,
  refusal,
  typeError,
} from './common.ts';

export type FromArrowStreamOptions = RequestOptions & {
  /** Which columns; default all. */
  readonly columns?: readonly string[] | undefined;
  /** As for `fromArrow`. */
  readonly fill?: number | bigint | boolean | undefined;
  /** As for `fromArrow`. */
  readonly storage?: boolean | undefined;
};

/** Providers by the names of the columns; disposing of it releases them all. */
export type ArrowColumns = Record<string, Provider> & { [Symbol.dispose](): void };

function bytesOf(value: unknown): Uint8Array {
  const isView = ArrayBuffer.isView(value);
  if (!isView && !types.isAnyArrayBuffer(value))
    throw typeError(
      `bytes: expected a Uint8Array or ArrayBuffer, found ${kindOf(value)}`,
    );
  try {
    if (isView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return new Uint8Array(value);
  } catch (cause) {
    const message = 'the bytes were transferred or detached by their user';
    throw new BufferError('ERR_NBUF_DETACHED', message, { cause });
  }
}

const CONTINUATION = 0xffffffff;

/** Is the first message a schema of big-endian numbers? Apache-arrow does not look. */
function isBigEndian(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.length > 8 && view.getUint32(0) === 0x4152524f ? 8 : 0; // 'ARRO' of a file
  try {
    const isNew = view.getUint32(magic, true) === CONTINUATION;
    const start = magic + (isNew ? 8 : 4);
    const message = start + view.getUint32(start, true);
    const header = fieldAt(view, message, 2);
    if (header === 0) return false;
    const schema = header + view.getUint32(header, true);
    const order = fieldAt(view, schema, 0);
    return order !== 0 && view.getInt16(order, true) === 1;
  } catch {
    return false; // no stream at all: its reader says so
  }
}

/** Where a flatbuffers table has a field; 0 for one that is not there. */
function fieldAt(view: DataView, table: number, index: number): number {
  const slots = table - view.getInt32(table, true);
  const at = 4 + 2 * index;
  const found = at < view.getUint16(slots, true) ? view.getUint16(slots + at, true) : 0;
  return found === 0 ? 0 : table + found;
}

type Table = {
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
};

function read(arrow: ArrowIpc, bytes: Uint8Array): Table {
  if (isBigEndian(bytes))
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      'the stream has big-endian numbers, which apache-arrow would read as little-endian ones',
    );
  try {
    return arrow.tableFromIPC(bytes) as Table;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `apache-arrow cannot read these ${bytes.length} bytes as a stream or file: ${said}`,
      { cause },
    );
  }
}

/** Apache-arrow copies what is compressed, or not aligned, without a word. */
function checkAliased(bytes: Uint8Array, plan: Plan, chunk: Chunk): void {
  let [inner, leaf] = [plan, chunk];
  while (inner.kind === 'list') [inner, leaf] = [inner.child, leaf.children[0] as Chunk];
  const { values } = leaf;
  if (!ArrayBuffer.isView(values) || values.byteLength === 0) return;
  if (values.buffer === bytes.buffer) return;
  throw refusal(
    'ERR_NBUF_STRIDES',
    `apache-arrow copied the column: its buffers are compressed, or do not start at multiples ` +
      `of 8 bytes (the stream starts at byte ${bytes.byteOffset} of its ArrayBuffer)`,
  );
}

/** The names of the columns asked for, each one that is there once. */
function namesOf({ schema }: Table, asked: unknown): string[] {
  const all = schema.fields.map(({ name }) => name);
  if (asked !== undefined && !Array.isArray(asked))
    throw typeError('options.columns: expected an array of names');
  const names: unknown[] =
    asked === undefined ? all : listOf(asked as unknown[], 'options.columns', MANY);
  for (const name of names)
    if (
      all.filter((each) => each === name).length !== 1 ||
      names.indexOf(name) !== names.lastIndexOf(name)
    )
      throw rangeError(
        `options.columns: expected names that occur once, of ${all.map((each) => `'${each}'`).join(', ')}`,
      );
  return names as string[];
}

/**
 * The columns of an IPC stream (or file) of Arrow as providers over the stream's own bytes:
 * `using columns = fromArrowStream(bytes, arrow)`, then `columns.pixels`. As `fromArrow` for
 * each of them; `columns` leaves out those that nbuf has no format for. Release each, or all with
 * `columns[Symbol.dispose]()`; the bytes stay whose they are, transferring them: DETACHED.
 *
 * FORMAT where apache-arrow cannot read the bytes; STRIDES where it had to copy them, as they
 * are compressed or do not start at a multiple of 8 bytes of their ArrayBuffer; CONTIGUITY for
 * several batches. `copy: 'if-needed'` allows both.
 */
export function fromArrowStream(
  bytes: ArrayBufferView | ArrayBufferLike,
  arrow: ArrowIpcModule,
  options: FromArrowStreamOptions = {},
): ArrowColumns {
  const { columns, ...request } = checkObject(
    options,
    'options',
  ) as FromArrowStreamOptions;
  const module = checkModule(arrow) as ArrowIpc;
  checkFunction(module.tableFromIPC, 'arrow.tableFromIPC');
  const source = bytesOf(bytes);
  const table = read(module, source);
  const found: ArrowColumns = Object.create(null);
  const release = (): void => {
    for (const provider of Object.values(found)) provider.release();
  };
  Object.defineProperty(found, Symbol.dispose, { value: release });
  try {
    for (const column of namesOf(table, columns))
      found[column] = columnFrom(table, source, { ...request, column });
  } catch (error) {
    release();
    throw error;
  }
  return found;
}

/** Errors name the column. */
function columnFrom(
  table: Table,
  source: Uint8Array,
  options: RequestOptions & { readonly column: string },
): Provider {
  try {
    return provide(table, options, (plan, chunk) => checkAliased(source, plan, chunk));
  } catch (cause) {
    if (!(cause instanceof BufferError)) throw cause;
    const message = `column '${options.column}': ${cause.message}`;
    throw new BufferError(cause.code, message, { cause });
  }
}
