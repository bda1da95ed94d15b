// Renders lake.jpg, the demo's default picture: a lake at dusk, from noise and gradients.
// Nothing in it is anybody's photograph, so it may be distributed (README.md).
//   node examples/pictures/render.mjs [out.jpg]
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

export const WIDTH = 1000;
export const HEIGHT = 640;
const HORIZON = 392;
const SUN = { x: 640, y: 322 };

const mix = (a, b, t) => a + (b - a) * t;
const mixColor = (a, b, t) => [
  mix(a[0], b[0], t),
  mix(a[1], b[1], t),
  mix(a[2], b[2], t),
];
const clamp = (x) => Math.min(1, Math.max(0, x));
const smooth = (low, high, x) => {
  const t = clamp((x - low) / (high - low));
  return t * t * (3 - 2 * t);
};

/** A number in [0, 1) that depends on nothing but three integers. */
function hash(x, y, seed) {
  let h = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(seed, 974634777);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** Value noise: random numbers at integer points, smooth between them. */
function noise(x, y, seed) {
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [smooth(0, 1, x - i), smooth(0, 1, y - j)];
  const top = mix(hash(i, j, seed), hash(i + 1, j, seed), u);
  return mix(top, mix(hash(i, j + 1, seed), hash(i + 1, j + 1, seed), u), v);
}

/** Noise with detail at every scale, about [0, 1]. */
function fractal(x, y, seed, octaves) {
  let [sum, weight, scale] = [0, 0.5, 1];
  for (let k = 0; k < octaves; k++) {
    sum += weight * noise(x * scale, y * scale, seed + k);
    weight /= 2;
    scale *= 2;
  }
  return sum;
}

function sky(x, y) {
  const t = clamp(y / HORIZON);
  const upper = mixColor([38, 62, 118], [136, 138, 176], smooth(0, 0.62, t));
  let color = mixColor(upper, [250, 190, 128], smooth(0.4, 1, t));
  const far = Math.hypot((x - SUN.x) * 0.8, y - SUN.y);
  color = mixColor(color, [255, 226, 160], 0.75 * Math.exp(-far / 95));
  const cloud = smooth(0.48, 0.72, fractal(x / 240, y / 58, 11, 5));
  const lit = mixColor([92, 84, 118], [255, 196, 158], smooth(0.1, 0.95, t));
  color = mixColor(color, lit, 0.7 * cloud * (1 - 0.6 * t));
  return far < 21 ? mixColor([255, 250, 224], color, smooth(17, 21, far)) : color;
}

// From far to near: where the crest lies, how rough it is, and the air's colour on it.
const RIDGES = [
  { base: 352, height: 130, width: 300, seed: 31, color: [142, 132, 168] },
  { base: 372, height: 110, width: 190, seed: 47, color: [96, 92, 132] },
  { base: 398, height: 88, width: 120, seed: 63, color: [50, 56, 84] },
];

function ridgeCrests(x) {
  return RIDGES.map(
    ({ base, height, width, seed }) =>
      base - height * (fractal(x / width, 0.5, seed, 7) - 0.3),
  );
}

/** What stands above the water at a point. */
function scene(x, y, crests) {
  for (let k = RIDGES.length - 1; k >= 0; k--) {
    const { color, seed } = RIDGES[k];
    const depth = y - crests[k];
    if (depth <= 0) continue;
    const rock = fractal(x / 26 + depth / 40, y / 13, seed + 9, 4) - 0.5;
    const haze = mixColor(
      color,
      [206, 170, 160],
      0.55 * smooth(0, 80, depth) * (1 - k / 3),
    );
    const light = 1 + rock * (0.35 + 0.25 * k);
    return mixColor(
      haze.map((c) => c * light),
      [255, 210, 150],
      0.25 * Math.exp(-depth / 3),
    );
  }
  return sky(x, y);
}

function lake(x, y, crestsAt) {
  const depth = (y - HORIZON) / (HEIGHT - HORIZON);
  const wave = fractal(x / 46, y / (2 + 9 * depth), 85, 4) - 0.5;
  const mirrored = HORIZON - (y - HORIZON) * 1.25 + wave * 46 * depth;
  const shifted = x + wave * 30 * depth;
  const at = Math.min(WIDTH - 1, Math.max(0, Math.round(shifted)));
  const seen = scene(shifted, Math.min(mirrored, HORIZON - 1), crestsAt[at]);
  const dark = mixColor(
    seen.map((c) => c * 0.8),
    [20, 34, 58],
    0.2 + 0.45 * depth,
  );
  const track = Math.exp(-(((x - SUN.x) / (26 + 110 * depth)) ** 2));
  return mixColor(dark, [255, 214, 150], clamp(track * smooth(0.02, 0.22, wave) * 0.9));
}

/** How far the bank and its reeds reach up at x. */
function bank(x) {
  const ground = 606 - 26 * fractal(x / 210, 3.5, 101, 4) - 34 * smooth(420, 0, x);
  return ground - 40 * hash(x, 7, 103) ** 4 * noise(x / 40, 9, 105);
}

const FIRS = [
  { x: 66, top: 206, width: 78 },
  { x: 152, top: 306, width: 56 },
  { x: 218, top: 398, width: 40 },
  { x: 912, top: 402, width: 46 },
];

/** Branches in whorls: each starts narrow and hangs out below. */
function isFir(x, y) {
  return FIRS.some((fir) => {
    const t = (y - fir.top) / (610 - fir.top);
    if (t < 0) return false;
    const side = x < fir.x ? 0 : 1;
    const whorl = 13 * t + noise(t * 9, side, 107) + 30 * t * t;
    const hang = 0.45 + 0.55 * (whorl - Math.floor(whorl));
    const needles = 7 * (noise(x / 2, y / 3, 109) - 0.5);
    return (
      Math.abs(x - fir.x) <
      1.2 + fir.width * t ** 0.8 * hang + needles * smooth(0, 0.1, t)
    );
  });
}

function colorAt(x, y, crestsAt, bankAt) {
  if (y >= bankAt[x] || isFir(x, y)) {
    const light = 0.6 + 0.9 * fractal(x / 9, y / 7, 113, 3);
    return [13 * light, 18 * light, 20 * light];
  }
  return y < HORIZON ? scene(x, y, crestsAt[x]) : lake(x, y, crestsAt);
}

/** The picture as packed RGB bytes. */
export function render() {
  const columns = Array.from({ length: WIDTH }, (_, x) => x);
  const crestsAt = columns.map(ridgeCrests);
  const bankAt = columns.map(bank);
  const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const corner = Math.hypot(x / WIDTH - 0.5, y / HEIGHT - 0.5);
      const gain = 1 - 0.35 * corner * corner;
      const grain = 3 * (hash(x, y, 127) + hash(x, y, 131) - 1);
      const color = colorAt(x, y, crestsAt, bankAt);
      for (let c = 0; c < 3; c++)
        pixels[(y * WIDTH + x) * 3 + c] = color[c] * gain + grain;
    }
  }
  return pixels;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out =
    process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), 'lake.jpg');
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 };
  await sharp(render(), { raw }).jpeg({ quality: 84, mozjpeg: true }).toFile(out);
}
