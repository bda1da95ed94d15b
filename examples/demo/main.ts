/** `npm run demo [file]`: what nbuf does, shown on a real picture or NumPy file. */
import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, relative } from 'node:path';
import sharp from 'sharp';
import { root } from './addons.ts';
import { DemoError } from './demo_error.ts';
import { encoderOf } from './encode.ts';
import { demoNumPy } from './numpy.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { demoPicture, type PictureReport } from './picture.ts';
import { heading, statisticsTable, story, viewTable } from './show.ts';
import { type Decoded, decode, fileError, kindOf, titleOf } from './source.ts';
import { stepTable } from './step_table.ts';

const DEFAULT_PICTURE = 'examples/pictures/lake.jpg';

const FORMATS = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
} as const;

type Target = { readonly path: string; readonly format: Decoded['format'] };

function formatOfPath(path: string): Decoded['format'] {
  const extension = extname(path).toLowerCase();
  if (extension in FORMATS) return FORMATS[extension as keyof typeof FORMATS];
  throw new DemoError(
    `--out ${path}: expected one of ${Object.keys(FORMATS).join(' ')} at the end`,
  );
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(a), stat(b).catch(() => null)]);
  return one.dev === other?.dev && one.ino === other.ino;
}

async function checkTarget(file: string, out: string): Promise<Target> {
  const format = formatOfPath(out);
  if (await isSameFile(file, out))
    throw new DemoError(`--out ${out}: that is the input; expected another file`);
  return { path: out, format };
}

async function temporaryTarget(file: string, decoded: Decoded): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'nbuf-demo-'));
  const { format } = decoded;
  const extension = format === 'jpeg' ? '.jpg' : `.${format}`;
  return { path: join(folder, basename(file, extname(file)) + extension), format };
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (error) {
    throw fileError(path, error);
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

function show(file: string, decoded: Decoded, report: PictureReport): void {
  print(`${[titleOf(file, decoded), ...decoded.notes].join(', ')}\n`);
  print(heading('Views: one memory, owned by a C++ addon, in rows padded to 64 bytes'));
  print(viewTable(report.views));
  print(
    heading('Statistics of `flipped`: a C addon reads it in place, on another thread'),
  );
  print(statisticsTable(['red', 'green', 'blue', 'alpha'], report.channels));
  print(heading('Locks: `packed` is being encoded, on other threads'));
  print(story(report.locks));
  print(heading('Release: what JavaScript still has is empty, and nothing dangles'));
  print(story(report.released));
  print(heading('What it cost (medians of up to 9 runs)'));
  print(stepTable(report.begin, report.steps));
}

async function runPicture(file: string, out: string | undefined): Promise<number> {
  const asked = out === undefined ? null : await checkTarget(file, out);
  const decoded = await decode(file);
  const format = asked?.format ?? decoded.format;
  const report = await demoPicture(decoded, encoderOf(format));
  const target = asked ?? (await temporaryTarget(file, decoded));
  await write(target.path, report.encoded);
  show(file, decoded, report);
  print(`\nBoth ways give the same pixels, statistics and file: `);
  print(report.areEqual ? 'yes, byte for byte\n' : 'NO\n');
  print(`Written: ${target.path}\n`);
  return report.areEqual ? 0 : 1;
}

async function run({ file, out, help }: Options): Promise<number> {
  if (help) {
    print(USAGE);
    return 0;
  }
  // Or the second run of a measurement would find the first one's result.
  sharp.cache(false);
  const path = file ?? relative(process.cwd(), join(root, DEFAULT_PICTURE));
  if ((await kindOf(path)) === 'picture') return await runPicture(path, out);
  if (out !== undefined) throw new DemoError('--out is for pictures: none comes of .npy');
  print(await demoNumPy(path));
  return 0;
}

/** `npm run demo | head` reads no more than it wants. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

/** The exit code. What the user can put right is told in one line. */
export async function main(args: readonly string[]): Promise<number> {
  process.stdout.on('error', endWithReader);
  try {
    return await run(readOptions(args));
  } catch (error) {
    if (!(error instanceof DemoError)) throw error;
    process.stderr.write(`demo: ${error.message}\n`);
    return 1;
  }
}
