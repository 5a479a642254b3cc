export function tallyCodes(
  codes: usize,
  codeBytes: i32,
  src: usize,
  count: i32,
  counts: usize,
  sums: usize,
): void {
  for (let i = 0; i < count; i++, src += 4) {
    const code: usize = codeBytes == 1 ? load<u8>(codes + i) : load<u16>(codes + ((<usize>i) << 1));
    const place = counts + (code << 2);
    store<u32>(place, load<u32>(place) + 1);
    if (sums) {
      const sum = sums + (code << 3);
      store<f64>(sum, load<f64>(sum) + <f64>load<f32>(src));
    }
  }
}
