/** The demo's figures: what it says was copied is what has to be copied. */

import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { encoderOf } from '../examples/demo/encode.ts';
import { demoPicture, type PictureReport, type Step } from '../examples/demo/picture.ts';
import { decode } from '../examples/demo/source.ts';
import { root } from './compiler.ts';
import { makePlace } from './demo_run.ts';

const { here } = makePlace();

async function report(width: number, height: number): Promise<PictureReport> {
  const file = here(`${width}x${height}.png`);
  const lake = sharp(join(root, 'examples/pictures/lake.jpg'));
  await lake.resize(width, height, { fit: 'fill' }).png().toFile(file);
  return await demoPicture(await decode(file), encoderOf('png'));
}

const bytes = (steps: readonly Step[], way: 'ours' | 'copies') =>
  steps.map(({ name, [way]: cost }) => [name, cost?.shared ?? '-', cost?.copied ?? '-']);

test.each([
  [200, 120, 100, 60],
  [7, 5, 5, 3],
  [1, 1, 1, 1],
])('%i × %i, of which %i × %i is looked at', async (width, height, w, h) => {
  const { begin, steps, areEqual } = await report(width, height);
  const whole = width * height * 4;
  const part = w * h * 4;
  expect(areEqual).toBe(true);
  for (const way of ['ours', 'copies'] as const)
    expect(bytes(begin, way)).toEqual([
      ['decode', 0, 0],
      ['into native memory, once', 0, whole],
    ]);
  expect(bytes(steps, 'ours')).toEqual([
    ['crop', part, 0],
    ['pick a channel', part / 4, 0],
    ['transpose', part, 0],
    ['flip', part, 0],
    ['statistics, by the C addon', part, 0],
    ['pack for the encoder', 0, part],
    ['encode', part, 0],
  ]);
  expect(bytes(steps, 'copies')).toEqual([
    ['crop', 0, part],
    ['pick a channel', 0, part / 4],
    ['transpose', 0, part],
    ['flip', 0, part],
    ['statistics, by the C addon', part, 0],
    ['pack for the encoder', '-', '-'],
    ['encode', part, 0],
  ]);
  for (const { ours, copies } of [...begin, ...steps]) {
    expect(ours.ms).toBeGreaterThan(0);
    if (copies !== null) expect(copies.ms).toBeGreaterThan(0);
  }
});

test('the views lie in the frame, whose rows are padded', async () => {
  const { views } = await report(50, 40);
  expect(views.map(({ name, shape, strides }) => [name, shape, strides])).toEqual([
    ['image', [40, 50, 4], [256, 4, 1]],
    ['crop', [20, 26, 4], [256, 4, 1]],
    ['red', [20, 26], [256, 4]],
    ['transposed', [26, 20, 4], [4, 256, 1]],
    ['flipped', [26, 20, 4], [4, -256, 1]],
  ]);
});

test('the statistics are those of the pixels', async () => {
  const { channels } = await report(80, 60);
  const { data } = await sharp(here('80x60.png'))
    .extract({ left: 20, top: 15, width: 40, height: 30 })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  channels.forEach(({ min, max, mean, histogram }, channel) => {
    const values = [...data].filter((_, at) => at % 4 === channel);
    expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
    expect(mean).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 9);
    const counts = Array.from(
      { length: 32 },
      (_, bin) => values.filter((value) => value >> 3 === bin).length,
    );
    expect(histogram).toEqual(counts);
  });
  expect(channels).toHaveLength(4);
});
