/** What a file of LevelDB says of a key; nothing of it is trusted. */
export interface StoredEntry {
  readonly key: string;
  readonly value: string;
  /** LevelDB's own number: of several entries for a key the highest counts. */
  readonly version: number;
  readonly deleted: boolean;
}

/** Bytes read one after another; it throws RangeError at their end. */
export class Cursor {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const byte = this.bytes.readUInt8(this.at);
    this.at += 1;
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let i = 0; i < 8; i += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number is too long');
  }

  take(length: number): Buffer {
    if (length > this.left) throw new RangeError('it ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
