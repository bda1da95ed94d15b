/** `get` and `set` for views whose elements are no numbers. */

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
