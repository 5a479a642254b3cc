import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as Type,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';

/** The network as an ONNX model (opset 13): image [batch, 1, 28, 28], pixels from 0 to 1, to the probabilities of ten digits. */
export function toOnnx({ conv1, conv2, fc1, fc2 }) {
  const graph = create(GraphProtoSchema, {
    name: 'mnist',
    input: [value('image', [1, 28, 28])],
    output: [value('probabilities', [10])],
    initializer: [
      ...convolution('conv1', conv1),
      ...convolution('conv2', conv2),
      tensor('fc1.weight', [64, 1568], flattened(fc1)),
      tensor('fc1.bias', [64], fc1.bias.values),
      tensor('fc2.weight', [10, 64], transposed(fc2.weight.values, 64, 10)),
      tensor('fc2.bias', [10], fc2.bias.values),
    ],
    node: [
      node('Conv', 'conv1', ['image', 'conv1.weight', 'conv1.bias'], 'conv1.out', conv(5, 2, 2)),
      node('Relu', 'relu1', ['conv1.out'], 'relu1.out'),
      node('Conv', 'conv2', ['relu1.out', 'conv2.weight', 'conv2.bias'], 'conv2.out', conv(3, 2, 1)),
      node('Relu', 'relu2', ['conv2.out'], 'relu2.out'),
      node('Flatten', 'flatten', ['relu2.out'], 'flatten.out'),
      node('Gemm', 'fc1', ['flatten.out', 'fc1.weight', 'fc1.bias'], 'fc1.out', [int('transB', 1)]),
      node('Relu', 'relu3', ['fc1.out'], 'relu3.out'),
      node('Gemm', 'fc2', ['relu3.out', 'fc2.weight', 'fc2.bias'], 'fc2.out', [int('transB', 1)]),
      node('Softmax', 'softmax', ['fc2.out'], 'probabilities', [int('axis', 1)]),
    ],
  });
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: 'quantscope test/mnist',
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 13n })],
    graph,
  });
  return toBinary(ModelProtoSchema, model);
}

/** [kernel][kernel][channels][outputs] to [outputs][channels][kernel][kernel]. */
function convolution(name, { kernel, channels, outputs, dense }) {
  const values = new Float32Array(dense.weight.values.length);
  for (let tap = 0; tap < kernel * kernel; tap++)
    for (let c = 0; c < channels; c++)
      for (let o = 0; o < outputs; o++)
        values[(o * channels + c) * kernel * kernel + tap] =
          dense.weight.values[(tap * channels + c) * outputs + o];
  return [
    tensor(`${name}.weight`, [outputs, channels, kernel, kernel], values),
    tensor(`${name}.bias`, [outputs], dense.bias.values),
  ];
}

/** The rows of fc1 count [7][7][32]; ONNX flattens [32][7][7]. */
function flattened({ weight, outputs }) {
  const values = new Float32Array(weight.values.length);
  for (let place = 0; place < 49; place++)
    for (let c = 0; c < 32; c++)
      for (let o = 0; o < outputs; o++)
        values[o * 1568 + c * 49 + place] = weight.values[(place * 32 + c) * outputs + o];
  return values;
}

function transposed(source, rows, columns) {
  return Float32Array.from(source, (_, i) => source[(i % rows) * columns + Math.floor(i / rows)]);
}

function tensor(name, dims, values) {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return create(TensorProtoSchema, { name, dataType: DataType.FLOAT, dims: dims.map(BigInt), rawData });
}

function value(name, sizes) {
  const dim = [
    { value: { case: 'dimParam', value: 'batch' } },
    ...sizes.map((size) => ({ value: { case: 'dimValue', value: BigInt(size) } })),
  ];
  const type = { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, shape: { dim } } } };
  return create(ValueInfoProtoSchema, { name, type });
}

function node(opType, name, input, output, attribute = []) {
  return create(NodeProtoSchema, { opType, name, input, output: [output], attribute });
}

function int(name, i) {
  return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(i) });
}

function conv(kernel, stride, pad) {
  const ints = (name, values) =>
    create(AttributeProtoSchema, { name, type: Type.INTS, ints: values.map(BigInt) });
  return [
    ints('kernel_shape', [kernel, kernel]),
    ints('strides', [stride, stride]),
    ints('pads', [pad, pad, pad, pad]),
  ];
}
