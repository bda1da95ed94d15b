/** `get` and `set` for views that View's own are not for. */
import type { ViewInfo } from './view_info.ts';

/** Parameters with names that `get` and `set` of View have; the last is the value that is set. */
export const MAX_NAMED: number = 5;

/** Are View's own `get` and `set` for this view? */
export function isForNames({ format, layout }: ViewInfo): boolean {
  return format.isNumber && layout.shape.length < MAX_NAMED && layout.levels === null;
}

/**
 * The first `count` of such parameters. An engine makes no object of `arguments` as long as that
 * goes nowhere; once a branch that has run gives it away, every call makes one.
 */
export function listOf(count: number, ...named: unknown[]): unknown[] {
  named.length = count;
  return named;
}

/** Gives a class derived from View these two; it passes for its base otherwise. */
export function giveAccess<V extends object>(
  prototype: V,
  get: (view: V, index: ArrayLike<unknown>) => unknown,
  set: (view: V, args: ArrayLike<unknown>) => void,
): void {
  const base = Object.getPrototypeOf(prototype) as object;
  const members = {
    get(this: V, ...index: unknown[]): unknown {
      return get(this, index);
    },
    set(this: V, ...args: unknown[]): void {
      set(this, args);
    },
    constructor: base.constructor,
  };
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}
