/** How long something takes, and how long the other way takes. */

export type Measured<T> = { readonly value: T; readonly ms: number };

const RUNS = 9;
const ENOUGH_MS = 200;

/** One way of doing something: run by run. */
class Way<T> {
  readonly #work: () => T | Promise<T>;
  readonly #times: number[] = [];
  #value: T | undefined;

  constructor(work: () => T | Promise<T>) {
    this.#work = work;
  }

  /** Once more; false when there were enough runs. */
  async run(): Promise<boolean> {
    const start = performance.now();
    const result = this.#work();
    // Awaiting a plain value would count a turn of the microtask queue.
    this.#value = result instanceof Promise ? await result : result;
    this.#times.push(performance.now() - start);
    const spent = this.#times.reduce((sum, time) => sum + time, 0);
    return this.#times.length < RUNS && spent < ENOUGH_MS;
  }

  get measured(): Measured<T> {
    return { value: this.#value as T, ms: median(this.#times) };
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Runs both in turn, each up to nine times, less often when it is slow: medians. */
export async function compare<A, B>(
  ours: () => A | Promise<A>,
  copies: () => B | Promise<B>,
): Promise<{ ours: Measured<A>; copies: Measured<B> }> {
  const [mine, theirs] = [new Way(ours), new Way(copies)];
  let [goesOn, otherGoesOn] = [true, true];
  while (goesOn || otherGoesOn) {
    if (goesOn) goesOn = await mine.run();
    if (otherGoesOn) otherGoesOn = await theirs.run();
  }
  return { ours: mine.measured, copies: theirs.measured };
}

/** The same for something that has no other way. */
export async function measure<T>(work: () => T | Promise<T>): Promise<Measured<T>> {
  const way = new Way(work);
  while (await way.run());
  return way.measured;
}
