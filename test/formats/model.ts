/**
 * The grammar of format strings once more, slow and obvious: one character at a time, sizes
 * as bigints, offsets added up item by item. Knows nothing of exporters' itemsizes.
 */
import { endianness } from 'node:os';
import type { FormatTree } from '../../lib/format_tree.ts';
import { capped, type Draft, type List, place, refuse } from './model_place.ts';

type Order = '@' | '^' | '=' | '<' | '>' | '!';

/** Bytes in native order, how they are aligned there, bytes in standard order (0: none). */
const SIZES: Readonly<Record<string, readonly [number, number, number]>> = {
  x: [1, 1, 1],
  c: [1, 1, 1],
  b: [1, 1, 1],
  B: [1, 1, 1],
  '?': [1, 1, 1],
  s: [1, 1, 1],
  p: [1, 1, 1],
  t: [1, 1, 1],
  h: [2, 2, 2],
  H: [2, 2, 2],
  i: [4, 4, 4],
  I: [4, 4, 4],
  l: [8, 8, 4],
  L: [8, 8, 4],
  q: [8, 8, 8],
  Q: [8, 8, 8],
  n: [8, 8, 0],
  N: [8, 8, 0],
  e: [2, 2, 2],
  f: [4, 4, 4],
  d: [8, 8, 8],
  g: [16, 16, 16],
  u: [2, 2, 2],
  w: [4, 4, 4],
  P: [8, 8, 8],
  O: [8, 8, 8],
  '&': [8, 8, 8],
  X: [8, 8, 8],
};

const BRACKETS: Readonly<Record<string, number>> = {
  bfloat16: 2,
  float8_e3m4: 1,
  float8_e4m3: 1,
  float8_e4m3b11fnuz: 1,
  float8_e4m3fn: 1,
  float8_e4m3fnuz: 1,
  float8_e5m2: 1,
  float8_e5m2fnuz: 1,
  float8_e8m0fnu: 1,
};

const MAX_DEPTH = 64;
const MAX_EXTENTS = 64;

/** Model and table are of machines like x86-64 Linux. */
export const isModelled: boolean =
  endianness() === 'LE' && process.platform === 'linux' && process.arch === 'x64';

class Reader {
  readonly #text: string;
  #at = 0;
  #order: Order = '@';
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get #next(): string {
    return this.#text[this.#at] ?? '';
  }

  #take(): string {
    return this.#text[this.#at++] ?? refuse('the end');
  }

  whole(): List {
    return place(this.#drafts(''), true);
  }

  #between(): void {
    for (;;) {
      const c = this.#next;
      if ('@^=<>!'.includes(c) && c !== '') this.#order = c as Order;
      else if (!/^[ \t\n\v\f\r]$/.test(c)) return;
      this.#at++;
    }
  }

  #drafts(close: string): Draft[] {
    const drafts: Draft[] = [];
    for (;;) {
      this.#between();
      if (this.#next === close) return drafts;
      drafts.push(this.#item());
    }
  }

  #number(): bigint {
    let digits = '';
    while (/^[0-9]$/.test(this.#next)) digits += this.#take();
    return digits === '' ? refuse('no number') : capped(BigInt(digits));
  }

  #blanks(): void {
    while (/^[ \t\n\v\f\r]$/.test(this.#next)) this.#at++;
  }

  #shape(): bigint[] {
    const extents: bigint[] = [];
    let c = this.#next === '(' ? this.#take() : ')';
    while (c !== ')') {
      this.#blanks();
      extents.push(this.#number());
      this.#blanks();
      c = this.#take();
      if (c !== ',' && c !== ')') refuse('neither , nor )');
    }
    return extents;
  }

  #item(): Draft {
    const extents = this.#shape();
    const hasShape = extents.length > 0;
    this.#between();
    const count = /^[0-9]$/.test(this.#next) ? this.#number() : 1n;
    const draft: Draft = { ...this.#body(), extents, hasShape, count };
    if (!'spuwxt'.includes(draft.type)) {
      if (count !== 1n) extents.push(count);
      draft.count = 1n;
    }
    if (extents.length > MAX_EXTENTS) refuse('too many extents');
    if (draft.name === null && this.#next === ':') draft.name = this.#name();
    return draft;
  }

  #name(): string {
    const end = this.#text.indexOf(':', this.#at + 1);
    if (end < 0) refuse('a name without an end');
    const name = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return name === '' ? refuse('an empty name') : name;
  }

  #body(): Draft {
    const c = this.#next;
    if (c === 'T') return this.#record();
    if (c === '[') return this.#bracket();
    const isComplex = c === 'Z';
    if (isComplex) this.#at++;
    const letter = this.#take();
    if (isComplex && !'efdg'.includes(letter)) refuse('Z of what?');
    const draft = this.#leaf(letter);
    if (isComplex) draft.type = `Z${letter}`;
    if (letter === '&') this.#target(draft);
    if (letter === 'X') this.#signature();
    return draft;
  }

  #leaf(letter: string): Draft {
    const sizes = SIZES[letter] ?? refuse('no type');
    const unit = '@^'.includes(this.#order) ? sizes[0] : sizes[2];
    if (unit === 0) refuse('native only');
    return this.#draft(letter, unit, sizes[1]);
  }

  #draft(type: string, unit: number, align: number): Draft {
    const isBig = '>!'.includes(this.#order);
    return {
      type,
      name: null,
      extents: [],
      hasShape: false,
      count: 1n,
      unit,
      align: this.#order === '@' ? align : 1,
      byteOrder: unit === 1 ? null : isBig ? 'big' : 'little',
      inner: null,
    };
  }

  #bracket(): Draft {
    const [word, name = ''] =
      /^\[[A-Za-z0-9_.]+\$([A-Za-z0-9_.]+)\]/.exec(this.#text.slice(this.#at)) ??
      refuse('no bracket type');
    const size = Object.hasOwn(BRACKETS, name) ? (BRACKETS[name] as number) : 0;
    if (size === 0) refuse('an unknown bracket type');
    this.#at += word.length;
    return this.#draft(word, size, size);
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) refuse('too deep');
  }

  #record(): Draft {
    this.#at++;
    this.#enter();
    if (this.#take() !== '{') refuse('T without {');
    const inner = place(this.#drafts('}'), true);
    this.#at++;
    this.#depth--;
    // The order in force at the brace decides, as in NumPy.
    const draft = this.#draft('T', 1, inner.align);
    return { ...draft, byteOrder: null, inner };
  }

  #target(draft: Draft): void {
    this.#enter();
    this.#between();
    const target = this.#item();
    this.#depth--;
    draft.name = target.name;
    draft.inner = place([{ ...target, name: null }], false);
  }

  #signature(): void {
    let open = 0;
    if (this.#next !== '{') refuse('X without {');
    do {
      const c = this.#take();
      open += c === '{' ? 1 : c === '}' ? -1 : 0;
    } while (open > 0);
  }
}

/** The tree of a text without an itemsize; throws Refused. */
export function modelTree(text: string): FormatTree {
  if (text.includes('\0')) refuse('NUL ends texts in C');
  const { items, size, tight, align } = new Reader(text).whole();
  return { items, size: Number(tight), itemsize: Number(size), align };
}
