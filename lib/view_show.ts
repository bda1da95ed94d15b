/** `util.inspect` of views and providers, shortened as NumPy prints arrays. */
import { inspect } from 'node:util';
import type { Bound } from './bound.ts';
import { sizeOf } from './layout.ts';
import { showLevels } from './levels.ts';
import type { ViewInfo } from './view_info.ts';

const EDGE = 3;
const SUMMARIZE_ABOVE = 1000;
/** Rows of axes that the picture gives up on. */
const MAX_SHOWN = 4096;

export function describeView(info: ViewInfo): string {
  const { layout, format } = info;
  const shape = layout.shape.length === 0 ? 'scalar' : layout.shape.join('×');
  const readonly = info.readonly ? ' readonly' : '';
  const strides = layout.strides.join(', ');
  const levels = showLevels(layout.levels);
  return `${shape} '${format.text}' strides [${strides}]${levels}${readonly}`;
}

function isComplex(value: object): value is { re: number; im: number } {
  return (
    Object.keys(value).join() === 're,im' &&
    typeof (value as { re: unknown }).re === 'number'
  );
}

function showElement(bound: Bound, at: number): string {
  const value = bound.load(at);
  if (typeof value !== 'object') return inspect(value);
  if (isComplex(value))
    return `${value.re}${value.im < 0 || Object.is(value.im, -0) ? '-' : '+'}${Math.abs(value.im)}i`;
  return inspect(value, {
    breakLength: Infinity,
    compact: true,
    maxArrayLength: 2 * EDGE,
  });
}

/** Nested brackets; long axes keep their first and last three entries. */
function picture(bound: Bound, shorten: boolean, indent: string): string {
  const { shape, strides } = bound.layout;
  const rows = (axis: number, at: number, pad: string): string => {
    if (axis === shape.length) return showElement(bound, at);
    const extent = shape[axis] as number;
    const stride = strides[axis] as number;
    const cut = shorten && extent > 2 * EDGE;
    const parts: string[] = [];
    for (let k = 0; k < extent; k++) {
      if (cut && k === EDGE) {
        parts.push('...');
        k = extent - EDGE;
      }
      parts.push(rows(axis + 1, at + k * stride, `${pad} `));
    }
    const last = axis === shape.length - 1;
    return `[${parts.join(last ? ', ' : `,\n${pad} `)}]`;
  };
  return rows(0, bound.base, indent);
}

function shownCount(shape: readonly number[]): number {
  return shape.reduce((count, extent) => count * Math.min(extent, 2 * EDGE), 1);
}

export function show(
  name: string,
  info: ViewInfo,
  bound: () => Bound,
  depth: number | null, // what remains of util.inspect's option
): string {
  const head = `${name} ${describeView(info)}`;
  if (typeof depth === 'number' && depth < 0) return `[${head}]`;
  const { shape } = info.layout;
  const size = sizeOf(shape);
  if (size === 0) return `${head} []`;
  const shorten = size > SUMMARIZE_ABOVE;
  if (info.format.tree === null || shownCount(shape) > MAX_SHOWN) return head;
  try {
    return `${head}\n${picture(bound(), shorten, '')}`;
  } catch (error) {
    return `${head} <${(error as Error).message}>`;
  }
}
