/** `<module>[:export]`: what it names, and how it is loaded. */
import { existsSync } from 'node:fs';

export type Target = { readonly module: string; readonly export: string | null };

/** Loads a module by `import()`, relative to the working directory. */
export type Importer = (specifier: string) => Promise<Record<string, unknown>>;

/** A target that cannot be tried: the caller's mistake, not the exporter's. */
export class UsageError extends Error {}

const EXPORT = /^(.+):([\w$]+(?:\.[\w$]+)*)$/s;

/** The last colon divides, unless it is a drive's, a scheme's, or part of a file's name. */
export function parseTarget(text: string): Target {
  const found = EXPORT.exec(text);
  const isWhole =
    found === null ||
    existsSync(text) ||
    /^([A-Za-z]|file|node)$/.test(found[1] as string);
  if (isWhole) return { module: text, export: null };
  return { module: found[1] as string, export: found[2] as string };
}

export function targetName(target: Target): string {
  return target.export === null ? target.module : `${target.module}:${target.export}`;
}
