/** `nbuf check`: the command. */
import { parseArgs } from 'node:util';
import { countOf, json, type Report, table } from './check_report.ts';
import { type CheckOptions, checkTarget, expandTarget } from './check_run.ts';
import { ALL } from './pledges.ts';
import { parseTarget, type Target, UsageError } from './target.ts';

export const CHECK_USAGE = `Usage: nbuf check [options] <module>[:export] ...

Tries an exporter as a strict consumer would and prints which promises of the
protocol it keeps. The checks run in processes of their own: a crash is a finding.

  <module>   a path (.js, .mjs, .cjs, .node) or the name of a package
  :export    an exporter, or a function that makes one without arguments (also
             async), which lets more be tried; dots go deeper (a.b). Without it:
             the module's default export, else every export that is an exporter

  --json          the result as JSON
  --timeout <s>   seconds after which a promise counts as broken (30)
  --only <ids>    these promises, and what they need, by comma: words,threads.retain
  --list          all promises, and where they are written
  -h, --help      this text

Exit code: 0 all promises are kept, 1 one is broken, 2 nothing could be tried.
`;

const OPTIONS = {
  json: { type: 'boolean' },
  timeout: { type: 'string' },
  only: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function seconds(text: string | undefined): number {
  const value = Number(text ?? 30);
  if (value > 0 && value <= 86_400) return value;
  throw new UsageError(`--timeout: expected seconds from 0 to 86400, found ${text}`);
}

/** The ids that are meant, with all that they need. */
export function idsOf(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  const ids = new Set<string>();
  const add = (id: string): void => {
    const pledges = ALL.filter((each) => each.id === id || each.id.startsWith(`${id}.`));
    if (pledges.length === 0)
      throw new UsageError(`--only: there is no promise '${id}'; see --list`);
    for (const pledge of pledges) {
      if (ids.has(pledge.id)) continue;
      ids.add(pledge.id);
      pledge.needs?.forEach(add);
    }
  };
  text.split(',').forEach(add);
  return [...ids];
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function checkAll(
  targets: readonly Target[],
  options: CheckOptions,
): Promise<Report[]> {
  const reports: Report[] = [];
  for (const each of targets)
    for (const target of await expandTarget(each, options))
      reports.push({ target, rows: await checkTarget(target, options) });
  return reports;
}

/** Returns the exit code. `cli`: the file that child processes run. */
export async function check(args: readonly string[], cli: string): Promise<0 | 1> {
  const { values, positionals } = parse(args);
  if (values.help === true) {
    process.stdout.write(CHECK_USAGE);
    return 0;
  }
  if (values.list === true) {
    for (const { id, text, source } of ALL) console.log(`${id}  ${text} (${source})`);
    return 0;
  }
  if (positionals.length === 0)
    throw new UsageError(`expected <module>[:export]\n\n${CHECK_USAGE}`);
  if (/^(arm|ia32|mips|mipsel)$/.test(process.arch))
    throw new UsageError(
      'expected a 64-bit Node.js, whose structs it knows; found 32 bits',
    );
  const options: CheckOptions = {
    cli,
    timeout: seconds(values.timeout),
    only: idsOf(values.only),
  };
  const reports = await checkAll(positionals.map(parseTarget), options);
  console.log(values.json === true ? json(reports) : reports.map(table).join('\n'));
  return reports.some(({ rows }) => countOf(rows, 'broken') > 0) ? 1 : 0;
}
