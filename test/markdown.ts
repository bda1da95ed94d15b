/** The code in the documentation, and what it says that it prints. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './compiler.ts';

export type Block = {
  readonly page: string;
  readonly line: number;
  readonly tag: string;
  readonly code: string;
};

/** Pages whose blocks are the files of one project. */
export const guides: readonly string[] = ['docs/export.md', 'docs/consume.md'];

export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((found) => ({
    page,
    line: text.slice(0, found.index).split('\n').length,
    tag: found[1] ?? '',
    code: found[2] ?? '',
  }));
}

/** What the comments after console.log announce. */
export function announced(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(
    (found) => `${found[1]}`,
  );
}

/** Ages differ from run to run. */
export function ageless(text: string): string {
  return text.replaceAll(/\b\d+ ms\b/g, 'N ms');
}
