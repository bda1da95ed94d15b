/**
 * Arrow's stream format, read slowly and strictly from its specification: flatbuffers by hand.
 * No other code of this repository or of apache-arrow takes part.
 */

export type IpcField = {
  readonly name: string;
  readonly nullable: boolean;
  /** The union's number: 2 Int, 3 FloatingPoint, 6 Bool, 13 Struct, 15 and 16 of fixed size. */
  readonly type: number;
  /** bitWidth, precision, byteWidth or listSize. */
  readonly size: number;
  readonly isSigned: boolean;
  readonly children: readonly IpcField[];
  readonly metadata: Readonly<Record<string, string>>;
};

export type IpcTable = {
  readonly fields: readonly IpcField[];
  /** Rows of each batch. */
  readonly batches: readonly number[];
  readonly columns: Readonly<Record<string, unknown[]>>;
};

function check(isTrue: boolean, expected: string): void {
  if (!isTrue) throw new Error(`IPC stream: expected ${expected}`);
}

class Flat {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }
  i16(at: number): number {
    return this.#view.getInt16(at, true);
  }
  u8(at: number): number {
    return this.#view.getUint8(at);
  }
  i64(at: number): number {
    return Number(this.#view.getBigInt64(at, true));
  }
  /** Where a table has a field, or 0. */
  field(table: number, index: number): number {
    const slots = table - this.#view.getInt32(table, true);
    const at = 4 + 2 * index;
    if (at >= this.#view.getUint16(slots, true)) return 0;
    const offset = this.#view.getUint16(slots + at, true);
    return offset === 0 ? 0 : table + offset;
  }
  follow(at: number): number {
    return at + this.u32(at);
  }
  /** The places of a vector's elements of `size` bytes. */
  vector(at: number, size: number): number[] {
    if (at === 0) return [];
    const start = this.follow(at);
    return Array.from(
      { length: this.u32(start) },
      (_, index) => start + 4 + index * size,
    );
  }
  text(at: number): string {
    return String.fromCharCode(...this.vector(at, 1).map((place) => this.u8(place)));
  }
}

function metadataOf(flat: Flat, at: number): Record<string, string> {
  return Object.fromEntries(
    flat.vector(at, 4).map((place) => {
      const pair = flat.follow(place);
      return [flat.text(flat.field(pair, 0)), flat.text(flat.field(pair, 1))];
    }),
  );
}

function fieldOf(flat: Flat, table: number): IpcField {
  const type = flat.u8(flat.field(table, 2));
  const details = flat.follow(flat.field(table, 3));
  const size = flat.field(details, 0);
  const signed = flat.field(details, 1);
  const nullable = flat.field(table, 1);
  return {
    name: flat.text(flat.field(table, 0)),
    nullable: nullable !== 0 && flat.u8(nullable) !== 0,
    type,
    size: size === 0 ? 0 : type === 3 ? flat.i16(size) : flat.u32(size),
    isSigned: type === 2 && signed !== 0 && flat.u8(signed) !== 0,
    children: flat
      .vector(flat.field(table, 5), 4)
      .map((place) => fieldOf(flat, flat.follow(place))),
    metadata: metadataOf(flat, flat.field(table, 6)),
  };
}

/** The nodes and buffers of one batch, in the order of the fields. */
class Body {
  readonly #nodes: [length: number, nulls: number][];
  readonly #buffers: Uint8Array[];

  constructor(flat: Flat, batch: number, body: Uint8Array) {
    this.#nodes = flat
      .vector(flat.field(batch, 1), 16)
      .map((at) => [flat.i64(at), flat.i64(at + 8)]);
    check(flat.field(batch, 3) === 0, 'no compression');
    let end = 0;
    this.#buffers = flat.vector(flat.field(batch, 2), 16).map((at) => {
      const [offset, length] = [flat.i64(at), flat.i64(at + 8)];
      check(
        offset % 8 === 0 && offset >= end,
        `buffers one behind the other, found ${offset}`,
      );
      end = offset + length;
      check(end <= body.length, `buffers in a body of ${body.length}, found ${end}`);
      return body.subarray(offset, end);
    });
  }

  /** All rows of a field. */
  values(field: IpcField): unknown[] {
    const [length, nulls] = this.#nodes.shift() as [number, number];
    check(nulls === 0, 'no nulls');
    check(this.#buffers.shift()?.length === 0, 'no bitmap without nulls');
    if (field.type === 16) {
      const all = this.values(field.children[0] as IpcField);
      check(all.length === length * field.size, 'a child as long as its lists');
      return Array.from({ length }, (_, row) =>
        all.slice(row * field.size, (row + 1) * field.size),
      );
    }
    if (field.type === 13) return this.#records(field, length);
    const bytes = this.#buffers.shift() as Uint8Array;
    return Array.from({ length }, (_, row) => scalar(field, bytes, row));
  }

  #records(field: IpcField, length: number): unknown[] {
    const children = field.children.map(
      (child) => [child.name, this.values(child)] as const,
    );
    return Array.from({ length }, (_, row) =>
      Object.fromEntries(children.map(([name, values]) => [name, values[row]])),
    );
  }

  checkEnd(): void {
    check(this.#nodes.length === 0 && this.#buffers.length === 0, 'nothing left over');
  }
}

