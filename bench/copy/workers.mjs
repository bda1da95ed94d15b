// The peers of the copy benchmark as processes that answer one line with one line.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonPath } from '../python.mjs';
import { PEERS } from './peers.mjs';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

const PYTHON = ['numpy', 'cpython'];
/**
 * Started anew for every case: what V8 compiled for other types and strides would slow
 * these down, and their users rarely have so many of them.
 */
const FRESH = ['scijs', 'stdlib'];

function start(peer) {
  const [command, script] = PYTHON.includes(peer)
    ? [pythonPath, file('worker.py')]
    : [process.execPath, file('worker.mjs')];
  const child = spawn(command, [script, peer], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  let broken = null;
  const fail = (error) => {
    broken = error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  child.on('error', fail);
  child.stdin.on('error', fail);
  child.on('exit', (code) => fail(new Error(`the worker of ${peer} ended with ${code}`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { resolve, reject } = waiting.shift();
    const answer = JSON.parse(line);
    if (answer.error === undefined) resolve(answer);
    else reject(new Error(answer.error));
  });
  return {
    ask(request) {
      return new Promise((resolve, reject) => {
        if (broken !== null) return reject(broken);
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(request)}\n`);
      });
    },
    stop() {
      child.stdin.end();
    },
  };
}

/** All workers; `ask(peer, request)` starts those that a case needs anew. */
export function startWorkers() {
  const workers = Object.fromEntries(
    Object.keys(PEERS).map((peer) => [peer, start(peer)]),
  );
  return {
    prepare(peer, copy) {
      if (FRESH.includes(peer) && workers[peer].isUsed) {
        workers[peer].stop();
        workers[peer] = start(peer);
      }
      workers[peer].isUsed = true;
      return workers[peer].ask({ do: 'prepare', copy });
    },
    /** What that worker says of its host. */
    about: (peer) => workers[peer].ask({ do: 'about' }),
    run: async (peer, count) => (await workers[peer].ask({ do: 'run', count })).ns,
    stop() {
      for (const worker of Object.values(workers)) worker.stop();
    },
  };
}
