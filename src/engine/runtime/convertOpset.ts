/** The optimizer's passes: all are left out, as the layers are to stay what the user saw (onnx-optimizer 0.4). */
const PASSES = [
  ...['adjust_add', 'adjust_slice_and_matmul', 'eliminate_common_subexpression'],
  ...['eliminate_consecutive_idempotent_ops', 'eliminate_deadend', 'eliminate_duplicate_initializer'],
  ...['eliminate_identity', 'eliminate_if_with_const_cond', 'eliminate_nop_cast', 'eliminate_nop_concat'],
  ...['eliminate_nop_dropout', 'eliminate_nop_expand', 'eliminate_nop_flatten'],
  ...['eliminate_nop_monotone_argmax', 'eliminate_nop_pad', 'eliminate_nop_reshape', 'eliminate_nop_split'],
  ...['eliminate_nop_transpose', 'eliminate_nop_with_unit', 'eliminate_reshape_around_elementwise'],
  ...['eliminate_shape_gather', 'eliminate_shape_op', 'eliminate_slice_after_shape'],
  ...['eliminate_unused_initializer', 'extract_constant_to_initializer', 'fuse_add_bias_into_conv'],
  ...['fuse_bn_into_conv', 'fuse_concat_into_reshape', 'fuse_consecutive_concats'],
  ...['fuse_consecutive_log_softmax', 'fuse_consecutive_mul', 'fuse_consecutive_reduce_unsqueeze'],
  ...['fuse_consecutive_slices', 'fuse_consecutive_squeezes', 'fuse_consecutive_squeeze_unsqueeze'],
  ...['fuse_consecutive_transposes', 'fuse_consecutive_unsqueezes', 'fuse_matmul_add_bias_into_gemm'],
  ...['fuse_matmul_add_bias_into_gemm_batched', 'fuse_mul_into_conv', 'fuse_pad_into_conv'],
  ...['fuse_pad_into_pool', 'fuse_preceding_mul_into_conv', 'fuse_transpose_into_gemm'],
  ...['lift_lexical_references', 'rename_input_output', 'replace_einsum_with_matmul'],
  ...['rewrite_input_dtype', 'rewrite_where'],
];

/**
 * A serialized model in another version of the default operator set, by ONNX's own version converter.
 * @throws Error if the converter fails
 */
export async function convertOpset(model: Uint8Array, opset: number): Promise<Uint8Array> {
  // Ten megabytes of Wasm, which most exports do without.
  const { simplify } = await import('onnxsim');
  const { model: converted } = await simplify(model, {
    targetOpsetVersion: opset,
    skipOptimizers: PASSES,
    constantFolding: false,
    shapeInference: false,
  });
  return converted;
}