function half(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return (
    sign *
    (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
  );
}

function scalar(
  { type, size, isSigned }: IpcField,
  bytes: Uint8Array,
  row: number,
): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 6) return (view.getUint8(row >> 3) & (1 << (row & 7))) !== 0;
  if (type === 15) return [...bytes.subarray(row * size, (row + 1) * size)];
  if (type === 3)
    return size === 0
      ? half(view.getUint16(row * 2, true))
      : size === 1
        ? view.getFloat32(row * 4, true)
        : view.getFloat64(row * 8, true);
  check(type === 2, `a known type, found ${type}`);
  const sign = isSigned ? 'Int' : 'Uint';
  if (size === 64) return view[`getBig${sign}64`](row * 8, true);
  return view[`get${sign}${size as 8 | 16 | 32}`](row * (size / 8), true);
}

type Message = { flat: Flat; kind: number; header: number; body: Uint8Array };

function* messagesOf(bytes: Uint8Array): Generator<Message> {
  const whole = new Flat(bytes);
  let at = 0;
  for (;;) {
    check(at % 8 === 0, `messages at multiples of 8, found one at ${at}`);
    check(whole.u32(at) === 0xffffffff, 'a continuation mark');
    const length = whole.u32(at + 4);
    if (length === 0) break;
    const flat = new Flat(bytes.subarray(at + 8, at + 8 + length));
    const message = flat.follow(0);
    check(flat.i16(flat.field(message, 0)) === 4, 'version V5');
    const size = flat.field(message, 3);
    const start = at + 8 + length;
    const end = start + (size === 0 ? 0 : flat.i64(size));
    check(start % 8 === 0 && end % 8 === 0 && end <= bytes.length, 'an aligned body');
    const kind = flat.u8(flat.field(message, 1));
    const header = flat.follow(flat.field(message, 2));
    yield { flat, kind, header, body: bytes.subarray(start, end) };
    at = end;
  }
  check(at + 8 === bytes.length, 'nothing behind the end');
}

function schemaOf({ flat, header }: Message): IpcField[] {
  const order = flat.field(header, 0);
  check(order === 0 || flat.i16(order) === 0, 'little-endian numbers');
  return flat
    .vector(flat.field(header, 1), 4)
    .map((place) => fieldOf(flat, flat.follow(place)));
}

export function readIpcStream(bytes: Uint8Array): IpcTable {
  const [first, ...others] = messagesOf(bytes);
  check(first?.kind === 1, 'a schema first');
  const fields = schemaOf(first as Message);
  const batches: number[] = [];
  const columns: Record<string, unknown[]> = Object.create(null);
  for (const { name } of fields) columns[name] = [];
  for (const { flat, kind, header, body } of others) {
    check(kind === 3, 'batches behind the schema');
    const length = flat.field(header, 0);
    batches.push(length === 0 ? 0 : flat.i64(length));
    const reader = new Body(flat, header, body);
    for (const field of fields) columns[field.name]?.push(...reader.values(field));
    reader.checkEnd();
  }
  return { fields, batches, columns };
}
