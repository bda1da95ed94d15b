export type View = {
  readonly block: number;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
};
export type Plain = {
  readonly itemsize: number;
  readonly blocks: readonly number[];
  readonly view: View;
};
export type Rows = Omit<Plain, 'view'> & {
  readonly axes: readonly number[];
  readonly rows: readonly View[];
  readonly shape: readonly number[];
};
export type Side = {
  readonly blocks: readonly number[];
  readonly views: readonly View[];
  readonly whole: View | null;
  readonly axes: readonly number[] | null;
};
export type Copy = {
  readonly group: string;
  readonly label: string;
  readonly name: string;
  readonly itemsize: number;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly swap: number;
  readonly dst: Side;
  readonly src: Side;
};
export function packed(
  shape: readonly number[],
  itemsize: number,
  room?: readonly number[],
): Plain;
export function transpose(array: Plain, axes?: readonly number[]): Plain;
export function every(array: Plain, axis: number, step: number, start?: number): Plain;
export function flip(array: Plain, ...axes: number[]): Plain;
export function part(array: Plain, axis: number, start: number, stop: number): Plain;
export function broadcast(array: Plain, shape: readonly number[]): Plain;
export function rows(
  shape: readonly number[],
  itemsize: number,
  axes?: readonly number[],
): Rows;
export function copyCase(
  group: string,
  label: string,
  dst: Plain | Rows,
  src: Plain | Rows,
  options?: { swap?: number; name?: string },
): Copy;
