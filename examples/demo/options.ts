/** The command line: `demo [file] [--out path]`. */
import { parseArgs } from 'node:util';
import { DemoError } from './demo_error.ts';

export const USAGE = `npm run demo [-- file] [-- --out path]

  file         a JPEG, PNG, WebP or TIFF picture, or a NumPy .npy file
               (default: examples/pictures/lake.jpg)
  --out path   where to write the resulting picture: .jpg, .png, .webp or .tiff
               (default: into a new folder for temporary files)
  --no-build   do not look whether nbuf and the example addons are built
  --help       this text
`;

export type Options = {
  readonly file: string | undefined;
  readonly out: string | undefined;
  readonly help: boolean;
};

const KNOWN = {
  out: { type: 'string' },
  help: { type: 'boolean' },
  'no-build': { type: 'boolean' },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: KNOWN, allowPositionals: true });
  } catch (error) {
    const [reason] = (error as Error).message.split(/[.\n]/);
    throw new DemoError(`${reason}; --help shows the options`);
  }
}

export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  if (positionals.length > 1)
    throw new DemoError(`expected one file, found ${positionals.length}`);
  return { file: positionals[0], out: values.out, help: values.help ?? false };
}
