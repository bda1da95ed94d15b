#!/usr/bin/env node
/** The `nbuf` command. */
import { check } from './check.ts';
import { UsageError } from './target.ts';

export { child } from './child.ts';
export { inWorker } from './worker.ts';

/** What a subcommand gets: its arguments, and this file. Returns the exit code. */
type Command = {
  readonly text: string;
  readonly run: (args: readonly string[], cli: string) => Promise<number>;
};

const COMMANDS: Readonly<Record<string, Command>> = {
  check: { text: 'tries an exporter as a strict consumer would', run: check },
};

function usage(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { text }]) => `  ${name.padEnd(8)}${text}`,
  );
  return `Usage: nbuf <command> [arguments]\n\n${lines.join('\n')}\n\nnbuf <command> --help says more.\n`;
}

/** Runs the command line; what cannot be tried is told on stderr, with exit code 2. */
export async function main(args: readonly string[], cli: string): Promise<number> {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const isHelp = /^(-h|--help|help)$/.test(name);
    process[isHelp ? 'stdout' : 'stderr'].write(usage());
    return isHelp ? 0 : 2;
  }
  try {
    return await command.run(rest, cli);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`nbuf ${name}: ${error.message}`);
    return 2;
  }
}

// Only the CommonJS bundle is ever run; the processes that it starts require it.
if (typeof require !== 'undefined' && require.main === module)
  main(process.argv.slice(2), __filename).then((code) => {
    process.exitCode = code;
  });
