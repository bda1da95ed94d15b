/** Where the items of a list lie: model.ts reads them. */
import type { FormatItem } from '../../lib/format_tree.ts';

const LIMIT = 2n ** 53n - 1n;
export class Refused extends Error {}

export function refuse(why: string): never {
  throw new Refused(why);
}

/** At most what a JavaScript number holds. */
export function capped(size: bigint): bigint {
  return size > LIMIT ? refuse('too large') : size;
}

function roundUp(size: bigint, align: number): bigint {
  const step = BigInt(align);
  return capped(((size + step - 1n) / step) * step);
}

/** An item before it has a place. */
export type Draft = {
  type: string;
  name: string | null;
  extents: bigint[];
  hasShape: boolean;
  count: bigint;
  unit: number;
  align: number;
  byteOrder: FormatItem['byteOrder'];
  inner: List | null;
};

export type List = {
  readonly items: FormatItem[];
  readonly align: number;
  /** To the end of the last item; the same without a last record's trailing padding. */
  readonly size: bigint;
  readonly tight: bigint;
};

/** Bits are collected until another item comes. */
export function place(drafts: readonly Draft[], isList: boolean): List {
  const names = drafts.flatMap(({ name }) => (name === null ? [] : [name]));
  if (new Set(names).size < names.length) refuse('a name twice');
  const isNamed = isList && names.length > 0;
  const items: FormatItem[] = [];
  let size = 0n;
  let tight = 0n;
  let bits = 0n;
  let align = 1;
  const closeBits = (): void => {
    if (bits > 0n) tight = size = capped(size + (bits + 7n) / 8n);
    bits = 0n;
  };
  for (const draft of drafts) {
    const repeat = repeatOf(draft);
    if (draft.type === 't') {
      items.push(itemOf(draft, size + bits / 8n, Number(bits % 8n), isNamed));
      bits = capped(bits + capped(draft.count * repeat));
      continue;
    }
    closeBits();
    align = Math.max(align, draft.align);
    const offset = roundUp(size, draft.align);
    const item = itemOf(draft, offset, 0, isNamed);
    // A pointer's target stays, even when it is x.
    if (draft.type !== 'x' || draft.name !== null || !isList) items.push(item);
    size = capped(offset + capped(BigInt(item.itemsize) * repeat));
    tight = size;
    if (draft.type === 'T' && repeat > 0n)
      tight -= BigInt(item.itemsize) - (draft.inner as List).tight;
  }
  closeBits();
  return { items, align, size, tight };
}

/** A 0 among the extents does not hide that the others are too large. */
function repeatOf({ extents }: Draft): bigint {
  const product = extents.reduce((all, extent) => capped(all * (extent || 1n)), 1n);
  return extents.includes(0n) ? 0n : product;
}

function sizeOf(draft: Draft, bit: number): bigint {
  if (draft.type === 't') return (BigInt(bit) + draft.count + 7n) / 8n;
  if (draft.type === 'T') return roundUp((draft.inner as List).size, draft.align);
  const parts = draft.type.startsWith('Z') ? 2n : 1n;
  return capped(BigInt(draft.unit) * parts * draft.count);
}

function itemOf(draft: Draft, offset: bigint, bit: number, isNamed: boolean): FormatItem {
  const itemsize = Number(sizeOf(draft, bit));
  return {
    type: draft.type,
    name: draft.name,
    offset: Number(offset),
    shape: draft.extents.map(Number),
    spread: draft.extents.length > 0 && !draft.hasShape && !isNamed,
    itemsize,
    unit: draft.type === 'T' ? itemsize : draft.unit,
    count: Number(draft.count),
    align: draft.align,
    byteOrder: draft.byteOrder,
    bit,
    items: draft.inner?.items ?? null,
  };
}
