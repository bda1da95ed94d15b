// Views as an IPC stream of Arrow: what goes to Arrow Flight, Spark, Ray, pandas or DuckDB on
// another machine, and comes back. DuckDB reads it here.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as arrow from 'apache-arrow';
import { acquire, HostArray } from 'nbuf';
import { fromArrowStream, toArrowBatches, toArrowStream } from 'nbuf/interop';

const frames = acquire(HostArray.allocate([100, 4, 6], 'f'), { writable: true });
frames.fill(0.5);
frames.set(7, 3, 5, 2);
const id = acquire(BigInt64Array.from({ length: 100 }, (_, row) => BigInt(row)));

// One column for each view; any layout goes in, here columns before rows.
const columns = { id, frames: frames.transpose(0, 2, 1) };
const stream = toArrowStream(columns, arrow);

// In pieces, as they are asked for: for a socket, or for more than fits in memory.
const pieces = [...toArrowBatches(columns, arrow, { batchRows: 32 })];
assert.equal(pieces.length, 4);
frames.release(); // the streams own their bytes

// Back: views over the stream's own bytes, nothing copied.
const back = fromArrowStream(stream, arrow);
assert.deepEqual(back.frames.shape, [100, 6, 4]);
assert.equal(back.frames.get(7, 5, 3), 2);
assert.equal(back.frames.buffer, stream.buffer);
back[Symbol.dispose](); // or `using back = …`; or release each

// Several batches are several pieces of memory, joined by a copy.
const joined = fromArrowStream(Buffer.concat(pieces), arrow, { copy: 'if-needed' });
assert.deepEqual(joined.id.shape, [100]);
joined[Symbol.dispose]();

const require = createRequire(import.meta.url);
const duckdb = require('@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs');
const folder = dirname(
  require.resolve('@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs'),
);
const bundle = (name) => ({ mainModule: join(folder, name), mainWorker: '' });
const bundles = { mvp: bundle('duckdb-mvp.wasm'), eh: bundle('duckdb-eh.wasm') };
const database = await duckdb.createDuckDB(
  bundles,
  new duckdb.VoidLogger(),
  duckdb.NODE_RUNTIME,
);
await database.instantiate(() => {});
const connection = database.connect();
connection.insertArrowFromIPCStream(stream, { name: 't' });
const [row] = connection.query('SELECT id FROM t WHERE frames[6][4] = 2').toArray();
assert.equal(row.id, 7n);
connection.close();
console.log('arrow stream: ok');
