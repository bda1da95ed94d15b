/**
 * The main job. Pixels are brought into native memory once; from then on every step is a
 * view of that memory. Beside it, step by step, the same is done with copies.
 */
import { acquire, type View } from 'nbuf';
import { type ChannelStatistics, frameFrom, stats } from './addons.ts';
import {
  copyChannel,
  copyFlipped,
  copyRectangle,
  copyTransposed,
  type Rectangle,
} from './copies.ts';
import type { Encode } from './encode.ts';
import { type LockStory, tellLocks, tellRelease } from './locks.ts';
import { compare, type Measured, measure } from './measure.ts';
import type { Decoded } from './source.ts';

const BINS = 32;

/** What a step costs: bytes that it refers to, bytes that it copies, time. */
export type Cost = {
  readonly shared: number;
  readonly copied: number;
  readonly ms: number;
};

export type Step = {
  readonly name: string;
  readonly ours: Cost;
  /** null: the step is not needed after so many copies. */
  readonly copies: Cost | null;
};

export type ViewNote = {
  readonly name: string;
  readonly made: string;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
};

export type PictureReport = {
  readonly views: readonly ViewNote[];
  readonly channels: readonly ChannelStatistics[];
  readonly locks: LockStory;
  readonly released: LockStory;
  /** Where both ways begin. */
  readonly begin: readonly Step[];
  readonly steps: readonly Step[];
  /** Do both ways agree, byte for byte? */
  readonly areEqual: boolean;
  readonly encoded: Uint8Array;
};

type Pair = { readonly ours: Measured<View>; readonly copies: Measured<Uint8Array> };

/** The part in the middle: half as wide, half as high. */
function middleOf(width: number, height: number): Rectangle {
  const [x, y] = [width >> 2, height >> 2];
  return { x, y, width: width - 2 * x, height: height - 2 * y };
}

/** Views of one memory, none of which copies a pixel; and the same with copies. */
async function lookAt(image: View, part: Rectangle) {
  const { x, y, width, height } = part;
  const rows = new Uint8Array(image.buffer);
  const stride = image.strides?.[0] ?? 0;
  const crop = await compare(
    () => image.slice([y, y + height], [x, x + width]),
    () => copyRectangle(rows, stride, part),
  );
  const red = await compare(
    () => crop.ours.value.slice('...', 0),
    () => copyChannel(crop.copies.value, 0),
  );
  const transposed = await compare(
    () => crop.ours.value.transpose(1, 0, 2),
    () => copyTransposed(crop.copies.value, width, height),
  );
  const flipped = await compare(
    () => transposed.ours.value.slice(':', [null, null, -1]),
    () => copyFlipped(transposed.copies.value, height, width),
  );
  return { crop, red, transposed, flipped };
}

/** Off the main thread, by an addon that knows nothing of the one that owns the pixels. */
async function count({ ours, copies }: Pair) {
  using packed = acquire(copies.value);
  const shaped = packed.reshape(ours.value.shape ?? []);
  return await compare(
    () => stats(ours.value, { bins: BINS }),
    () => stats(shaped, { bins: BINS }),
  );
}

/** The encoder wants packed rows: the one copy that is left. */
async function hand({ ours, copies }: Pair, encode: Encode) {
  const [height = 0, width = 0] = ours.value.shape ?? [];
  const size = { width, height };
  const packed = await measure(() => ours.value.toContiguous());
  using pixels = acquire(packed.value, { label: 'encoder' });
  const encoded = await compare(
    () => pixels.lend((bytes) => encode(bytes, size)),
    () => encode(copies.value, size),
  );
  return { packed, encoded };
}

type Views = Awaited<ReturnType<typeof lookAt>>;
type Counted = Awaited<ReturnType<typeof count>>;
type Handed = Awaited<ReturnType<typeof hand>>;

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function isSame(views: Views, counted: Counted, { encoded }: Handed): boolean {
  const arePixelsEqual = Object.values(views).every(({ ours, copies }) =>
    isSameBytes(ours.value.toBytes(), copies.value),
  );
  const [mine, theirs] = [counted.ours.value, counted.copies.value];
  return (
    arePixelsEqual &&
    JSON.stringify(mine) === JSON.stringify(theirs) &&
    isSameBytes(encoded.ours.value, encoded.copies.value)
  );
}

function shared(bytes: number, { ms }: { readonly ms: number }): Cost {
  return { shared: bytes, copied: 0, ms };
}

function copied(bytes: number, { ms }: { readonly ms: number }): Cost {
  return { shared: 0, copied: bytes, ms };
}

function beginOf(decoded: Decoded, brought: { readonly ms: number }): Step[] {
  const decoding = copied(0, decoded);
  const bringing = copied(decoded.pixels.length, brought);
  return [
    { name: 'decode', ours: decoding, copies: decoding },
    { name: 'into native memory, once', ours: bringing, copies: bringing },
  ];
}

function stepsOf(views: Views, counted: Counted, { packed, encoded }: Handed): Step[] {
  const view = (name: string, { ours, copies }: Pair): Step => ({
    name,
    ours: shared(ours.value.byteLength, ours),
    copies: copied(copies.value.length, copies),
  });
  const bytes = views.flipped.copies.value.length;
  const use = (name: string, { ours, copies }: Counted | Handed['encoded']): Step => ({
    name,
    ours: shared(bytes, ours),
    copies: shared(bytes, copies),
  });
  return [
    view('crop', views.crop),
    view('pick a channel', views.red),
    view('transpose', views.transposed),
    view('flip', views.flipped),
    use('statistics, by the C addon', counted),
    { name: 'pack for the encoder', ours: copied(bytes, packed), copies: null },
    use('encode', encoded),
  ];
}

function notesOf(image: View, views: Views, part: Rectangle): ViewNote[] {
  const { x, y, width, height } = part;
  const ranges = `[${y}, ${y + height}], [${x}, ${x + width}]`;
  const note = (name: string, made: string, view: View): ViewNote => ({
    name,
    made,
    shape: view.shape ?? [],
    strides: view.strides ?? [],
  });
  return [
    note('image', "acquire(frame, { label: 'demo' })", image),
    note('crop', `image.slice(${ranges})`, views.crop.ours.value),
    note('red', "crop.slice('...', 0)", views.red.ours.value),
    note('transposed', 'crop.transpose(1, 0, 2)', views.transposed.ours.value),
    note('flipped', "transposed.slice(':', [null, null, -1])", views.flipped.ours.value),
  ];
}

export async function demoPicture(
  decoded: Decoded,
  encode: Encode,
): Promise<PictureReport> {
  const { pixels, width, height } = decoded;
  const part = middleOf(width, height);
  const brought = await measure(() => frameFrom(pixels, width, height, 4));
  using image = acquire(brought.value, { label: 'demo' });
  const views = await lookAt(image, part);
  const counted = await count(views.flipped);
  const handed = await hand(views.flipped, encode);
  return {
    views: notesOf(image, views, part),
    channels: counted.ours.value.channels,
    begin: beginOf(decoded, brought),
    steps: stepsOf(views, counted, handed),
    areEqual: isSame(views, counted, handed),
    encoded: handed.encoded.ours.value,
    locks: await tellLocks(handed.packed.value, encode),
    released: tellRelease(image, views.crop.ours.value),
  };
}
