/** AbortSignals of options: by their shape, as Node does, for other realms have their own. */
import { show, typeError } from './errors.ts';

export function checkIsSignal(signal: unknown): void {
  const isObject = typeof signal === 'object' && signal !== null;
  if (signal !== undefined && !(isObject && 'aborted' in signal))
    throw typeError(`signal: expected an AbortSignal, found ${show(signal)}`);
}

/** Calls `abort` when the signal says so, until the returned function is called. */
export type Listen = (abort: () => void) => () => void;

/** Reads what listening needs, so that nothing of the signal's is run before. */
export function listenTo(signal: AbortSignal | undefined): Listen {
  checkIsSignal(signal);
  if (signal === undefined) return () => () => {};
  const { addEventListener: add, removeEventListener: remove } = signal;
  if (typeof add !== 'function' || typeof remove !== 'function')
    throw typeError(`signal: expected an AbortSignal, found ${show(signal)}`);
  return (abort) => {
    Reflect.apply(add, signal, ['abort', abort]);
    return () => Reflect.apply(remove, signal, ['abort', abort]);
  };
}

/** Throws the reason of an aborted signal. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}
