import type { ByteSource } from '../../base/ByteSource';

/** Bytes read at once: few behind a jump, where the next tensor's head may be all that is wanted; more while it goes straight on. */
const MIN_WINDOW = 2 ** 12;
const MAX_WINDOW = 2 ** 20;

/** How a field is written (protobuf documentation, "Encoding"); groups, which ONNX never had, are left out. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** One field of a message: where its tag begins, and where its content lies. */
export interface WireField {
  readonly number: number;
  readonly type: number;
  readonly at: number;
  readonly start: number;
  readonly end: number;
  /** Of a varint, as far as a double holds it; else 0. */
  readonly value: number;
}

/** The bytes are no protobuf message. */
export class WireError extends Error {
  constructor(readonly kind: 'invalid' | 'cut off' | 'too deep') {
    super(kind);
  }
}

/** Reads protobuf's wire format from a byte source, of which it skips what nobody asks for. */
export class WireReader {
  private window = new Uint8Array(0);
  private start = 0;
  private step = MIN_WINDOW;
  private position = 0;

  constructor(readonly source: ByteSource) {}

  /**
   * The fields of the message that lies from `from` to `to`; the reader may be used elsewhere between two of them.
   * @throws WireError
   */
  *fields(from: number, to: number): Generator<WireField> {
    for (let at = from; at < to;) {
      const field = this.field(at);
      // Whether the file ends there or only the message around makes a difference to whoever has to fetch it anew.
      if (field.end > to) throw new WireError(field.end > this.source.length ? 'cut off' : 'invalid');
      yield field;
      at = field.end;
    }
  }

  private field(at: number): WireField {
    this.position = at;
    const tag = this.varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (number === 0 || tag >= 2 ** 32) throw new WireError('invalid');
    const value = type === WireType.varint || type === WireType.bytes ? this.varint() : 0;
    const start = this.position;
    switch (type) {
      case WireType.varint:
        return { number, type, at, start, end: start, value };
      case WireType.bytes:
        return { number, type, at, start, end: start + value, value: 0 };
      case WireType.fixed64:
        return { number, type, at, start, end: start + 8, value };
      case WireType.fixed32:
        return { number, type, at, start, end: start + 4, value };
      default:
        throw new WireError('invalid');
    }
  }

  private varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new WireError('invalid');
  }

  private byte(): number {
    const offset = this.position - this.start;
    if (offset < 0 || offset >= this.window.length) this.load();
    return this.window[this.position++ - this.start]!;
  }

  private load(): void {
    const { source, position } = this;
    if (position >= source.length) throw new WireError('cut off');
    const goesOn = position === this.start + this.window.length;
    this.step = goesOn ? Math.min(2 * this.step, MAX_WINDOW) : MIN_WINDOW;
    this.start = position;
    // A copy, as the source may reuse its own.
    this.window = source.bytes(position, Math.min(this.step, source.length - position)).slice();
  }
}
