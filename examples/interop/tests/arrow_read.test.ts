/** fromArrowStream against streams of apache-arrow's, and of nbuf's. */
import * as arrow from 'apache-arrow';
import { Message } from 'apache-arrow/fb/message';
import { Schema } from 'apache-arrow/fb/schema';
import * as flatbuffers from 'flatbuffers';
import { acquire, HostArray, type View } from 'nbuf';
import { fromArrowStream, toArrowStream } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { codeOf, messageOf } from './arrow_case.ts';
import { readIpcStream } from './arrow_ipc.ts';

describe('fromArrowStream', () => {
  test('columns are the bytes of the stream', () => {
    const bytes = toArrowStream(
      {
        a: acquire(Float64Array.of(1, 2)) as View,
        m: acquire(
          HostArray.from(
            [
              [1, 2],
              [3, 4],
            ],
            'h',
          ),
        ) as View,
      },
      arrow,
    );
    const columns = fromArrowStream(bytes, arrow, { writable: true });
    columns.a?.set(1, 2.5);
    columns.m?.set(1, 1, 7);
    expect(readIpcStream(bytes).columns).toEqual({
      a: [1, 2.5],
      m: [
        [1, 2],
        [3, 7],
      ],
    });
    expect(columns.a?.buffer).toBe(bytes.buffer);
    structuredClone(0, { transfer: [bytes.buffer as ArrayBuffer] });
    expect(codeOf(() => columns.a?.get(0))).toBe('ERR_NBUF_DETACHED');
  });

  test('the stream in memory of nbuf is locked by its columns', () => {
    const bytes = toArrowStream({ a: acquire(Int16Array.of(1, 2)) as View }, arrow);
    const array = HostArray.fromBytes(bytes, { shape: [bytes.length] });
    const provider = acquire(array, { writable: true });
    const columns = fromArrowStream(provider.bytes(), arrow);
    provider.release();
    expect(columns.a?.toArray()).toEqual([1, 2]);
    expect(codeOf(() => array.resize([1]))).toBe('ERR_NBUF_LOCKED');
    columns[Symbol.dispose]();
    array.resize([1]);
  });

  test('what apache-arrow copies is refused, or allowed', () => {
    const bytes = toArrowStream({ a: acquire(Float64Array.of(1, 2)) as View }, arrow);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(messageOf(() => fromArrowStream(shifted, arrow))).toMatch(
      /column 'a'.*starts at byte 3.*if-needed/,
    );
    expect(codeOf(() => fromArrowStream(shifted, arrow))).toBe('ERR_NBUF_STRIDES');
    expect(fromArrowStream(shifted, arrow, { copy: 'if-needed' }).a?.toArray()).toEqual([
      1, 2,
    ]);
  });

  test('batches, and columns that have no format', () => {
    const a = acquire(Int32Array.of(1, 2, 3)) as View;
    const bytes = toArrowStream({ a }, arrow, { batchRows: 2 });
    expect(messageOf(() => fromArrowStream(bytes, arrow))).toMatch(
      /column 'a'.*2 chunks/,
    );
    expect(fromArrowStream(bytes, arrow, { copy: 'if-needed' }).a?.toArray()).toEqual([
      1, 2, 3,
    ]);
    const table = new arrow.Table({
      n: arrow.vectorFromArray([1, 2], new arrow.Int8()),
      s: arrow.vectorFromArray(['x', 'y'], new arrow.Utf8()),
    });
    for (const kind of ['stream', 'file'] as const) {
      const mixed = arrow.tableToIPC(table, kind);
      expect(messageOf(() => fromArrowStream(mixed, arrow))).toMatch(/column 's'.*Utf8/);
      expect(fromArrowStream(mixed, arrow, { columns: ['n'] }).n?.toArray()).toEqual([
        1, 2,
      ]);
      for (const columns of [['x'], ['n', 'n'], [1 as never]])
        expect(codeOf(() => fromArrowStream(mixed, arrow, { columns }))).toBe(
          'ERR_OUT_OF_RANGE',
        );
    }
  });

  test('big-endian streams are not misread', () => {
    const bytes = toArrowStream({ a: acquire(Int32Array.of(1)) as View }, arrow);
    const big = bigEndianSchema();
    expect(codeOf(() => fromArrowStream(big, arrow))).toBe('ERR_NBUF_FORMAT');
    expect(messageOf(() => fromArrowStream(big, arrow))).toMatch(/big-endian/);
    expect(fromArrowStream(bytes, arrow).a?.get(0)).toBe(1);
  });

  // Bytes in between may also make apache-arrow itself take all memory.
  test('cut streams throw, or have fewer rows', () => {
    const view = acquire(
      HostArray.from(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        'd',
      ),
    ) as View;
    const good = toArrowStream({ view }, arrow, { batchRows: 2 });
    for (let length = 0; length < good.length - 8; length += 4) {
      const run = () =>
        fromArrowStream(good.slice(0, length), arrow, { copy: 'if-needed' });
      const code = codeOf(run);
      if (code !== 'none') expect(code).toBe('ERR_NBUF_FORMAT');
      else expect(run().view?.shape?.[0] ?? 0).toBeLessThan(4);
    }
  });

  test('arguments', () => {
    expect(codeOf(() => fromArrowStream('no' as never, arrow))).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
    expect(
      codeOf(() => fromArrowStream(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), arrow)),
    ).toBe('ERR_NBUF_FORMAT');
  });
});

/** A stream of a schema without fields, whose numbers are big-endian. */
function bigEndianSchema(): Uint8Array {
  const builder = new flatbuffers.Builder();
  const fields = Schema.createFieldsVector(builder, []);
  Schema.startSchema(builder);
  Schema.addEndianness(builder, 1);
  Schema.addFields(builder, fields);
  const schema = Schema.endSchema(builder);
  Message.startMessage(builder);
  Message.addVersion(builder, 4);
  Message.addHeaderType(builder, 1);
  Message.addHeader(builder, schema);
  Message.addBodyLength(builder, 0n);
  Message.finishMessageBuffer(builder, Message.endMessage(builder));
  const message = builder.asUint8Array();
  const length = Math.ceil(message.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + 8);
  new Int32Array(bytes.buffer, 0, 2).set([-1, length]);
  bytes.set(message, 8);
  new Int32Array(bytes.buffer, 8 + length, 2).set([-1, 0]);
  return bytes;
}
