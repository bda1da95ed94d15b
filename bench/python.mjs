// The CPython and NumPy peers: one Python process, asked for one figure at a time, so that
// its rounds alternate with ours.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The system's Python, which has NumPy where Debian's python3-numpy is installed. */
export const pythonPath = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/**
 * Starts the worker. `ask(peer, {...})` resolves to the figure of that function of peers.py;
 * `stop()` ends the process.
 */
export function startPython() {
  const script = fileURLToPath(new URL('peers.py', import.meta.url));
  const child = spawn(pythonPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  let broken = null;
  const fail = (error) => {
    broken = error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  child.on('error', fail);
  child.on('exit', (code) =>
    fail(new Error(`${pythonPath} ended with exit code ${code}; see its message above`)),
  );
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { figure, error } = JSON.parse(line);
    const { resolve, reject } = waiting.shift();
    if (error === undefined) resolve(figure);
    else reject(new Error(`peers.py: ${error}`));
  });
  return {
    ask: (peer, parameters = {}) =>
      new Promise((resolve, reject) => {
        if (broken !== null) return reject(broken);
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify({ peer, ...parameters })}\n`);
      }),
    stop: () => child.stdin.end(),
  };
}
