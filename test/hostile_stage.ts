/** What hostile calls work on. */

import * as nbuf from 'nbuf';

const { acquire, HostArray, IndirectArray } = nbuf;

/** What one call works on: all of it made for that call alone. */
export type Stage = {
  readonly array: nbuf.HostArray;
  readonly provider: nbuf.Provider;
  readonly view: nbuf.View;
  readonly complex: nbuf.Provider;
  readonly records: nbuf.Provider;
  readonly stack: nbuf.IndirectArray;
  readonly pointers: nbuf.Provider;
  /** Others over the same memory: so a release detaches nothing, and only a check refuses. */
  readonly others: readonly nbuf.Provider[];
};

export function rowOf(first: number): nbuf.HostArray {
  return HostArray.from([first, first + 1, first + 2], 'B');
}

export function makeStage(isShared = false): Stage {
  const array = HostArray.from([1, 2, 3, 4, 5, 6], 'B');
  array.setLayout({ shape: [2, 3] });
  const provider = acquire(array, { writable: true, layout: 'snapshot' });
  const numbers = HostArray.allocate([2], 'Zd');
  const complex = acquire(numbers, { writable: true });
  const table = HostArray.allocate([2], 'T{i:a:(2)B:b:T{d:x:}:c:}');
  const records = acquire(table, { writable: true });
  const stack = IndirectArray.fromRows([rowOf(1), rowOf(4)]);
  const pointers = acquire(stack, { writable: true, layout: 'snapshot' });
  const others = isShared
    ? [array, numbers, table, stack].map((each) => acquire(each, { layout: 'snapshot' }))
    : [];
  const view = provider.slice(':', ':');
  return { array, provider, view, complex, records, stack, pointers, others };
}

export const providersOf = ({
  provider,
  complex,
  records,
  pointers,
}: Stage): nbuf.Provider[] => [provider, complex, records, pointers];
export const releaseAll = (providers: readonly nbuf.Provider[]): void => {
  for (const p of providers) p.release();
};
