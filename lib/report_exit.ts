/** NBUF_REPORT=exit: what is still held when a thread's JavaScript ends, on the standard error. */
import { writeSync } from 'node:fs';
import { atExit } from './exit.ts';
import { type BufferReport, type ProviderReport, type Report, report } from './report.ts';
import { trackProviders } from './tracking.ts';

/** Shown one by one; of more only their number. */
const SHOWN = 100;

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function lineOf(provider: ProviderReport): string {
  const { label, age, shape, format, byteLength, locks, copied, held, stack } = provider;
  const parts = [
    label === null ? 'without a label' : `'${label}'`,
    ...(age === null ? [] : [`${age} ms`]),
    ...(shape === null ? [] : [shape.length === 0 ? 'scalar' : shape.join('×')]),
    ...(format === null ? [] : [`'${format}'`]),
    ...(byteLength === null ? [] : [count(byteLength, 'byte')]),
    locks.layout ? 'memory and layout lock' : 'memory lock',
    ...(copied ? ['a copy'] : []),
    ...(held === 'elsewhere' ? ['held by native code or another thread'] : []),
  ];
  const calls = stack === null ? [] : stack.split('\n').map((call) => `      ${call}`);
  return [`  ${parts.join(', ')}`, ...calls].join('\n');
}

/** The first ones, each in its own lines. */
function listOf<T>(items: readonly T[], show: (item: T) => string): string[] {
  const lines = items.slice(0, SHOWN).map(show);
  return items.length > SHOWN
    ? [...lines, `  … and ${items.length - SHOWN} more`]
    : lines;
}

function textOf({ thread, providers, buffers, waiting }: Report): string {
  const where = thread === 0 ? 'process exit' : `end of worker ${thread}`;
  // A worker's end is not the end of what others hold.
  const left = providers.filter(({ held }) => held === 'here' || thread === 0);
  const kept = buffers.filter(({ state }) => state === 'kept' || state === 'moved');
  const lines: string[] = [];
  if (left.length > 0) {
    lines.push(`nbuf: ${where}: ${count(left.length, 'provider')} not released`);
    lines.push(...listOf(left, lineOf));
  }
  if (kept.length > 0) {
    const show = ({ byteLength, state }: BufferReport) =>
      `  ${state}, ${count(byteLength, 'byte')}`;
    lines.push(`nbuf: ${where}: ${count(kept.length, 'ArrayBuffer')} without a provider`);
    lines.push(...listOf(kept, show));
  }
  if (lines.length === 0) lines.push(`nbuf: ${where}: every provider was released`);
  if (waiting.buffers > 0)
    lines.push(
      `nbuf: ${where}: ${count(waiting.bytes, 'byte')} in ` +
        `${count(waiting.buffers, 'ArrayBuffer')} waited for garbage collection`,
    );
  return `${lines.join('\n')}\n`;
}

/** Straight to the file: a worker's own process.stderr would be too late. */
function write(text: string): void {
  let rest: Uint8Array = Buffer.from(text);
  for (let tries = 0; rest.length > 0 && tries < 1000; tries++) {
    try {
      rest = rest.subarray(writeSync(2, rest));
    } catch (error) {
      // A pipe that is full for now; of what else is wrong with it nobody can be told.
      if ((error as { code?: unknown }).code !== 'EAGAIN') return;
    }
  }
}

function printReport(): void {
  try {
    write(textOf(report()));
  } catch {
    // an exit code would tell of this, and not of what it is about
  }
}

if (process.env.NBUF_REPORT === 'exit') {
  trackProviders(true);
  atExit(printReport, true);
}
