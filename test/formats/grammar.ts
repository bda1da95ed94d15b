/** Random format strings: the whole grammar, and strings that are nearly in it. */
import type { Random } from '../random.ts';

const ORDERS = ['@', '^', '=', '<', '>', '!'];
const BLANKS = [' ', '\t', '\n', '\v', '\f', '\r'];
const LETTERS = [...'xcbB?hHiIlLqQefdgspuwPOt', 'Ze', 'Zf', 'Zd', 'Zg'];
const BRACKETS = ['[ml_dtypes$bfloat16]', '[x$float8_e5m2]', '[a.b$float8_e4m3b11fnuz]'];
const NAMES = [
  ...'abcdefgh',
  'a',
  'f0',
  'f1',
  'T{',
  '}',
  ' ',
  '<i',
  '__proto__',
  'é',
  '😀',
];
/** What the grammar is made of, and a few characters that are not in it. */
const ALPHABET = [
  ...'@^=<>! \t()0129,:TX{}&Zt$[]xbhilqnNsuwegdPO',
  ':a:',
  'T{',
  'y',
  '\0',
  'é',
];

type State = { readonly random: Random; left: number };

function some(random: Random, probability: number, make: () => string): string {
  return random.chance(probability) ? make() : '';
}

function between(random: Random): string {
  const order = some(random, 0.2, () => random.pick(ORDERS));
  const blanks = some(random, 0.1, () => random.pick(BLANKS));
  return random.chance(0.5) ? order + blanks : blanks + order;
}

function extent(random: Random): string {
  const plain = random.pick(['0', '1', '2', '2', '3', '5', '10', '003']);
  if (!random.chance(0.01)) return plain;
  return random.pick([
    '2147483648',
    '1099511627776',
    '9007199254740991',
    '9007199254740992',
  ]);
}

function shape(random: Random): string {
  const blank = (): string => some(random, 0.05, () => random.pick(BLANKS));
  const extents = Array.from({ length: random.int(1, 3) }, () => extent(random));
  return `(${extents.map((text) => blank() + text + blank()).join(',')})`;
}

function signature(random: Random): string {
  return random.pick(['X{}', 'X{i}', 'X{T{d:x:}->:i}', 'X{{}{}}', 'X{:}']);
}

function body(state: State, depth: number): string {
  const { random } = state;
  const kind = random.int(0, 99);
  if (kind < 20 && depth < 6) return `T{${list(state, depth + 1)}}`;
  if (kind < 24) return `&${between(random)}${item(state, depth + 1)}`;
  if (kind < 27) return signature(random);
  if (kind < 31) return random.pick(BRACKETS);
  if (kind < 37) return 't';
  if (kind < 39) return random.pick(['n', 'N']);
  return random.pick(LETTERS);
}

function item(state: State, depth: number): string {
  const { random } = state;
  state.left--;
  const head = some(random, 0.12, () => shape(random)) + between(random);
  const count = some(random, 0.2, () => extent(random));
  const inner = body(state, depth);
  // A pointer's target has taken the name.
  const isNamed = !inner.startsWith('&') && random.chance(depth === 0 ? 0.3 : 0.5);
  const name = isNamed ? `:${random.pick(NAMES)}${random.int(0, 99)}:` : '';
  return head + count + inner + (random.chance(0.02) ? `:${random.pick(NAMES)}:` : name);
}

function list(state: State, depth: number): string {
  const { random } = state;
  let text = between(random);
  for (let length = random.pick([0, 1, 1, 2, 3, 4, 6]); length > 0; length--) {
    if (state.left <= 0) break;
    text += item(state, depth) + between(random);
  }
  return text;
}

/** Mostly a valid format; refused are doubled names and sizes that are too large. */
export function randomFormat(random: Random): string {
  return list({ random, left: random.pick([3, 10, 30]) }, 0);
}

/** The same with one to three small mistakes; a few of them are none. */
export function spoil(random: Random, text: string): string {
  const letters = [...text];
  for (let left = random.pick([1, 1, 2, 3]); left > 0; left--) {
    const at = random.int(0, letters.length);
    const taken = random.chance(0.5) ? random.int(1, 2) : 0;
    const put = random.chance(0.7) ? [random.pick(ALPHABET)] : [];
    letters.splice(at, taken, ...put);
  }
  return random.chance(0.1)
    ? letters.slice(0, random.int(0, letters.length)).join('')
    : letters.join('');
}
