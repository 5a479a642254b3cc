import { describe, expect, it } from 'vitest';
import {
  clipShares,
  clipValue,
  MIN_SHARE,
  withClip,
  type Clip,
} from '../../../../../webview/features/weights/clipRange';

/** An asymmetric grid over weights from -0.5 to 2, clipped to what `lower` and `upper` are. */
const clip = (lower: number, upper: number): Clip => ({ lower, upper, least: -0.5, greatest: 2 });
const symmetric: Clip = { lower: -2, upper: 2, least: -2, greatest: 2 };

describe('clip marks', () => {
  it('stand where the levels end, or where the scheme says', () => {
    expect(clipShares('uint8/mse', clip(-0.4, 1))).toEqual({ lower: 0.8, upper: 0.5 });
    expect(clipShares('uint8/clip0.7:0.9', clip(-0.4, 1))).toEqual({ lower: 0.7, upper: 0.9 });
    expect(clipShares('int8/clip0.6', symmetric)).toEqual({ lower: 0.6, upper: 0.6 });
  });

  it('stand at the range where it is full, although the levels may end a step before', () => {
    expect(clipShares('int4', { ...symmetric, upper: 1.75 })).toEqual({ lower: 1, upper: 1 });
  });

  it('give back the weight that a share stands for', () => {
    expect(clipValue('lower', 0.8, clip(-0.4, 1))).toBeCloseTo(-0.4);
    expect(clipValue('upper', 0.5, clip(-0.4, 1))).toBe(1);
  });

  it('move one end of an asymmetric range, and keep the rest of the scheme', () => {
    expect(withClip('uint4/block32/mse', clip(-0.5, 2), 'upper', 1)).toBe('uint4/block32/clip1:0.5');
    expect(withClip('uint4/clip0.7:0.9', clip(-0.5, 2), 'lower', -0.1)).toBe('uint4/clip0.2:0.9');
  });

  it('move both ends of a symmetric range', () => {
    expect(withClip('int8', symmetric, 'lower', -1)).toBe('int8/clip0.5');
    expect(withClip('log4/clip0.5', symmetric, 'upper', 1.5)).toBe('log4/clip0.75');
  });

  it('stop before zero and at the outermost weight, where nothing is clipped', () => {
    expect(withClip('int8', symmetric, 'upper', -3)).toBe(`int8/clip${MIN_SHARE}`);
    expect(withClip('int8/clip0.5', symmetric, 'upper', 99)).toBe('int8');
    expect(withClip('uint8/clip0.5', clip(-0.25, 1), 'upper', 99)).toBe('uint8/clip0.5:1');
  });

  it('leave an end at zero where it is', () => {
    const positive: Clip = { lower: 0, upper: 2, least: 0, greatest: 2 };
    expect(withClip('uint8', positive, 'upper', 1)).toBe('uint8/clip1:0.5');
    expect(withClip('uint8/clip1:0.5', positive, 'upper', 2)).toBe('uint8');
  });

  it('change nothing of a scheme that has no range', () => {
    expect(withClip('codebook4', symmetric, 'upper', 1)).toBe('codebook4');
  });
});
