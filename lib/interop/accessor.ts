/** Elements of any view, one by one, for libraries that take `get` and `set` for data. */
import type { View } from '../index.ts';
import { isRefusal } from './common.ts';
import { checkView } from './refusals.ts';

/** Element `k` of a view in C order. `set` throws READONLY where the view is. */
export type Accessor<E> = {
  readonly length: number;
  get(k: number): E;
  set(k: number, value: E): void;
};

/** What a neighbour needs to address an accessor: as if the view were packed in C order. */
export type Accessed<E> = {
  readonly data: Accessor<E>;
  readonly shape: number[];
  readonly strides: number[];
};

export function accessorOf<E>(value: View): Accessed<E> {
  const view = checkView(value) as View<never, never>;
  const shape = [...(view.shape as readonly number[])];
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, extent) => product * extent, 1),
  );
  const indexOf = (k: number) =>
    shape.map((extent, axis) => {
      const index = Math.floor(k / (strides[axis] as number));
      return axis === 0 ? index : index % extent; // the first axis sees what is out of range
    });
  const data = {
    length: view.size,
    get: (k: number): E => view.get(...indexOf(k)) as E,
    set: (k: number, element: E): void => view.set(...indexOf(k), element as never),
  };
  return { data, shape, strides };
}

/** What `plain` makes of a view's memory, or where that is refused what `access` does without. */
export function orAccessor<T>(plain: () => T, access: () => T): T {
  try {
    return plain();
  } catch (error) {
    if (isRefusal(error)) return access();
    throw error;
  }
}
