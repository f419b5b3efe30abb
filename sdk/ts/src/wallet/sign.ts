import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ripemd160 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64 } from "@scure/base";
import { ADDRESS_PREFIX, bech32Text } from "../core/ids.js";
import { SignDoc as Proto } from "../gen/cosmos/tx/v1beta1/tx.js";
import type { SignDoc } from "./wallet.js";

/** The address of a public key of 33 bytes. */
export const addressOf = (pubkey: Uint8Array): string => bech32Text(ADDRESS_PREFIX, ripemd160(sha256(pubkey)));

/** The bytes that a signature of a transaction is over. */
export const signDocBytes = (doc: SignDoc): Uint8Array => Proto.encode(Proto.fromPartial(doc)).finish();

/** The bytes that a signature of a text is over: the sign document of ADR-036, whose chain id is empty. */
export function arbitraryBytes(address: string, text: string): Uint8Array {
  const data = base64.encode(new TextEncoder().encode(text));
  return new TextEncoder().encode(
    `{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"sign/MsgSignData","value":{"data":"${data}","signer":"${address}"}}],"sequence":"0"}`,
  );
}

/** Says whether 64 bytes are the key's signature of bytes. */
export function verify(pubkey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return secp256k1.verify(signature, sha256(bytes), pubkey, { prehash: false, lowS: true });
  } catch {
    return false;
  }
}
