/** Whether there is neither NaN nor an infinity among numbers: these make a sum of zeros NaN, of which there are several, as each by itself only waits. */
export function allFinite(numbers: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 4 <= numbers.length; i += 4) {
    a += numbers[i]! * 0;
    b += numbers[i + 1]! * 0;
    c += numbers[i + 2]! * 0;
    d += numbers[i + 3]! * 0;
  }
  for (; i < numbers.length; i++) a += numbers[i]! * 0;
  return a + b + c + d === 0;
}
