// peers.mjs in workers, one after the other and at once, and then in the main thread.
import { Worker } from 'node:worker_threads';

const url = new URL('peers.mjs', import.meta.url);
const argv = process.argv.slice(2);

function start() {
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { argv });
    worker.on('error', reject);
    worker.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`exit ${code}`)),
    );
  });
}

await start();
await start();
await import(url);
