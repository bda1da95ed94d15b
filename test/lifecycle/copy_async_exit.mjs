// The process ends while copies are under way, in every way it can.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { acquire, copyAsync, HostArray } from 'nbuf';

const [way, wait] = process.argv.slice(2);
const codes = { exit: 0, reallyExit: 0, uncaught: 1, abort: 0, 'in progress': 0 };
const self = fileURLToPath(import.meta.url);

function child(...args) {
  const made = spawn(process.execPath, [self, ...args], { stdio: ['ignore', 1, 'pipe'] });
  let output = '';
  made.stderr.on('data', (text) => {
    output += text;
  });
  return new Promise((done) =>
    made.on('close', (code, signal) => done({ code, signal, output })),
  );
}

async function check(name, milliseconds) {
  const { code, signal, output } = await child(name, `${milliseconds}`);
  const what = `${name} after ${milliseconds} ms: ${output}`;
  assert.deepEqual([code, signal], [codes[name], null], what);
  if (name === 'uncaught') assert.match(output, /this ends it/);
  else assert.equal(output, '', what);
}

function begin() {
  const large = acquire(HostArray.allocate([8000, 8000]), { writable: true });
  const options = {
    threads: 2,
    onProgress: () => way === 'in progress' && process.exit(0),
  };
  const controller = new AbortController();
  const copies = [
    copyAsync(large, large.transpose(), options),
    copyAsync(HostArray.allocate([8000, 8000]), large.transpose(), options),
    copyAsync(HostArray.allocate([64e6]), HostArray.allocate([1]), {
      ...options,
      signal: controller.signal,
    }),
  ];
  for (const copy of copies) copy.catch(() => {});
  return controller;
}

if (way === undefined) {
  for (const name of Object.keys(codes))
    for (const milliseconds of [0, 2, 9]) await check(name, milliseconds);
} else {
  const controller = begin();
  const end = () => {
    if (way === 'exit') process.exit(0);
    if (way === 'reallyExit') process.reallyExit(0);
    if (way === 'uncaught') throw new Error('this ends it');
    if (way === 'abort') controller.abort();
  };
  if (wait === '0') end();
  else setTimeout(end, Number(wait));
}
