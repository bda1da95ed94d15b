/** A reader for the Python literals in .npy headers: no floats, bytes, sets or comments. */

import { BufferError } from './errors.ts';

export type PyTuple = { readonly tuple: readonly PyLiteral[] };
export type PyDict = ReadonlyMap<string, PyLiteral>;
export type PyLiteral =
  | string
  | number
  | boolean
  | null
  | readonly PyLiteral[]
  | PyTuple
  | PyDict;

export function isTuple(value: PyLiteral | undefined): value is PyTuple {
  return typeof value === 'object' && value !== null && 'tuple' in value;
}

/** Records nest in two brackets each; formats in at most 64 (native/core/format.h). */
const MAX_DEPTH = 132;

type Reader = { readonly text: string; at: number; depth: number };

function failure(reader: Reader, expected: string): BufferError {
  const found =
    reader.at < reader.text.length
      ? JSON.stringify(reader.text.slice(reader.at, reader.at + 12))
      : 'its end';
  return new BufferError(
    'ERR_NBUF_FORMAT',
    `npy header, character ${reader.at}: expected ${expected}, found ${found}`,
  );
}

const BLANKS = /[ \t\r\n\f]*/y;

function skipBlanks(reader: Reader): void {
  BLANKS.lastIndex = reader.at;
  reader.at += BLANKS.exec(reader.text)?.[0].length ?? 0;
}

/** Steps over `token` and the blanks before it, if it is there. */
function accept(reader: Reader, token: string): boolean {
  skipBlanks(reader);
  if (!reader.text.startsWith(token, reader.at)) return false;
  reader.at += token.length;
  return true;
}

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['\n', ''],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

const CODE_ESCAPE = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})/y;

function readCodeEscape(reader: Reader): string {
  CODE_ESCAPE.lastIndex = reader.at;
  const match = CODE_ESCAPE.exec(reader.text);
  const hex = match?.[1] ?? match?.[2] ?? match?.[3];
  const code = match === null ? -1 : parseInt(hex ?? match[4] ?? '', hex ? 16 : 8);
  if (match === null || code > 0x10ffff) throw failure(reader, 'a known escape');
  reader.at += match[0].length;
  return String.fromCodePoint(code);
}

function readEscape(reader: Reader): string {
  const simple = SIMPLE_ESCAPES.get(reader.text.charAt(reader.at));
  if (simple === undefined) return readCodeEscape(reader);
  reader.at++;
  return simple;
}

function readString(reader: Reader, quote: string): string {
  let value = '';
  for (;;) {
    const char = reader.text.charAt(reader.at);
    if (char === '' || char === '\n') throw failure(reader, `a closing ${quote}`);
    reader.at++;
    if (char === quote) return value;
    value += char === '\\' ? readEscape(reader) : char;
  }
}

/** Items up to `close`, a comma behind each but the last; also whether a comma came last. */
function readItems<Item>(
  reader: Reader,
  close: string,
  readItem: (reader: Reader) => Item,
): { items: Item[]; endsWithComma: boolean } {
  const items: Item[] = [];
  let endsWithComma = false;
  if (++reader.depth > MAX_DEPTH)
    throw failure(reader, `at most ${MAX_DEPTH} nested brackets`);
  while (!accept(reader, close)) {
    if (items.length > 0 && !endsWithComma) throw failure(reader, `',' or '${close}'`);
    items.push(readItem(reader));
    endsWithComma = accept(reader, ',');
  }
  reader.depth--;
  return { items, endsWithComma };
}

/** `(1)` is 1, `(1,)` a tuple. */
function readParentheses(reader: Reader): PyLiteral {
  const { items, endsWithComma } = readItems(reader, ')', readLiteral);
  const only = items[0];
  return items.length === 1 && !endsWithComma && only !== undefined
    ? only
    : { tuple: items };
}

function readEntry(reader: Reader): [string, PyLiteral] {
  const key = readLiteral(reader);
  if (typeof key !== 'string') throw failure(reader, 'a string before this as key');
  if (!accept(reader, ':')) throw failure(reader, "':'");
  return [key, readLiteral(reader)];
}

function readDict(reader: Reader): PyDict {
  const { items } = readItems(reader, '}', readEntry);
  const dict = new Map(items);
  if (dict.size !== items.length) throw failure(reader, 'each key of the dict once');
  return dict;
}

const WORDS: readonly (readonly [string, PyLiteral])[] = [
  ['True', true],
  ['False', false],
  ['None', null],
];

/** An integer, with the L that Python 2 wrote; precise up to 2^53, which callers check. */
const INTEGER = /[+-]?\d{1,40}[lL]?(?![\w.])/y;

function readAtom(reader: Reader): PyLiteral {
  for (const [word, value] of WORDS) if (accept(reader, word)) return value;
  INTEGER.lastIndex = reader.at;
  const match = INTEGER.exec(reader.text);
  if (match === null)
    throw failure(reader, 'a string, integer, tuple, list, dict, True, False or None');
  reader.at += match[0].length;
  return parseInt(match[0], 10) + 0;
}

function readLiteral(reader: Reader): PyLiteral {
  if (accept(reader, '{')) return readDict(reader);
  if (accept(reader, '(')) return readParentheses(reader);
  if (accept(reader, '[')) return readItems(reader, ']', readLiteral).items;
  // Python 2 wrote u'...' for names that were unicode.
  if (accept(reader, "'") || accept(reader, "u'")) return readString(reader, "'");
  if (accept(reader, '"') || accept(reader, 'u"')) return readString(reader, '"');
  return readAtom(reader);
}

/** The one literal that `text` holds, blanks around it allowed; else FORMAT. */
export function parsePythonLiteral(text: string): PyLiteral {
  const reader: Reader = { text, at: 0, depth: 0 };
  const value = readLiteral(reader);
  skipBlanks(reader);
  if (reader.at < text.length) throw failure(reader, 'nothing behind the literal');
  return value;
}
