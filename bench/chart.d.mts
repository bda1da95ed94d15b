export type Style = { color: string; shape?: 'circle' | 'diamond' };
type Range = readonly [low: number, high: number];
export function escapeText(text: unknown): string;
export function logScale(domain: Range, pixels: Range): (value: number) => number;
export function logTicks(domain: Range, most?: number): number[];
export function logDomain(values: readonly number[]): [low: number, high: number];
export function svg(width: number, height: number, parts: readonly string[]): string;
