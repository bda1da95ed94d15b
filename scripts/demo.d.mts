/** Is `output` missing, or older than one of `inputs`? Paths from `folder`. */
export function isOutdated(
  folder: string,
  output: string,
  inputs: readonly string[],
): boolean;
