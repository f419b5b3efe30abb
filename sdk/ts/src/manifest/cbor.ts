import { concat, u16, u32, u64, utf8 } from "../media/bytes.js";
import { CID } from "../media/cid.js";
import { FieldError, MalformedError } from "./errors.js";

// The part of DAG-CBOR that a manifest needs.

/** Major types, in the upper three bits of a head. */
export const UINT = 0, BYTES = 2 << 5, TEXT = 3 << 5, LIST = 4 << 5, MAP = 5 << 5, TAG = 6 << 5;

/** The shortest head of a value. */
export function head(major: number, n: number): Uint8Array {
  if (n < 24) return Uint8Array.of(major | n);
  if (n <= 0xff) return Uint8Array.of(major | 24, n);
  if (n <= 0xffff) return concat(Uint8Array.of(major | 25), u16(n));
  if (n <= 0xffffffff) return concat(Uint8Array.of(major | 26), u32(n));
  return concat(Uint8Array.of(major | 27), u64(n));
}

export const bytes = (b: Uint8Array): Uint8Array => concat(head(BYTES, b.length), b);

export function text(s: string): Uint8Array {
  const b = utf8(s);
  return concat(head(TEXT, b.length), b);
}

/** A link: tag 42 over a zero byte and the CID. */
export const link = (cid: Uint8Array): Uint8Array => concat(head(TAG, 42), head(BYTES, cid.length + 1), Uint8Array.of(0), cid);

/** Reads the same back. It does not insist on the shortest heads: who uses it encodes the result again and compares. MalformedError. */
export class Reader {
  private at = 0;
  constructor(private readonly b: Uint8Array) {}

  head(major: number): number {
    const first = this.b[this.at];
    if (first === undefined) throw new MalformedError("it ends too early");
    if ((first & 0xe0) !== major) throw new MalformedError(`a value of type ${first >> 5} where ${major >> 5} belongs`);
    const info = first & 0x1f;
    this.at++;
    if (info < 24) return info;
    if (info > 27) throw new MalformedError("a head of indefinite or reserved length");
    const width = 1 << (info - 24);
    if (this.b.length - this.at < width) throw new MalformedError("it ends too early");
    let n = 0;
    for (let i = 0; i < width; i++) n = n * 256 + this.b[this.at++]!;
    if (!Number.isSafeInteger(n)) throw new MalformedError("a number beyond 2^53");
    return n;
  }

  private string(major: number): Uint8Array {
    const n = this.head(major);
    if (n > this.b.length - this.at) throw new MalformedError("it ends too early");
    this.at += n;
    return this.b.slice(this.at - n, this.at);
  }

  bytes(): Uint8Array {
    return this.string(BYTES);
  }

  uint(): number {
    return this.head(UINT);
  }

  /** field names the text where it is none: that is the entry's fault, not the encoding's. */
  text(field: string): string {
    const b = this.string(TEXT);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(b);
    } catch {
      throw new FieldError(field, "not valid UTF-8");
    }
  }

  list<T>(limit: number, item: (i: number) => T): T[] {
    const n = this.head(LIST);
    if (n > limit) throw new MalformedError(`a list of ${n} items, the limit is ${limit}`);
    return Array.from({ length: n }, (_, i) => item(i));
  }

  /** A link, as the CID's text. */
  link(): string {
    if (this.head(TAG) !== 42) throw new MalformedError("a tag where a link belongs");
    const b = this.string(BYTES);
    if (b[0] !== 0) throw new MalformedError("a link without its leading zero");
    try {
      return CID.fromBytes(b.subarray(1)).text;
    } catch (e) {
      throw new MalformedError(`a link: ${(e as Error).message}`);
    }
  }

  /** Reads the name of a map's entry, which must be name. */
  named(name: string): this {
    if (!this.has(name)) throw new MalformedError(`another key where ${JSON.stringify(name)} belongs`);
    return this;
  }

  /** Whether the next entry of a map is called name; reads the name if so. */
  has(name: string): boolean {
    const want = text(name);
    const there = want.every((v, i) => this.b[this.at + i] === v);
    if (there) this.at += want.length;
    return there;
  }

  end(): void {
    if (this.at !== this.b.length) throw new MalformedError(`${this.b.length - this.at} bytes follow it`);
  }
}
