/**
 * Functions of the upper modules for the lower ones: a view can be copied into a new
 * HostArray, which is acquired, which gives a view. Filled in by view.ts, acquire.ts
 * and host_array.ts.
 */
import type { HostArray } from './host_array.ts';
import type { Provider } from './provider.ts';
import type { Parts } from './view_copy.ts';

export const late: {
  /** The parts of a view; null for what is no view. */
  partsOf: (value: object) => Parts | null;
  /** A provider of anything that exports, for the time of one operation. */
  acquire: (source: unknown, flags: number, label: string) => Provider;
  /** As `acquire`, but for longer, and without the layout lock and a label. */
  hold: (source: unknown) => Provider;
  /** A zeroed array. */
  allocate: (
    shape: readonly number[],
    format: string,
    itemsize: number,
    order: 'C' | 'F',
  ) => HostArray;
  /** A new array from nested arrays. */
  fromNested: (
    nested: readonly unknown[],
    format: string | undefined,
    unwrap?: boolean,
  ) => HostArray;
} = {} as never;
