import { equal, fromBase32, toBase32 } from "./bytes.js";
import { sha256, sha256Of } from "./sha256.js";

/** Codecs of blocks. */
export const RAW = 0x55, DAG_PB = 0x70, DAG_CBOR = 0x71;

/** Length of the CIDs that works are made of: version, codec, hash function, length of the hash, hash. */
export const CID_LENGTH = 36;

/** A CIDv1 of sha2-256: the only kind that works are made of. */
export class CID {
  /** The text: `b` and lower-case base32. */
  readonly text: string;
  private constructor(readonly codec: number, readonly digest: Uint8Array<ArrayBuffer>, readonly bytes: Uint8Array<ArrayBuffer>) {
    this.text = "b" + toBase32(bytes);
  }

  /** The CID of a digest. */
  static of(codec: number, digest: Uint8Array): CID {
    if (digest.length !== 32 || codec > 0x7f) throw new RangeError("no sha2-256 digest");
    const bytes = new Uint8Array(CID_LENGTH);
    bytes.set([1, codec, 0x12, 32]);
    bytes.set(digest, 4);
    return new CID(codec, bytes.subarray(4), bytes);
  }

  /** The CID of a block, at once: for small ones. */
  static hash(codec: number, block: Uint8Array): CID {
    return CID.of(codec, sha256(block));
  }

  /** Reads the 36 bytes. RangeError for every other CID: another hash, another version. */
  static fromBytes(b: Uint8Array): CID {
    if (b.length !== CID_LENGTH || b[0] !== 1 || b[1]! > 0x7f || b[2] !== 0x12 || b[3] !== 32) {
      throw new RangeError("only CIDs of version 1 with sha2-256 are read");
    }
    return CID.of(b[1]!, b.subarray(4));
  }

  /** Reads the text. RangeError, also for other spellings of the same CID. */
  static parse(text: string): CID {
    // the length is checked first: what does not have it is not worth decoding
    if (text.length !== 59 || text[0] !== "b") throw new RangeError(`no CID of version 1 with sha2-256: ${text.slice(0, 80)}`);
    return CID.fromBytes(fromBase32(text.slice(1)));
  }

  /** Whether a block is what this CID names. */
  async fits(block: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return equal(await sha256Of(block), this.digest);
  }

  toString(): string {
    return this.text;
  }
}
