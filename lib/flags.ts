/** Request flags: PEP 3118's names and values, and what nbuf adds (DESIGN 3.2). */
import { rangeError, show, typeError } from './errors.ts';

export const Flags: {
  readonly SIMPLE: 0;
  readonly WRITABLE: 0x1;
  readonly FORMAT: 0x4;
  readonly ND: 0x8;
  readonly STRIDES: 0x18;
  readonly C_CONTIGUOUS: 0x38;
  readonly F_CONTIGUOUS: 0x58;
  readonly ANY_CONTIGUOUS: 0x98;
  readonly INDIRECT: 0x118;
  readonly CONTIG: 0x9;
  readonly CONTIG_RO: 0x8;
  readonly STRIDED: 0x19;
  readonly STRIDED_RO: 0x18;
  readonly RECORDS: 0x1d;
  readonly RECORDS_RO: 0x1c;
  readonly FULL: 0x11d;
  readonly FULL_RO: 0x11c;
  readonly LAYOUT_SNAPSHOT: 0x10000;
} = Object.freeze({
  SIMPLE: 0,
  WRITABLE: 0x1,
  FORMAT: 0x4,
  ND: 0x8,
  STRIDES: 0x18,
  C_CONTIGUOUS: 0x38,
  F_CONTIGUOUS: 0x58,
  ANY_CONTIGUOUS: 0x98,
  INDIRECT: 0x118,
  CONTIG: 0x9,
  CONTIG_RO: 0x8,
  STRIDED: 0x19,
  STRIDED_RO: 0x18,
  RECORDS: 0x1d,
  RECORDS_RO: 0x1c,
  FULL: 0x11d,
  FULL_RO: 0x11c,
  LAYOUT_SNAPSHOT: 0x10000,
});

const REQUIRE_PINNED = 0x40000;

/** Provider flags, as nbuf.h has them. */
export const READONLY = 1;
export const BORROWED = 2;
export const ENV_BOUND = 4;

/** How to ask for a provider; see `acquire`. */
export type RequestOptions = {
  /** Fail with READONLY unless the memory is writable. Default false. */
  writable?: boolean | undefined;
  /** Ask for the format; without it the elements are bytes. Default true. */
  format?: boolean | undefined;
  /** Accept strides; without it only C-contiguous layouts are granted. Default true. */
  strides?: boolean | undefined;
  /** Accept pointer tables (suboffsets). Default true. */
  indirect?: boolean | undefined;
  /** Demand contiguity: C, Fortran, or either. */
  contiguous?: 'C' | 'F' | 'any' | undefined;
  /** 'lock' (default) keeps the exporter's layout; 'snapshot' takes no layout lock. */
  layout?: 'lock' | 'snapshot' | undefined;
  /** Refuse memory that JavaScript can free under native code. Default false. */
  pin?: boolean | undefined;
  /** Whether a packed copy may stand in where the request cannot be granted. Default 'never'. */
  copy?: 'never' | 'if-needed' | undefined;
  /** Names this holder in lock errors; 63 bytes are kept. */
  label?: string | undefined;
};

export type Request = {
  readonly flags: number;
  readonly mayCopy: boolean;
  readonly label: string | undefined;
};

/** NBUF_LEVELS: whoever takes pointers here also takes those that suboffsets cannot say. */
const LEVELS = 0x20000;

export function withLevels(flags: number): number {
  return (flags & Flags.INDIRECT) === Flags.INDIRECT ? flags | LEVELS : flags;
}

export const FULL_REQUEST: Request = Object.freeze({
  flags: withLevels(Flags.FULL_RO),
  mayCopy: false,
  label: undefined,
});

function checkBoolean(value: unknown, name: string, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean')
    throw typeError(`${name}: expected a boolean, found ${show(value)}`);
  return value;
}

function checkChoice<T extends string>(
  value: unknown,
  choices: readonly T[],
  name: string,
): T | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string')
    throw typeError(`${name}: expected a string, found ${show(value)}`);
  if (!choices.includes(value as T))
    throw rangeError(`${name}: expected ${choices.join(' or ')}, found ${show(value)}`);
  return value as T;
}

const CONTIGUITY = {
  C: Flags.C_CONTIGUOUS,
  F: Flags.F_CONTIGUOUS,
  any: Flags.ANY_CONTIGUOUS,
} as const;

function optionFlags(options: RequestOptions): number {
  const { writable, format, strides, indirect, contiguous, layout, pin } = options;
  const order = checkChoice(contiguous, ['C', 'F', 'any'], 'contiguous');
  const withStrides = checkBoolean(strides, 'strides', true);
  let flags: number = withStrides ? Flags.STRIDES : Flags.ND;
  if (checkBoolean(indirect, 'indirect', true) && withStrides) flags |= Flags.INDIRECT;
  if (checkBoolean(writable, 'writable', false)) flags |= Flags.WRITABLE;
  if (checkBoolean(format, 'format', true)) flags |= Flags.FORMAT;
  if (checkBoolean(pin, 'pin', false)) flags |= REQUIRE_PINNED;
  if (checkChoice(layout, ['lock', 'snapshot'], 'layout') === 'snapshot')
    flags |= Flags.LAYOUT_SNAPSHOT;
  return withLevels(order === undefined ? flags : flags | CONTIGUITY[order]);
}

/** Converts the request argument of `acquire`; runs its getters, once each. */
export function requestOf(request: unknown): Request {
  if (request === undefined) return FULL_REQUEST;
  if (typeof request === 'number') {
    if (!Number.isInteger(request) || request < 0 || request > 0xffffffff)
      throw rangeError(`request: expected Flags, found ${request}`);
    return { flags: withLevels(request | 0), mayCopy: false, label: undefined };
  }
  if (typeof request !== 'object' || request === null)
    throw typeError(`request: expected Flags or an object, found ${show(request)}`);
  const options = request as RequestOptions;
  const flags = optionFlags(options);
  const mayCopy =
    checkChoice(options.copy, ['never', 'if-needed'], 'copy') === 'if-needed';
  const { label } = options;
  if (label !== undefined && typeof label !== 'string')
    throw typeError(`label: expected a string, found ${show(label)}`);
  return { flags, mayCopy, label };
}

/**
 * The same request for a source of a copy: any layout will do, and no pin. The format is asked for
 * or not as in the request, so that the copy can be written back as what it is.
 */
export function sourceFlags(request: Request): number {
  const same = request.flags & (Flags.WRITABLE | Flags.FORMAT);
  return withLevels(Flags.INDIRECT) | same;
}
