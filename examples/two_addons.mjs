// The two example addons meet without knowing each other: one owns a frame, the other computes
// on strided views of it on a worker thread.
import { createRequire } from 'node:module';
import { acquire } from 'nbuf';

const require = createRequire(import.meta.url);
const { makeFrame } = require('./frame/build/Release/frame.node');
const { stats } = require('./stats/build/Release/stats.node');

const provider = acquire(makeFrame(320, 200), { label: 'example' });
try {
  const middle = provider.slice([50, 150], [80, 240]);
  for (const [name, view] of Object.entries({
    'whole frame': provider,
    'middle, flipped': middle.slice([null, null, -1], [null, null, -1]),
    'red, transposed': middle.slice(':', ':', 0).transpose(),
  })) {
    const { channels } = await stats(view);
    const means = channels.map(({ mean }) => mean.toFixed(1)).join(', ');
    console.log(`${name.padEnd(16)} ${view.shape.join('×').padEnd(12)} means ${means}`);
  }
} finally {
  provider.release();
}
