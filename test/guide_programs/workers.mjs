// Workers end by themselves or are terminated while other threads compute for them. What the
// jobs held comes back, and the process goes on.
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { acquire } from 'nbuf';

const require = createRequire(import.meta.url);
const codec = require(process.env.GUIDE_CONSUMER);
const images = require(process.env.GUIDE_EXPORTER);

function startJobs() {
  for (let i = 0; i < 40; i++) {
    const frame = acquire(images.makeFrame(600, 600));
    codec.meanLater(frame.slice(':', ':', 0)).catch(() => {});
  }
}

async function endWorkers() {
  for (let round = 0; round < 6; round++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: round % 2 === 1 });
    const exit = new Promise((resolve) => worker.once('exit', resolve));
    if (round % 2 === 0) {
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
    }
    await exit;
  }
  for (let turn = 0; turn < 100 && images.liveFrames() > 0; turn++) {
    globalThis.gc();
    await setTimeout(20);
  }
  console.log(images.liveFrames());
}

if (isMainThread) await endWorkers();
else {
  const { parentPort } = require('node:worker_threads');
  startJobs();
  if (workerData) process.exit();
  parentPort.postMessage('started');
  setInterval(() => {}, 1000);
}
