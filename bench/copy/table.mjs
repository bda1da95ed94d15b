// The table of the copy benchmark in Markdown.

import { sizeName } from './cases.mjs';
import { PEERS } from './peers.mjs';

const TITLES = {
  size: 'Layouts, by size',
  itemsize: 'By size of an item',
  ndim: 'By number of axes',
  permutation: 'All orders of four axes',
  image: 'Images, 8 bits a channel, width × height',
  swap: 'Byte order',
  broadcast: 'Broadcast sources',
  blocks: 'Blocks by pointers',
};

const figure = (value) =>
  value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

/** "12.3 (11.9–12.6)": the median and the quartiles of the rounds. */
function speed({ median, q1, q3, GBps }) {
  if (GBps === undefined) return '-';
  const at = (ns) => figure((GBps * median) / ns);
  return `${figure(GBps)} (${at(q3)}–${at(q1)})`;
}

const ratio = (one) =>
  one === undefined ? '-' : `${figure(one.ratio)} (${figure(one.q1)}–${figure(one.q3)})`;

function row(result) {
  const cells = [
    result.name.split(', ')[0] === result.label ? result.label : result.name,
    result.itemsize,
    result.ndim,
    sizeName(result.bytes),
    ...Object.keys(PEERS).map((peer) => speed(result.peers[peer])),
    ratio(result.ratios.memcpy),
    ratio(result.ratios.numpy),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Why there is a `-`, for each peer and reason once. */
function reasons(results) {
  const found = new Map();
  for (const { peers } of results)
    for (const [peer, { left }] of Object.entries(peers))
      if (left !== undefined) found.set(`${PEERS[peer]}: ${left}`, true);
  return [...found.keys()].map((reason) => `* ${reason}`);
}

/** The whole text; `about` is the machine and the date. */
export function copyTable(results, about) {
  const names = Object.values(PEERS);
  const head = ['pattern', 'item, B', 'axes', 'size', ...names, '× memcpy', '× NumPy'];
  const rule = head.map((_, k) => (k === 0 ? '---' : '---:'));
  const lines = [];
  for (const [group, title] of Object.entries(TITLES)) {
    const own = results.filter((result) => result.group === group);
    if (own.length === 0) continue;
    lines.push(`| **${title}** |${' |'.repeat(head.length - 1)}`, ...own.map(row));
  }
  return [
    '# Copies',
    '',
    about,
    '',
    'GB/s of payload: the median of the rounds, and its quartiles in brackets. The last two',
    'columns are how many times as fast nbuf was as memcpy of as many bytes and as NumPy, with the',
    'quartiles of the ratios of the rounds. How it was measured: [README.md](../README.md).',
    '',
    `| ${head.join(' | ')} |`,
    `| ${rule.join(' | ')} |`,
    ...lines,
    '',
    '`-` was not measured:',
    '',
    ...reasons(results),
    '',
  ].join('\n');
}
