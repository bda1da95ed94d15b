/** The errors of the adapters: what was expected, what was found, what helps. */
import { types } from 'node:util';
import { BufferError, type BufferErrorCode, View } from '../index.ts';
import type { Full } from '../request_types.ts';

/** A refusal that a copy would lift. */
export function refusal(
  code: BufferErrorCode,
  reason: string,
  cause?: unknown,
): BufferError {
  const message = `${reason}; pass { copy: 'if-needed' } for a copy`;
  return new BufferError(code, message, cause === undefined ? undefined : { cause });
}

/** For an argument of the wrong JavaScript type. */
export function typeError(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** For a value of the right type that cannot be used. */
export function rangeError(message: string): RangeError {
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' });
}

/** What was found, for a message; never runs the caller's code. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (types.isDataView(value)) return 'a DataView';
  if (ArrayBuffer.isView(value)) return 'a typed array';
  return typeof value === 'object' ? 'an object' : `${typeof value}`;
}

export function checkObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as never;
  throw typeError(`${name}: expected an object, found ${kindOf(value)}`);
}

const MAX_ENTRIES = 64;

/** More columns or chunks than anybody has. */
export const MANY: number = 2 ** 20;

/** A copy of a list: its length is asked once, for a Proxy could say any. */
export function listOf(
  value: readonly unknown[],
  name: string,
  limit: number = MAX_ENTRIES,
): unknown[] {
  const { length } = value;
  if (!(length <= limit)) throw rangeError(`${name}: expected at most ${limit} entries`);
  const list: unknown[] = [];
  for (let k = 0; k < length; k++) list.push(value[k]);
  return list;
}

export function checkFunction(value: unknown, name: string): void {
  if (typeof value === 'function') return;
  throw typeError(`${name}: expected a function, found ${kindOf(value)}`);
}

/** For a class of a neighbour. */
export function checkClass(value: unknown, name: string): void {
  try {
    Reflect.construct(Object, [], value as never);
  } catch {
    throw typeError(`${name}: expected a class, found ${kindOf(value)}`);
  }
}

/** The view, with shape, strides and format also where its request left them out. */
export function checkView(value: unknown): View<string, never, Full> {
  if (value instanceof View) return value.slice('...') as never;
  throw typeError(
    `view: expected a View or Provider of nbuf, found ${kindOf(value)}; acquire() gives one`,
  );
}
