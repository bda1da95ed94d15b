/** Labels: how lock errors name their holders. */

import { acquire, HostArray, type Provider } from 'nbuf';
import { describe, expect, test } from 'vitest';

function refusal(array: HostArray, change: () => void = () => array.resize([9])): string {
  try {
    change();
  } catch (error) {
    expect(error).toMatchObject({ name: 'BufferError', code: 'ERR_NBUF_LOCKED' });
    return (error as Error).message;
  }
  throw new Error('expected LOCKED, found no error');
}

function labelled(array: HostArray, ...labels: (string | undefined)[]): Provider[] {
  return labels.map((label) => acquire(array, { label }));
}

describe('lock errors', () => {
  test('count holders and name those with a label, and their age', async () => {
    const array = HostArray.allocate([4]);
    const held = labelled(array, undefined, 'encoder');
    await new Promise((resolve) => setTimeout(resolve, 30));
    held.push(...labelled(array, 'viewer'));
    const message = refusal(array);
    const found =
      /^the memory is locked by 3 providers \('encoder', (\d+) ms; 'viewer', (\d+) ms\)/.exec(
        message,
      );
    expect(found, message).not.toBeNull();
    const [, older, newer] = found ?? [];
    expect(Number(older)).toBeGreaterThanOrEqual(29);
    expect(Number(older)).toBeGreaterThan(Number(newer));
    held[1]?.release();
    expect(refusal(array)).toMatch(/by 2 providers \('viewer', \d+ ms\)/);
    held[2]?.release();
    expect(refusal(array)).toMatch(/by 1 provider$/);
    held[0]?.release();
    array.resize([9]);
  });

  test('of setLayout name only who holds the layout lock', () => {
    const array = HostArray.allocate([4]);
    const [a, b] = labelled(array, 'a', 'b') as [Provider, Provider];
    a.unlockLayout();
    const change = (): void => array.setLayout({ shape: [2, 2] });
    expect(refusal(array, change)).toMatch(
      /^the layout is locked by 1 provider \('b', \d+ ms\)/,
    );
    expect(refusal(array)).toMatch(/^the memory is locked by 2 providers \('a', .*'b', /);
    b.unlockLayout();
    change();
    expect(a.shape).toEqual([4]);
  });

  test('stay short, however many holders there are', () => {
    const array = HostArray.allocate([4]);
    const held = labelled(array, ...Array.from({ length: 200 }, (_, k) => `holder ${k}`));
    const message = refusal(array);
    expect(message.length).toBeLessThan(248);
    expect(message).toMatch(/by 200 providers \('holder 0', .*; \.\.\.\)/);
    for (const p of held) p.release();
    expect(array.locks.memory).toBe(0);
  });
});

describe('labels', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['63 bytes', 'x'.repeat(63), 'x'.repeat(63)],
    ['64 bytes', 'x'.repeat(64), 'x'.repeat(63)],
    ['a megabyte', 'y'.repeat(2 ** 20), 'y'.repeat(63)],
    ['2-byte characters', 'é'.repeat(40), 'é'.repeat(31)],
    ['3-byte characters', '←'.repeat(40), '←'.repeat(21)],
    ['4-byte characters', '😀'.repeat(40), '😀'.repeat(15)],
    ['a character across the cut', `${'x'.repeat(62)}é`, 'x'.repeat(62)],
    ['a character that just fits', `${'x'.repeat(61)}éz`, `${'x'.repeat(61)}é`],
    ['lone surrogates', 'a\ud800b', 'a\ufffdb'],
    ['what printf would read', '%s%n%d', '%s%n%d'],
  ];
  test.each(cases)('of %s', (_name, label, shown) => {
    const array = HostArray.allocate([4]);
    using p = acquire(array, { label });
    expect(p.label).toBe(label);
    expect(refusal(array)).toContain(` ('${shown}', `);
  });

  test('end at a NUL, for the native side reads C strings', () => {
    const array = HostArray.allocate([4]);
    using _ = acquire(array, { label: 'before\0after' });
    expect(refusal(array)).toMatch(/\('before', \d+ ms\)/);
  });

  test('that are empty are none', () => {
    const array = HostArray.allocate([4]);
    using p = acquire(array, { label: '' });
    expect(p.label).toBe('');
    expect(refusal(array)).toMatch(/by 1 provider$/);
  });

  test('of views carry their provider’s', () => {
    const array = HostArray.allocate([4]);
    using a = acquire(array, { label: 'a'.repeat(70) });
    using b = acquire(a, { label: 'b'.repeat(70) });
    a.unlockLayout();
    const both = refusal(array);
    expect(both).toContain(`'${'a'.repeat(63)}'`);
    a.release();
    expect(refusal(array)).toContain(`'${'b'.repeat(63)} ← ${'a'.repeat(63)}'`);
    expect(b.label).toBe('b'.repeat(70));
  });

  test('are readable on whoever was given none', () => {
    using p = acquire(HostArray.allocate([1]));
    expect(p.label).toBeUndefined();
  });
});
