/** The ONNX project's own C++ as WebAssembly: the package's module itself, whose wrapper hides the names of passes and prints tables. */
import createModule from '../../../node_modules/onnxsim/onnxsim.cjs';

/** @type {Promise<any> | undefined} */
let loading;
/** @type {string[]} */
let messages = [];

/** The library's own passes (version 0.7), which it does not list among the optimizer's; skipping them by name works the same. */
const UNLISTED = [
  ...[
    'eliminate_reshape_around_elementwise',
    'fuse_consecutive_mul',
    'fuse_matmul_add_bias_into_gemm_batched',
  ],
  ...['fuse_mul_into_conv', 'fuse_preceding_mul_into_conv'],
];

function load() {
  return (loading ??= createModule({
    print: () => {},
    printErr: (/** @type {string} */ line) => messages.push(line),
  }));
}

/**
 * Converts a serialized model to an opset (0 leaves it), with those optimizer passes alone that are named, and checks the result by
 * ONNX's checker.
 * @param {Uint8Array} model
 * @param {number} opset
 * @param {readonly string[]} [allowed]
 * @returns {Promise<Uint8Array>}
 * @throws Error in the library's own words
 */
export async function convert(model, opset, allowed = []) {
  const onnx = await load();
  const passes = onnx.onnxoptimizer_passes();
  const listed = Array.from({ length: passes.size() }, (_, i) => passes.get(i));
  const skipped = [...listed, ...UNLISTED].filter((name) => !allowed.includes(name));
  messages = [];
  const [folding, inference, profile, annotations, difference] = [false, false, false, false, false];
  const result = await onnx.onnxsimplify_export(
    model,
    skipped,
    folding,
    inference,
    0,
    opset,
    profile,
    annotations,
    difference,
  );
  if (!result) throw new Error(messages.at(-1) ?? 'The model cannot be converted.');
  return new Uint8Array(result.model);
}
