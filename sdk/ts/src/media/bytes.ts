// Bytes and their texts, as signed values and URLs need them.

const hexDigits = "0123456789abcdef";

/** Bytes as lower-case hexadecimal digits. */
export function toHex(b: Uint8Array): string {
  let out = "";
  for (const v of b) out += hexDigits[v >> 4]! + hexDigits[v & 15]!;
  return out;
}

/** The bytes of an even number of hexadecimal digits. RangeError for anything else. */
export function fromHex(s: string): Uint8Array<ArrayBuffer> {
  if (s.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(s)) throw new RangeError("not hexadecimal digits");
  const out = new Uint8Array(s.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(s.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** Bytes as standard base64 with padding, as JSON of nodes and of the chain has them. */
export function toBase64(b: Uint8Array): string {
  let text = "";
  // in parts: String.fromCharCode takes no more arguments than the stack holds
  for (let i = 0; i < b.length; i += 8192) text += String.fromCharCode(...b.subarray(i, i + 8192));
  return btoa(text);
}

/** The bytes of standard base64. RangeError for anything else. */
export function fromBase64(s: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(s) || s.length % 4 !== 0) throw new RangeError("not base64");
  const text = atob(s);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < out.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Bytes as base64url without padding, as headers have them. */
export function toBase64Url(b: Uint8Array): string {
  return toBase64(b).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The bytes of base64url without padding; one text for each value. RangeError for anything else. */
export function fromBase64Url(s: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(s)) throw new RangeError("not base64url");
  const out = fromBase64(s.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (s.length % 4)) % 4));
  if (toBase64Url(out) !== s) throw new RangeError("not base64url");
  return out;
}

const base32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Bytes as lower-case base32 without padding (RFC 4648), as CIDs have them after their `b`. */
export function toBase32(b: Uint8Array): string {
  let out = "", bits = 0, value = 0;
  for (const v of b) {
    value = (value << 8) | v;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += base32[(value >> bits) & 31]!;
    }
    value &= (1 << bits) - 1;
  }
  if (bits > 0) out += base32[(value << (5 - bits)) & 31]!;
  return out;
}

/** The bytes of lower-case base32 without padding; one text for each value. RangeError for anything else. */
export function fromBase32(s: string): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.floor((s.length * 5) / 8));
  let bits = 0, value = 0, at = 0;
  for (const c of s) {
    const v = base32.indexOf(c);
    if (v < 0) throw new RangeError("not base32");
    value = (value << 5) | v;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = value >> bits;
      value &= (1 << bits) - 1;
    }
  }
  if (value !== 0 || bits >= 5) throw new RangeError("not base32");
  return out;
}

/** The parts one after the other. */
export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

/** UTF-8. */
export const utf8 = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s);

/** n as 2 bytes, big-endian. */
export const u16 = (n: number): Uint8Array<ArrayBuffer> => Uint8Array.of(n >>> 8, n);

/** n as 4 bytes, big-endian. */
export function u32(n: number): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(n) || n < 0 || n > 0xffffffff) throw new RangeError(`${n} has no 32 bits`);
  return Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
}

/** n as 8 bytes, big-endian. */
export function u64(n: bigint | number): Uint8Array<ArrayBuffer> {
  const v = BigInt(n);
  if (v < 0n || v > 0xffffffffffffffffn) throw new RangeError(`${n} has no 64 bits`);
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, v);
  return out;
}

/** x with its length as 2 bytes in front. */
export const withLength = (x: Uint8Array): Uint8Array<ArrayBuffer> => concat(u16(x.length), x);

/** Random bytes. */
export const random = (n: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(n));

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** The bytes of a bech32 address (BIP 173), whatever its prefix. RangeError for anything else. */
export function addressBytes(address: string): Uint8Array<ArrayBuffer> {
  const at = address.lastIndexOf("1");
  if (at < 1 || address.length > 128 || address !== address.toLowerCase()) throw new RangeError(`no address: ${address.slice(0, 80)}`);
  const words = [...address.slice(at + 1)].map((c) => bech32Letters.indexOf(c));
  const prefix = [...address.slice(0, at)].map((c) => c.charCodeAt(0));
  if (words.length < 7 || words.includes(-1) || polymod([...prefix.map((c) => c >> 5), 0, ...prefix.map((c) => c & 31), ...words]) !== 1) {
    throw new RangeError(`no address: ${address.slice(0, 80)}`);
  }
  const out: number[] = [];
  let bits = 0, value = 0;
  for (const w of words.slice(0, -6)) {
    value = (value << 5) | w;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push((value >> bits) & 255);
      value &= (1 << bits) - 1;
    }
  }
  if (bits >= 5 || value !== 0) throw new RangeError(`no address: ${address.slice(0, 80)}`);
  return Uint8Array.from(out);
}

function polymod(values: number[]): number {
  let c = 1;
  for (const v of values) {
    const top = c >>> 25;
    c = ((c & 0x1ffffff) << 5) ^ v;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((g, i) => {
      if ((top >> i) & 1) c ^= g;
    });
  }
  return c >>> 0;
}
