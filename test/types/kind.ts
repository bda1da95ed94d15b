/**
 * A type as a value, and what conforms to it: the compiler only takes the kind that a type
 * has, the run time checks a value against it. So neither can go its own way.
 */
import type { ElementValue } from 'nbuf';
import type { Identical } from './expect.ts';

export type AnyKind =
  | 'refused'
  | 'anything'
  | 'number'
  | 'bigint'
  | 'number or bigint'
  | 'boolean'
  | 'string'
  | 'bytes'
  | { readonly arrayOf: AnyKind }
  | { readonly listOf: readonly AnyKind[] }
  | { readonly fields: { readonly [name: string]: AnyKind } };

export type Kind<E> = [E] extends [never]
  ? 'refused'
  : Identical<E, ElementValue> extends true
    ? 'anything'
    : [E] extends [number]
      ? 'number'
      : [E] extends [bigint]
        ? 'bigint'
        : [E] extends [number | bigint]
          ? 'number or bigint'
          : [E] extends [boolean]
            ? 'boolean'
            : [E] extends [string]
              ? 'string'
              : [E] extends [Uint8Array]
                ? 'bytes'
                : KindOfParts<E>;

type KindOfParts<E> = E extends readonly unknown[]
  ? number extends E['length']
    ? { readonly arrayOf: Kind<E[number]> }
    : { readonly listOf: { readonly [K in keyof E]: Kind<E[K]> } }
  : { readonly fields: { readonly [K in keyof E]: Kind<E[K]> } };

/** Does `get` refuse an element of this kind? All of a record when one field has no value. */
export function isRefused(kind: AnyKind): boolean {
  if (typeof kind === 'string') return kind === 'refused';
  if ('arrayOf' in kind) return isRefused(kind.arrayOf);
  const parts = 'listOf' in kind ? kind.listOf : Object.values(kind.fields);
  return parts.some(isRefused);
}

/** What differs, with its path; null when the value has the kind. */
export function mismatch(value: unknown, kind: AnyKind, path = 'element'): string | null {
  if (typeof kind === 'string')
    return isPlain(value, kind) ? null : `${path} is ${typeof value}, not ${kind}`;
  if ('fields' in kind) return mismatchOfFields(value, kind.fields, path);
  if (!Array.isArray(value)) return `${path} is no array`;
  const kinds = 'listOf' in kind ? kind.listOf : value.map(() => kind.arrayOf);
  if (value.length !== kinds.length) return `${path} has ${value.length} entries`;
  return firstOf(kinds.map((k, at) => mismatch(value[at], k, `${path}[${at}]`)));
}

function mismatchOfFields(
  value: unknown,
  fields: { readonly [name: string]: AnyKind },
  path: string,
): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `${path} is no object`;
  const found = Object.keys(value).sort().join();
  if (found !== Object.keys(fields).sort().join()) return `${path} has fields ${found}`;
  return firstOf(
    Object.entries(fields).map(([name, kind]) =>
      mismatch((value as Record<string, unknown>)[name], kind, `${path}.${name}`),
    ),
  );
}

function firstOf(found: (string | null)[]): string | null {
  return found.find((text) => text !== null) ?? null;
}

function isPlain(value: unknown, kind: AnyKind & string): boolean {
  if (kind === 'bytes') return value instanceof Uint8Array;
  if (kind === 'number or bigint')
    return typeof value === 'number' || typeof value === 'bigint';
  return kind === 'anything' || typeof value === kind;
}
