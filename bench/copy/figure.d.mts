import type { Result } from './measure_copy.mjs';
export function copyChart(results: readonly Result[], about: string): string;
