import { StreamError } from "../core/errors.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, random, u16, utf8 } from "../media/bytes.js";
import { subtle } from "../media/segment.js";

// HPKE, RFC 9180, base mode, one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.

/** What was not sealed for this key, purpose and context; or a key that is none. */
export class SealedError extends StreamError {
  override name = "SealedError";
  constructor(message: string, options?: ErrorOptions) {
    super("sealed", message, options);
  }
}

const KEM = concat(utf8("KEM"), u16(0x20));
const SUITE = concat(utf8("HPKE"), u16(0x20), u16(1), u16(1));

const labelledExtract = (suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array) =>
  extract(sha256, concat(utf8("HPKE-v1"), suite, utf8(label), ikm), salt);
const labelledExpand = (suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number) =>
  expand(sha256, prk, concat(u16(length), utf8("HPKE-v1"), suite, utf8(label), info), length);

const none = new Uint8Array(0);

async function schedule(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array, info: Uint8Array, use: KeyUsage) {
  const shared = labelledExpand(KEM, labelledExtract(KEM, none, "eae_prk", dh), "shared_secret", concat(enc, recipient), 32);
  const context = concat(Uint8Array.of(0), labelledExtract(SUITE, none, "psk_id_hash", none), labelledExtract(SUITE, none, "info_hash", info));
  const secret = labelledExtract(SUITE, shared, "secret", none);
  const key = labelledExpand(SUITE, secret, "key", context, 16) as Uint8Array<ArrayBuffer>;
  const iv = labelledExpand(SUITE, secret, "base_nonce", context, 12) as Uint8Array<ArrayBuffer>;
  return { key: await subtle().importKey("raw", key, "AES-GCM", false, [use]), how: { name: "AES-GCM", iv, tagLength: 128 } };
}

const infoOf = (purpose: string, context: Uint8Array) => concat(utf8(purpose), Uint8Array.of(0), context);

/** A key pair (X25519). */
export function sealKey(): { secret: Uint8Array; public: Uint8Array } {
  const secret = random(32);
  return { secret, public: x25519.getPublicKey(secret) };
}

function agree(secret: Uint8Array, other: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(secret, other);
  } catch {
    throw new SealedError("no key that anything can be sealed for"); // of low order
  }
}

/** Encrypts for a public key. context says what it is for, so that it cannot be passed off for something else. SealedError where the key is none. */
export async function seal(recipient: Uint8Array, purpose: string, context: Uint8Array, plain: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const own = sealKey();
  const s = await schedule(agree(own.secret, recipient), own.public, recipient, infoOf(purpose, context), "encrypt");
  return concat(own.public, new Uint8Array(await subtle().encrypt(s.how, s.key, plain as Uint8Array<ArrayBuffer>)));
}

/** Decrypts what was sealed for a secret key under the same purpose and context. SealedError. */
export async function open(secret: Uint8Array, purpose: string, context: Uint8Array, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  if (sealed.length < 48) throw new SealedError("too short to hold anything");
  const enc = sealed.slice(0, 32);
  const s = await schedule(agree(secret, enc), enc, x25519.getPublicKey(secret), infoOf(purpose, context), "decrypt");
  try {
    return new Uint8Array(await subtle().decrypt(s.how, s.key, sealed.slice(32)));
  } catch {
    throw new SealedError("it was sealed for another key, purpose or context, or is damaged");
  }
}
