/** What the adapters use of the module apache-arrow and of its objects: 21.2 as a model. */

/** The constructors: `import * as arrow from 'apache-arrow'` and pass `arrow`. */
export type ArrowModule = {
  readonly makeData: (props: never) => object;
  readonly Vector: new (data: never) => object;
  readonly Field: new (
    name: string,
    type: never,
    nullable?: boolean,
    metadata?: Map<string, string> | null,
  ) => object;
  readonly FixedSizeList: new (listSize: number, child: never) => object;
  readonly FixedSizeBinary: new (byteWidth: number) => object;
  readonly Struct: new (children: never) => object;
} & { readonly [Name in ArrowPlainType]: new () => object };

/** Types without parameters. */
export type ArrowPlainType =
  | 'Bool'
  | 'Int8'
  | 'Int16'
  | 'Int32'
  | 'Int64'
  | 'Uint8'
  | 'Uint16'
  | 'Uint32'
  | 'Uint64'
  | 'Float16'
  | 'Float32'
  | 'Float64';

/** With what writes and reads streams. */
export type ArrowIpcModule = ArrowModule & {
  readonly Schema: new (fields: never) => object;
  readonly RecordBatch: new (schema: never, data: never) => object;
  readonly RecordBatchStreamWriter: new () => object;
  readonly AsyncByteQueue: new () => object;
  readonly tableFromIPC: (input: never) => unknown;
};

/** A column: Vector and Field of the module that was passed. */
export type ArrowColumn<M extends ArrowModule = ArrowModule> = {
  readonly vector: InstanceType<M['Vector']>;
  /** Its type, and the extension's metadata, which a Vector does not carry. */
  readonly field: InstanceType<M['Field']>;
};

/** The module again, as this package calls it. */
export type Arrow = {
  makeData(props: object): ArrowData;
  Vector: new (data: readonly ArrowData[]) => object;
  Field: new (
    name: string,
    type: object,
    nullable: boolean,
    metadata?: Map<string, string>,
  ) => object;
  FixedSizeList: new (listSize: number, child: object) => object;
  FixedSizeBinary: new (byteWidth: number) => object;
  Struct: new (children: readonly object[]) => object;
} & { [Name in ArrowPlainType]: new () => object };

export type ArrowIpc = Arrow & {
  Schema: new (fields: readonly object[]) => object;
  RecordBatch: new (schema: object, data: ArrowData) => object;
  RecordBatchStreamWriter: new () => ArrowWriter;
  AsyncByteQueue: new () => object;
  tableFromIPC(bytes: Uint8Array): unknown;
};

export type ArrowWriter = {
  reset(sink: object, schema: object): unknown;
  write(batch: object): void;
  close(): void;
};

/** The parts of a Data that this package makes. */
export type ArrowData = { readonly type: object };

/** Types of which this package makes providers. */
export type ArrowTypeName =
  | 'Int'
  | 'Float'
  | 'Bool'
  | 'Date'
  | 'Time'
  | 'Timestamp'
  | 'Struct'
  | 'FixedSizeBinary'
  | 'FixedSizeList'
  | 'Duration';

/** Arrow's numbers for them. */
export const TypeId: Readonly<Record<ArrowTypeName, number>> = {
  Int: 2,
  Float: 3,
  Bool: 6,
  Date: 8,
  Time: 9,
  Timestamp: 10,
  Struct: 13,
  FixedSizeBinary: 15,
  FixedSizeList: 16,
  Duration: 18,
};

/** The keys of a field's metadata that name an extension type. */
export const EXTENSION_NAME = 'ARROW:extension:name';
export const EXTENSION_METADATA = 'ARROW:extension:metadata';
export const FIXED_SHAPE = 'arrow.fixed_shape_tensor';

/** Lengths and list sizes are int32 in Arrow's streams. */
export const MAX_INT32: number = 2 ** 31 - 1;
