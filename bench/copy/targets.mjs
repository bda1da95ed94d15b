// P5 of the performance page, out of the results of a whole run: rows for measure.mjs.

const LARGE = 2 ** 20;
const HUGE = 2 ** 27;
const ROWS =
  /^(contiguous f64|padded rows to packed.*|packed to padded rows|flip top to bottom|(packed to )?row pointers( to packed)?)$/;
const CHANNELS = /^(HWC to CHW|CHW to HWC|RGB to BGR)$/;

/** The row of the case in which nbuf is slowest beside that peer. */
function worst(results, peer, name, target, shown) {
  const measured = results.filter(({ ratios }) => ratios[peer] !== undefined);
  if (measured.length === 0) return [];
  const least = measured.reduce((a, b) =>
    a.ratios[peer].ratio <= b.ratios[peer].ratio ? a : b,
  );
  return [
    {
      id: 'P5',
      name: `${name}, worst of ${measured.length}: ${least.name}`,
      unit: 'GB/s',
      ours: least.peers.nbuf.GBps,
      peer: least.peers[peer].GBps,
      ratio: least.ratios[peer].ratio,
      spread: [least.ratios[peer].q1, least.ratios[peer].q3],
      against: shown,
      target,
      atLeast: true,
    },
  ];
}

export function targetRows(results) {
  const rows = results.filter(({ label }) => ROWS.test(label));
  const orders = results.filter(
    ({ group, bytes }) => group === 'permutation' && bytes >= HUGE,
  );
  const channels = results.filter(({ label }) => CHANNELS.test(label));
  const moved = orders.filter(({ label }) => label !== '(0, 1, 2, 3)');
  const inner = orders.filter(({ label }) => !label.endsWith('3)'));
  const large = ({ bytes }) => bytes >= LARGE;
  return [
    ...worst(rows.filter(large), 'memcpy', 'rows, 1 MiB and more', 0.9, 'memcpy'),
    ...worst(
      rows.filter((each) => !large(each)),
      'memcpy',
      'rows, below 1 MiB',
      0.9,
      'memcpy',
    ),
    ...worst(orders, 'memcpy', 'orders of axes, 128 MiB', 0.4, 'memcpy'),
    ...worst(moved, 'numpy', 'orders of axes, 128 MiB', 4, 'NumPy'),
    ...worst(inner, 'numpy', 'orders that move the last axis', 4, 'NumPy'),
    ...worst(channels.filter(large), 'numpy', 'channels, 24 MiB', 4, 'NumPy'),
    ...worst(
      channels.filter((each) => !large(each)),
      'numpy',
      'channels, 900 KiB',
      4,
      'NumPy',
    ),
    ...worst(results, 'numpy', 'everything', 0.95, 'NumPy'),
  ];
}
