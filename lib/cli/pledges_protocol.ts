/** Promises of the protocol, and of the tables of functions. */
import { ABI, NODE, NotTried, type Pledge } from './promise_types.ts';
import { OPS_SIZE, Struct } from './raw.ts';
import { checkOps } from './rules_fields.ts';
import { FULL_RO, LEVELS, statusName } from './rules_words.ts';
import { collect, externalOf, hasMethod, type Subject } from './subject.ts';

function checkMethod({ source, external, isMemory }: Subject): string[] {
  if (isMemory) throw new NotTried("JavaScript's own memory needs no method");
  if (external !== undefined && external !== null) return [];
  try {
    const found = externalOf(source.value);
    return [`expected the method to return an External, found ${String(found)}`];
  } catch (error) {
    return [`expected the method to return an External, found that it throws: ${error}`];
  }
}

function checkExternal(subject: Subject): string[] {
  if (subject.isMemory) throw new NotTried("JavaScript's own memory has none");
  return subject.exporter !== 0n
    ? []
    : ["expected an External with nbuf's type tag over an exporter, found another value"];
}

/** Externals own a retain each: collecting them must leave the exporter as it was. */
async function checkRepeated(subject: Subject): Promise<string[]> {
  const { source, exporter } = subject;
  for (let k = 0; k < 200; k++) {
    const again = subject.probe.probeOpen(externalOf(source.value));
    if (again === 0n) return [`expected an External again, found none at call ${k + 2}`];
  }
  await collect();
  const ops = subject.opsOf(exporter);
  const problems = checkOps(ops, 'acquire');
  if (problems.length > 0) return [`after 200 Externals were collected: ${problems[0]}`];
  const { status, isGranted, out } = subject.ask(FULL_RO | LEVELS);
  if (!isGranted)
    return [
      `expected a provider after 200 Externals were collected, found ${statusName(status)}`,
    ];
  subject.release(subject.read(out));
  return [];
}

function sameTables(subject: Subject, at: bigint, before: string): string[] {
  const now = Buffer.from(subject.probe.probePeek(at, OPS_SIZE)).toString('hex');
  return now === before
    ? []
    : ['expected an immutable table of functions, found it changed'];
}

function checkExporterOps(subject: Subject): string[] {
  if (subject.isMemory) throw new NotTried("JavaScript's own memory has no exporter");
  return checkOps(subject.ops, 'acquire');
}

function checkConstantOps(subject: Subject): string[] {
  const { exporter, table: ops } = subject;
  const before = Buffer.from(subject.probe.probePeek(ops.address, OPS_SIZE)).toString(
    'hex',
  );
  for (let k = 0; k < 20; k++) subject.release(subject.take());
  const now = new Struct(subject.peek(exporter, 8)).u64(0);
  if (now !== ops.address)
    return ['expected the same exporter->ops, found another table'];
  return sameTables(subject, ops.address, before);
}

function endIfPossible(subject: Subject, provider: bigint): void {
  if (subject.read(provider).fields.structSize < 16) return;
  const ops = subject.opsOf(provider, 8n);
  if (ops !== null && ops.release !== 0n) subject.call('release', provider);
}

function checkGrants(subject: Subject): string[] {
  const { status, isGranted, out } = subject.ask(FULL_RO | LEVELS);
  if (isGranted) {
    endIfPossible(subject, out);
    return [];
  }
  if (status === 0) return ['expected *out to be a provider after NBUF_OK, found none'];
  return [`expected FULL_RO with LEVELS to be granted, found ${statusName(status)}`];
}

function checkProviderOps(subject: Subject): string[] {
  const { status, out, isGranted } = subject.ask(FULL_RO | LEVELS);
  if (!isGranted)
    return [
      `expected a provider again after the first one was released, found ${statusName(status)}`,
    ];
  const size = new Struct(subject.peek(out, 4)).u32(0);
  if (size < 16)
    return [`expected struct_size of at least flags and ops, found ${size} bytes`];
  const ops = subject.opsOf(out, 8n);
  const problems = checkOps(ops, 'unlock_layout');
  if (ops === null || problems.length > 0) return problems;
  const before = Buffer.from(subject.probe.probePeek(ops.address, OPS_SIZE)).toString(
    'hex',
  );
  subject.call('retain', out);
  subject.call('unlock', out);
  subject.call('release', out);
  if (new Struct(subject.peek(out + 8n, 8)).u64(0) !== ops.address)
    return ['expected the same provider->ops while it is held, found another table'];
  const changed = sameTables(subject, ops.address, before);
  subject.call('release', out);
  return changed;
}

const GRANTED = ['acquire.grants', 'ops.provider'];

export const PROTOCOL: readonly Pledge[] = [
  {
    id: 'protocol.method',
    text: "The object has a method at Symbol.for('nbuf.exporter'), own or inherited, that returns an External",
    source: NODE,
    attempt: checkMethod,
  },
  {
    id: 'protocol.external',
    text: "The External has nbuf's type tag and stands for an exporter",
    source: NODE,
    needs: ['protocol.method'],
    attempt: checkExternal,
  },
  {
    id: 'ops.exporter',
    text: 'The exporter has a complete table of functions',
    source: ABI,
    needs: ['protocol.external'],
    attempt: checkExporterOps,
  },
  {
    id: 'acquire.grants',
    text: 'A request for everything (FULL_RO with LEVELS) gives a provider',
    source: ABI,
    needs: ['ops.exporter'],
    attempt: checkGrants,
  },
  {
    id: 'ops.provider',
    text: 'A provider has a complete table of functions, which does not change',
    source: ABI,
    needs: ['acquire.grants'],
    attempt: checkProviderOps,
  },
  {
    id: 'ops.constant',
    text: "The exporter's table of functions does not change",
    source: ABI,
    needs: ['ops.provider'],
    attempt: checkConstantOps,
  },
  {
    id: 'protocol.repeated',
    text: 'The method may be called again and again; each External owns one retain',
    source: NODE,
    needs: GRANTED,
    attempt: (subject) => {
      if (!hasMethod(subject.source.value))
        throw new NotTried("JavaScript's own memory needs no method");
      return checkRepeated(subject);
    },
  },
];
