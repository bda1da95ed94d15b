// One copy, measured with all peers in turns.
import { rounded, summary } from '../statistics.mjs';
import { PEERS } from './peers.mjs';

const NAMES = Object.keys(PEERS);

/** Prepares all peers at once, and compares what they copied with what NumPy did. */
async function prepareAll(workers, copy) {
  const left = {};
  const answers = await Promise.all(
    NAMES.map(async (peer) => [peer, await workers.prepare(peer, copy)]),
  );
  const sums = new Map(answers);
  const expected = sums.get('numpy').sum;
  for (const [peer, answer] of answers) {
    if (answer.left !== undefined) left[peer] = answer.left;
    else if (answer.sum !== null && answer.sum !== expected)
      throw new Error(`${copy.name}: ${peer} copied something else than NumPy`);
  }
  return left;
}

/** So many copies that a sample takes `least` nanoseconds; warms up on the way. */
async function countFor(workers, peer, least) {
  for (let count = 1; ; ) {
    const took = (await workers.run(peer, count)) * count;
    if (took >= least) return count;
    count = Math.ceil(
      count * Math.min(16, Math.max(2, (1.2 * least) / Math.max(took, 1))),
    );
  }
}

/** A figure of each peer for each round; every second round goes backwards. */
async function takeRounds(workers, counts, rounds) {
  const peers = Object.keys(counts);
  const figures = Object.fromEntries(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round++)
    for (const peer of round % 2 === 0 ? peers : [...peers].reverse())
      figures[peer].push(await workers.run(peer, counts[peer]));
  return figures;
}

const all = (figures) =>
  Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [key, rounded(value)]),
  );

/** How many times as fast as the peer; round by round, as the sides took turns. */
function ratioOf(theirs, ours) {
  const { median, q1, q3 } = summary(theirs.map((ns, round) => ns / ours[round]));
  return all({ ratio: median, q1, q3 });
}

/** What is kept of the rounds: nanoseconds and GB/s of each, and nbuf's speed over theirs. */
export function conclude(copy, figures, left) {
  const { group, label, name, itemsize, shape, bytes } = copy;
  const result = { group, label, name, itemsize, ndim: shape.length, shape, bytes };
  result.blocks = Math.max(copy.dst.blocks.length, copy.src.blocks.length);
  result.peers = {};
  result.ratios = {};
  for (const peer of NAMES) {
    const taken = figures[peer];
    if (taken === undefined) {
      result.peers[peer] = { left: left[peer] };
      continue;
    }
    const ns = summary(taken);
    result.peers[peer] = all({ ...ns, GBps: bytes / ns.median });
    if (peer !== 'nbuf' && figures.nbuf !== undefined)
      result.ratios[peer] = ratioOf(taken, figures.nbuf);
  }
  return result;
}

/** Times of `copy` in `rounds` rounds of samples of at least `least` nanoseconds. */
export async function measureCopy(workers, copy, { rounds, least }) {
  const left = await prepareAll(workers, copy);
  const counts = {};
  for (const peer of NAMES)
    if (left[peer] === undefined) counts[peer] = await countFor(workers, peer, least);
  return conclude(copy, await takeRounds(workers, counts, rounds), left);
}
