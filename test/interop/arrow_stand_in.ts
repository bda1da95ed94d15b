/**
 * A stand-in for apache-arrow: classes with the fields that platform-facts and its declarations
 * give them. The writer writes the values of all leaves, each padded to 8 bytes, and nothing else.
 */

export class Type {
  readonly typeId: number;
  readonly details: object;
  constructor(typeId: number, details: object = {}) {
    this.typeId = typeId;
    this.details = details;
    Object.assign(this, details);
  }
}

const plain = (typeId: number, details: object) =>
  class extends Type {
    constructor() {
      super(typeId, details);
    }
  };
const int = (bitWidth: number, isSigned: boolean) => plain(2, { bitWidth, isSigned });

export class Field {
  readonly name: string;
  readonly type: Type;
  readonly nullable: boolean;
  readonly metadata: Map<string, string>;
  constructor(
    name: string,
    type: Type,
    nullable = false,
    metadata?: Map<string, string> | null,
  ) {
    this.name = name;
    this.type = type;
    this.nullable = nullable;
    this.metadata = metadata ?? new Map();
  }
}

export type Data = {
  readonly type: Type;
  readonly length: number;
  readonly offset: number;
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array;
  readonly values: ArrayBufferView | undefined;
  readonly children: readonly Data[];
};

type Props = {
  type: Type;
  length: number;
  nullCount: number;
  data?: ArrayBufferView;
  child?: Data;
  children?: readonly Data[];
};

function makeData({ type, length, nullCount, data, child, children }: Props): Data {
  return {
    type,
    length,
    offset: 0,
    nullCount,
    nullBitmap: new Uint8Array(0),
    values: data,
    children: child === undefined ? (children ?? []) : [child],
  };
}

class Vector {
  readonly data: readonly Data[];
  readonly type: Type;
  constructor(data: readonly Data[]) {
    this.data = data;
    this.type = (data[0] as Data).type;
  }
}

class Schema {
  readonly fields: readonly Field[];
  constructor(fields: readonly Field[]) {
    this.fields = fields;
  }
}

class RecordBatch {
  readonly data: Data;
  constructor(_schema: Schema, data: Data) {
    this.data = data;
  }
}

class AsyncByteQueue {
  write(_bytes: Uint8Array): void {}
}

function leaves(data: Data): ArrayBufferView[] {
  return data.children.length > 0
    ? data.children.flatMap(leaves)
    : data.values === undefined
      ? []
      : [data.values];
}

class RecordBatchStreamWriter {
  #sink = new AsyncByteQueue();
  reset(sink: AsyncByteQueue, _schema: Schema): void {
    this.#sink = sink;
  }
  write({ data }: RecordBatch): void {
    for (const { buffer, byteOffset, byteLength } of leaves(data)) {
      if (byteLength > 0)
        this.#sink.write(new Uint8Array(buffer, byteOffset, byteLength));
      if (byteLength % 8 > 0) this.#sink.write(new Uint8Array(8 - (byteLength % 8)));
    }
  }
  close(): void {
    this.#sink.write(Uint8Array.of(0xee));
  }
}

export const arrow = {
  makeData,
  Vector,
  Field,
  Schema,
  RecordBatch,
  RecordBatchStreamWriter,
  AsyncByteQueue,
  tableFromIPC: (_bytes: Uint8Array): unknown => {
    throw new Error('not here');
  },
  Int8: int(8, true),
  Int16: int(16, true),
  Int32: int(32, true),
  Int64: int(64, true),
  Uint8: int(8, false),
  Uint16: int(16, false),
  Uint32: int(32, false),
  Uint64: int(64, false),
  Float16: plain(3, { precision: 0 }),
  Float32: plain(3, { precision: 1 }),
  Float64: plain(3, { precision: 2 }),
  Bool: plain(6, {}),
  FixedSizeBinary: class extends Type {
    constructor(byteWidth: number) {
      super(15, { byteWidth });
    }
  },
  FixedSizeList: class extends Type {
    constructor(listSize: number, child: Field) {
      super(16, { listSize, children: [child] });
    }
  },
  Struct: class extends Type {
    constructor(children: readonly Field[]) {
      super(13, { children });
    }
  },
};
