/** AbortSignals of options: by their shape, as Node does, for other realms have their own. */
import { show, typeError } from './errors.ts';

export function checkIsSignal(signal: unknown): void {
  const isObject = typeof signal === 'object' && signal !== null;
  if (signal !== undefined && !(isObject && 'aborted' in signal))
    throw typeError(`signal: expected an AbortSignal, found ${show(signal)}`);
}

/** Throws the reason of an aborted signal. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}
