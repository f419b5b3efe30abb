import { StreamError } from "../core/errors.js";

/** What a transaction's signature is over (SIGN_MODE_DIRECT). */
export interface SignDoc {
  bodyBytes: Uint8Array;
  authInfoBytes: Uint8Array;
  chainId: string;
  accountNumber: bigint;
}

/** A signed document: a wallet may have changed the fee, so what it returns is what is sent. */
export interface Signed {
  doc: SignDoc;
  /** 64 bytes: r ‖ s. */
  signature: Uint8Array;
}

/** Something that signs for one account. */
export interface Wallet {
  readonly kind: "memory" | "keplr" | "offline";
  /** For people: "Keplr", "This browser". */
  readonly name: string;
  readonly address: string;
  readonly algo: "secp256k1";
  /** 33 bytes. */
  readonly pubkey: Uint8Array;
  signDirect(doc: SignDoc): Promise<Signed>;
  /** Signs a text that no chain takes for a transaction (ADR-036): 64 bytes. */
  signArbitrary(text: string): Promise<Uint8Array>;
  /** Signs bytes as they are; only wallets whose key is in this program can. */
  signBytes?(bytes: Uint8Array): Promise<Uint8Array>;
}

/**
 * What goes wrong with wallets. Slugs: `rejected` (its owner said no), `no-extension`, `changed` (it signed something else), `bad-signature`,
 * `unsupported`, `bad-mnemonic`, `bad-keystore`, `wrong-password`, `insecure-page`.
 */
export class WalletError extends StreamError {
  override name = "WalletError";
}
