/** What is to be done last when JavaScript ends: after all handlers of the 'exit' event. */

/** On the handler of each copy of nbuf: they leave each other's where they are. */
const mark: unique symbol = Symbol.for('nbuf.exit') as never;

/** Told whether other handlers come later; then they were added after the last microtask. */
type Job = (isLast: boolean) => void;
const jobs: Job[] = [];

function runJobs(): void {
  const { _exiting } = process as { _exiting?: unknown };
  const handlers = process.rawListeners('exit');
  const later = handlers.slice(handlers.indexOf(runJobs) + 1);
  if (_exiting !== true) return; // somebody's emit('exit')
  const isLast = later.every((handler) => mark in handler);
  for (const job of jobs) job(isLast);
}

/** Handlers that come later go before ours. Copies of nbuf would take turns for ever. */
function stayLast(event: string | symbol, handler: object): void {
  if (event === 'exit' && !(mark in handler))
    queueMicrotask(() => process.off('exit', runJobs).on('exit', runJobs));
}

/**
 * Runs `job` at the end of this thread's JavaScript, behind the jobs that were given before, or with
 * `first` before them. It must not throw.
 */
export function atExit(job: Job, first = false): void {
  if (jobs.length === 0) {
    Object.defineProperty(runJobs, mark, { value: true });
    process.on('exit', runJobs);
    process.on('newListener', stayLast);
  }
  if (first) jobs.unshift(job);
  else jobs.push(job);
}
