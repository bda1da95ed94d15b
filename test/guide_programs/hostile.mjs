// The second argument's own method takes the first one's memory away, while both are asked.
import { createRequire } from 'node:module';
import { acquire, HostArray } from 'nbuf';

const { decodeInto, mean } = createRequire(import.meta.url)(process.env.GUIDE_CONSUMER);
const key = Symbol.for('nbuf.exporter');
const bytes = new Uint8Array(1 << 20).fill(200);
const image = HostArray.allocate([1024, 100]);

decodeInto(bytes, {
  [key]() {
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    globalThis.gc();
    return image[key]();
  },
});
console.log(bytes.length, mean(image), acquire(image).get(1023, 99));
