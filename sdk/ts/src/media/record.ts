import { concat, u32, u64, utf8 } from "./bytes.js";
import { CiphertextError } from "./errors.js";
import { subtle } from "./segment.js";
import { type Source } from "./unixfs.js";

// Files that are no part of a playlist: records of 64 KiB, AES-256-GCM, so that any part can be read and none can be moved, left out or cut off.

/** Bytes of the file in a record, by how many it grows, and how many one key opens. */
export const RECORD = 64 << 10, OVERHEAD = 16, WINDOW_RECORDS = 16;

/** The key of a window of a file. */
export type FileKey = (window: number) => Promise<Uint8Array<ArrayBuffer>>;

export const recordOf = (offset: number): number => Math.floor(offset / RECORD);
export const records = (size: number): number => Math.max(1, Math.ceil(size / RECORD));

/** How many bytes a file of this size has when it is encrypted. */
export const cipherSize = (size: number): number => size + OVERHEAD * records(size);

/** The size of the file that was encrypted to so many bytes. CiphertextError where no file is. */
export function plainSize(bytes: number): number {
  const n = Math.ceil(bytes / (RECORD + OVERHEAD));
  const size = bytes - n * OVERHEAD;
  if (n < 1 || size < 0 || cipherSize(size) !== bytes) throw new CiphertextError(`a file of ${bytes} bytes`);
  return size;
}

/** Which bytes of an encrypted file hold the file's bytes from (included) to to (not included); from < to. */
export function cipherRange(size: number, from: number, to: number): [from: number, to: number] {
  const whole = RECORD + OVERHEAD;
  return [recordOf(from) * whole, Math.min((recordOf(to - 1) + 1) * whole, cipherSize(size))];
}

/** Seals and opens the records of one file, in any order. */
export class Records {
  private readonly aad: Uint8Array<ArrayBuffer>;
  private readonly keys = new Map<number, Promise<CryptoKey>>();
  constructor(size: number, private readonly key: FileKey) {
    this.aad = concat(utf8("streamchain/file/v1"), u64(size));
  }

  private async of(record: number): Promise<{ key: CryptoKey; how: AesGcmParams }> {
    const window = Math.floor(record / WINDOW_RECORDS);
    let key = this.keys.get(window);
    if (!key) {
      if (window > 0xffffffff) throw new CiphertextError(`record ${record}`);
      // neighbours under one key come after each other: older keys are let go
      if (this.keys.size > 8) this.keys.clear();
      key = this.key(window).then((k) => subtle().importKey("raw", k, "AES-GCM", false, ["encrypt", "decrypt"]));
      this.keys.set(window, key);
      key.catch(() => this.keys.delete(window));
    }
    return { key: await key, how: { name: "AES-GCM", iv: concat(u32(0), u64(record)), additionalData: this.aad, tagLength: 128 } };
  }

  async seal(record: number, plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { key, how } = await this.of(record);
    return new Uint8Array(await subtle().encrypt(how, key, plain));
  }

  /** CiphertextError where the record is damaged, in another's place or of another file. */
  async open(record: number, sealed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { key, how } = await this.of(record);
    try {
      return new Uint8Array(await subtle().decrypt(how, key, sealed));
    } catch {
      throw new CiphertextError(`record ${record}: it is damaged, moved, or under another key`);
    }
  }
}

/** Opens the bytes from to to of a file of size bytes; sealed are the bytes that cipherRange names. CiphertextError. */
export async function decryptRange(size: number, from: number, to: number, sealed: Uint8Array<ArrayBuffer>, key: FileKey): Promise<Uint8Array<ArrayBuffer>> {
  const r = new Records(size, key), out: Uint8Array[] = [];
  const whole = RECORD + OVERHEAD, first = recordOf(from);
  const last = size === 0 ? 0 : recordOf(to - 1);
  for (let i = first; i <= last; i++) {
    const at = (i - first) * whole, length = Math.min(RECORD, size - i * RECORD) + OVERHEAD;
    const part = sealed.subarray(at, at + length);
    if (part.length !== length) throw new CiphertextError("it ends early");
    out.push(await r.open(i, part));
  }
  if (sealed.length !== (last - first) * whole + Math.min(RECORD, size - last * RECORD) + OVERHEAD) throw new CiphertextError("it goes on after its end");
  return concat(...out).subarray(from - first * RECORD, to - first * RECORD);
}

/** A file as it lies at nodes: encrypted as it is read, so that it is never in memory whole. */
export function encryptedSource(plain: Source, key: FileKey): Source {
  const size = plain.size, whole = RECORD + OVERHEAD, r = new Records(size, key);
  const read = async (from: number, to: number): Promise<ArrayBuffer> => {
    const out: Uint8Array[] = [];
    const first = Math.floor(from / whole);
    for (let i = first; i < records(size) && i * whole < to; i++) {
      const part = new Uint8Array(await plain.slice(i * RECORD, Math.min((i + 1) * RECORD, size)).arrayBuffer());
      out.push(await r.seal(i, part));
    }
    return concat(...out).slice(from - first * whole, to - first * whole).buffer;
  };
  return { size: cipherSize(size), slice: (from, to) => ({ arrayBuffer: () => read(from, to) }) };
}
