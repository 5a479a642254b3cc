/** Stands for onnxruntime-web in onnxsim, which loads it at the start but only uses it for folding constants. */
export default {};
