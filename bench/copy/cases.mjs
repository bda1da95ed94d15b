// What the copy benchmark copies: every pattern, in every size that a run measures.
import {
  broadcast,
  copyCase,
  every,
  flip,
  packed,
  part,
  rows,
  transpose,
} from './views.mjs';

const KIB = 1024;
const MIB = 1024 * KIB;
export const SIZES = [
  4 * KIB,
  32 * KIB,
  256 * KIB,
  2 * MIB,
  16 * MIB,
  128 * MIB,
  512 * MIB,
];
export const BLOCKS = [1, 4, 16, 64, 256, 1024, 4096, 16384];
const SHORT_SIZE = 256 * KIB;

const NAMES = { 1: 'u8', 2: 'u16', 4: 'f32', 8: 'f64', 16: 'c128' };
const named = (itemsize) => NAMES[itemsize] ?? `${itemsize} B`;

/** Bytes as people say them. */
export function sizeName(bytes) {
  const [unit, name] = bytes >= MIB ? [MIB, 'MiB'] : [KIB, 'KiB'];
  return `${Number((bytes / unit).toPrecision(3))} ${name}`;
}

/** Extents of about that many elements; no power of two, where caches behave oddly. */
function sides(elements, ndim) {
  const side = Math.max(2, Math.floor(elements ** (1 / ndim) + 1e-9));
  return Array(ndim).fill(ndim === 2 && side % 64 === 0 ? side - 8 : side);
}

// ===== by size =====

const BY_SIZE = {
  'contiguous f64': (n) => {
    const shape = [n / 8];
    return [packed(shape, 8), packed(shape, 8)];
  },
  'padded rows to packed f64': (n) => {
    const shape = [n / 1024, 128];
    return [packed(shape, 8), packed(shape, 8, [n / 1024, 136])];
  },
  'transpose f64': (n) => transposed(n, 8),
  'transpose f32': (n) => transposed(n, 4),
  'transpose u8': (n) => (n > 128 * MIB ? null : transposed(n, 1)),
  'reverse both axes f64': (n) => {
    const shape = sides(n / 8, 2);
    return [packed(shape, 8), flip(packed(shape, 8), 0, 1)];
  },
  'every second column f64': (n) => {
    const [height, width] = sides(n / 8, 2);
    return [packed([height, width], 8), every(packed([height, 2 * width], 8), 1, 2)];
  },
  'byte swap f64': (n) => {
    const shape = [n / 8];
    return [packed(shape, 8), packed(shape, 8), { swap: 8 }];
  },
};

function transposed(bytes, itemsize) {
  const [height, width] = sides(bytes / itemsize, 2);
  return [
    packed([width, height], itemsize),
    transpose(packed([height, width], itemsize)),
  ];
}

function bySize(sizes) {
  return Object.entries(BY_SIZE).flatMap(([label, make]) =>
    sizes
      .map((size) => ({ size, made: make(size) }))
      .filter(({ made }) => made !== null)
      .map(({ size, made: [dst, src, options] }) =>
        copyCase('size', label, dst, src, {
          ...options,
          name: `${label}, ${sizeName(size)}`,
        }),
      ),
  );
}

// ===== by item size and number of axes =====

function byItemsize(itemsizes, size) {
  return itemsizes.flatMap((itemsize) => {
    const [height, width] = sides(size / itemsize, 2);
    const name = `${itemsize} B items`;
    const wide = packed([height, 2 * width], itemsize);
    return [
      copyCase('itemsize', `transpose, ${name}`, ...transposed(size, itemsize)),
      copyCase(
        'itemsize',
        `every second, ${name}`,
        packed([height, width], itemsize),
        every(wide, 1, 2),
      ),
    ];
  });
}

function byNdim(ndims, size) {
  return ndims.flatMap((ndim) => {
    const shape = sides(size / 4, ndim);
    const thin = sides(size / 8, ndim);
    const wide = packed(
      thin.map((extent) => 2 * extent),
      4,
    );
    const sparse = thin.reduce((array, _, axis) => every(array, axis, 2), wide);
    const reversed = ndim === 1 ? flip(packed(shape, 4), 0) : transpose(packed(shape, 4));
    return [
      copyCase('ndim', `axes reversed, ${ndim}-d f32`, packed(shape, 4), reversed),
      ...(ndim > 4
        ? []
        : [
            copyCase(
              'ndim',
              `every second of all, ${ndim}-d f32`,
              packed(thin, 4),
              sparse,
            ),
          ]),
    ];
  });
}

/** All orders of 0 … count - 1, lexicographically. */
export function permutations(count) {
  const insert = (taken) =>
    taken.length === count
      ? [taken]
      : [...Array(count).keys()]
          .filter((axis) => !taken.includes(axis))
          .flatMap((axis) => insert([...taken, axis]));
  return insert([]);
}

function byPermutation(shape) {
  return permutations(4).map((axes) => {
    const src = transpose(packed(shape, 4), axes);
    const label = `(${axes.join(', ')})`;
    return copyCase('permutation', label, packed(src.view.shape, 4), src, {
      name: `${label} of ${shape.join('×')} f32`,
    });
  });
}

// ===== images =====

const CHANNELS_FIRST = [2, 0, 1];
const CHANNELS_LAST = [1, 2, 0];

