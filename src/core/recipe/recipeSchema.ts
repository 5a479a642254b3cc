/** The schema of recipes: their type, what checks them and the JSON schema for editors follow from it. */
import * as Type from 'typebox/type';
import {
  ACTIVATION_EXAMPLES,
  ACTIVATIONS_PATTERN,
  FLOAT_ACTIVATIONS,
  parseActivations,
  RANGE_PATTERN,
  parseRange,
} from '../scheme/activations';
import { printable, quoted } from '../../base/quoted';
import { canonicalScheme } from '../scheme/scheme';
import { notAScheme } from '../scheme/schemeLists';
import { schemePattern } from '../scheme/schemePattern';
import { CALIBRATION } from './calibrationSchema';
import { CPUS } from './cpu';
import { EVERY_REPAIR, parseRepair, REPAIR_EXAMPLES, REPAIR_PASSES, REPAIR_PATTERN } from './repair';
import { oneOf, said } from './said';

export const RECIPE_VERSION = 1;

const NOT_A_SCHEME = 'This is not a scheme; write one as int8, int4/block32 or uint4/channel/mse.';
const NOT_ACTIVATIONS = 'Activations are "uint8" or "int8", as in "uint8/mse" or "int8/p99.9".';
const NOT_AN_INPUT = 'What a layer reads is "float", or has a range such as "mse" or "p99.9".';

const NOT_A_REPAIR = `Repair is "off", "auto", or some of ${REPAIR_PASSES.join(', ')}, as in "gptq,bias".`;

function repair(options: object) {
  const text = Type.String({
    pattern: REPAIR_PATTERN,
    patternErrorMessage: NOT_A_REPAIR,
    examples: REPAIR_EXAMPLES,
    ...options,
    ...said(NOT_A_REPAIR),
  });
  return Type.Refine(text, (choice) => parseRepair(choice) !== null);
}

function scheme(description?: string) {
  const options = {
    ...(description === undefined ? {} : { description }),
    pattern: schemePattern(),
    patternErrorMessage: NOT_A_SCHEME,
    ...said((value) => {
      if (value === undefined) return 'The default scheme is missing.';
      return typeof value === 'string'
        ? notAScheme(value)
        : `A scheme is a text, not ${printable(JSON.stringify(value))}.`;
    }),
  };
  return Type.Refine(Type.String(options), (text) => canonicalScheme(text) !== null);
}

/** By name, each read by itself. */
function byName<T extends Type.TSchema>(key: string, value: T, description: string) {
  return Type.Optional(
    Type.Record(Type.String(), value, { description, ...said(`${quoted(key)} is a JSON object.`) }),
  );
}

