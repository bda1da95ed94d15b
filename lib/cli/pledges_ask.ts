/** Promises of the protocol, of the tables of functions, and of acquire itself. */
import { ABI, NODE, NotTried, type Pledge } from './promise_types.ts';
import { OPS_SIZE, Struct } from './raw.ts';
import { checkOps } from './rules_fields.ts';
import { FULL_RO, LEVELS, STATUSES, statusName } from './rules_words.ts';
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
    return [`expected a provider after 200 Externals were collected, found ${statusName(status)}`];
  subject.release(subject.read(out));
  return [];
}

function sameTables(subject: Subject, at: bigint, before: string): string[] {
  const now = Buffer.from(subject.probe.probePeek(at, OPS_SIZE)).toString('hex');
  return now === before ? [] : ['expected an immutable table of functions, found it changed'];
}

function checkExporterOps(subject: Subject): string[] {
  if (subject.isMemory) throw new NotTried("JavaScript's own memory has no exporter");
  return checkOps(subject.ops, 'acquire');
}

function checkConstantOps(subject: Subject): string[] {
  const { exporter, table: ops } = subject;
  const before = Buffer.from(subject.probe.probePeek(ops.address, OPS_SIZE)).toString('hex');
  for (let k = 0; k < 20; k++) subject.release(subject.take());
  const now = new Struct(subject.peek(exporter, 8)).u64(0);
  if (now !== ops.address) return ['expected the same exporter->ops, found another table'];
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
  const { out } = subject.ask(FULL_RO | LEVELS);
  const size = new Struct(subject.peek(out, 4)).u32(0);
  if (size < 16)
    return [`expected struct_size of at least flags and ops, found ${size} bytes`];
  const ops = subject.opsOf(out, 8n);
  const problems = checkOps(ops, 'unlock_layout');
  if (ops === null || problems.length > 0) return problems;
  const before = Buffer.from(subject.probe.probePeek(ops.address, OPS_SIZE)).toString('hex');
  subject.call('retain', out);
  subject.call('unlock', out);
  subject.call('release', out);
  if (new Struct(subject.peek(out + 8n, 8)).u64(0) !== ops.address)
    return ['expected the same provider->ops while it is held, found another table'];
  const changed = sameTables(subject, ops.address, before);
  subject.call('release', out);
  return changed;
}

/** A request that every exporter refuses: an unknown bit. */
const REFUSED = 0x8000_0000;
const MESSAGE_AT = 8;
const MESSAGE_END = 256;
const GUARD = 0xa5;

/** An nbuf_error of that size, and what was written into it and behind it. */
function refuse(subject: Subject, size: number): { status: number; bytes: Buffer; out: bigint } {
  const { struct, address } = subject.struct(512);
  const bytes = Buffer.from(struct.view.buffer);
  bytes.fill(GUARD);
  struct.setU32(0, size);
  const { status, out } = subject.ask(REFUSED, { error: address });
  return { status, bytes, out };
}

function checkMessage(bytes: Buffer, status: number): string[] {
  const told = new Struct(new DataView(bytes.buffer, bytes.byteOffset)).i32(4);
  const message = bytes.subarray(MESSAGE_AT, MESSAGE_END);
  const end = message.indexOf(0);
  const problems: string[] = [];
  if (told !== status)
    problems.push(`expected error->status ${statusName(status)}, found ${statusName(told)}`);
  if (end < 1) problems.push(`expected a zero-terminated error->message, found ${end === 0 ? 'an empty one' : 'no end'}`);
  else if (!Buffer.from(message.toString('utf8', 0, end)).equals(message.subarray(0, end)))
    problems.push('expected error->message in UTF-8, found other bytes');
  return problems;
}

function checkRefusal(subject: Subject): string[] {
  const { status, bytes, out } = refuse(subject, 256);
  if (status === 0)
    throw new NotTried('even an unknown flag is granted: see words.unknown');
  if (STATUSES[status] === undefined)
    return [`expected a status of NBUF_STATUS_LIST, found ${status}`];
  const problems = checkMessage(bytes, status);
  if (out !== 0n) problems.unshift('expected *out = NULL after a refusal, found an address');
  return problems;
}

