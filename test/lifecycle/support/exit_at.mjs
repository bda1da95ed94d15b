// exit_at.mjs <steps> <how>: does the first steps of a provider's life for every kind of memory,
// and ends, with everything still reachable.
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const [steps, how] = workerData ?? process.argv.slice(2);
const inWorker = how.startsWith('worker ');

async function live(count) {
  const { acquire, copyAsync, HostArray, mapFile } = await import('nbuf');
  const kept = { sources: [], providers: [], seen: [] };
  const store = acquire(HostArray.allocate([64]));
  const file = join(tmpdir(), `nbuf-exit-${process.pid}-${steps}`);
  const each = (use) => {
    for (const [k, p] of kept.providers.entries()) kept.seen.push(use(p, k));
  };
  const todo = [
    () => {
      writeFileSync(file, new Uint8Array(64));
      const free = () => {};
      kept.sources = [
        HostArray.allocate([64]),
        HostArray.from([1, 2, 3]),
        HostArray.unsafeFromAddress(store.address, 64, { owner: store, free }),
        mapFile(file),
        new Uint8Array(64),
        new SharedArrayBuffer(64),
        HostArray.allocate([0]),
      ];
      rmSync(file); // the mapping stays
    },
    () => {
      kept.providers = kept.sources.map((source) =>
        acquire(source, { label: 'at exit' }),
      );
    },
    () => each((p) => p.size && p.get(0)),
    () => each((p) => p.bytes()),
    () => each((p) => [p.slice([1]), p.reshape([-1, 1])]),
    () => each((p) => [acquire(p.bytes()), acquire(p)]),
    () => each((p) => p.lend(() => new Promise(() => {}))),
    () => each((p) => copyAsync(p, HostArray.allocate([1])).catch(() => {})),
    () => each((p, k) => (k % 2 ? p.release() : p.unlockLayout())),
    () => {
      for (const source of kept.sources) source.dispose?.();
    },
    () => each((p) => p.release()),
  ];
  for (const step of todo.slice(0, count)) step();
  globalThis.kept = kept;
}

function end(way) {
  if (way === 'exit') process.exit(0);
  if (way === 'uncaught') throw new Error('this ends it');
  if (way === 'kill') process.reallyExit(0);
}

if (isMainThread && inWorker) {
  const worker = new Worker(new URL(import.meta.url), { workerData: [steps, how] });
  worker.on('error', (error) => {
    if (error.message !== 'this ends it') throw error;
  });
  if (how === 'worker terminate') worker.on('message', () => worker.terminate());
} else {
  await live(Number(steps));
  if (how === 'worker terminate') {
    parentPort.postMessage('ready');
    for (;;);
  }
  end(how.replace('worker ', ''));
}
