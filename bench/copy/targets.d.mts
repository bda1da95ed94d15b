import type { Result } from './measure_copy.mjs';
export type TargetRow = {
  id: string;
  name: string;
  unit: string;
  ours: number;
  peer: number;
  ratio: number;
  spread: [number, number];
  against: string;
  target: number;
  atLeast: boolean;
};
export function targetRows(results: readonly Result[]): TargetRow[];
