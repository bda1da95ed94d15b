/** sharp, the real package. */

import { acquire, HostArray, type Provider } from 'nbuf';
import { fromSharp, toSharp } from 'nbuf/interop';
import sharp, { type OutputInfo } from 'sharp';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../test/interop/elements.ts';
import { createRandom, forCases } from '../../../test/random.ts';
import { collect } from './cases.ts';

const copying = { copy: 'if-needed' } as const;

/** What sharp makes of the pixels without doing anything to them. */
async function roundTrip(
  view: Provider,
  colours: string,
  depth: string,
): Promise<ReturnType<typeof fromSharp>> {
  const output = await view.lend(() => {
    const { data, raw } = toSharp(view);
    return sharp(data as Uint8Array, { raw })
      .toColourspace(colours)
      .raw({ depth: depth as 'uchar' })
      .toBuffer({ resolveWithObject: true });
  });
  return fromSharp(output);
}

describe('in and out', () => {
  test('every pixel, of one, three and four channels', async () => {
    const random = createRandom(7);
    for (let round = 0; round < 24; round++) {
      const [height, width] = [random.int(1, 9), random.int(1, 9)];
      const channels = random.pick([1, 3, 4]);
      const bytes = random.bytes(height * width * channels);
      const layout = { shape: [height, width, channels] };
      const p = acquire(HostArray.fromBytes(bytes, layout)) as Provider;
      const back = await roundTrip(p, channels < 3 ? 'b-w' : 'srgb', 'uchar');
      expect(back.shape).toEqual(layout.shape);
      expect(back.toArray()).toEqual(p.toArray());
      p.release();
      back.release();
    }
  });

  test('two channels', async () => {
    const p = acquire(HostArray.from(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).reshape([
      2, 2, 2,
    ]);
    const output = await p.lend(() => {
      const { data, raw } = toSharp(p);
      return sharp(data as Uint8Array, { raw })
        .raw()
        .toBuffer({ resolveWithObject: true });
    });
    const back = fromSharp(output); // grey and alpha as RGBA
    expect(back.slice('...', 0).toArray()).toEqual(p.slice('...', 0).toArray());
    expect(back.slice('...', 3).toArray()).toEqual(p.slice('...', 1).toArray());
    back.release();
  });

  test('samples of 16 bits', async () => {
    const values = Uint16Array.from({ length: 18 }, (_, k) => k * 3000);
    const p = acquire(HostArray.from(values)).reshape([2, 3, 3]) as never as Provider;
    const back = await roundTrip(p, 'rgb16', 'ushort');
    expect([back.format, back.shape]).toEqual(['H', [2, 3, 3]]);
    expect(back.toArray()).toEqual(p.toArray());
    expect([...back.typedArray()]).toEqual([...values]);
  });

  test('what sharp takes the element type for', async () => {
    const depths = {
      b: 'char',
      h: 'short',
      i: 'int',
      I: 'uint',
      f: 'float',
      d: 'double',
    };
    for (const [format, depth] of Object.entries(depths)) {
      const p = acquire(HostArray.allocate([2, 3], format));
      const { data, raw } = toSharp(p);
      const metadata = await sharp(data as Uint8Array, { raw }).metadata();
      expect([format, metadata.depth]).toEqual([format, depth]);
      const output = await sharp(data as Uint8Array, { raw })
        .raw({ depth: depth as 'char' })
        .toBuffer({ resolveWithObject: true });
      const back = fromSharp(output);
      expect([back.format, (back.shape as number[]).slice(0, 2)]).toEqual([
        format,
        [2, 3],
      ]);
      expect(Number(back.get(1, 2, 0))).toBe(0);
      back.release();
      p.release();
    }
  });

  test('complex output', async () => {
    const image = sharp(Uint8Array.of(3, 4), {
      raw: { width: 2, height: 1, channels: 1 },
    });
    for (const [depth, format] of [
      ['complex', 'Zf'],
      ['dpcomplex', 'Zd'],
    ] as const) {
      const output = await image
        .clone()
        .raw({ depth })
        .toBuffer({ resolveWithObject: true });
      const p = fromSharp(output);
      expect([p.format, p.get(0, 1, 0)]).toEqual([format, { re: 4, im: 0 }]);
      p.release();
    }
  });

  test('pages', async () => {
    const array = HostArray.allocate([3, 2, 4, 3]);
    const p = acquire(array, { writable: true });
    for (let page = 0; page < 3; page++) p.slice(page).fill(80 * page);
    const gif = await p.lend(() => {
      const { data, raw } = toSharp(p);
      return sharp(data as Uint8Array, { raw })
        .gif()
        .toBuffer();
    });
    const output = await sharp(gif, { animated: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const back = fromSharp(output);
    expect(back.shape).toEqual([3, 2, 4, 3]);
    expect([0, 1, 2].map((page) => back.get(page, 1, 3, 2))).toEqual([0, 80, 160]);
    back.release();
    p.release();
  });

  test('toUint8Array gives bytes that may be transferred', async () => {
    const raw = { width: 2, height: 2, channels: 1 } as const;
    const output = await sharp(Uint8Array.of(1, 2, 3, 4), { raw })
      .toColourspace('b-w')
      .raw()
      .toUint8Array();
    const p = fromSharp(output);
    expect(p.toArray()).toEqual([
      [[1], [2]],
      [[3], [4]],
    ]);
    structuredClone(output.data.buffer, {
      transfer: [output.data.buffer as ArrayBuffer],
    });
    expect(codeOf(() => p.get(0, 0, 0))).toBe('ERR_NBUF_DETACHED');
    p.release();
  });
});

describe('memory', () => {
  test('sharp reads it when the output is asked for, not before', async () => {
    const p = acquire(HostArray.allocate([2, 3]), { writable: true });
    const { data, raw } = toSharp(p);
    const image = sharp(data as Uint8Array, { raw })
      .toColourspace('b-w')
      .raw();
    p.fill(9);
    expect([...(await image.toBuffer())]).toEqual([9, 9, 9, 9, 9, 9]);
    p.release();
    expect(data.length).toBe(0);
    expect(() => sharp(data as Uint8Array, { raw })).toThrow('empty');
  });

  test('a call under way outlives the release', async () => {
    for (let round = 0; round < 5; round++) {
      const p = acquire(HostArray.allocate([256, 256, 3]), { writable: true });
      p.fill(round);
      const { data, raw } = toSharp(p);
      const running = p.lend(() =>
        sharp(data as Uint8Array, { raw })
          .raw()
          .toBuffer(),
      );
      p.release();
      const output = await running;
      expect(output.every((byte) => byte === round)).toBe(true);
      expect(data.length).toBe(0);
    }
  });

  test('an output lives as long as its provider', async () => {
    let output: { data: Buffer; info: OutputInfo } | null = await sharp(
      new Uint8Array(12).fill(7),
      { raw: { width: 2, height: 2, channels: 3 } },
    )
      .raw()
      .toBuffer({ resolveWithObject: true });
    const p = fromSharp(output);
    output.data[0] = 50;
    expect(p.get(0, 0, 0)).toBe(50);
    output = null;
    await collect(() => false);
    expect(p.toArray()).toEqual([
      [
        [50, 7, 7],
        [7, 7, 7],
      ],
      [
        [7, 7, 7],
        [7, 7, 7],
      ],
    ]);
    p.release();
  });

  test('a strided region is refused, or copied', async () => {
    const bytes = createRandom(3).bytes(600);
    await Promise.all(
      [1, 2, 3].map(async (step) => {
        const p = acquire(HostArray.fromBytes(bytes, { shape: [10, 20, 3] }));
        const view = p.slice([2, 9, step], [1, 12], [null, null, -1]);
        expect(codeOf(() => toSharp(view))).toBe('ERR_NBUF_CONTIGUITY');
        const { data, raw } = toSharp(view, copying);
        const output = await sharp(data as Uint8Array, { raw })
          .raw()
          .toBuffer({ resolveWithObject: true });
        expect(fromSharp(output).toArray()).toEqual(view.toArray());
        p.release();
      }),
    );
    forCases(20, (random) => {
      const p = acquire(HostArray.fromBytes(bytes, { shape: [20, 30] }));
      const view = p.slice([0, random.int(1, 20)], [0, random.int(1, 29)]);
      expect(codeOf(() => toSharp(view)) === 'none').toBe(view.shape[0] === 1);
      p.release();
    });
  });
});
