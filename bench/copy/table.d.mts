import type { Result } from './measure_copy.mjs';
export function copyTable(results: readonly Result[], about: string): string;
