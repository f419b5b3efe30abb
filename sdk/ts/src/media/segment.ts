import { u64 } from "./bytes.js";
import { CiphertextError } from "./errors.js";

// HLS's AES-128: whole segments in CBC mode, padded by PKCS #7 (RFC 8216, 4.3.2.4).

/** The platform's cryptography. It is missing on pages without TLS, other than those of this machine. */
export function subtle(): SubtleCrypto {
  const s = globalThis.crypto?.subtle;
  if (!s) throw new Error("this page has no cryptography: open it by https, or on this machine");
  return s;
}

/** The IV of a segment whose playlist names none: its media sequence number as 16 bytes. */
export function segmentIV(sequence: number): Uint8Array<ArrayBuffer> {
  const iv = new Uint8Array(16);
  iv.set(u64(sequence), 8);
  return iv;
}

const cbc = (key: Uint8Array<ArrayBuffer>, use: KeyUsage) => subtle().importKey("raw", key, "AES-CBC", false, [use]);

export async function encryptSegment(data: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer>, iv: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle().encrypt({ name: "AES-CBC", iv }, await cbc(key, "encrypt"), data));
}

/** Decrypts a whole segment. CiphertextError where it is no whole number of blocks, is empty, or its padding is wrong. */
export async function decryptSegment(data: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer>, iv: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (data.length === 0 || data.length % 16 !== 0) throw new CiphertextError(`a segment of ${data.length} bytes`);
  const k = await cbc(key, "decrypt");
  try {
    return new Uint8Array(await subtle().decrypt({ name: "AES-CBC", iv }, k, data));
  } catch {
    throw new CiphertextError("the padding of a segment");
  }
}