export const RECIPE = Type.Object(
  {
    $schema: Type.Optional(Type.String(said('"$schema" is a text.'))),
    version: Type.Literal(RECIPE_VERSION, {
      description: 'Version of this format.',
      ...said(
        (value) =>
          `This recipe has version ${printable(String(JSON.stringify(value)))}; version 1 is understood.`,
      ),
    }),
    default: scheme('The scheme of every layer that "layers" does not name.'),
    layers: byName(
      'layers',
      scheme(),
      "Layers with a scheme of their own, by the layer's name as the editor and `quantscope inspect` show it.",
    ),
    shapes: byName(
      'shapes',
      Type.Array(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), {
        description: 'One size per dimension, as in [1, 3, 48, 192].',
        ...said('A shape is a list of whole numbers above zero.'),
      }),
      'Shapes that inputs with free dimensions get when an export is run and compared with its source.',
    ),
    opset: Type.Optional(
      oneOf(['raise', 'keep'], {
        default: 'raise',
        description:
          "raise: the export may use a later opset where that has a type of its own for the codes of a scheme (4-bit integers, FP8) or takes scales per block, if the model still computes the same. keep: the model's own opset, with operators that do the same.",
        ...said('"opset" is "keep" or "raise".'),
      }),
    ),
    format: Type.Optional(
      oneOf(['QDQ', 'QOperator'], {
        default: 'QDQ',
        description:
          "How layers that compute in integers are written. QDQ: as float operators between QuantizeLinear and DequantizeLinear, which runtimes fuse. QOperator: as ONNX's operators on integers (QLinearConv, QLinearMatMul, MatMulInteger), for runtimes that fuse nothing.",
        ...said('"format" is "QDQ" or "QOperator".'),
      }),
    ),
    cpu: Type.Optional(
      oneOf(CPUS, {
        default: 'here',
        description:
          'The CPU that the repair "kernels" chooses the form of integers for. here: the machine that exports. x64-vnni, x64-avx2 (without VNNI, where products of uint8 and int8 saturate), arm64: any such CPU.',
        ...said(`"cpu" is one of ${CPUS.join(', ')}.`),
      }),
    ),
    products: Type.Optional(
      oneOf(['fastest', 'codes', 'float', 'dynamic'], {
        default: 'fastest',
        description:
          'How products by quantized weights (MatMul, Gemm) are computed where activations are not quantized. codes: as DequantizeLinear and a product, of which onnxruntime makes one kernel where it can. float: of weights that become float once, when the model is loaded. fastest: whichever of these two takes less time here, where an export is compared with its source. dynamic: of 8-bit integers, what they read being quantized as it comes, which needs no data (DynamicQuantizeLinear, MatMulInteger).',
        ...said('"products" is "fastest", "codes", "float" or "dynamic".'),
      }),
    ),
    activations: Type.Optional(
      Type.Refine(
        Type.String({
          markdownDescription:
            'Lets layers whose weights are 8-bit integers, as `int8` and `uint8` are, compute in integers: activations as `uint8` (with a zero point) or `int8` (around zero), their range found by `minmax`, `average`, `mse`, `entropy` or a percentile, as in `uint8/mse` or `int8/p99.9`. Without it, weights alone are quantized.',
          pattern: ACTIVATIONS_PATTERN,
          patternErrorMessage: NOT_ACTIVATIONS,
          examples: ACTIVATION_EXAMPLES,
          ...said(NOT_ACTIVATIONS),
        }),
        (text) => parseActivations(text) !== null,
      ),
    ),
    layerActivations: byName(
      'layerActivations',
      Type.Refine(
        Type.String({
          pattern: `^(${FLOAT_ACTIVATIONS}|${RANGE_PATTERN})$`,
          examples: [FLOAT_ACTIVATIONS, 'mse', 'p99.9'],
          ...said(NOT_AN_INPUT),
        }),
        (text) => text === FLOAT_ACTIVATIONS || parseRange(text) !== null,
      ),
      'Layers whose input is not quantized as "activations" says: "float" leaves it, and with it the layer\'s computation, in float; a range such as "mse" or "p99.9" takes another one.',
    ),
    repair: Type.Optional(
      repair({
        default: EVERY_REPAIR,
        markdownDescription:
          'The passes that make up for what quantization broke, from statistics of the calibration data: `equalize` (channels get like ranges), `gptq` (weights are rounded for least error of outputs), `ranges` (each activation has the range that costs outputs least), `bias` (biases take up the mean error), `kernels` (the fastest form of integers that computes what was meant). `auto` takes all; each is kept only where samples that it did not see say that it helps.',
      }),
    ),
    layerRepair: byName(
      'layerRepair',
      repair({}),
      'Layers that other passes repair than "repair" says: "off", or passes as in "gptq,bias".',
    ),
    overlay: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}$',
        markdownDescription:
          'SHA-256 of the file of saved repairs beside the model (`.quant.safetensors`). An export takes them from there; where model, data or schemes have changed since, it says so and computes them anew.',
        ...said('"overlay" is a SHA-256 in hexadecimal.'),
      }),
    ),
    calibration: Type.Optional(CALIBRATION),
  },
  {
    title: 'Quantscope recipe',
    description:
      'How each layer of the model beside this file is quantized. Open the model to edit it with its errors in view.',
    additionalProperties: false,
    ...said('A recipe is a JSON object.'),
    noField: (key: string) => `A recipe has no field ${quoted(key)}.`,
  },
);

/** A recipe as a file has it, with what is usual left out. */
export type WrittenRecipe = Type.Static<typeof RECIPE>;
