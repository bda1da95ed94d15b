/** test/addons/hostile: exporters of another addon, honest ones and liars. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './compiler.ts';

export type Counts = {
  readonly acquired: number;
  /** Providers whose last reference was dropped. */
  readonly ended: number;
  readonly tooOften: number;
  readonly exporters: number;
};

export type HostileAddon = {
  /** The names of all lies. */
  lies(): string[];
  /** An exporter that tells one lie; `like`: its block claims the id of that exporter's. */
  liar(name: string, like?: unknown): object;
  counts(): Counts;
  external(kind: 0 | 1 | 2): object;
  /** Rows of four numbers, 16 bytes apart, by nbuf_export_pointer. */
  honest(rows: number): object;
  locks(exporter: unknown): { memory: number; layout: number };
  reshape(exporter: unknown, bytes: number): object;
  freed(): number;
  /**
   * The same exporter, saying less when it refuses: 0 as with an older header, 1 no message either,
   * 2 also refusing to describe itself, 3 refusing everything but that, 4 writing nonsense, 5 a
   * success without a provider when asked to describe itself.
   */
  mute(kind: number, exporter: unknown): object;
  /** How often those were asked. */
  asked(): number;
};

export const addonFile: string = join(
  root,
  'test/addons/hostile/build/Release/hostile.node',
);

export function loadHostile(): HostileAddon {
  return createRequire(import.meta.url)(addonFile);
}
