/** Promises about the end: of exporters, providers, environments and the process. */
import { changes, type Held, hold } from './pledges_held.ts';
import { roundsFor, storm } from './pledges_threads.ts';
import { NotTried, type Pledge } from './promise_types.ts';
import { BORROWED_FLAG, ENV_BOUND_FLAG, FULL_RO, LEVELS } from './rules_words.ts';
import { collect, type Subject } from './subject.ts';

/** A request that every exporter refuses: an unknown bit. */
const REFUSED = 0x8000_0000;

const NO_MAKER =
  'the module holds the exporter: name a function that makes one, which can be dropped';

/** Apart: what holds a new exporter is gone with this frame. */
async function holdDropped(subject: Subject): Promise<Held> {
  return hold(await subject.another());
}

async function checkDropped(subject: Subject): Promise<string[]> {
  if (subject.source.make === null) throw new NotTried(NO_MAKER);
  const held = await holdDropped(subject);
  await collect(5);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await collect(2);
  const problems = changes(subject, held, 'after its exporter was dropped and collected');
  if (problems.length === 0) {
    const { address, flags } = held.snapshot.fields;
    subject.call('unlock', address);
    // What goes with the last provider goes where that ends: on any thread.
    const isBound = (flags & (BORROWED_FLAG | ENV_BOUND_FLAG)) !== 0;
    subject.call('release', address, 1, isBound ? 0 : 1);
    await collect(1);
  }
  return problems;
}

/** Below this, growth of the process says nothing. */
const SEEN = 24 * 2 ** 20;
const MOST_MADE = 1000;

async function makeAndDrop(subject: Subject, count: number): Promise<void> {
  const batch = Math.max(1, Math.floor(count / 8));
  for (let k = 0; k < count; k++) {
    const twin = await subject.another();
    twin.release(twin.take());
    if (k % batch === 0) await collect(1);
  }
  await collect(4);
}

async function checkFreed(subject: Subject): Promise<string[]> {
  if (subject.source.make === null) throw new NotTried(NO_MAKER);
  const bytes = subject.whole.blocks.reduce((all, { size }) => all + Number(size), 0);
  const count = Math.min(MOST_MADE, Math.ceil((2 * SEEN) / Math.max(bytes, 1)));
  if (count * bytes < SEEN)
    throw new NotTried(
      `${bytes} bytes an exporter are too few to be missed by the process: make larger ones`,
    );
  await makeAndDrop(subject, Math.ceil(count / 4));
  const before = process.memoryUsage().rss;
  await makeAndDrop(subject, count);
  const grown = process.memoryUsage().rss - before;
  return grown < (count * bytes) / 2
    ? []
    : [
        `expected the memory of ${count} dropped exporters of ${bytes} bytes back, found the process ${grown} bytes larger`,
      ];
}

const PAIRS = 20_000;
/** One that does not grow is enough: the process has memory of its own, too. */
const RUNS = 5;
/** Less than what any provider takes. */
const LEAST_LEAK = 24;

/** With fewer, what any process needs anew would look like a leak. */
const FEWEST = 2000;

/** Acquires and releases, and is refused; returns how many times. */
function pairs(subject: Subject, count: number): number {
  if (!subject.isMemory) {
    for (let k = 0; k < count / 10; k++) subject.ask(REFUSED);
    return storm(subject, null, count, 0).done;
  }
  for (let k = 0; k < PAIRS / 4; k++) subject.release(subject.take());
  return PAIRS / 4;
}

async function checkGrowth(subject: Subject): Promise<string[]> {
  const count = subject.isMemory ? PAIRS : roundsFor(subject, PAIRS);
  if (count < FEWEST)
    throw new NotTried('acquire takes too long to be called thousands of times');
  pairs(subject, count);
  await collect(2);
  let least = Number.POSITIVE_INFINITY;
  let done = 0;
  for (let k = 0; k < RUNS; k++) {
    const before = process.memoryUsage().rss;
    done = pairs(subject, count);
    await collect(1);
    least = Math.min(least, process.memoryUsage().rss - before);
    if (least < done * LEAST_LEAK) return [];
  }
  return [
    `expected no growth over ${done} acquires and releases and some refusals, found at least ${least} bytes in each of ${RUNS} runs`,
  ];
}

/** Left as it is: whoever ended the process looks at how it ended. */
function checkExit(subject: Subject): string[] {
  const { isGranted } = subject.ask(FULL_RO | LEVELS);
  if (!isGranted && !subject.hasLeft)
    throw new NotTried('acquire gave no provider to leave alive');
  return [];
}

const WHOLE = ['fields', 'blocks.extents', 'blocks.inside', 'blocks.readable'];
const OWNERSHIP = 'nbuf.h, Ownership';

export const LIVING: readonly Pledge[] = [
  {
    id: 'life.dropped',
    text: 'A provider outlives its exporter: memory and members stay good',
    source: OWNERSHIP,
    needs: WHOLE,
    attempt: checkDropped,
  },
  {
    id: 'life.freed',
    text: 'The memory of an exporter that was dropped comes back',
    source: OWNERSHIP,
    needs: WHOLE,
    attempt: checkFreed,
  },
  {
    id: 'life.growth',
    text: 'Acquiring and releasing, and refusing, leaves nothing behind',
    source: OWNERSHIP,
    needs: [...WHOLE, 'held.own'],
    attempt: checkGrowth,
  },
];

/** The last of its process. */
export const EXIT: Pledge = {
  id: 'life.exit',
  text: 'The process ends in order with a live provider',
  source: 'nbuf_node.h, Threads',
  needs: WHOLE,
  attempt: checkExit,
};
