/** Format strings for callers outside: sizes and equivalence (DESIGN section 5). */
import { knownFormat, sameFormat } from './elements.ts';
import { show, typeError } from './errors.ts';

function checkText(format: unknown): string {
  if (typeof format !== 'string')
    throw typeError(`format: expected a string, found ${show(format)}`);
  return format;
}

/** Bytes of one element. Throws FORMAT for what is no single element. */
export function calcsize(format: string): number {
  return knownFormat(checkText(format)).size;
}

/** Do two formats describe the same bytes? `l`, `q` and `<q` do on LP64 little-endian. */
export function formatsEqual(a: string, b: string): boolean {
  return sameFormat(knownFormat(checkText(a)), knownFormat(checkText(b)));
}
