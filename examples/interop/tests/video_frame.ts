/** VideoFrame where @napi-rs/webcodecs has a build for this platform, else null. */
import type * as webcodecs from '@napi-rs/webcodecs';

export type PixelFormat = webcodecs.VideoPixelFormat;

let found: typeof webcodecs.VideoFrame | null = null;
try {
  found = (await import('@napi-rs/webcodecs')).VideoFrame;
} catch {
  // no build for it
}

export const VideoFrame: typeof webcodecs.VideoFrame | null = found;
