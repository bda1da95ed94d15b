// 6.3: a transfer list does not take our buffer: Node 20 clones silently, later ones refuse.
import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import { acquire, HostArray } from 'nbuf';
import { major } from './support/tools.mjs';

const p = acquire(HostArray.allocate([16]), { writable: true });
const { buffer } = p;
const { port1, port2 } = new MessageChannel();
const attempts = [
  () => structuredClone(buffer, { transfer: [buffer] }),
  () => port1.postMessage(buffer, [buffer]),
  () => structuredClone(p.bytes(), { transfer: [buffer] }),
];
for (const attempt of attempts) {
  if (major === 20) attempt();
  else assert.throws(attempt, { name: 'DataCloneError' });
  assert.equal(buffer.byteLength, 16, 'stays attached');
  p.set(1, 7);
  assert.equal(p.bytes()[1], 7);
}
const clone = structuredClone(p.bytes());
clone[1] = 1;
assert.equal(p.get(1), 7);
port1.close();
port2.close();
p.release();
assert.equal(buffer.byteLength, 0);
