// 6.2: an image codec on its own thread, over pixels that are released while it works.
import assert from 'node:assert/strict';
import { acquire } from 'nbuf';
import sharp from 'sharp';
import {
  adopt,
  apart,
  collectAll,
  collectUntil,
  occupyPool,
  settle,
} from './support/tools.mjs';

const [width, height] = [320, 200];
const size = width * height * 3;
const raw = { width, height, channels: 3 };
const pixels = Uint8Array.from({ length: size }, (_, k) => (k * 7) % 251);

for (const lend of [false, true]) {
  const { array, isFreed } = adopt(size, { shape: [height, width, 3] });
  const goOn = await occupyPool();
  const outcome = apart(() => {
    const p = acquire(array, { writable: true });
    p.writeBytes(pixels);
    const encode = (bytes) => sharp(bytes, { raw }).png().toBuffer();
    const result = settle(lend ? p.lend(encode) : encode(p.bytes()));
    array.dispose();
    p.release();
    return result;
  });
  await collectAll();
  assert.ok(!isFreed(), 'freed under a call in flight');
  await goOn();
  const { value, error } = await outcome;
  if (lend) assert.equal(error, null);
  if (error === null) {
    const decoded = await sharp(value).raw().toBuffer();
    assert.ok(decoded.equals(pixels), 'encoded other pixels');
  }
  await collectUntil(isFreed, lend ? 'lent pixels' : 'pixels');
}
