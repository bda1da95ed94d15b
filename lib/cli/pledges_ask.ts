/** Promises of acquire itself: what it makes of requests and errors. */
import { ABI, NotTried, type Pledge } from './promise_types.ts';
import { Struct } from './raw.ts';
import { FULL_RO, LEVELS, STATUSES, statusName } from './rules_words.ts';
import type { Subject } from './subject.ts';

/** A request that every exporter refuses: an unknown bit. */
const REFUSED = 0x8000_0000;
const MESSAGE_AT = 8;
const MESSAGE_END = 256;
const GUARD = 0xa5;

/** An nbuf_error of that size, and what was written into it and behind it. */
function refuse(
  subject: Subject,
  size: number,
): { status: number; bytes: Buffer; out: bigint } {
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
    problems.push(
      `expected error->status ${statusName(status)}, found ${statusName(told)}`,
    );
  if (end < 1)
    problems.push(
      `expected a zero-terminated error->message, found ${end === 0 ? 'an empty one' : 'no end'}`,
    );
  else if (
    !Buffer.from(message.toString('utf8', 0, end)).equals(message.subarray(0, end))
  )
    problems.push('expected error->message in UTF-8, found other bytes');
  return problems;
}

/** A refusal takes nothing: no lock, and no reference of the exporter's. */
function checkAfterwards(subject: Subject): string[] {
  const { exporter, ops } = subject;
  for (let k = 0; k < 20; k++) refuse(subject, 256);
  if (ops !== null && new Struct(subject.peek(exporter, 8)).u64(0) !== ops.address)
    return ['expected the exporter to live on after 20 refusals, found it gone'];
  const { status, isGranted, out } = subject.ask(FULL_RO | LEVELS);
  if (!isGranted)
    return [`expected a provider after refusals, found ${statusName(status)}`];
  subject.call('release', out);
  return [];
}

function checkRefusal(subject: Subject): string[] {
  const { status, bytes, out } = refuse(subject, 256);
  if (status === 0)
    throw new NotTried('even an unknown flag is granted: see words.unknown');
  if (STATUSES[status] === undefined)
    return [`expected a status of NBUF_STATUS_LIST, found ${status}`];
  const problems = [...checkMessage(bytes, status), ...checkAfterwards(subject)];
  if (out !== 0n)
    problems.unshift('expected *out = NULL after a refusal, found an address');
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
    id: 'acquire.refusal',
    text: 'A refusal has a known status, sets *out to NULL and fills the error',
    source: ABI,
    needs: GRANTED,
    attempt: checkRefusal,
  },
  {
    id: 'acquire.error',
    text: 'The error may be NULL; nothing is written behind its struct_size, nor on success',
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
];