/** Label and [dst, src] of height × width pixels of 8 bits a channel. */
function images(h, w) {
  const rgb = () => packed([h, w, 3], 1);
  const rgba = () => packed([h, w, 4], 1);
  const gray = () => packed([h, w], 1);
  const turned = (image) =>
    flip(transpose(image, [1, 0, 2].slice(0, image.view.shape.length)), 1);
  const back = (image) => flip(transpose(image, [1, 0, 2]), 0);
  const channel = (image, k) => part(image, 2, k, k + 1);
  const padded = () => packed([h, w, 3], 1, [h, w + 32, 3]);
  const chroma = () => packed([h / 2, w / 2, 2], 1);
  return {
    'HWC to CHW': [packed([3, h, w], 1), transpose(rgb(), CHANNELS_FIRST)],
    'CHW to HWC': [rgb(), transpose(packed([3, h, w], 1), CHANNELS_LAST)],
    'RGB to BGR': [rgb(), flip(rgb(), 2)],
    'RGBA to ABGR': [rgba(), flip(rgba(), 2)],
    'RGBA to RGB': [rgb(), part(rgba(), 2, 0, 3)],
    'RGB into RGBA': [part(rgba(), 2, 0, 3), rgb()],
    'padded rows to packed': [rgb(), padded()],
    'packed to padded rows': [padded(), rgb()],
    'one plane of RGB': [packed([h, w, 1], 1), channel(rgb(), 0)],
    'one plane into RGB': [channel(rgb(), 0), packed([h, w, 1], 1)],
    'NV12 chroma to planes': [
      packed([2, h / 2, w / 2], 1),
      transpose(chroma(), CHANNELS_FIRST),
    ],
    'planes to NV12 chroma': [
      chroma(),
      transpose(packed([2, h / 2, w / 2], 1), CHANNELS_LAST),
    ],
    'flip top to bottom': [rgb(), flip(rgb(), 0)],
    'flip left to right': [rgb(), flip(rgb(), 1)],
    'rotate 180°': [rgb(), flip(rgb(), 0, 1)],
    'rotate 90° right': [packed([w, h, 3], 1), turned(rgb())],
    'rotate 90° left': [packed([w, h, 3], 1), back(rgb())],
    'rotate 90° right, gray': [packed([w, h], 1), turned(gray())],
    'row pointers to packed': [rgb(), rows([h, w, 3], 1)],
    'packed to row pointers': [rows([h, w, 3], 1), rgb()],
    'row pointers to CHW': [packed([3, h, w], 1), rows([h, w, 3], 1, CHANNELS_FIRST)],
  };
}

function byImage(height, width) {
  return Object.entries(images(height, width)).map(([label, [dst, src]]) =>
    copyCase('image', label, dst, src, { name: `${label}, ${width}×${height}` }),
  );
}

// ===== byte order, broadcasting, blocks =====

function bySwap(size) {
  const made = [];
  for (const itemsize of [2, 4, 8, 16]) {
    const swap = Math.min(itemsize, 8);
    const shape = [size / itemsize];
    const contiguous = [packed(shape, itemsize), packed(shape, itemsize)];
    made.push(copyCase('swap', `swap ${named(itemsize)}`, ...contiguous, { swap }));
  }
  for (const itemsize of [4, 8]) {
    const label = `swap and transpose ${named(itemsize)}`;
    made.push(copyCase('swap', label, ...transposed(size, itemsize), { swap: itemsize }));
  }
  return made;
}

function byBroadcast(size) {
  const shape = sides(size / 8, 2);
  const [height, width] = shape;
  const from = {
    'row to matrix f64': [1, width],
    'column to matrix f64': [height, 1],
    'one element to matrix f64': [1, 1],
  };
  return Object.entries(from).map(([label, few]) =>
    copyCase('broadcast', label, packed(shape, 8), broadcast(packed(few, 8), shape)),
  );
}

function byBlocks(counts, size) {
  return counts.map((count) => {
    const shape = [count, size / count / 8];
    const label = `${count} block${count === 1 ? '' : 's'} to packed f64`;
    return copyCase('blocks', label, packed(shape, 8), rows(shape, 8));
  });
}

const upTo = (count) => Array.from({ length: count }, (_, k) => k + 1);

/** All cases of a run; the short one has each pattern once, small. */
export function allCases(isShort) {
  const list = isShort
    ? [
        ...bySize([SHORT_SIZE]),
        ...byItemsize([1, 3, 16], SHORT_SIZE),
        ...byNdim([1, 3, 6], SHORT_SIZE),
        ...byPermutation([16, 16, 16, 8]),
        ...byImage(120, 160),
        ...bySwap(SHORT_SIZE),
        ...byBroadcast(SHORT_SIZE),
        ...byBlocks([1, 64], SHORT_SIZE),
      ]
    : [
        ...bySize(SIZES),
        ...byItemsize(upTo(16), 2 * MIB),
        ...byItemsize([2, 3, 16], 128 * MIB),
        ...byNdim(upTo(6), 16 * MIB),
        ...byPermutation([32, 32, 32, 16]),
        ...byPermutation([128, 128, 128, 16]),
        ...byImage(480, 640),
        ...byImage(2160, 3840),
        ...bySwap(2 * MIB),
        ...byBroadcast(16 * MIB),
        ...byBlocks(BLOCKS, 16 * MIB),
      ];
  return list.map((each, index) => ({ ...each, id: index }));
}
