/** apache-arrow: views as a stream of record batches, the form in which Arrow travels. */
import { acquireAs, BufferError, formatsEqual, type View } from '../index.ts';
import { type ArrowLists, checkAs, checkModule, columnOf, rowsOf } from './arrow.ts';
import { type ArrowSource, product } from './arrow_data.ts';
import type { Physical } from './arrow_extension.ts';
import type { ArrowData, ArrowIpc, ArrowIpcModule, ArrowWriter } from './arrow_types.ts';
import { MAX_INT32 } from './arrow_types.ts';
import {
  checkFunction,
  checkObject,
  dtypeOfFormat,
  dtypes,
  newArray,
  rangeError,
} from './common.ts';

export type ArrowStreamOptions = {
  /** For all columns: see `toArrow`. */
  readonly as?: ArrowLists | undefined;
  /** Names of the axes behind the first, by column, for 'fixed_shape_tensor'. */
  readonly dimNames?: Readonly<Record<string, readonly string[]>> | undefined;
  /**
   * Rows of one record batch. Default: in `toArrowStream` all, as far as 2 GiB of a column go;
   * in `toArrowBatches` as many as take about 16 MiB.
   */
  readonly batchRows?: number | undefined;
};

type Column = {
  readonly name: string;
  readonly rows: Physical;
  readonly dimNames: unknown;
  readonly field: object;
};

/** Apache-arrow pads a buffer's size in 32 bits. */
const MAX_BYTES = 2 ** 31 - 64;
const USUAL_BYTES = 2 ** 24;

/** A piece of the stream: bytes, or a view whose elements go there, packed, in `format`. */
type Piece =
  | { readonly bytes: Uint8Array; readonly view: null }
  | { readonly bytes: Uint8Array; readonly view: View; readonly format: string };

/**
 * What the writer of apache-arrow writes to. Its columns are stand-ins for views: arrays of
 * their size that it passes on without looking, and whose memory is never touched. So elements
 * go straight into the stream, from any layout, and no view's buffer is exposed. (The writer's
 * own queue also loses bytes where neighbouring columns share memory.)
 */
class Sink {
  #pieces: Piece[] = [];
  readonly #views = new Map<ArrayBufferLike, { view: View; format: string }>();
  readonly queue: object;
  readonly source: ArrowSource;

  constructor(arrow: ArrowIpc) {
    this.queue = Object.defineProperty(new arrow.AsyncByteQueue(), 'write', {
      value: (bytes: Uint8Array) => {
        const stood = this.#views.get(bytes.buffer);
        this.#pieces.push(
          stood === undefined ? { bytes, view: null } : { bytes, ...stood },
        );
      },
    });
    this.source = {
      arrow,
      mayCopy: true,
      mustCopy: true,
      values: (view) => {
        const text = view.format ?? 'B';
        const dtype = dtypeOfFormat(text)?.dtype ?? dtypes.uint8;
        const format = formatsEqual(text, 'c') ? 'c' : dtype.format;
        return this.#standIn(view, newArray(dtype, view.size), format);
      },
      bytes: (view) =>
        this.#standIn(view, new Uint8Array(view.byteLength), view.format ?? 'B'),
    };
  }

  #standIn<T extends ArrayBufferView>(view: View, array: T, format: string): T {
    if (array.byteLength !== 0) this.#views.set(array.buffer, { view, format });
    return array;
  }

  /** What was written since the last time, in one piece of its own. */
  take(): Uint8Array {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#views.clear();
    const out = newBytes(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
    let at = 0;
    for (const piece of pieces) {
      if (piece.view === null) out.set(piece.bytes, at);
      else writeElements(out, at, piece.view, piece.format);
      at += piece.bytes.length;
    }
    return out;
  }
}

function newBytes(length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new BufferError(
      'ERR_NBUF_NOMEM',
      `a stream of ${length} bytes cannot be allocated in one piece; use toArrowBatches()`,
      { cause },
    );
  }
}

/** Packed, in the machine's byte order. */
function writeElements(
  out: Uint8Array,
  offset: number,
  view: View,
  format: string,
): void {
  const layout = { shape: view.shape as readonly number[], offset, format };
  const target = acquireAs(out, layout, { writable: true });
  try {
    target.copyFrom(view, { convert: 'same-kind' });
  } finally {
    target.release();
  }
}

function rowCount({ rows }: Column): number {
  return rows.view.shape?.[0] ?? 0;
}

function rowBytes({ rows: { view } }: Column): number {
  return product((view.shape as readonly number[]).slice(1)) * view.itemsize;
}

/** Converts the columns and their options; the fields are those of no rows. */
function columnsOf(
  value: unknown,
  arrow: ArrowIpc,
  as: ArrowLists,
  dimNames: unknown,
): Column[] {
  const names = dimNames === undefined ? {} : checkObject(dimNames, 'options.dimNames');
  const { source } = new Sink(arrow);
  const columns = Object.entries(checkObject(value, 'columns')).map(([name, view]) => {
    const rows = rowsOf(view as View, as, true);
    const axes = Object.hasOwn(names, name) ? names[name] : undefined;
    const none = { ...rows, view: rows.view.slice([0, 0]) };
    const { data, metadata } = columnOf(source, none, as, axes);
    const field = new arrow.Field(name, data.type, false, metadata ?? undefined);
    return { name, rows, dimNames: axes, field };
  });
  for (const column of columns) checkRows(column, columns[0] as Column);
  for (const name of Object.keys(names))
    if (!columns.some((column) => column.name === name))
      throw rangeError(`options.dimNames: expected names of columns, found '${name}'`);
  return columns;
}

