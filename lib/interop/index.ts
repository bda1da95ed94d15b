/** nbuf/interop: to and from the arrays of other JavaScript packages, none of which it needs. */
export type { CopyOptions } from './common.ts';
export {
  fromNdarray,
  type NdarrayFunction,
  type NdarrayLike,
  type NdarrayOptions,
  toNdarray,
} from './ndarray.ts';
export { fromNpyjs, type NpyjsArray, toNpyjs } from './npyjs.ts';
export {
  type FromPointerOptions,
  type Koffi,
  type Pointer,
  type PointerOptions,
  toPointer,
  unsafeFromPointer,
} from './pointer.ts';
export {
  fromStdlib,
  type StdlibConstructor,
  type StdlibLike,
  type StdlibOptions,
  toStdlib,
} from './stdlib.ts';
export {
  fromZarrita,
  toZarrita,
  type ZarritaChunk,
  type ZarritaOptions,
} from './zarrita.ts';
