import { base64 } from "@scure/base";
import { isMnemonic, MemoryWallet, normalizeMnemonic } from "./memory.js";
import { WalletError } from "./wallet.js";

/** A mnemonic under a password, as JSON that can be kept anywhere the password is not. */
export interface Keystore {
  version: 1;
  /** Whose it is, to be shown before it is opened. */
  address: string;
  kdf: { name: "pbkdf2-sha256"; iterations: number; salt: string };
  cipher: { name: "aes-256-gcm"; iv: string };
  data: string;
}

/** Rounds of PBKDF2 with SHA-256 (OWASP 2023): half a second of a guesser's machine for each password. */
const ITERATIONS = 600_000;
// a file that somebody else wrote must not make the password cheap to guess, nor hang the page
const LEAST = 100_000, MOST = 10_000_000;

function subtle(): SubtleCrypto {
  const found = globalThis.crypto?.subtle;
  if (!found) throw new WalletError("insecure-page", "this page is not secure, so the browser offers no encryption: open it over https or on localhost");
  return found;
}

const utf8 = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s);
const bytes = (s: string): Uint8Array<ArrayBuffer> => new Uint8Array(base64.decode(s));

async function keyOf(password: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<CryptoKey> {
  // the same password typed on another keyboard may be other code points
  const raw = await subtle().importKey("raw", utf8(password.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  return subtle().deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** What is authenticated beside the words: all that stands in the clear. */
const header = (k: Omit<Keystore, "data">): Uint8Array<ArrayBuffer> => utf8([k.version, k.address, k.kdf.name, k.kdf.iterations, k.kdf.salt, k.cipher.name, k.cipher.iv].join("\n"));

/** Puts words under a password. Errors: `bad-mnemonic`, `insecure-page`. */
export async function sealMnemonic(words: string, password: string): Promise<Keystore> {
  const mnemonic = normalizeMnemonic(words);
  const { address } = await MemoryWallet.fromMnemonic(mnemonic);
  if (password.length < 8) throw new WalletError("wrong-password", "choose a password of at least 8 characters");
  const salt = crypto.getRandomValues(new Uint8Array(16)), iv = crypto.getRandomValues(new Uint8Array(12));
  const clear = {
    version: 1, address, kdf: { name: "pbkdf2-sha256", iterations: ITERATIONS, salt: base64.encode(salt) }, cipher: { name: "aes-256-gcm", iv: base64.encode(iv) },
  } as const;
  const key = await keyOf(password, salt, ITERATIONS);
  const sealed = await subtle().encrypt({ name: "AES-GCM", iv, additionalData: header(clear) }, key, utf8(mnemonic));
  return { ...clear, data: base64.encode(new Uint8Array(sealed)) };
}

/** Reads what was kept, an object or its JSON. Errors: `bad-keystore`. */
export function parseKeystore(from: unknown): Keystore {
  try {
    const k = (typeof from === "string" ? JSON.parse(from) : from) as Keystore;
    const n = k.kdf.iterations;
    if (k.version === 1 && k.kdf.name === "pbkdf2-sha256" && k.cipher.name === "aes-256-gcm" && Number.isInteger(n) && n >= LEAST && n <= MOST
      && typeof k.address === "string" && bytes(k.kdf.salt).length === 16 && bytes(k.cipher.iv).length === 12 && bytes(k.data).length > 16) return k;
  } catch {
    // said below
  }
  throw new WalletError("bad-keystore", "this is no wallet file of this version");
}

/** The words under a password. Errors: `wrong-password`, `bad-keystore`, `insecure-page`. */
export async function openMnemonic(keystore: unknown, password: string): Promise<string> {
  const k = parseKeystore(keystore);
  const key = await keyOf(password, bytes(k.kdf.salt), k.kdf.iterations);
  let opened: ArrayBuffer;
  try {
    opened = await subtle().decrypt({ name: "AES-GCM", iv: bytes(k.cipher.iv), additionalData: header(k) }, key, bytes(k.data));
  } catch {
    throw new WalletError("wrong-password", "the password does not open this wallet, or the file was changed");
  }
  const words = new TextDecoder().decode(opened);
  if (!isMnemonic(words)) throw new WalletError("bad-keystore", "what lies in this wallet file are no words of a wallet");
  return words;
}
