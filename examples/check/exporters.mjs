// What `npx nbuf check examples/check/exporters.mjs:frame` tries: exporters that are made without
// arguments, so that the check can make and drop as many as it needs.
import { createRequire } from 'node:module';
import { acquire, HostArray } from 'nbuf';

const { makeFrame } = createRequire(import.meta.url)('../frame/build/Release/frame.node');

export const frame = () => makeFrame(640, 480);

export const image = () => HostArray.allocate([480, 640, 3], 'B');

export const corner = () => acquire(image()).slice([0, 8], [0, 8], 0);
