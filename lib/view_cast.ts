/** The same bytes as elements of another format. */
import { loneItem } from './element_access.ts';
import { type Format, knownFormat } from './elements.ts';
import { BufferError, show, typeError } from './errors.ts';
import { cast } from './reshape.ts';
import { ViewInfo } from './view_info.ts';

/** B, b or c: what CPython takes for raw bytes. */
function isBytes({ tree }: Format): boolean {
  const lone = tree === null ? null : loneItem(tree);
  return lone !== null && lone.shape.length === 0 && 'Bbc'.includes(lone.type);
}

/**
 * CPython's rules, and other shapes too: one of both formats is a byte format, the view is
 * C-contiguous, and all bytes are used.
 */
export function castInfo(info: ViewInfo, format: unknown, shape: unknown): ViewInfo {
  if (typeof format !== 'string')
    throw typeError(`cast: expected a format string, found ${show(format)}`);
  const to = knownFormat(format);
  if (!isBytes(to) && !isBytes(info.format))
    throw new BufferError(
      'ERR_NBUF_FORMAT',
      `cast: one format must be B, b or c, found '${info.format.text}' and '${format}'`,
    );
  return new ViewInfo(cast(info.layout, to.itemsize, shape), to, info.readonly, null);
}
