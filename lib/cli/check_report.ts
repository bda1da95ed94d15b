/** What became of promises, for people and for programs. */
import type { Row } from './check_run.ts';
import { type Target, targetName } from './target.ts';

export type Report = { readonly target: Target; readonly rows: readonly Row[] };

export function countOf(rows: readonly Row[], status: Row['status']): number {
  return rows.filter((row) => row.status === status).length;
}

const SHOWN = { kept: 'kept', broken: 'BROKEN', 'not tried': 'not tried' };
const WIDTH = 11;

function line(row: Row, width: number): string[] {
  const head = `  ${SHOWN[row.status].padEnd(WIDTH)}${row.id.padEnd(width)}  ${row.text}`;
  const indent = ' '.repeat(2 + WIDTH);
  const notes = row.notes.map((note) => `${indent}- ${note}`);
  const source = row.status === 'broken' ? [`${indent}  (${row.source})`] : [];
  return [head, ...notes, ...source];
}

/** The table of one exporter. */
export function table({ target, rows }: Report): string {
  const width = Math.max(...rows.map(({ id }) => id.length));
  const counts = (['kept', 'broken', 'not tried'] as const).map(
    (status) => `${countOf(rows, status)} ${status}`,
  );
  return [
    targetName(target),
    ...rows.flatMap((row) => line(row, width)),
    `${counts.join(', ')}\n`,
  ].join('\n');
}

/** `{ exporters: [{ module, export, kept, broken, notTried, promises }] }` */
export function json(reports: readonly Report[]): string {
  const exporters = reports.map(({ target, rows }) => ({
    module: target.module,
    export: target.export,
    kept: countOf(rows, 'kept'),
    broken: countOf(rows, 'broken'),
    notTried: countOf(rows, 'not tried'),
    promises: rows,
  }));
  return JSON.stringify({ exporters }, null, 2);
}
