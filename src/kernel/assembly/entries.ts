import { copy } from './copy';

export function entriesOf(
  codes: usize,
  codeStride: i32,
  count: i32,
  stride: i32,
  dimension: i32,
  codebook: usize,
  dst: usize,
): void {
  const bytes = (<usize>dimension) << 2;
  const step = (<usize>stride) << 2;
  for (let i = 0; i < count; i++, codes += codeStride, dst += step) {
    copy(dst, codebook + load<u8>(codes) * bytes, bytes);
  }
}
