// Independent addons that several tests load: built once, before all of them.
import { buildAddons } from '../scripts/build-addons.mjs';

export default function setup(): void {
  buildAddons('examples', 'test/addons');
}
