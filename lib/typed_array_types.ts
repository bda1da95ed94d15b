/** Which typed array shows the elements of a format, for the compiler. No run-time code. */

export type AnyTypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** One item in the machine's order of bytes, little; `l` and `L` are of four bytes in all but the native one. */
type Standard = {
  c: Uint8Array;
  '?': Uint8Array;
  b: Int8Array;
  B: Uint8Array;
  h: Int16Array;
  H: Uint16Array;
  i: Int32Array;
  I: Uint32Array;
  l: Int32Array;
  L: Uint32Array;
  q: BigInt64Array;
  Q: BigUint64Array;
  f: Float32Array;
  d: Float64Array;
  Zf: Float32Array;
  Zd: Float64Array;
};

type Native = Omit<Standard, 'l' | 'L'>;

/**
 * What `typedArray()`, `runs()` and `asNdarray()` give for a literal format; for any other
 * string one of all (`runs()`: the bytes, where no typed array has such elements). (`e` is a Float16Array where the runtime has it, which older compilers
 * do not know, else the bits in a Uint16Array.)
 */
export type TypedArrayOf<F extends string> = F extends unknown
  ? F extends keyof Native
    ? Native[F]
    : F extends `@${infer Type extends keyof Native}`
      ? Native[Type]
      : F extends `${'<' | '='}${infer Type extends keyof Standard}`
        ? Standard[Type]
        : AnyTypedArray
  : never;
