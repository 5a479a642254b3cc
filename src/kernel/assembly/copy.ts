/** Copies a few whole words: memory.copy takes longer to start. */
export function copy(dst: usize, src: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(dst + at, v128.load(src + at));
  for (; at < bytes; at += 4) store<u32>(dst + at, load<u32>(src + at));
}
