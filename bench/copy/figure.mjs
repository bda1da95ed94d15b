// The chart of the copy benchmark.
import { dotPanel, legend, linePanel, logDomain, svg, text } from '../chart.mjs';
import { sizeName } from './cases.mjs';

const WIDTH = 1200;
const MARGIN = 24;
const COLUMN = 560;
const SOFT = { size: 12, color: '#5b6770' };

/** Colours that stay apart for everybody (Okabe and Ito). */
const PEERS = {
  nbuf: { name: 'nbuf', color: '#0072B2' },
  memcpy: { name: 'memcpy', color: '#4d4d4d', shape: 'diamond' },
  numpy: { name: 'NumPy', color: '#D55E00', shape: 'diamond' },
  scijs: { name: 'ndarray-ops', color: '#009E73' },
  stdlib: { name: '@stdlib', color: '#CC79A7' },
  cpython: { name: 'CPython', color: '#E69F00' },
};
const RATIOS = {
  numpy: { color: '#0072B2', shape: 'circle' },
  memcpy: { color: '#8a8f94', shape: 'diamond' },
};

/** Of the same pattern in several sizes, the greatest below the limit. */
function largest(results, limit = Infinity) {
  const best = new Map();
  for (const result of results) {
    const known = best.get(result.label);
    if (result.bytes <= limit && (known === undefined || result.bytes > known.bytes))
      best.set(result.label, result);
  }
  return [...best.values()];
}

function row({ label, ratios }) {
  const figures = {};
  for (const peer of ['memcpy', 'numpy']) {
    if (ratios[peer] === undefined) continue;
    const { ratio, q1, q3 } = ratios[peer];
    figures[peer] = { value: ratio, low: q1, high: q3 };
  }
  return { label, figures };
}

function section(title, results) {
  const shown = results.filter(({ ratios }) => ratios.numpy !== undefined);
  if (shown.length === 0) return [];
  const sizes = [...new Set(shown.map(({ bytes }) => bytes))].sort((a, b) => a - b);
  const size =
    sizes.at(-1) < 1.1 * sizes[0]
      ? sizeName(sizes.at(-1))
      : `${sizeName(sizes[0])} to ${sizeName(sizes.at(-1))}`;
  return [{ heading: `${title}, ${size}` }, ...shown.map(row)];
}

function columns(results) {
  const of = (group) => results.filter((result) => result.group === group);
  const transposed = of('itemsize').filter(({ label }) => label.startsWith('transpose'));
  const shorter = transposed.map((each) => ({ ...each, label: `${each.itemsize} B` }));
  const is2Mib = shorter.filter(({ bytes }) => bytes < 2 ** 22);
  return [
    [
      ...section('Layouts', largest(of('size'), 2 ** 27)),
      ...section('Images', largest(of('image'))),
      ...section('Byte order', of('swap')),
      ...section('Broadcast', of('broadcast')),
    ],
    [
      ...section('All orders of four axes, f32', largest(of('permutation'))),
      ...section('Transpose, by size of an item', is2Mib),
    ],
  ];
}

/** The peers that measured these results, as lines over `place(result)`. */
function linesOf(results, place) {
  return Object.entries(PEERS)
    .map(([peer, style]) => ({
      ...style,
      points: results
        .filter(({ peers }) => peers[peer]?.GBps !== undefined)
        .map((result) => ({ x: place(result), value: result.peers[peer].GBps })),
    }))
    .filter(({ points }) => points.length > 0);
}

/** Only so many ticks, the ends among them, that labels do not meet. */
function thinned(ticks, most) {
  if (ticks.length <= most) return ticks;
  const step = (ticks.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, k) => ticks[Math.round(k * step)]);
}

function growth(results, { group, label, title, below, place, name, isLog }) {
  const own = results.filter(
    (result) => result.group === group && label.test(result.label),
  );
  if (own.length < 2) return null;
  const ticks = own.map((result) => [place(result), name(result)]);
  const few = isLog ? thinned(ticks, 4) : ticks;
  return { title, below, isLog, ticks: few, lines: linesOf(own, place) };
}

const bySize = (label, title) => ({
  group: 'size',
  label: new RegExp(`^${label}$`),
  title,
  below: 'size',
  isLog: true,
  place: ({ bytes }) => bytes,
  name: ({ name }) => name.split(', ').at(-1),
});

const GROWTH = [
  bySize('padded rows to packed f64', 'Padded rows to packed, f64'),
  bySize('transpose f32', 'Transpose, f32'),
  {
    group: 'ndim',
    label: /^axes reversed/,
    title: 'Axes reversed, f32, 16 MiB',
    below: 'axes',
    isLog: false,
    place: ({ ndim }) => ndim,
    name: ({ ndim }) => String(ndim),
  },
  {
    group: 'blocks',
    label: /./,
    title: 'Blocks by pointers to packed, 16 MiB',
    below: 'blocks',
    isLog: true,
    place: ({ blocks }) => blocks,
    name: ({ blocks }) => String(blocks),
  },
];

const times = (tick) => `${tick}×`;

/** The SVG text; `about` is the machine and the date. */
export function copyChart(results, about) {
  const lists = columns(results);
  const values = lists
    .flat()
    .flatMap(({ figures }) => Object.values(figures ?? {}))
    .flatMap(({ low, value, high }) => [low, value, high]);
  const domain = logDomain([...values, 0.5, 2]);
  const parts = [
    text(MARGIN, 34, 'Copying between layouts: how many times as fast as …', {
      size: 18,
      bold: true,
    }),
    text(MARGIN, 54, about, SOFT),
    legend(MARGIN, 80, [
      ['nbuf over NumPy', RATIOS.numpy],
      ['nbuf over memcpy of as many bytes', RATIOS.memcpy],
    ]),
    text(
      MARGIN + 470,
      80,
      'right of 1×: nbuf is faster; lines from quartile to quartile',
      SOFT,
    ),
  ];
  const panels = lists.map((rows, k) =>
    dotPanel({
      x: MARGIN + k * (COLUMN + 32),
      y: 96,
      width: COLUMN,
      labels: 190,
      rows,
      domain,
      series: RATIOS,
      tickName: times,
    }),
  );
  const top = 96 + Math.max(...panels.map(({ height }) => height)) + 48;
  parts.push(...panels.map(({ body }) => body));
  parts.push(
    text(MARGIN, top, 'Growth', { size: 18, bold: true }),
    legend(
      MARGIN + 110,
      top - 1,
      Object.values(PEERS).map((style) => [style.name, style]),
    ),
  );
  const graphs = GROWTH.map((each) => growth(results, each)).filter((each) => each);
  graphs.forEach((graph, k) => {
    const place = { x: MARGIN + k * 292, y: top + 20, width: 280, height: 290 };
    parts.push(linePanel({ ...graph, ...place, unit: 'GB/s of payload' }).body);
  });
  return svg(WIDTH, top + (graphs.length > 0 ? 320 : 20), parts);
}
