/** What a request and its source say about the provider, for the compiler. No run-time code. */
import type { ElementValue } from './elements.ts';
import type { Flags, RequestOptions } from './flags.ts';
import type { ElementOf } from './format_types.ts';
import type { HostArray } from './host_array.ts';
import type { IndirectArray } from './indirect_array.ts';
import type { Provider } from './provider.ts';
import type { View } from './view.ts';

/** Was it granted? What was not is null on the provider; boolean: the compiler cannot tell. */
export type Grant = {
  readonly shape: boolean;
  readonly strides: boolean;
  readonly format: boolean;
};

/** What FULL_RO grants, the default request, and every window of a view has. */
export type Full = {
  readonly shape: true;
  readonly strides: true;
  readonly format: true;
};

/** A request as `acquire` takes it. */
export type AnyRequest = number | RequestOptions | undefined;

/** What a request is granted: a `Flags` constant or options; undefined asks for all. */
export type Granted<R extends AnyRequest> = R extends number
  ? GrantedWord<R>
  : R extends object
    ? GrantedOptions<R>
    : Full;

type Words = typeof Flags;
type Plain = Words['SIMPLE' | 'WRITABLE' | 'LAYOUT_SNAPSHOT'];
type Strided = Words[
  | 'STRIDES'
  | 'C_CONTIGUOUS'
  | 'F_CONTIGUOUS'
  | 'ANY_CONTIGUOUS'
  | 'INDIRECT'
  | 'STRIDED'];

/** Sums of constants have the type `number`: they could be anything. */
type GrantedWord<N extends number> = N extends Plain
  ? { readonly shape: false; readonly strides: false; readonly format: false }
  : N extends Words['ND' | 'CONTIG']
    ? { readonly shape: true; readonly strides: false; readonly format: false }
    : N extends Strided
      ? { readonly shape: true; readonly strides: true; readonly format: false }
      : N extends Words['RECORDS' | 'RECORDS_RO' | 'FULL' | 'FULL_RO']
        ? Full
        : Grant;

type OptionOf<R, Name extends string> = Name extends keyof R ? R[Name] : undefined;

/** true is the default. */
type IsAsked<Value> = Value extends boolean ? Value : true;

/** Every demand of contiguity includes the strides. */
type WithStrides<Order, Strides> = Order extends string ? true : IsAsked<Strides>;

type GrantedOptions<R> = {
  readonly shape: true;
  readonly strides: WithStrides<OptionOf<R, 'contiguous'>, OptionOf<R, 'strides'>>;
  readonly format: IsAsked<OptionOf<R, 'format'>>;
};

/** A value that is there when it was granted. */
export type IfGranted<Value, Is extends boolean> = Is extends true ? Value : null;

/** Formats of JavaScript's own arrays, which differ for the compiler by this alone. */
type ByTag = {
  Int8Array: 'b';
  Uint8Array: 'B';
  Uint8ClampedArray: 'B';
  Int16Array: 'h';
  Uint16Array: 'H';
  Int32Array: 'i';
  Uint32Array: 'I';
  BigInt64Array: 'q';
  BigUint64Array: 'Q';
  Float16Array: 'e';
  Float32Array: 'f';
  Float64Array: 'd';
};

type Source<F extends string, E> = { readonly format: F; readonly element: E };

/** Distributes over a union. */
type SourceOf<S> = S extends HostArray<infer F, infer E> | IndirectArray<infer F, infer E>
  ? Source<F, E>
  : S extends View<infer F, infer E>
    ? Source<F, E>
    : S extends { readonly [Symbol.toStringTag]: infer Tag extends keyof ByTag }
      ? Source<ByTag[Tag], ElementOf<ByTag[Tag]>>
      : S extends ArrayBufferLike | DataView
        ? Source<'B', number>
        : Source<string, ElementValue>;

/** The format of a source, as far as the compiler knows it: of this package, or a typed array. */
export type FormatOf<S> = SourceOf<S>['format'];
export type ElementIn<S> = SourceOf<S>['element'];

/** Elements are bytes unless both shape and format were granted. */
type Seen<Shape extends boolean, Format extends boolean, Value, Byte> = Shape extends true
  ? Format extends true
    ? Value
    : Byte
  : Byte;

/** What `acquire(source, request)` returns. */
export type ProviderOf<S, G extends Grant> = Provider<
  Seen<G['shape'], G['format'], FormatOf<S>, 'B'>,
  Seen<G['shape'], G['format'], ElementIn<S>, number>,
  G
>;

/** The format that `HostArray.from` chooses for nested arrays. */
type NestedFormat<S> = S extends readonly (infer Entry)[]
  ? [Entry] extends [never]
    ? 'd'
    : NestedFormat<Entry>
  : S extends number
    ? 'd'
    : S extends bigint
      ? 'q'
      : S extends boolean
        ? '?'
        : string;

/** What `HostArray.from(source)` returns. */
export type ArrayFrom<S> = S extends readonly unknown[]
  ? HostArray<NestedFormat<S>>
  : HostArray<FormatOf<S>, ElementIn<S>>;

/** Makes a misspelt option an error. */
export type KnownOptions<R> = R extends object
  ? { readonly [Name in Exclude<keyof R, keyof RequestOptions>]: never }
  : unknown;
