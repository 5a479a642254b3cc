/**
 * The cost of any loop over the weights at the least: loading them. Not part of the kernel; the benchmark compiles it by itself.
 */

/** The bits of all elements or-ed together, so that no load can be left out. */
export function readOnly(src: usize, count: i32): i32 {
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  const end = src + ((<usize>count) << 2);
  for (; src < end; src += 64) {
    a = v128.or(a, v128.load(src));
    b = v128.or(b, v128.load(src, 16));
    c = v128.or(c, v128.load(src, 32));
    d = v128.or(d, v128.load(src, 48));
  }
  return i32x4.bitmask(v128.or(v128.or(a, b), v128.or(c, d)));
}
