/** nbuf: the extended buffer protocol (PEP 3118) for Node.js. */
export { acquire } from './acquire.ts';
export { acquireAs, type SourceLayout } from './acquire_as.ts';
export { type Capabilities, capabilities } from './capabilities.ts';
export { type CopyAsyncOptions, copyAsync } from './copy_async.ts';
export type { ElementValue } from './elements.ts';
export {
  BufferError,
  type BufferErrorCode,
  type BufferErrorDetails,
  type Holder,
} from './errors.ts';
export type { FieldOf, PathOf } from './field_types.ts';
export { Flags, type RequestOptions } from './flags.ts';
export { calcsize, formatsEqual, parseFormat, writeFormat } from './format.ts';
export type { FormatItem, FormatTree } from './format_tree.ts';
export type { ElementOf } from './format_types.ts';
export { HostArray } from './host_array.ts';
export type {
  AdoptOptions,
  AllocateOptions,
  LayoutChange,
  LayoutOptions,
  LockCounts,
} from './host_array_options.ts';
export {
  type IndirectAllocateOptions,
  IndirectArray,
  type IndirectLayoutChange,
} from './indirect_array.ts';
export type { PointerOptions, PointerTarget } from './indirect_pointers.ts';
export { contiguousStrides } from './layout.ts';
export { type MapMode, type MapOptions, MappedFile, mapFile } from './mapped_file.ts';
export { NpyFile, openNpy } from './npy.ts';
export { type SaveNpyOptions, saveNpy } from './npy_save.ts';
export { type Locks, Provider } from './provider.ts';
export { type BufferReport, type ProviderReport, type Report, report } from './report.ts';

import './report_exit.ts';

export type {
  AnyRequest,
  FormatOf,
  Full,
  Grant,
  Granted,
  ProviderOf,
} from './request_types.ts';
export type { Selection } from './selection.ts';
export { trackProviders } from './tracking.ts';
export type { AnyTypedArray, TypedArrayOf } from './typed_array_types.ts';
export { View } from './view.ts';
export type { Nested } from './view_elements.ts';
export type { ViewLevels } from './view_info.ts';
export type { Ndarray } from './view_typed.ts';
