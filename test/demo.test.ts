/** `npm run demo` on pictures: every format, odd sizes, and what it tells about them. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { root } from './compiler.ts';
import { lake, makePlace, type Run, shownLines } from './demo_run.ts';

const { folder, here, demo } = makePlace();

async function picture(name: string, made: Sharp): Promise<string> {
  await made.toFile(here(name));
  return name;
}

/** What the demo has to write: the middle, turned by a quarter, as RGBA bytes. */
async function expectedPixels(name: string): Promise<Buffer> {
  const upright = await sharp(here(name)).autoOrient().png().toBuffer();
  const { width, height } = await sharp(upright).metadata();
  const [left, top] = [width >> 2, height >> 2];
  const middle = { left, top, width: width - 2 * left, height: height - 2 * top };
  const turned = sharp(upright).extract(middle).rotate(90);
  return await turned.toColourspace('srgb').ensureAlpha().raw().toBuffer();
}

async function pixelsOf(name: string): Promise<Buffer> {
  return await sharp(here(name)).ensureAlpha().raw().toBuffer();
}

function expectGood(run: Run): void {
  const { code, stdout, stderr } = run;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('the same pixels, statistics and file: yes, byte for byte');
  for (const line of shownLines(run))
    expect([...line].length, line).toBeLessThanOrEqual(100);
}

describe('pictures', () => {
  const formats = {
    jpeg: (image: Sharp) => image.jpeg(),
    png: (image: Sharp) => image.png(),
    webp: (image: Sharp) => image.webp({ lossless: true }),
    tiff: (image: Sharp) => image.tiff({ compression: 'none' }),
  };
  test.each(Object.entries(formats))('%s', async (format, encode) => {
    const name = await picture(`in.${format}`, encode(sharp(lake).resize(123, 77)));
    expectGood(demo(name, '--out', `${format}.png`));
    expect(await pixelsOf(`${format}.png`)).toEqual(await expectedPixels(name));
  });

  const outputs = { jpg: 'jpeg', jpeg: 'jpeg', png: 'png', webp: 'webp', tif: 'tiff' };
  test.each(Object.entries(outputs))('--out *.%s is %s', async (extension, format) => {
    const name = await picture('small.png', sharp(lake).resize(20, 30).png());
    expectGood(demo(name, '--out', `out.${extension}`));
    const written = await sharp(here(`out.${extension}`)).metadata();
    expect(written).toMatchObject({ format, width: 16, height: 10 });
  });

  const sizes: [number, number][] = [
    [1, 1],
    [1, 9],
    [9, 1],
    [2, 3],
    [16, 16],
    [17, 4],
  ];
  test.each(sizes)('%i × %i', async (width, height) => {
    const made = sharp(lake).resize(width, height, { fit: 'fill' }).png();
    const name = await picture('odd.png', made);
    expectGood(demo(name, '--out', 'odd-out.png'));
    expect(await pixelsOf('odd-out.png')).toEqual(await expectedPixels(name));
  });

  const small = (): Sharp => sharp(lake).resize(40, 28);
  const kinds: [string, string, () => Sharp, string][] = [
    [
      'grey',
      'png',
      () => small().toColourspace('b-w').png(),
      'grey made RGB, alpha added',
    ],
    [
      '16 bits',
      'png',
      () => small().toColourspace('rgb16').png(),
      '16 bits reduced to 8',
    ],
    [
      '16 bits of grey',
      'png',
      () => small().toColourspace('grey16').png(),
      '16 bits reduced to 8, grey made RGB',
    ],
    ['a palette', 'png', () => small().png({ palette: true }), 'alpha added'],
    ['CMYK', 'jpg', () => small().toColourspace('cmyk').jpeg(), 'cmyk made RGB'],
    ['EXIF', 'jpg', () => small().withMetadata({ orientation: 6 }).jpeg(), 'EXIF says'],
    ['alpha', 'png', () => small().ensureAlpha(0.5).png(), '40 × 28\n'],
  ];
  test.each(kinds)('%s', async (_, extension, made, note) => {
    const name = await picture(`kind.${extension}`, made());
    const run = demo(name, '--out', 'kind-out.png');
    expectGood(run);
    expect(run.stdout).toContain(note);
    expect(await pixelsOf('kind-out.png')).toEqual(await expectedPixels(name));
  });

  test('several pages: the first', async () => {
    const pages = [small(), small().negate()].map((page) => page.png().toBuffer());
    const two = sharp(await Promise.all(pages), { join: { animated: true } });
    const name = await picture('pages.webp', two.webp());
    const run = demo(name);
    expectGood(run);
    expect(run.stdout).toContain('the first of 2 pages');
  });

  test('the default picture; the result goes to a folder for temporary files', () => {
    const run = demo();
    expectGood(run);
    expect(run.stdout).toMatch(/^lake\.jpg: JPEG, 1000 × 640, alpha added\n/);
    const written = /Written: (.*)\n/.exec(run.stdout)?.[1] ?? '';
    expect(written.startsWith(join(folder, 'nbuf-demo-'))).toBe(true);
    expect(existsSync(written)).toBe(true);
  });

  test('a name with spaces and signs', async () => {
    const name = await picture('a b[c]=%d ü.png', small().png());
    expectGood(demo(name, '--out', 'e f [g].png'));
    expect(existsSync(here('e f [g].png'))).toBe(true);
  });

  test('the locks refuse and allow what they should', () => {
    const { stdout } = demo();
    const lines = stdout.split('\n').map((line) => line.trim().split(/ {3,}/));
    const results = lines.filter(([call]) =>
      /^(packed|pixels|await)[. ]/.test(`${call}`),
    );
    expect(results.map((line) => line[1])).toEqual([
      'ERR_NBUF_LOCKED',
      'ERR_NBUF_LOCKED',
      'done',
      'done',
      '[160000, 4], [500, 320, 4]',
      'done',
    ]);
    expect(stdout).toMatch(/memory is locked by 2 providers \('encoder', \d+ ms; 'lend/);
    expect(stdout).toMatch(/layout is locked by 1 provider \('encoder', \d+ ms\)/);
    expect(stdout).toMatch(/stale = image.buffer; stale.byteLength {3}2580480\n/);
    expect(stdout).toMatch(/image.release\(\); stale.byteLength {8}0\n/);
  });
});

test('--help', () => {
  const { code, stdout, stderr } = demo('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^npm run demo /);
});

test('nothing is left in the working directory', () => {
  const before = readdirSync(folder);
  const inside = readdirSync(join(root, 'examples/demo'));
  expectGood(demo(lake));
  expect(readdirSync(join(root, 'examples/demo'))).toEqual(inside);
  const added = readdirSync(folder).filter((name) => !before.includes(name));
  expect(added).toEqual([expect.stringMatching(/^nbuf-demo-/)]);
});
