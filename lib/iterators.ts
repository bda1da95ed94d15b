/** Iterators without generators: those make two objects for each value. */

const IteratorPrototype: object = Object.getPrototypeOf(
  Object.getPrototypeOf([][Symbol.iterator]()),
);

/** Makes what has next() and return() an iterator: iterable, and with the engine's helpers. */
export function asIterator(Class: { readonly prototype: object }): void {
  Object.setPrototypeOf(Class.prototype, IteratorPrototype);
}
