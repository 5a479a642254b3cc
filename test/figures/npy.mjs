import { writeFileSync } from 'node:fs';

const TYPES = { Float32Array: '<f4', BigInt64Array: '<i8' };

/** Writes a tensor as NumPy does (format version 1.0). */
export function writeNpy(file, { dims, values }) {
  const shape = `(${dims.join(', ')}${dims.length === 1 ? ',' : ''})`;
  const text = `{'descr': '${TYPES[values.constructor.name]}', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = Buffer.from(`${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`);
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
  start.writeUInt16LE(header.length, 8);
  writeFileSync(
    file,
    Buffer.concat([start, header, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]),
  );
}
