export { rangeRows } from './range';
export { affineRows } from './affine';
export { logRows } from './log';
export { binaryRows } from './binary';
export { histogram } from './histogram';
export { maxAbsDifference } from './difference';
export { channelMajor } from './channelMajor';
export { halfToFloat, bfloatToFloat, doubleToFloat } from './convert';
