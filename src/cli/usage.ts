import { parseArgs, type ParseArgsConfig } from 'node:util';

export const HELP = `Quantscope: what quantization does to every layer of an ONNX model.

Usage:
  quantscope inspect MODEL [--json]
      Layers that can be quantized, and what is left alone and why.
  quantscope sensitivity MODEL [--schemes LIST] [--level LEVEL] [options]
      Error of every layer under each scheme of LIST, with commas between them; common, low-bit and all
      stand for lists (default: common).
      --level LEVEL      weights: of the weights, without data (default); layer: of the layer's output;
                         model: of the model's outputs, one layer quantized at a time
      --samples N        samples at most (default: 16)
      --repair gptq      of outputs, with codes chosen by what the layer reads on three quarters of the samples, measured on
                         the others
      --activations A    for the model's outputs, a column more: each layer's input quantized, its weights float
      --others           for the model's outputs, the other way round: the model as the recipe makes it, and with each layer
                         left in float, its input as well
      --propose FILE     write the recipe with those in float that spoil the model's outputs most
      --calibration, --image, --recipe, --shape, --cache, --timeout, --json as below
  quantscope schemes [--json]
      Formats, their options, and the lists of schemes that have a name.
  quantscope quantize MODEL -o OUT [options]
      Writes a quantized model, runs it beside the original and compares.
      --scheme S         one scheme for all layers (default: int8)
      --recipe FILE      schemes layer by layer, as saved by the editor
      --shape NAME=SIZES shape of an input for the comparison, as in x=1x3x48x192; may be repeated
      --activations A    quantize activations as well: uint8, int8, or with a range as in uint8/mse, uint8/average, int8/p99.9
      --calibration DATA a folder, file or glob of .npy, .npz, .pb, .png and .jpg files to take ranges from; an array of many
                         samples is as many; or "synthetic" for random numbers
      --image PRESET     how pictures become numbers: 0..1, -1..1 or imagenet (default: 0..1)
      --repair PASSES    make up for what quantization broke, from the calibration data: auto for all that helps (default), off,
                         or some of equalize, gptq, ranges, bias, kernels, as in gptq,bias
      --cpu CPU          what the repair kernels chooses the form of integers for: here (default), x64-vnni, x64-avx2, arm64
      --format F         how integer layers are written: qdq (default), or qoperator for ONNX's operators on integers
      --products P       of float activations by quantized weights: fastest here (default), codes, float, or dynamic, which
                         quantizes activations as they come
      --cache FOLDER     keep there what was measured on the data, and do not measure it again, even after Ctrl+C
      --force            replace OUT if it exists
      --no-verify        do not compare the models; without --activations, do not run them either
      --timeout SECONDS  stop onnxruntime if a step takes longer (default: 120)
      --report           write OUT.report.md as well
      --json             print the report as JSON

A scheme is a format and what differs from its defaults, as in int8, int4/block32 or uint4/channel/mse.
Exit code: 0 done, 1 failed (one line on stderr says why), 2 wrong usage.
`;

/** The command line is wrong; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads options of a command that is about no model.
 * @throws UsageError
 */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  return explained(() => parseArgs({ args, options }).values);
}

/**
 * Reads options and exactly one positional argument, the model.
 * @throws UsageError
 */
export function readArguments<T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  return explained(() => {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    if (positionals.length !== 1) throw new Error(`Expected one model, got ${positionals.length}.`);
    return { values, model: positionals[0]! };
  });
}

function explained<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    // Node explains at length, on several lines; the first sentence says it.
    throw new UsageError(
      (error as Error).message.split(/\.\s/)[0]!.replace(/\s+/g, ' ').replace(/\.?$/, '.'),
    );
  }
}
