import { base64 } from "@scure/base";
import { addressOf, arbitraryBytes, signDocBytes, verify } from "./sign.js";
import { type SignDoc, type Signed, type Wallet, WalletError } from "./wallet.js";

/** What is carried to the machine with the key. */
export type UnsignedFile =
  | { version: 1; kind: "transaction"; signer: string; chain_id: string; account_number: string; body_bytes: string; auth_info_bytes: string }
  | { version: 1; kind: "text"; signer: string; text: string };

/** What comes back from there. */
export interface SignedFile {
  version: 1;
  signature: string;
}

/**
 * The wallet of a key that is on another machine. `carry` shows a file to be carried there, and waits for what comes back;
 * `signOffline` there makes that of it.
 */
export class OfflineSigner implements Wallet {
  readonly kind = "offline";
  readonly algo = "secp256k1";
  readonly address: string;
  constructor(readonly pubkey: Uint8Array, private readonly carry: (file: UnsignedFile) => Promise<SignedFile>, readonly name = "Another machine") {
    this.address = addressOf(pubkey);
  }

  async signDirect(doc: SignDoc): Promise<Signed> {
    return { doc, signature: await this.bring(unsignedFile(this.address, doc), signDocBytes(doc)) };
  }

  signArbitrary(text: string): Promise<Uint8Array> {
    return this.bring({ version: 1, kind: "text", signer: this.address, text }, arbitraryBytes(this.address, text));
  }

  private async bring(file: UnsignedFile, bytes: Uint8Array): Promise<Uint8Array> {
    const back = await this.carry(file);
    const signature = back?.version === 1 && typeof back.signature === "string" ? base64.decode(back.signature) : new Uint8Array();
    if (!verify(this.pubkey, bytes, signature)) throw new WalletError("bad-signature", "this is not the signature of what was carried over; sign it with the same account");
    return signature;
  }
}

/** The file of a transaction. */
export const unsignedFile = (signer: string, doc: SignDoc): UnsignedFile => ({
  version: 1, kind: "transaction", signer, chain_id: doc.chainId, account_number: doc.accountNumber.toString(), body_bytes: base64.encode(doc.bodyBytes), auth_info_bytes: base64.encode(doc.authInfoBytes),
});

/** The transaction in a file; `describe` shows its messages (`messagesOf(doc)`) before anybody signs. */
export function docOf(file: UnsignedFile): SignDoc {
  if (file.version !== 1 || file.kind !== "transaction") throw new WalletError("bad-keystore", "this file holds no transaction of this version");
  return { bodyBytes: base64.decode(file.body_bytes), authInfoBytes: base64.decode(file.auth_info_bytes), chainId: file.chain_id, accountNumber: BigInt(file.account_number) };
}

/** Signs what was carried to this machine, which has the key. */
export async function signOffline(file: UnsignedFile, wallet: Wallet): Promise<SignedFile> {
  if (file.signer !== wallet.address) throw new WalletError("bad-signature", `this is for ${file.signer}, and this wallet is ${wallet.address}`);
  const signature = file.version === 1 && file.kind === "text" ? await wallet.signArbitrary(file.text) : (await wallet.signDirect(docOf(file))).signature;
  return { version: 1, signature: base64.encode(signature) };
}
