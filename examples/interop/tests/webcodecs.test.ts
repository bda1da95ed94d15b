/**
 * VideoFrame of @napi-rs/webcodecs, a real one. It rounds chroma planes of odd sizes down, against
 * the specification, and has no 12 bits with alpha: those are left to test/interop/planes.test.ts.
 */

import { HostArray, type Provider, type View } from 'nbuf';
import { fromPlanes, toPlanes, type VideoPixelFormat } from 'nbuf/interop';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../test/interop/elements.ts';
import { formats, geometryOf } from '../../../test/interop/video_frame.ts';
import { createRandom, type Random } from '../../../test/random.ts';
import { type PixelFormat, VideoFrame } from './video_frame.ts';

const release = (providers: readonly Provider[]): void => {
  for (const provider of providers) provider.release();
};

function randomImage(random: Random, format: string) {
  const [codedWidth, codedHeight] = [2 * random.int(1, 6), 2 * random.int(1, 5)];
  let end = random.int(0, 3);
  const layout = geometryOf(format, codedWidth, codedHeight).map(({ rows, rowBytes }) => {
    const plane = { offset: end, stride: rowBytes + random.pick([0, 0, 2, 6]) };
    end += plane.stride * rows + random.int(0, 5);
    return plane;
  });
  const data = HostArray.from(random.bytes(end));
  return { data, format: format as VideoPixelFormat, codedWidth, codedHeight, layout };
}

describe.runIf(VideoFrame !== null)('a real VideoFrame', () => {
  const Frame = VideoFrame as NonNullable<typeof VideoFrame>;
  const bytesOf = (views: readonly View[]): Buffer =>
    Buffer.concat(views.map((view) => view.toBytes()));

  test('takes what toPlanes gives, and gives what fromPlanes takes', async () => {
    const random = createRandom(11);
    for (const format of formats.filter((name) => !name.endsWith('AP12')))
      for (let round = 0; round < 6; round++) {
        const source = randomImage(random, format);
        const planes = fromPlanes(source);
        const { data, ...init } = toPlanes(planes, source.format);
        expect(data.buffer).toBe((planes[0] as Provider).buffer);
        const frame = new Frame(data, {
          ...init,
          format: format as PixelFormat,
          timestamp: 0,
        });
        const before = bytesOf(planes);
        for (const plane of planes) plane.fill(0);
        const target = new Uint8Array(frame.allocationSize());
        const layout = await frame.copyTo(target); // the frame has a copy: not zero
        const { codedWidth, codedHeight } = source;
        const copied = fromPlanes({
          data: target,
          format: source.format,
          codedWidth,
          codedHeight,
          layout,
        });
        expect([format, bytesOf(copied).equals(before)]).toEqual([format, true]);
        frame.close();
        expect(bytesOf(copied).equals(before)).toBe(true);
        release([...planes, ...copied]);
      }
  });

  test('copies into padded planes', async () => {
    const array = HostArray.from(createRandom(5).bytes(24));
    const image = { format: 'RGBA', codedWidth: 3, codedHeight: 2 } as const;
    const planes = fromPlanes({ data: array, ...image });
    const { data, ...init } = toPlanes(planes, 'RGBA');
    const frame = new Frame(data, { ...init, timestamp: 0 });
    const target = new Uint8Array(64);
    const layout = await frame.copyTo(target, { layout: [{ offset: 4, stride: 20 }] });
    const copied = fromPlanes({ data: target, ...image, layout });
    expect((copied[0] as Provider).toArray()).toEqual((planes[0] as Provider).toArray());
    frame.close();
    release([...planes, ...copied]);
  });

  test('refuses what toPlanes refuses: a last row without its padding', () => {
    const image = { format: 'RGBA', codedWidth: 2, codedHeight: 2 } as const;
    const layout = [{ offset: 0, stride: 12 }];
    for (const [length, isWhole] of [
      [20, false],
      [23, false],
      [24, true],
    ] as const) {
      const data = new Uint8Array(length);
      const planes = fromPlanes({ data, ...image, layout });
      expect(codeOf(() => toPlanes(planes, 'RGBA'))).toBe(
        isWhole ? 'none' : 'ERR_NBUF_STRIDES',
      );
      const make = () => new Frame(data, { ...image, layout, timestamp: 0 }).close();
      if (isWhole) make();
      else expect(make).toThrow('too small');
      const copy = toPlanes(planes, 'RGBA', { copy: 'if-needed' });
      new Frame(copy.data, { ...copy, timestamp: 0 }).close();
      release(planes);
    }
  });

  test('a rectangle of an image: both agree where it may begin', () => {
    const image = { format: 'I420', codedWidth: 6, codedHeight: 4 } as const;
    const data = new Uint8Array(36);
    for (const x of [0, 1, 2, 3, 4, 5])
      for (const width of [1, 2, 3]) {
        const visibleRect = { x, y: 2, width, height: 2 };
        const ours = codeOf(() => release(fromPlanes({ data, ...image, visibleRect })));
        const theirs = codeOf(() =>
          new Frame(data, { ...image, visibleRect, timestamp: 0 }).close(),
        );
        expect([x, width, ours === 'none']).toEqual([x, width, theirs === 'none']);
      }
  });
});
