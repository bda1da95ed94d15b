/** nbuf/interop: to and from the arrays of other JavaScript packages, none of which it needs. */
export type { CopyOptions } from './common.ts';
export { fromNpyjs, type NpyjsArray, toNpyjs } from './npyjs.ts';
