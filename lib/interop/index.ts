/** nbuf/interop: to and from the arrays of other JavaScript packages, none of which it needs. */
export { fromNpyjs, type NpyjsArray } from './npyjs.ts';
