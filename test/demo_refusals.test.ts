/** `npm run demo` on what it cannot show: one line for the user, exit code 1. */

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { lake, makePlace } from './demo_run.ts';

const { here, demo } = makePlace();

describe('what cannot be shown gives one line and exit code 1', () => {
  beforeAll(async () => {
    const bytes = await sharp(lake).jpeg().toBuffer();
    const png = await sharp(lake).png().toBuffer();
    writeFileSync(here('truncated.jpg'), bytes.subarray(0, 9000));
    writeFileSync(here('corrupt.jpg'), Buffer.concat([bytes.subarray(0, 4), png]));
    writeFileSync(here('truncated.png'), png.subarray(0, 9000));
    writeFileSync(
      here('flipped.png'),
      png.map((byte, at) => (at === 3e4 ? ~byte : byte)),
    );
    const webp = await sharp(lake).webp().toBuffer();
    writeFileSync(here('truncated.webp'), webp.subarray(0, 3000));
    const tiff = await sharp(lake).tiff().toBuffer();
    writeFileSync(here('truncated.tiff'), tiff.subarray(0, 3000));
    writeFileSync(here('empty.jpg'), '');
    writeFileSync(here('notes.txt'), 'no picture\n');
    writeFileSync(
      here('drawing.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    );
    await sharp(lake).resize(9, 9).gif().toFile(here('some.gif'));
    await sharp(lake).resize(9, 9).png().toFile(here('good.png'));
    const background = 'teal';
    const row = (width: number) =>
      sharp({ create: { width, height: 1, channels: 3, background } }).png();
    await row(66_000).toFile(here('long.png'));
    await row(40_000).toFile(here('wide.png'));
    writeFileSync(here('text.npy'), 'no array\n');
    writeFileSync(here('short.npy'), '\x93NUMPY\x01\x00', 'latin1');
    mkdirSync(here('folder'));
    symlinkSync('nowhere', here('dangling.png'));
  });

  const cases: [string, string[], RegExp][] = [
    ['no file', ['missing.jpg'], /missing\.jpg: no such file$/],
    ['no folder', ['notes.txt/x.jpg'], /x\.jpg: no such file$/],
    ['a dangling link', ['dangling.png'], /dangling\.png: no such file$/],
    ['a long name', ['x'.repeat(300)], /the name is too long$/],
    ['a directory', ['folder'], /folder: a directory; expected a JPEG/],
    ['a device', ['/dev/null'], /not a regular file; expected a JPEG/],
    ['an empty file', ['empty.jpg'], /empty\.jpg: the file is empty; expected/],
    ['text', ['notes.txt'], /notes\.txt: not a picture .*; expected a JPEG/],
    ['SVG', ['drawing.svg'], /drawing\.svg: .*expected a JPEG/],
    ['GIF', ['some.gif'], /found the format gif; expected a JPEG/],
    ['a truncated JPEG', ['truncated.jpg'], /truncated\.jpg: cannot be decoded: \S/],
    ['a corrupt JPEG', ['corrupt.jpg'], /corrupt\.jpg: cannot be decoded: \S/],
    ['a truncated PNG', ['truncated.png'], /truncated\.png: cannot be decoded: \S/],
    ['a PNG with a wrong bit', ['flipped.png'], /flipped\.png: cannot be decoded: \S/],
    ['a truncated WebP', ['truncated.webp'], /truncated\.webp: cannot be decoded: \S/],
    ['a truncated TIFF', ['truncated.tiff'], /truncated\.tiff: not a picture/],
    ['too many columns', ['long.png'], /66000 × 1 pixels; expected up to 65536/],
    [
      'too many for the encoder',
      ['wide.png', '--out', 'wide.webp'],
      /1 × 20000 pixels cannot be encoded as webp: \S/,
    ],
    ['.npy: text', ['text.npy'], /text\.npy.*expected/],
    ['.npy: truncated', ['short.npy'], /short\.npy.*expected/],
    ['two files', ['good.png', 'good.png'], /expected one file, found 2$/],
    ['an unknown option', ['--fast'], /Unknown option '--fast'.*--help/],
    ['--out without a path', ['good.png', '--out'], /--out.*--help/],
    ['--out of no known type', ['good.png', '--out', 'x.bmp'], /expected one of \.jpg/],
    ['--out over the input', ['good.png', '--out', './good.png'], /that is the input/],
    ['--out to nowhere', ['good.png', '--out', 'no/x.png'], /x\.png: no such file/],
    ['--out of a .npy', ['text.npy', '--out', 'x.png'], /--out is for pictures/],
  ];
  test.each(cases)('%s', (_, args, message) => {
    const { code, stdout, stderr } = demo(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^demo: [^\n]+\n$/);
    expect(stderr.trimEnd()).toMatch(message);
  });
});
