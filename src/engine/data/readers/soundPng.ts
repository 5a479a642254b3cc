import { Unzlib } from 'fflate';

/** Bytes that are inflated at a time; each can become a thousand. */
const PIECE = 4096;
const SIGNATURE = 8;
/** A chunk's length, type and checksum. */
const AROUND = 12;
/** Samples of a pixel by colour type (PNG specification, third edition, table 8). */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const NEEDED = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];

/**
 * A PNG with no more than what makes up its picture: fast-png inflates whatever a file holds, at any size, before it looks at the header.
 * @throws Error if its data unpack to more than the picture that its header declares
 */
export function soundPng(bytes: Uint8Array): Uint8Array {
  const needed: Uint8Array[] = [bytes.subarray(0, SIGNATURE)];
  let room = 0;
  const inflate = new Unzlib((piece) => {
    room -= piece.length;
    if (room < 0) throw new Error('its data unpack to more than the picture that it says it is');
  });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let type = '';
  let size: number;
  for (let at = SIGNATURE; type !== 'IEND' && at + AROUND <= bytes.length; at += size) {
    size = AROUND + view.getUint32(at);
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    // A second header would declare another picture.
    if (!NEEDED.includes(type) || (type === 'IHDR') !== (needed.length === 1)) continue;
    needed.push(bytes.subarray(at, at + size));
    const data = bytes.subarray(at + 8, at + size - 4);
    if (type === 'IHDR') room = largest(view, at + 8);
    if (type === 'IDAT')
      for (let from = 0; from < data.length; from += PIECE) inflate.push(data.subarray(from, from + PIECE));
  }
  return joined(needed);
}

/** Bytes of pixels, with a byte for each row's filter and one to fill it up; interlaced, there are less than twice the rows. */
function largest(view: DataView, header: number): number {
  const [width, height] = [view.getUint32(header), view.getUint32(header + 4)];
  const bits = view.getUint8(header + 8) * (CHANNELS[view.getUint8(header + 9)] ?? 0);
  return Math.ceil((width * height * bits) / 8) + 4 * height + 16;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
