/** A provider that was acquired in a worker, after that has ended. */
import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { loadSource } from './load.ts';
import { bytesOf, changes } from './pledges_held.ts';
import { NotTried, type Pledge } from './promise_types.ts';
import { loadProbe, readSnapshot, type Snapshot } from './raw.ts';
import { BORROWED_FLAG, ENV_BOUND_FLAG } from './rules_words.ts';
import { collect, Subject } from './subject.ts';
import type { Importer, Target } from './target.ts';

/** What the worker tells before it ends. */
type Taken =
  | { readonly snapshot: Snapshot; readonly bytes: Uint8Array }
  | { readonly reason: string };

async function takeIn(load: Importer, target: Target): Promise<Taken> {
  try {
    const subject = new Subject(loadProbe(), await loadSource(target, load));
    const { flags } = subject.whole.fields;
    if ((flags & (BORROWED_FLAG | ENV_BOUND_FLAG)) !== 0)
      return { reason: "the memory is BORROWED or ENV_BOUND: its environment's" };
    const snapshot = subject.take();
    return { snapshot, bytes: bytesOf(subject, snapshot) };
  } catch (error) {
    return { reason: `in a worker: ${(error as Error)?.message ?? error}` };
  }
}

/** What runs in the worker. */
export async function inWorker(load: Importer): Promise<void> {
  const taken = await takeIn(load, (workerData as { target: Target }).target);
  parentPort?.postMessage(taken);
}

/** Milliseconds in which the worker may end by itself. */
const PATIENCE = 1000;

/** Runs in a process whose main thread has not loaded the module. */
export async function tryWorker(target: Target, cli: string): Promise<readonly string[]> {
  const code = `require(${JSON.stringify(cli)}).inWorker((name) => import(name))`;
  const worker = new Worker(code, { eval: true, workerData: { target } });
  const exited = once(worker, 'exit');
  const [taken] = (await once(worker, 'message')) as [Taken];
  // By itself, as a rule; what the module keeps running must not keep it.
  const timer = setTimeout(() => worker.terminate(), PATIENCE);
  await exited;
  clearTimeout(timer);
  if ('reason' in taken) throw new NotTried(taken.reason);
  const probe = loadProbe();
  await collect(2);
  const peek = (address: bigint, bytes: number): DataView =>
    new DataView(probe.probePeek(address, bytes));
  const ended = new Subject(probe, { value: new Uint8Array(1), make: null });
  const held = { snapshot: taken.snapshot, bytes: Buffer.from(taken.bytes) };
  const provider = readSnapshot(peek, taken.snapshot.fields.address).fields.address;
  const problems = changes(ended, held, 'after its worker ended');
  ended.call('unlock', provider);
  ended.call('release', provider);
  return problems;
}

export const WORKER: Pledge = {
  id: 'life.worker',
  text: 'A provider outlives the worker in which it was acquired',
  source: 'nbuf_node.h, Threads',
  needs: ['fields', 'blocks.extents', 'blocks.inside', 'blocks.readable'],
  attempt: () => {
    throw new NotTried('tried by tryWorker');
  },
};
