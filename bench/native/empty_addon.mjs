// P9's peer as a package would load it: an ES module over a native addon with nothing in it.
import { createRequire } from 'node:module';

export default createRequire(import.meta.url)('../../.bench/empty_addon.node');
