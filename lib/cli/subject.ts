/** The exporter that is tried: asked by its raw functions, never through nbuf's own acquire. */
import { Answers } from './answers.ts';
import { NotTried } from './promise_types.ts';
import {
  type Ops,
  type Peek,
  type Probe,
  readOps,
  readSnapshot,
  type Snapshot,
  Struct,
} from './raw.ts';
import { checkOps } from './rules_fields.ts';
import { type Facts, FULL_RO, factsOf, LEVELS, statusName } from './rules_words.ts';

const EXPORTER: unique symbol = Symbol.for('nbuf.exporter') as never;

/** Where the exporter comes from. */
export type Source = {
  /** The exporter's JavaScript object, or memory of JavaScript's. */
  readonly value: unknown;
  /** Makes another one like it; null where the module has this one only. */
  readonly make: (() => Promise<unknown>) | null;
};

export type Asked = {
  readonly status: number;
  /** The provider's address, or whatever was left in *out. */
  readonly out: bigint;
  /** Success, and *out was set to something. */
  readonly isGranted: boolean;
};

/** What is passed to acquire beside the flags. */
export type AskOptions = {
  /** An address of an nbuf_request; else one is made of the flags. */
  readonly request?: bigint;
  /** An address of an nbuf_error; 0n: NULL. Default: one of this object's. */
  readonly error?: bigint;
};

/** What *out is before the call: nothing that a pointer could be. */
const UNTOUCHED = 0xa5a5_a5a5_a5a5_a5a5n;

export function hasMethod(value: unknown): boolean {
  const isObject =
    (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && typeof (value as Record<symbol, unknown>)[EXPORTER] === 'function';
}

/** Calls the protocol's method. */
export function externalOf(value: unknown): unknown {
  return (value as Record<symbol, () => unknown>)[EXPORTER]?.();
}

/** Lets finalizers run: one turn of the event loop for each collection. */
export async function collect(turns = 3): Promise<void> {
  for (let k = 0; k < turns; k++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export class Subject {
  readonly probe: Probe;
  readonly source: Source;
  readonly peek: Peek;
  /** The exporter's address; 0n of JavaScript's own memory. */
  readonly exporter: bigint = 0n;
  readonly ops: Ops | null = null;
  /** Owns the retain that keeps it. */
  readonly external: unknown;
  readonly answers: Answers;
  #whole: Snapshot | null = null;
  readonly #kept: ArrayBuffer[] = [];
  readonly #request: Struct;
  readonly #out: Struct;
  readonly #addresses: Readonly<Record<'request' | 'out' | 'error', bigint>>;
  /** A provider of it was left alive. */
  hasLeft = false;

  constructor(probe: Probe, source: Source) {
    this.probe = probe;
    this.source = source;
    this.peek = (address, bytes) => new DataView(probe.probePeek(address, bytes));
    const [request, out, error] = [this.struct(16), this.struct(8), this.struct(512)];
    this.#request = request.struct;
    this.#out = out.struct;
    error.struct.setU32(0, 256);
    this.#addresses = {
      request: request.address,
      out: out.address,
      error: error.address,
    };
    this.answers = new Answers(this);
    if (!hasMethod(source.value)) return;
    try {
      this.external = externalOf(source.value);
    } catch {
      return; // protocol.method says so
    }
    this.exporter = probe.probeOpen(this.external);
    if (this.exporter !== 0n) this.ops = this.opsOf(this.exporter);
  }

  /** Another exporter like this one. */
  async another(): Promise<Subject> {
    const { make } = this.source;
    if (make === null) throw new NotTried('the module makes no other exporter');
    return new Subject(this.probe, { value: await make(), make });
  }

  /** JavaScript's memory: nbuf_acquire_value knows how to ask for it. */
  get isMemory(): boolean {
    return !hasMethod(this.source.value);
  }

  /** The table that any struct of a peer begins with, or has at this offset. */
  opsOf(address: bigint, offset = 0n): Ops | null {
    return readOps(this.peek, new Struct(this.peek(address + offset, 8)).u64(0));
  }

  /** Zeroed bytes that stay where they are until the process ends. */
  struct(bytes: number): { struct: Struct; address: bigint } {
    const buffer = new ArrayBuffer(bytes);
    this.#kept.push(buffer);
    return {
      struct: new Struct(new DataView(buffer)),
      address: this.probe.probeLocate(buffer),
    };
  }

  /** The exporter's table, or NotTried. */
  get table(): Ops {
    if (this.isMemory)
      throw new NotTried("JavaScript's own memory: no exporter stands behind it");
    if (this.ops === null || checkOps(this.ops, 'acquire').length > 0)
      throw new NotTried("the exporter's functions cannot be called: see ops.exporter");
    return this.ops;
  }

  ask(word: number, options: AskOptions = {}): Asked {
    this.#request.setU32(0, 16);
    this.#request.setU32(4, word);
    this.#request.setU64(8, 0n);
    this.#out.setU64(0, UNTOUCHED);
    const request = options.request ?? this.#addresses.request;
    const { out } = this.#addresses;
    const error = options.error ?? this.#addresses.error;
    const status = this.isMemory
      ? this.probe.probeAskValue(this.source.value, request, out, error)
      : this.probe.probeAsk(this.table.last, this.exporter, request, out, error);
    const found = this.#out.u64(0);
    const isGranted = status === 0 && found !== 0n && found !== UNTOUCHED;
    return { status, out: found, isGranted };
  }

  /** A provider that is known to be good, or NotTried. */
  take(word: number = FULL_RO | LEVELS, options: AskOptions = {}): Snapshot {
    const { status, out, isGranted } = this.ask(word, options);
    if (!isGranted) throw new NotTried(`acquire gave no provider: ${statusName(status)}`);
    return this.read(out);
  }

  read(provider: bigint): Snapshot {
    return readSnapshot(this.peek, provider);
  }

  /** Calls retain, release or unlock_layout, on that many threads at once (0: on this one). */
  call(
    name: 'retain' | 'release' | 'unlock',
    provider: bigint,
    times = 1,
    threads = 0,
  ): void {
    const ops = this.opsOf(provider, 8n);
    if (ops === null) throw new NotTried("the provider's functions cannot be called");
    const address = name === 'unlock' ? ops.last : ops[name];
    if (this.probe.probeCall(address, provider, times, threads) === 0)
      throw new NotTried('the system has no more threads');
  }

  release(...snapshots: readonly Snapshot[]): void {
    for (const { fields } of snapshots) this.call('release', fields.address);
  }

  /** What FULL_RO with LEVELS gives; taken and released once. */
  get whole(): Snapshot {
    if (this.#whole === null) {
      this.#whole = this.take();
      this.release(this.#whole);
    }
    return this.#whole;
  }

  get facts(): Facts {
    return factsOf(this.whole);
  }
}
