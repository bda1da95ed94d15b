/** The two example addons. They know nbuf's headers and nothing of each other. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type ChannelStatistics = {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly histogram: readonly number[];
};

/** examples/frame, C++: an exporter that owns padded rows of pixels. */
type FrameAddon = {
  frameFrom(bytes: Uint8Array, width: number, height: number, channels: number): object;
};

/** examples/stats, C: statistics of any exporter, on a libuv thread. */
type StatsAddon = {
  stats(
    exporter: object,
    options: { readonly bins: number },
  ): Promise<{ readonly channels: readonly ChannelStatistics[] }>;
};

const require = createRequire(import.meta.url);

/** The repository's folder. */
export const root: string = dirname(require.resolve('nbuf/package.json'));

export const { frameFrom } = require(join(root, 'examples/frame')) as FrameAddon;
export const { stats } = require(join(root, 'examples/stats')) as StatsAddon;
