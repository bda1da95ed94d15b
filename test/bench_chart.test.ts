/** The table and the chart that the copy benchmark writes. */

import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { escapeText, logDomain, logScale, logTicks, svg } from '../bench/chart.mjs';
import { allCases } from '../bench/copy/cases.mjs';
import { copyChart } from '../bench/copy/figure.mjs';
import { conclude, type Result } from '../bench/copy/measure_copy.mjs';
import { copyTable } from '../bench/copy/table.mjs';

/** As if nbuf took 100 ns for everything, NumPy 400, memcpy 40, and nobody else could. */
function pretended(): Result[] {
  const figures = { nbuf: [100, 100, 110], memcpy: [40, 40, 40], numpy: [400, 410, 390] };
  const left = { scijs: 'has no byte order', stdlib: 'too slow', cpython: 'too slow' };
  return allCases(false).map((copy) => conclude(copy, figures, left));
}

describe('axes', () => {
  test('are logarithmic', () => {
    const scale = logScale([1, 100], [0, 200]);
    expect([1, 10, 100, 1000, 0.1].map(scale)).toEqual([0, 100, 200, 200, 0]);
    expect(logScale([1, 100], [200, 0])(10)).toBe(100);
  });

  test('have round ticks, fewer where there are many', () => {
    expect(logTicks([0.5, 20])).toEqual([0.5, 1, 2, 5, 10, 20]);
    expect(logTicks([0.001, 100])).toEqual([0.001, 0.01, 0.1, 1, 10, 100]);
    expect(logDomain([0.3, 7])).toEqual([0.2, 10]);
    expect(logDomain([5])).toEqual([5, 10]);
  });
});

describe('chart', () => {
  test('text is escaped', () => {
    expect(escapeText(`a < 'b' & "c"`)).toBe('a &#60; &#39;b&#39; &#38; &#34;c&#34;');
    expect(svg(10, 20, ['<g/>'])).toContain("viewBox='0 0 10 20'");
  });

  test('is a picture, without NaN, in which no two labels of a growth axis meet', async () => {
    const text = copyChart(pretended(), 'a machine; a <day>');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(text).toContain('a machine; a &#60;day&#62;');
    const picture = await sharp(Buffer.from(text)).stats();
    expect(picture.isOpaque).toBe(true);
    const labels = [
      ...text.matchAll(/<text x='([\d.]+)' y='([\d.]+)'[^>]*'middle'>([^<]*)</g),
    ];
    const byRow = new Map<string, RegExpExecArray[]>();
    for (const label of labels) {
      const y = label[2] as string;
      byRow.set(y, [...(byRow.get(y) ?? []), label]);
    }
    for (const row of byRow.values()) {
      const spans = row
        .map((label) => [Number(label[1]), 3 * (label[3] as string).length] as const)
        .sort(([a], [b]) => a - b);
      spans.slice(1).forEach(([x, half], k) => {
        const [before, halfBefore] = spans[k] as readonly [number, number];
        expect(x - half).toBeGreaterThan(before + halfBefore);
      });
    }
  });
});

describe('table', () => {
  test('has a row for each copy and says what a dash means', () => {
    const results = pretended();
    const text = copyTable(results, 'a machine');
    const lines = text.split('\n').filter((line) => line.startsWith('| '));
    const columns = (lines[0] as string).split('|').length;
    for (const line of lines) expect(line.split('|')).toHaveLength(columns);
    expect(lines.filter((line) => !line.includes('**'))).toHaveLength(results.length + 2);
    expect(text).toContain(
      '| contiguous f64 | 8 | 1 | 4 KiB | 41 (39–41) | 102 (102–102) | 10.2 (10.1–10.4) | - |',
    );
    expect(text).toContain('* ndarray-ops: has no byte order');
    expect(text).toContain('| 0.4 (0.382–0.4) | 4 (3.77–4.05) |');
  });
});
