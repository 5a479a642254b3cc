/** The only module that may import onnxruntime-node: its telemetry is off before the library is loaded. The order of these lines counts. */
import './noTelemetry.mjs';

export { env, InferenceSession, Tensor } from 'onnxruntime-node';