function checkRows(column: Column, first: Column): void {
  const [found, expected] = [rowCount(column), rowCount(first)];
  if (found !== expected)
    throw rangeError(
      `columns: expected ${expected} rows in '${column.name}', as in '${first.name}', ` +
        `found ${found}`,
    );
  if (rowBytes(column) > MAX_BYTES)
    throw new BufferError(
      'ERR_NBUF_UNSUPPORTED',
      `column '${column.name}': one row of ${rowBytes(column)} bytes; apache-arrow writes ` +
        `at most ${MAX_BYTES} in a batch: reshape the view`,
    );
}

/** Rows of one batch: as asked, as long as no column outgrows what can be written. */
function batchSize(columns: readonly Column[], asked: unknown, bytes: number): number {
  if (asked !== undefined && (!Number.isSafeInteger(asked) || (asked as number) < 1))
    throw rangeError('options.batchRows: expected an integer from 1');
  const largest = Math.max(1, ...columns.map(rowBytes));
  const usual =
    asked ?? Math.floor(bytes / columns.reduce((sum, c) => sum + rowBytes(c), 1));
  const most = Math.min(MAX_INT32, Math.floor(MAX_BYTES / largest));
  return Math.max(1, Math.min(usual as number, most));
}

type Plan = {
  readonly arrow: ArrowIpc;
  readonly as: ArrowLists;
  readonly columns: readonly Column[];
  readonly batchRows: number;
};

function planOf(columns: unknown, arrow: unknown, options: unknown, bytes: number): Plan {
  const module = checkModule(arrow) as ArrowIpc;
  for (const name of ['RecordBatchStreamWriter', 'AsyncByteQueue', 'Schema'] as const)
    checkFunction(module[name], `arrow.${name}`);
  const { as, dimNames, batchRows } =
    options === undefined ? {} : (checkObject(options, 'options') as ArrowStreamOptions);
  const lists = checkAs(as);
  const planned = columnsOf(columns, module, lists, dimNames);
  const size = batchSize(planned, batchRows, bytes);
  return { arrow: module, as: lists, columns: planned, batchRows: size };
}

function writeRows(plan: Plan, writer: ArrowWriter, sink: Sink, start: number): void {
  const { arrow, as, columns, batchRows } = plan;
  const total = columns[0] === undefined ? 0 : rowCount(columns[0]);
  const length = Math.min(batchRows, total - start);
  const children = columns.map(({ rows, dimNames }): ArrowData => {
    const view = rows.view.slice([start, start + length]);
    return columnOf(sink.source, { ...rows, view }, as, dimNames).data;
  });
  const fields = columns.map(({ field }) => field);
  const type = new arrow.Struct(fields);
  const data = arrow.makeData({ type, length, nullCount: 0, children });
  writer.write(new arrow.RecordBatch(new arrow.Schema(fields), data));
}

function* batchesOf(plan: Plan): Generator<Uint8Array, undefined> {
  const { arrow, columns, batchRows } = plan;
  const sink = new Sink(arrow);
  const writer = new arrow.RecordBatchStreamWriter();
  writer.reset(sink.queue, new arrow.Schema(columns.map(({ field }) => field)));
  const total = columns[0] === undefined ? 0 : rowCount(columns[0]);
  let start = 0;
  do {
    writeRows(plan, writer, sink, start);
    start += batchRows;
    if (start >= total) writer.close();
    yield sink.take();
  } while (start < total);
  return undefined;
}

/**
 * Views as an IPC stream of Arrow in one piece, which Arrow Flight, Spark, Ray, DuckDB, pandas
 * and others read: `toArrowStream({ id, pixels }, arrow)`. Each view is a column, its first axis
 * the rows, of which all have as many (ERR_OUT_OF_RANGE). Any layout, byte order and readonly
 * memory goes into it, everything that `toArrow` says with `copy: 'if-needed'`; no buffer is
 * exposed. The stream owns its bytes: releasing the views does nothing to it.
 *
 * FORMAT where Arrow has no such type; UNSUPPORTED for a view without axes, and a row above
 * 2 GiB; RELEASED.
 */
export function toArrowStream(
  columns: Readonly<Record<string, View>>,
  arrow: ArrowIpcModule,
  options?: ArrowStreamOptions,
): Uint8Array {
  const pieces = [...batchesOf(planOf(columns, arrow, options, Number.MAX_SAFE_INTEGER))];
  if (pieces.length === 1) return pieces[0] as Uint8Array;
  const out = newBytes(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/**
 * The same stream in pieces, one for each record batch of `batchRows` rows, made as they are
 * asked for: for a socket or a file, with no more than one batch in memory. The views stay
 * acquired until the last one (RELEASED). Errors of the arguments are thrown at once.
 */
export function toArrowBatches(
  columns: Readonly<Record<string, View>>,
  arrow: ArrowIpcModule,
  options?: ArrowStreamOptions,
): Generator<Uint8Array, undefined> {
  return batchesOf(planOf(columns, arrow, options, USUAL_BYTES));
}