function checkError(subject: Subject): string[] {
  const problems: string[] = [];
  for (const size of [0, 4, 8, 16, 40, 256, 264, 400]) {
    const { bytes } = refuse(subject, size);
    const known = Math.max(size, 4);
    const written = bytes.subarray(known).findIndex((byte) => byte !== GUARD);
    if (written >= 0)
      problems.push(
        `expected nothing behind an nbuf_error of struct_size ${size}, found byte ${known + written} written`,
      );
  }
  for (const word of [REFUSED, FULL_RO | LEVELS]) {
    const { isGranted, out } = subject.ask(word, { error: 0n }); // may crash
    if (isGranted) subject.call('release', out);
  }
  const { struct, address } = subject.struct(512);
  const bytes = Buffer.from(struct.view.buffer).fill(GUARD);
  struct.setU32(0, 256);
  const { isGranted, out } = subject.ask(FULL_RO | LEVELS, { error: address });
  if (isGranted) subject.call('release', out);
  // nbuf_acquire_value clears it first, so as to tell silence from a message.
  if (isGranted && !subject.isMemory && bytes.subarray(4).some((byte) => byte !== GUARD))
    problems.push('expected nbuf_error to be left alone on success, found it written');
  return problems;
}

/** A request whose label must not be looked at, for it lies behind struct_size. */
function requestOf(subject: Subject, size: number, flags: number, label: bigint): bigint {
  const { struct, address } = subject.struct(64);
  Buffer.from(struct.view.buffer).fill(0xff);
  struct.setU32(0, size);
  struct.setU32(4, flags);
  struct.setU64(8, label);
  return address;
}

function checkRequest(subject: Subject): string[] {
  const problems: string[] = [];
  for (const size of [0, 4, 8, 12]) {
    const request = requestOf(subject, size, FULL_RO | LEVELS, 1n);
    const { status, isGranted, out } = subject.ask(0, { request });
    if (isGranted) subject.call('release', out);
    if (isGranted && size < 8)
      problems.push(
        `expected an nbuf_request of struct_size ${size}, without flags, to be refused; found it granted`,
      );
    if (!isGranted && STATUSES[status] === undefined)
      problems.push(`expected a status of NBUF_STATUS_LIST, found ${status}`);
  }
  const request = requestOf(subject, 64, FULL_RO | LEVELS, 0n);
  const { status, isGranted, out } = subject.ask(0, { request });
  if (isGranted) subject.call('release', out);
  else
    problems.push(
      `expected a longer nbuf_request (of a newer header) to be granted, found ${statusName(status)}`,
    );
  return problems;
}

/** Request and label on pages that are taken away as soon as acquire has returned. */
function checkLabel(subject: Subject): string[] {
  const { probe } = subject;
  const page = Buffer.from(subject.struct(4096).struct.view.buffer);
  // Longer than what is kept, with a character across the limit of 63 bytes.
  page.write(`nbuf check ${'é'.repeat(40)}`);
  const label = probe.probePage(page.buffer as ArrayBuffer);
  const { struct } = subject.struct(4096);
  struct.setU32(0, 16);
  struct.setU32(4, FULL_RO | LEVELS);
  struct.setU64(8, label);
  const request = probe.probePage(struct.view.buffer as ArrayBuffer);
  if (label === 0n || request === 0n)
    throw new NotTried('the system gave no memory for it');
  const { status, isGranted, out } = subject.ask(0, { request });
  probe.probeSeal(label);
  probe.probeSeal(request);
  if (!isGranted)
    return [`expected a request with a label to be granted, found ${statusName(status)}`];
  const others = [0, 1].map(() => subject.take());
  subject.call('unlock', out);
  subject.call('release', out);
  subject.release(...others);
  return [];
}

const GRANTED = ['acquire.grants', 'ops.provider'];

export const ASKING: readonly Pledge[] = [
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
    id: 'acquire.refusal',
    text: 'A refusal has a known status, sets *out to NULL and fills the error',
    source: ABI,
    needs: ['acquire.grants'],
    attempt: checkRefusal,
  },
  {
    id: 'acquire.error',
    text: "The error may be NULL; nothing is written behind its struct_size, nor on success",
    source: ABI,
    needs: GRANTED,
    attempt: checkError,
  },
  {
    id: 'acquire.request',
    text: 'A request of any struct_size is understood or refused, and read no further',
    source: ABI,
    needs: GRANTED,
    attempt: checkRequest,
  },
  {
    id: 'acquire.label',
    text: 'Request and label are borrowed for the call only',
    source: ABI,
    needs: GRANTED,
    attempt: checkLabel,
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
