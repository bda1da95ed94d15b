/** What this runtime can do, found out once. */
import { hasFloat16Array } from './elements.ts';
import { native } from './native.ts';

export type Capabilities = {
  /** Can host memory be shown as an ArrayBuffer? Not under the V8 sandbox (Electron). */
  readonly externalArrayBuffers: boolean;
  /** Does a release detach exposed ArrayBuffers? */
  readonly revocation: boolean;
  readonly sharedArrayBuffers: boolean;
  readonly float16Array: boolean;
  /** Does the runtime understand `using`? The methods exist everywhere. */
  readonly symbolDispose: boolean;
};

const externalArrayBuffers = native.canWrap();

export const capabilities: Capabilities = Object.freeze({
  externalArrayBuffers,
  revocation: externalArrayBuffers,
  sharedArrayBuffers: typeof SharedArrayBuffer === 'function',
  float16Array: hasFloat16Array,
  symbolDispose: typeof Symbol.dispose === 'symbol',
});
