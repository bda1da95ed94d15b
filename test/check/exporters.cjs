// Exporters that keep every promise: what `nbuf check` is run on by check_honest.test.ts.
const { writeFileSync, mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { acquire, HostArray, IndirectArray, mapFile } = require('nbuf');

const root = join(__dirname, '../..');
const load = (folder, name) =>
  require(join(root, folder, 'build/Release', `${name}.node`));

exports.c = () =>
  HostArray.from(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    'h',
  );
exports.fortran = () => HostArray.allocate([4, 5, 6], 'd', { order: 'F' });
exports.scalar = () => HostArray.allocate([], 'q');
exports.empty = () => HostArray.allocate([3, 0, 2], 'f');
exports.large = () => HostArray.allocate([1024, 1024], 'B');
exports.record = () => HostArray.allocate([7], 'T{<i:x:<d:y:}');
exports.axes64 = () => HostArray.allocate(new Array(64).fill(1));
exports.strided = () =>
  HostArray.fromBytes(new Uint8Array(64), {
    shape: [3, 2],
    strides: [-16, 5],
    offset: 40,
    format: 'h',
  });
exports.readonly = () =>
  HostArray.fromBytes(new Uint8Array(8), { shape: [8], readonly: true });
exports.repeated = () =>
  HostArray.fromBytes(new Uint8Array(8), { shape: [9, 8], strides: [0, 1] });
exports.later = async () => HostArray.allocate([2, 2]);
exports.made = HostArray.allocate([2, 3], 'i');

const rows = () =>
  IndirectArray.fromRows(
    [
      [1, 2, 3],
      [4, 5, 6],
    ].map((row) => HostArray.from(row, 'i')),
  );
exports.rows = rows;
exports.planes = () => IndirectArray.allocate([5, 40, 30], 'H', { blockBytes: 4096 });
exports.transposedRows = () => acquire(rows()).transpose();
exports.reversedRows = () => acquire(rows()).slice([null, null, -1], [null, null, 2]);

exports.view = () =>
  acquire(HostArray.allocate([6, 7, 3], 'd'))
    .slice([null, null, 2])
    .transpose();
exports.provider = () => acquire(HostArray.allocate([6, 7], 'd'));
exports.readonlyView = () => acquire(HostArray.allocate([6, 7], 'd')).toReadonly();
exports.exposed = () => acquire(HostArray.allocate([6, 7], 'd')).typedArray();

let file = null;
const mapped = (options) => {
  if (file === null) {
    file = join(mkdtempSync(join(tmpdir(), 'nbuf-check-')), 'bytes');
    writeFileSync(file, new Uint8Array(10_000).fill(7));
  }
  return mapFile(file, options);
};
exports.mapped = () => mapped({ format: 'h', shape: [50, 100] });
exports.mappedShared = () => mapped({ mode: 'r+' });
exports.mappedReadonly = () => mapped({ mode: 'r', offset: 4096 });

exports.bytes = () => new Uint8Array(100);
exports.buffer = () => Buffer.from('some bytes');
exports.floats = () => new Float64Array(10).subarray(2, 5);
exports.dataView = () => new DataView(new ArrayBuffer(10), 3);
exports.arrayBuffer = () => new ArrayBuffer(10);
exports.shared = () => new Int32Array(new SharedArrayBuffer(64));
exports.nothing = () => new Uint8Array(0);

exports.frame = () => load('examples/frame', 'frame').makeFrame(640, 480);
exports.pointer = () => load('test/addons/hostile', 'hostile').honest(5);
exports.byHand = () => load('test/addons/hostile', 'hostile').kit.no_trick();
exports.nested = { deeper: { array: () => HostArray.allocate([3]) } };
