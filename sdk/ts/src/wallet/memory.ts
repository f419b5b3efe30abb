import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { HDKey } from "@scure/bip32";
import { generateMnemonic as generate, mnemonicToSeed, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { addressOf, arbitraryBytes, signDocBytes } from "./sign.js";
import { type SignDoc, type Signed, type Wallet, WalletError } from "./wallet.js";

/** Where the account's key lies below a mnemonic: Cosmos' own path, so that other wallets find the same account. */
export const HD_PATH = "m/44'/118'/0'/0/0";

/** 24 new words, out of 256 random bits. Who has them has the account. */
export const generateMnemonic = (): string => generate(wordlist, 256);

/** Words as they are compared: lower case, one space between. */
export const normalizeMnemonic = (words: string): string => words.trim().toLowerCase().split(/\s+/).join(" ");

/** Says whether words are a mnemonic of BIP-39, checksum and all. */
export const isMnemonic = (words: string): boolean => validateMnemonic(normalizeMnemonic(words), wordlist);

/** The English words of BIP-39, to complete what somebody types. */
export const mnemonicWords: readonly string[] = wordlist;

/** A wallet whose key is in this program's memory. */
export class MemoryWallet implements Wallet {
  readonly kind = "memory";
  readonly algo = "secp256k1";
  readonly address: string;
  readonly pubkey: Uint8Array;
  // private to the language too: no inspector or JSON shows it
  readonly #key: Uint8Array;

  private constructor(key: Uint8Array, readonly name: string) {
    this.#key = key;
    this.pubkey = secp256k1.getPublicKey(key, true);
    this.address = addressOf(this.pubkey);
  }

  /** The wallet of 12 to 24 words. Errors: `bad-mnemonic`. */
  static async fromMnemonic(words: string, options: { path?: string; name?: string } = {}): Promise<MemoryWallet> {
    const mnemonic = normalizeMnemonic(words);
    if (!isMnemonic(mnemonic)) throw new WalletError("bad-mnemonic", "these are not the words of a wallet: check their spelling, their order and that none is missing");
    const key = HDKey.fromMasterSeed(await mnemonicToSeed(mnemonic)).derive(options.path ?? HD_PATH).privateKey;
    if (!key) throw new WalletError("bad-mnemonic", "these words give no key; use others");
    return new MemoryWallet(key, options.name ?? "This device");
  }

  /** The wallet of a private key of 32 bytes. */
  static fromKey(key: Uint8Array, name = "This device"): MemoryWallet {
    if (!secp256k1.utils.isValidSecretKey(key)) throw new WalletError("bad-mnemonic", "this is no private key");
    return new MemoryWallet(key.slice(), name);
  }

  async signDirect(doc: SignDoc): Promise<Signed> {
    return { doc, signature: await this.signBytes(signDocBytes(doc)) };
  }

  signArbitrary(text: string): Promise<Uint8Array> {
    return this.signBytes(arbitraryBytes(this.address, text));
  }

  async signBytes(bytes: Uint8Array): Promise<Uint8Array> {
    return secp256k1.sign(sha256(bytes), this.#key, { prehash: false, lowS: true });
  }
}
