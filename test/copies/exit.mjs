// The process ends, in the way that the third argument names, with everything alive.
import { first, pairs, second } from './tools.mjs';

const kept = [];
for (const [owner, peer] of pairs) {
  const array = owner.HostArray.from([1, 2, 3], 'd');
  const p = peer.acquire(array, { writable: true, label: 'alive' });
  const typed = p.typedArray();
  const back = owner.acquire(typed.subarray(1));
  const lent = peer.acquire(owner.acquire(new Uint8Array(16)));
  const image = peer.IndirectArray.fromRows([array, peer.HostArray.allocate([3], 'd')]);
  kept.push(
    array,
    p,
    typed,
    back,
    back.typedArray(),
    lent,
    lent.bytes(),
    owner.acquire(image),
  );
  kept.push(p.lend(() => new Promise(() => {})));
}
process.on('exit', () => {
  for (const one of kept) if (typeof one.release === 'function') one.release();
  kept.push(first.acquire(second.HostArray.allocate([4])).typedArray());
});
const [way] = process.argv.slice(4);
if (way === 'exit') process.exit(0);
if (way === 'keep') process.removeAllListeners('exit');
