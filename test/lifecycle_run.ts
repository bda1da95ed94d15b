/** Runs one program of test/lifecycle in a process of its own. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

export type Outcome = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
};

const LIMIT = 900_000;

/** Addresses that AddressSanitizer keeps from being used again count as resident memory. */
function environment(): NodeJS.ProcessEnv {
  const { ASAN_OPTIONS: asan, ...env } = process.env;
  delete env.NODE_OPTIONS; // vitest's are not for other versions
  if (asan === undefined) return env;
  return { ...env, ASAN_OPTIONS: `${asan}:quarantine_size_mb=8` };
}

let running = 0;
const waiting: (() => void)[] = [];

async function take(): Promise<void> {
  if (running >= availableParallelism())
    await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
}

function give(): void {
  running--;
  waiting.shift()?.();
}

function start(program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['--expose-gc', ...args], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output += text;
      });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
}

/** Its end; as many at a time as there are processors. */
export async function run(program: string, args: readonly string[]): Promise<Outcome> {
  await take();
  try {
    return await start(program, args);
  } finally {
    give();
  }
}
