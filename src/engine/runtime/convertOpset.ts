/**
 * A serialized model in another version of the default operator set, by ONNX's own version converter. No optimizer pass runs, as
 * layers are to stay what the user saw.
 * @throws Error if the converter fails
 */
export async function convertOpset(model: Uint8Array, opset: number): Promise<Uint8Array> {
  // Ten megabytes of Wasm, which most exports do without.
  const { convert } = await import('./onnxsim.mjs');
  return convert(model, opset);
}
