/**
 * What all adapters share. Views go out as typed arrays over their memory, or as copies where
 * the other side cannot say the layout and the caller allows it; an error says why not.
 */
import { BufferError, type BufferErrorCode } from '../index.ts';
import { type DType, type DTypeName, dtypeOfArray, type InteropArray } from './dtypes.ts';

export type CopyOptions = {
  /**
   * 'never' (default): the result is the view's own memory, or an error says why it cannot be;
   * 'if-needed': a copy, where it cannot; 'always': a copy.
   */
  readonly copy?: 'never' | 'if-needed' | 'always' | undefined;
};

/** What a neighbour can say. */
export type Need = {
  /** Its name, for messages. */
  readonly name: string;
  /**
   * 'any': strides of any sign, 0 too, and an offset. 'forward': no negative strides and no
   * offset. 'C', 'C or F': contiguous in that order only.
   */
  readonly layout: 'any' | 'forward' | 'C' | 'C or F';
  /** The types that it has. */
  readonly dtypes: readonly DTypeName[];
  /** What a copy of other types becomes; no value may change by that. */
  readonly convert?: Readonly<Partial<Record<DTypeName, DTypeName>>> | undefined;
};

/** A view's elements in a typed array. Strides and offset count entries of `data`. */
export type Exposed = {
  /** From the lowest to the highest element, or a copy. */
  readonly data: InteropArray;
  readonly shape: number[];
  readonly strides: number[];
  /** Of the first element. */
  readonly offset: number;
  readonly dtype: DType;
  /** In which order it is contiguous; null if in none. */
  readonly order: 'C' | 'F' | null;
  readonly copied: boolean;
};

const REMEDY = "pass { copy: 'if-needed' } for a copy";

/** A refusal that a copy would lift. */
export function refusal(
  code: BufferErrorCode,
  reason: string,
  cause?: unknown,
): BufferError {
  return new BufferError(code, `${reason}; ${REMEDY}`, { cause });
}

/** For an argument of the wrong JavaScript type. */
export function typeError(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** For a value of the right type that cannot be used. */
export function rangeError(message: string): RangeError {
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' });
}

export function checkObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null)
    return value as Record<string, unknown>;
  throw typeError(
    `${name}: expected an object, found ${value === null ? 'null' : typeof value}`,
  );
}

/** The type of a neighbour's typed array; a TypeError for everything else. */
export function arrayType(data: unknown, name: string): DType {
  const dtype = dtypeOfArray(data);
  if (dtype !== null) return dtype;
  const found = Array.isArray(data) ? 'a plain array' : typeof data;
  throw typeError(
    `${name}: expected a typed array, found ${found}; HostArray.from() copies other values`,
  );
}
