export function quantile(values: ArrayLike<number>, q: number): number;
export function median(values: ArrayLike<number>): number;
export function mean(values: readonly number[]): number;
export type Summary = { median: number; q1: number; q3: number };
export function summary(values: ArrayLike<number>): Summary;
export function rounded(value: number, digits?: number): number;
