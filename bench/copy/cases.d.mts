import type { Copy } from './views.mjs';
export const SIZES: readonly number[];
export const BLOCKS: readonly number[];
export function sizeName(bytes: number): string;
export function permutations(count: number): number[][];
export function allCases(isShort: boolean): (Copy & { readonly id: number })[];
