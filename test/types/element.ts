/** One element to compare types with. */
import { acquire, calcsize, type Full, HostArray, type ProviderOf } from 'nbuf';

/** One element over bytes that are all different. */
export function elementOf(format: string): ProviderOf<HostArray, Full> {
  const bytes = Uint8Array.from({ length: calcsize(format) }, (_, k) => 37 * k + 11);
  return acquire(HostArray.fromBytes(bytes, { shape: [], format }));
}
