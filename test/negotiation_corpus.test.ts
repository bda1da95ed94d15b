/** The committed negotiation corpus is what the oracle, CPython, answers today. */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, withDirectory } from './compiler.ts';

type Answer = { flags: number[]; error?: string };
type Layout = { name: string; suboffsets: number[] | null; answers: Answer[] };

const PYTHON = '/usr/bin/python3';
const corpus = join(root, 'test/corpus');
const hasOracle = spawnSync(PYTHON, ['-c', 'import _testbuffer']).status === 0;

describe('negotiation corpus', () => {
  test('asks all 256 flag words of at least 40 layouts', () => {
    const file = readFileSync(join(corpus, 'negotiation.json'), 'utf8');
    const { layouts } = JSON.parse(file) as { layouts: Layout[] };
    expect(layouts.length).toBeGreaterThanOrEqual(40);
    expect(layouts.filter((it) => it.suboffsets !== null).length).toBeGreaterThan(5);
    expect(new Set(layouts.map((it) => it.name)).size).toBe(layouts.length);
    for (const { name, answers } of layouts) {
      const words = new Set(answers.flatMap((it) => it.flags));
      expect(words.size, name).toBe(256);
      expect(Math.max(...words), name).toBe(0x1fd);
    }
  });

  test.runIf(hasOracle)('is what CPython answers', () => {
    withDirectory((directory) => {
      execFileSync(PYTHON, [join(corpus, 'negotiation.py'), directory]);
      for (const name of ['negotiation.json', 'negotiation.txt']) {
        const fresh = readFileSync(join(directory, name), 'utf8');
        expect(readFileSync(join(corpus, name), 'utf8') === fresh, name).toBe(true);
      }
    });
  });
});
