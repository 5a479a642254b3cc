import { describe, expect, it } from 'vitest';
import { KernelMemory } from '../../../src/kernel/KernelMemory';

describe('KernelMemory', () => {
  it('hands out areas that do not overlap, from 64 on, and grows', () => {
    const area = new KernelMemory();
    const first = area.reserve(1);
    const second = area.reserve(3_000_000);
    expect(first).toBe(64);
    expect(second).toBe(128);
    area.float32(second, 750_000).fill(1);
    expect(area.uint8(first, 1)[0]).toBe(0);
    area.reset();
    expect(area.reserve(8)).toBe(first);
  });

  it('never hands out the last page', () => {
    const area = new KernelMemory();
    const end = area.reserve(17 * 65_536 - 64) + 17 * 65_536 - 64;
    expect(end).toBeLessThanOrEqual(area.memory.buffer.byteLength - 65_536);
  });

  it('refuses what 4 GiB cannot hold, and stays as it was', () => {
    const area = new KernelMemory();
    expect(() => area.reserve(2 ** 32)).toThrow(RangeError);
    expect(() => area.reserve(2 ** 32)).toThrow('cannot hold 4294967296 more bytes');
    expect(area.reserve(1)).toBe(64);
  });

  it.each([-1, 1.5, NaN])('refuses %d bytes', (bytes) => {
    expect(() => new KernelMemory().reserve(bytes)).toThrow(RangeError);
  });
});
