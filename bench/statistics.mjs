// Medians and quartiles of a few figures.

/** The value below which that part of the figures lies, interpolated. */
export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at % 1);
}

export function median(values) {
  return quantile(values, 0.5);
}

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** {median, q1, q3} */
export function summary(values) {
  const [q1, middle, q3] = [0.25, 0.5, 0.75].map((q) => quantile(values, q));
  return { median: middle, q1, q3 };
}

export function rounded(value, digits = 4) {
  return Number(value.toPrecision(digits));
}
