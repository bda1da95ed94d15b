/** Views whose elements lie behind pointers: where the pointers lead. */
import { isEmpty, type Layout, type Levels, makeLayout } from './layout.ts';
import { checkStatus, native, passIndex, passLayout, scratch } from './native.ts';
import type { Root } from './root.ts';
import type { Parts } from './view_copy.ts';

/** The first one of elements: block 0 has the pointers. */
const FIRST_BLOCK = 1;

/** The levels behind the first pointer; null where no other one follows. */
function levelsBehind({ axis, post }: Levels): Levels | null {
  if (post.length === 1) return null;
  return { axis: axis.map((level) => level - 1), post: post.slice(1) };
}

/**
 * A view without elements, and so without pointers to follow: any block will do. Where there
 * is none, or JavaScript took it away, the view stays as it is.
 */
function settleEmpty({ root, info }: Parts): Parts {
  const { shape, strides, itemsize } = info.layout;
  try {
    const part = root.part(FIRST_BLOCK);
    return { root: part, info: info.withLayout(makeLayout(shape, strides, 0, itemsize)) };
  } catch {
    return { root, info };
  }
}

/**
 * Follows the pointers that are the same for all elements: a row of a row-pointer image is a
 * direct view of the block that the row lies in.
 */
export function settle({ root, info }: Parts): Parts {
  let { layout } = info;
  while (layout.levels !== null && !layout.levels.axis.includes(0)) {
    if (isEmpty(layout.shape)) return settleEmpty({ root, info });
    const slot = root.live();
    passLayout(layout);
    const block = checkStatus(native.follow(slot));
    const { shape, strides, itemsize } = layout;
    const levels = levelsBehind(layout.levels);
    layout = makeLayout(shape, strides, scratch[0] as number, itemsize, levels);
    if (levels === null) return { root: root.part(block), info: info.withLayout(layout) };
  }
  return { root, info: info.withLayout(layout) };
}

/** The first element's block and its offset in that; the layout's own where there is none. */
export function firstElement(
  root: Root,
  layout: Layout,
): { readonly part: Root; readonly offset: number } {
  if (layout.levels === null || isEmpty(layout.shape))
    return { part: root, offset: layout.offset };
  const slot = root.live();
  passLayout(layout);
  passIndex(layout.shape.map(() => 0));
  const block = checkStatus(native.locate(slot));
  const offset = scratch[0] as number;
  return { part: root.part(block), offset };
}
