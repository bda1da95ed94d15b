/** Numbers and tables for a terminal of 100 columns. */
import { styleText } from 'node:util';
import type { ChannelStatistics } from './addons.ts';
import type { LockStory } from './locks.ts';
import type { ViewNote } from './picture.ts';

const hasColors = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;

export function style(kind: 'bold' | 'dim', text: string): string {
  return hasColors ? styleText(kind, text) : text;
}

export function heading(text: string): string {
  return `\n${style('bold', text)}\n`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toPrecision(3)} ${units[unit]}`;
}

export function formatTime(ms: number): string {
  if (ms < 0.9995) return `${(ms * 1000).toFixed(ms < 0.00995 ? 1 : 0)} µs`;
  return ms < 999.5 ? `${ms.toPrecision(3)} ms` : `${(ms / 1000).toPrecision(3)} s`;
}

/** Columns as wide as their widest cell. */
export function columns(
  rows: readonly (readonly string[])[],
  isRight: (column: number) => boolean = () => false,
): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, k) => {
      widths[k] = Math.max(widths[k] ?? 0, cell.length);
    });
  const pad = (cell: string, k: number) =>
    isRight(k) ? cell.padStart(widths[k] ?? 0) : cell.padEnd(widths[k] ?? 0);
  return rows.map((row) => `  ${row.map(pad).join('   ').trimEnd()}`);
}

/** So that 64 axes still fit on a line. */
function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

export function viewTable(views: readonly ViewNote[]): string {
  const rows = views.map(({ name, made, shape, strides }) => [
    name,
    shape.length === 0 ? 'scalar' : clip(shape.join(' × '), 24),
    clip(strides.join(', '), 20),
    made,
  ]);
  const [head = '', ...lines] = columns([['', 'shape', 'strides', 'made by'], ...rows]);
  return `${style('dim', head)}\n${lines.join('\n')}\n`;
}

const BARS = '▁▂▃▄▅▆▇█';

/** A bar for each bin; an empty one stays blank. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts, 1);
  return counts
    .map((count) => (count === 0 ? ' ' : BARS[Math.ceil((count / most) * 8) - 1]))
    .join('');
}

export function statisticsTable(
  names: readonly string[],
  channels: readonly ChannelStatistics[],
): string {
  const number = (value: number) => String(Number(value.toPrecision(6)));
  const rows = channels.map(({ mean, min, max, histogram }, k) => [
    names[k] ?? '',
    number(mean),
    number(min),
    number(max),
    sparkline(histogram),
  ]);
  const head = ['', 'mean', 'min', 'max', 'histogram'];
  const [first = '', ...lines] = columns([head, ...rows], (k) => k > 0 && k < 4);
  return `${style('dim', first)}\n${lines.join('\n')}\n`;
}

export function story(lines: LockStory): string {
  const widest = Math.max(...lines.map(({ call }) => call.length));
  const text = lines.map(({ call, result, reason }) => {
    const line = `  ${call.padEnd(widest)}   ${result}\n`;
    return reason === undefined ? line : `${line}      ${style('dim', reason)}\n`;
  });
  return text.join('');
}
