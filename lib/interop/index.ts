/** nbuf/interop: to and from the arrays of other JavaScript packages, none of which it needs. */
export { type ArrowLists, type ToArrowOptions, toArrow } from './arrow.ts';
export { type FromArrowOptions, fromArrow } from './arrow_from.ts';
export {
  type ArrowColumns,
  type FromArrowStreamOptions,
  fromArrowStream,
} from './arrow_read.ts';
export {
  type ArrowStreamOptions,
  toArrowBatches,
  toArrowStream,
} from './arrow_stream.ts';
export type { ArrowColumn, ArrowIpcModule, ArrowModule } from './arrow_types.ts';
export type { CopyOptions } from './common.ts';
export {
  type CanvasLike,
  fromCanvas,
  fromImageData,
  type ImageDataConstructor,
  type ImageDataLike,
  type ImageDataOptions,
  toImageData,
} from './image_data.ts';
export {
  fromNdarray,
  type NdarrayFunction,
  type NdarrayLike,
  type NdarrayOptions,
  toNdarray,
} from './ndarray.ts';
export {
  fromNpyjs,
  type NpyjsArray,
  type NpyjsDType,
  type NpyjsResult,
  toNpyjs,
} from './npyjs.ts';
export type { FullRect, Rect } from './numbers.ts';
export {
  fromOnnx,
  type OnnxTensor,
  type OnnxTensorConstructor,
  type OnnxType,
  toOnnx,
} from './onnx.ts';
export type { VideoPixelFormat } from './plane_formats.ts';
export { fromPlanes, type PlaneLayout, type PlanesSource } from './planes.ts';
export {
  type FromPointerOptions,
  type Koffi,
  type Pointer,
  type PointerOptions,
  toPointer,
  unsafeFromPointer,
} from './pointer.ts';
export {
  fromSharp,
  type SharpInput,
  type SharpOptions,
  type SharpOutput,
  type SharpRaw,
  toSharp,
} from './sharp.ts';
export {
  fromStdlib,
  type StdlibConstructor,
  type StdlibLike,
  type StdlibOptions,
  toStdlib,
} from './stdlib.ts';
export { fromTfjs, type Tfjs, type TfjsArray, toTfjs, toTfjsBuffer } from './tfjs.ts';
export { type Planes, type ToPlanesOptions, toPlanes } from './to_planes.ts';
export {
  type ToWebGpuOptions,
  toWebGpu,
  type WebGpuImage,
  type WebGpuLayout,
} from './to_webgpu.ts';
export { fromWebGpu, type WebGpuSize, type WebGpuSource } from './webgpu.ts';
export {
  fromZarrita,
  toZarrita,
  type ZarritaChunk,
  type ZarritaData,
  type ZarritaOptions,
} from './zarrita.ts';
