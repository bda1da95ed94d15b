/** An ONNX model of one node, written by hand: protobuf messages as bytes. */

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
const integer = (field: number, value: number): number[] => [
  ...varint(field << 3),
  ...varint(value),
];
const bytes = (field: number, content: readonly number[]): number[] => [
  ...varint((field << 3) | 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): number[] =>
  bytes(field, [...Buffer.from(value)]);

/** ValueInfoProto: a tensor of any extents. */
function value(name: string, type: number, rank: number): number[] {
  const dims = Array.from({ length: rank }, (_, k) =>
    bytes(1, text(2, `${name}${k}`)),
  ).flat();
  return [
    ...text(1, name),
    ...bytes(2, bytes(1, [...integer(1, type), ...bytes(2, dims)])),
  ];
}

/** TensorProto.DataType */
export const TYPES: Readonly<Record<string, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

/** y = operator(inputs), all of one type and rank. */
export function modelOf(
  operator: string,
  inputs: readonly string[],
  type: string,
  rank: number,
): Uint8Array {
  const element = TYPES[type] as number;
  const node = [
    ...inputs.flatMap((name) => text(1, name)),
    ...text(2, 'y'),
    ...text(4, operator),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, 'g'),
    ...inputs.flatMap((name) => bytes(11, value(name, element, rank))),
    ...bytes(12, value('y', element, rank)),
  ];
  const opset = [...text(1, ''), ...integer(2, 17)];
  return Uint8Array.from([...integer(1, 8), ...bytes(7, graph), ...bytes(8, opset)]);
}
