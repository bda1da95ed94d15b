/** The errors that nbuf throws: `BufferError`, and TypeError/RangeError with Node's codes. */

/** The codes of DESIGN section 6, as the core's status list spells them. */
export type BufferErrorCode =
  | 'ERR_NBUF_LOCKED'
  | 'ERR_NBUF_READONLY'
  | 'ERR_NBUF_CONTIGUITY'
  | 'ERR_NBUF_SUBOFFSETS'
  | 'ERR_NBUF_STRIDES'
  | 'ERR_NBUF_FORMAT'
  | 'ERR_NBUF_BOUNDS'
  | 'ERR_NBUF_RELEASED'
  | 'ERR_NBUF_DETACHED'
  | 'ERR_NBUF_EXTERNAL_FORBIDDEN'
  | 'ERR_NBUF_NOT_EXPORTER'
  | 'ERR_NBUF_ABI'
  | 'ERR_NBUF_NOMEM'
  | 'ERR_NBUF_IO'
  | 'ERR_NBUF_UNSUPPORTED';

/** Somebody who holds a lock: a provider of this package, or of another addon or thread. */
export type Holder = {
  /** As it was given to acquire; `label ← parent's label` of a view's. Null: it has none. */
  readonly label: string | null;
  /** Milliseconds since the acquire. Null: no label, and not tracked. */
  readonly age: number | null;
  readonly locks: { readonly memory: boolean; readonly layout: boolean };
  /** Where it was acquired, one call a line, if `trackProviders(true)` was on; else null. */
  readonly stack: string | null;
};

/** What some errors tell besides their message. */
export type BufferErrorDetails = {
  readonly cause?: unknown;
  readonly unmet?: readonly string[];
  readonly grantable?: number;
  readonly holders?: readonly Holder[];
};

/** On the prototype, in every copy of nbuf. */
const BRAND: unique symbol = Symbol.for('nbuf.BufferError') as never;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** `value instanceof this`: by brand for the class itself, as usual for classes that extend it. */
function isInstance(this: unknown, value: unknown): boolean {
  if (this === BufferError) return isObject(value) && BRAND in value;
  return Reflect.apply(Function.prototype[Symbol.hasInstance], this as object, [value]);
}

/**
 * A request about memory or layout that was understood and had to be refused. `instanceof` holds
 * for the errors of every copy of nbuf in the process: dependencies may bring their own.
 */
export class BufferError extends Error {
  declare readonly name: 'BufferError';
  readonly code: BufferErrorCode;
  /**
   * Of a refused request: every flag of it that cannot be granted ('WRITABLE', 'C_CONTIGUOUS',
   * 'F_CONTIGUOUS', 'ANY_CONTIGUOUS', 'FORMAT' without ND, 'REQUIRE_PINNED', unknown bits as
   * '0x2'), and every flag that is needed and was not asked for ('ND', 'STRIDES', 'INDIRECT').
   * Absent where the error is none of those, or the exporter is another addon's and will not say.
   */
  declare readonly unmet?: readonly string[];
  /**
   * Beside `unmet`: the request with the fewest differing bits that the same source grants as it
   * is now. `acquire(source, error.grantable)` uses it.
   */
  declare readonly grantable?: number;
  /**
   * Of a LOCKED `resize` or `setLayout`: who is in the way, 1000 of them at most. For `resize` all
   * providers, for `setLayout` those that hold the layout lock. Empty where no provider is, but
   * another thread that changes the array at this moment.
   */
  declare readonly holders?: readonly Holder[];

  static {
    // On the prototype: the stack's first line is written before any own property exists.
    Object.defineProperty(BufferError.prototype, 'name', {
      value: 'BufferError',
      configurable: true,
      writable: true,
    });
    Object.defineProperty(BufferError.prototype, BRAND, { value: true });
    Object.defineProperty(BufferError, Symbol.hasInstance, { value: isInstance });
  }

  constructor(code: BufferErrorCode, message: string, options?: BufferErrorDetails) {
    super(message, options);
    this.code = code;
    const { unmet, grantable, holders } = options ?? {};
    if (unmet !== undefined) this.unmet = unmet;
    if (grantable !== undefined) this.grantable = grantable;
    if (holders !== undefined) this.holders = holders;
  }
}

/** A TypeError for an argument of the wrong JavaScript type. */
export function typeError(message: string): TypeError & { code: 'ERR_INVALID_ARG_TYPE' } {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' as const });
}

/** A RangeError for an index, extent or value of the right type that cannot be used. */
export function rangeError(message: string): RangeError & { code: 'ERR_OUT_OF_RANGE' } {
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' as const });
}

const SHOWN_CHARACTERS = 40;

function clip(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function showString(value: string): string {
  const quoted = JSON.stringify(value.slice(0, SHOWN_CHARACTERS));
  return value.length > SHOWN_CHARACTERS ? `${quoted}…` : quoted;
}

/** `Array.isArray` that answers false for a revoked Proxy instead of throwing. */
export function isArray(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function showObject(value: object): string {
  if (isArray(value)) return 'an array';
  return ArrayBuffer.isView(value) ? 'a typed array or DataView' : 'an object';
}

/**
 * A short rendering for messages. Never throws and never runs the caller's code: of objects,
 * which may be Proxies or carry any `toString`, it tells no more than the kind.
 */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return showString(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      // Printing takes quadratic time: a hostile one can have a billion bits.
      return BigInt.asIntN(64, value) === value ? `${value}n` : 'a bigint beyond 64 bits';
    case 'symbol':
      return clip(String(value));
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : showObject(value);
    default:
      return String(value);
  }
}
