/** The table of steps: what they cost with nbuf, and with copies. */
import type { Cost, Step } from './picture.ts';
import { columns, formatBytes, formatTime, style } from './show.ts';

const HEAD = ['', 'shared', 'copied', 'time', '', 'shared', 'copied', 'time'];

function count(bytes: number): string {
  return bytes === 0 ? '0' : formatBytes(bytes);
}

function cells(cost: Cost | null): string[] {
  if (cost === null) return ['', 'not needed', ''];
  return [count(cost.shared), count(cost.copied), formatTime(cost.ms)];
}

function row({ name, ours, copies }: Step): string[] {
  return [name, ...cells(ours), '', ...cells(copies)];
}

function totalCells(costs: readonly (Cost | null)[]): string[] {
  const sum = (key: 'copied' | 'ms') =>
    costs.reduce((total, cost) => total + (cost?.[key] ?? 0), 0);
  return ['', count(sum('copied')), formatTime(sum('ms'))];
}

function total(steps: readonly Step[]): string[] {
  const ours = totalCells(steps.map((step) => step.ours));
  const copies = totalCells(steps.map((step) => step.copies));
  return ['from there on, together', ...ours, '', ...copies];
}

/** `begin`: what both ways have in common; the sum leaves it out. */
export function stepTable(begin: readonly Step[], steps: readonly Step[]): string {
  const rows = [HEAD, ...begin.map(row), ...steps.map(row), total(steps)];
  const lines = columns(rows, (column) => column > 0);
  const [head = ''] = lines;
  const rule = `  ${'─'.repeat(head.length - 2)}`;
  const above = `${' '.repeat(head.indexOf('shared'))}nbuf`;
  return [
    style('dim', `${above.padEnd(head.lastIndexOf('shared'))}with copies`),
    style('dim', head),
    ...lines.slice(1, 1 + begin.length),
    style('dim', rule),
    ...lines.slice(1 + begin.length, -1),
    style('dim', rule),
    style('bold', lines.at(-1) ?? ''),
    '',
  ].join('\n');
}
