import type { Copy } from './views.mjs';
export type Ratio = { ratio: number; q1: number; q3: number };
export type Result = {
  group: string;
  label: string;
  name: string;
  itemsize: number;
  ndim: number;
  shape: readonly number[];
  bytes: number;
  blocks: number;
  peers: Record<
    string,
    { median?: number; q1?: number; q3?: number; GBps?: number; left?: string }
  >;
  ratios: Record<string, Ratio>;
};
export function conclude(
  copy: Copy,
  figures: Record<string, readonly number[]>,
  left: Record<string, string>,
): Result;
