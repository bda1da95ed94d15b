// Charts as SVG text: dots by row and lines, both on logarithmic axes. Pure functions; all
// lengths in pixels.

const INK = '#1f2933';
const FAINT = '#d5dbe1';
const SOFT = '#5b6770';
const FONT = "font-family='Helvetica, Arial, sans-serif'";

export function escapeText(text) {
  return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const at = (value) => Number(value.toFixed(1));

export function text(
  x,
  y,
  content,
  { size = 12, anchor = 'start', color = INK, bold } = {},
) {
  const weight = bold ? " font-weight='bold'" : '';
  return (
    `<text x='${at(x)}' y='${at(y)}' ${FONT} font-size='${size}' fill='${color}' ` +
    `text-anchor='${anchor}'${weight}>${escapeText(content)}</text>`
  );
}

export function line(x1, y1, x2, y2, color = FAINT, width = 1) {
  return (
    `<line x1='${at(x1)}' y1='${at(y1)}' x2='${at(x2)}' y2='${at(y2)}' ` +
    `stroke='${color}' stroke-width='${width}'/>`
  );
}

const SHAPES = {
  circle: (x, y, color) => `<circle cx='${at(x)}' cy='${at(y)}' r='4' fill='${color}'/>`,
  diamond: (x, y, color) =>
    `<path d='M${at(x)} ${at(y - 5)} l5 5 l-5 5 l-5 -5 z' fill='${color}'/>`,
};

/** A mark of a series: {color, shape?}. */
export function mark(x, y, { color, shape = 'circle' }) {
  return SHAPES[shape](x, y, color);
}

/** A function from [low, high] to pixels, by logarithm; values outside go to the end. */
export function logScale([low, high], [from, to]) {
  const span = Math.log(high / low);
  return (value) => {
    const part = Math.log(Math.min(high, Math.max(low, value)) / low) / span;
    return from + part * (to - from);
  };
}

/** 1, 2 and 5 times powers of ten within [low, high]; only powers where that is too many. */
export function logTicks([low, high], most = 9) {
  const ticks = (factors) => {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++)
      for (const factor of factors) {
        const tick = Number((factor * 10 ** power).toPrecision(3));
        if (tick >= low && tick <= high) found.push(tick);
      }
    return found;
  };
  const fine = ticks([1, 2, 5]);
  return fine.length <= most ? fine : ticks([1]);
}

/** The least [low, high] of 1, 2 and 5 times powers of ten that holds all values. */
export function logDomain(values) {
  const steps = logTicks([1e-9, 1e12], Infinity);
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  const low = steps.filter((step) => step <= least).at(-1);
  const high = steps.find((step) => step >= greatest && step > low);
  return [low, high];
}

const ROW = 17;
const HEADING = 26;

/**
 * A row for each pattern, with a mark for each of its figures and a thin line from quartile
 * to quartile. rows: {heading} or {label, figures: {series: {value, low, high}}}; series:
 * {name: {color, shape}}. Returns {body, height}.
 */
export function dotPanel({
  x,
  y,
  width,
  labels,
  rows,
  domain,
  series,
  tickName = String,
}) {
  const left = x + labels;
  const scale = logScale(domain, [left, x + width]);
  const rowsHeight = rows.reduce(
    (sum, row) => sum + (row.heading === undefined ? ROW : HEADING),
    0,
  );
  const bottom = y + 20 + rowsHeight;
  const parts = logTicks(domain, 12).flatMap((tick) => [
    line(scale(tick), y + 20, scale(tick), bottom, tick === 1 ? SOFT : FAINT),
    text(scale(tick), y + 12, tickName(tick), {
      size: 11,
      anchor: 'middle',
      color: SOFT,
    }),
  ]);
  let top = y + 20;
  for (const row of rows) {
    if (row.heading !== undefined) {
      parts.push(text(x, top + HEADING - 8, row.heading, { size: 12, bold: true }));
      top += HEADING;
      continue;
    }
    const middle = top + ROW / 2;
    parts.push(text(left - 8, middle + 4, row.label, { anchor: 'end' }));
    for (const [name, { value, low, high }] of Object.entries(row.figures)) {
      parts.push(line(scale(low), middle, scale(high), middle, series[name].color, 2));
      parts.push(mark(scale(value), middle, series[name]));
    }
    top += ROW;
  }
  return { body: parts.join('\n'), height: bottom - y };
}

/**
 * Lines over a logarithmic or an even axis. lines: [{color, shape, points: [{x, value}]}];
 * ticks: [[x, label], …] of the lower axis. Returns {body, height}.
 */
export function linePanel({
  x,
  y,
  width,
  height,
  title,
  unit,
  below,
  lines,
  ticks,
  isLog,
}) {
  const left = x + 46;
  const right = x + width - 12;
  const top = y + 44;
  const bottom = y + height - 44;
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  const domain = logDomain(values);
  const up = logScale(domain, [bottom, top]);
  const ends = [ticks[0][0], ticks.at(-1)[0]];
  const even = (value) =>
    left + ((value - ends[0]) / Math.max(1e-9, ends[1] - ends[0])) * (right - left);
  const across = isLog && ends[1] > ends[0] ? logScale(ends, [left, right]) : even;
  const parts = [
    text(x, y + 14, title, { size: 13, bold: true }),
    text(x, y + 32, unit, { size: 11, color: SOFT }),
    text((left + right) / 2, bottom + 36, below, {
      size: 11,
      anchor: 'middle',
      color: SOFT,
    }),
  ];
  for (const tick of logTicks(domain)) {
    parts.push(line(left, up(tick), right, up(tick)));
    parts.push(
      text(left - 6, up(tick) + 4, tick, { size: 11, anchor: 'end', color: SOFT }),
    );
  }
  for (const [value, label] of ticks)
    parts.push(
      text(across(value), bottom + 18, label, {
        size: 11,
        anchor: 'middle',
        color: SOFT,
      }),
    );
  for (const one of lines) {
    const places = one.points.map((point) => [across(point.x), up(point.value)]);
    const path = places.map(([px, py]) => `${at(px)},${at(py)}`).join(' ');
    parts.push(
      `<polyline points='${path}' fill='none' stroke='${one.color}' stroke-width='2'/>`,
      ...places.map(([px, py]) => mark(px, py, one)),
    );
  }
  return { body: parts.join('\n'), height };
}

/** Marks with their names, one after the other. series: [[name, {color, shape}], …]. */
export function legend(x, y, series) {
  const parts = [];
  let from = x;
  for (const [name, style] of series) {
    parts.push(mark(from + 5, y - 4, style), text(from + 15, y, name));
    from += 36 + name.length * 6.6;
  }
  return parts.join('\n');
}

export function svg(width, height, parts) {
  return [
    `<svg xmlns='http://www.w3.org/2000/svg' width='${width}' height='${height}' ` +
      `viewBox='0 0 ${width} ${height}'>`,
    `<rect width='${width}' height='${height}' fill='#ffffff'/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}
