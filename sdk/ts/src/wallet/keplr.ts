import { addressOf, arbitraryBytes, signDocBytes, verify } from "./sign.js";
import { base64 } from "@scure/base";
import type { ChainInfo } from "./chaininfo.js";
import { type SignDoc, type Signed, type Wallet, WalletError } from "./wallet.js";

/** The part of Keplr's interface that is used; Leap, Cosmostation and others offer the same. */
export interface KeplrApi {
  experimentalSuggestChain(info: ChainInfo): Promise<void>;
  enable(chainId: string): Promise<void>;
  getKey(chainId: string): Promise<{ name: string; algo: string; pubKey: Uint8Array; bech32Address: string; isNanoLedger?: boolean }>;
  signDirect(chainId: string, signer: string, doc: { bodyBytes: Uint8Array; authInfoBytes: Uint8Array; chainId: string; accountNumber: unknown }, options?: { preferNoSetFee?: boolean }): Promise<{
    signed: { bodyBytes: Uint8Array; authInfoBytes: Uint8Array; chainId: string; accountNumber: { toString(): string } };
    signature: { signature: string };
  }>;
  signArbitrary(chainId: string, signer: string, data: string): Promise<{ signature: string }>;
}

/** The extensions that a page finds. They put themselves there while it loads: ask when somebody wants to connect. */
export function findExtensions(on: unknown = globalThis): { id: string; name: string; api: KeplrApi }[] {
  const page = on as Record<string, unknown>;
  const found = [{ id: "keplr", name: "Keplr", api: page["keplr"] }, { id: "leap", name: "Leap", api: page["leap"] }, { id: "cosmostation", name: "Cosmostation", api: (page["cosmostation"] as { providers?: { keplr?: unknown } } | undefined)?.providers?.keplr }];
  // some extensions also pose as Keplr: one of them is enough
  return found.filter(({ api }, i) => api && found.findIndex((other) => other.api === api) === i) as { id: string; name: string; api: KeplrApi }[];
}

/** What an extension's refusal means. */
function refusal(e: unknown): WalletError {
  const text = e instanceof Error ? e.message : String(e);
  if (/reject|denied|cancel/i.test(text)) return new WalletError("rejected", "you did not allow it in the wallet; nothing was sent", { cause: e });
  return new WalletError("unsupported", `the wallet says: ${text}`, { cause: e });
}

/** A browser extension that speaks Keplr's interface. */
export class KeplrWallet implements Wallet {
  readonly kind = "keplr";
  readonly algo = "secp256k1";
  private constructor(private readonly api: KeplrApi, private readonly chainId: string, readonly name: string, readonly address: string, readonly pubkey: Uint8Array) {}

  /** Asks the extension for an account of the chain, and tells it of the chain first. Errors: `rejected`, `no-extension`, `unsupported`. */
  static async connect(api: KeplrApi | undefined, info: ChainInfo, name = "Keplr"): Promise<KeplrWallet> {
    if (!api) throw new WalletError("no-extension", "no wallet extension was found in this browser; install one, or use a wallet of this page");
    try {
      await api.experimentalSuggestChain(info);
      await api.enable(info.chainId);
      const key = await api.getKey(info.chainId);
      const pubkey = new Uint8Array(key.pubKey);
      if (key.algo !== "secp256k1" || addressOf(pubkey) !== key.bech32Address) throw new WalletError("unsupported", "this account's kind of key is not one that the chain knows; choose another account");
      if (key.isNanoLedger) throw new WalletError("unsupported", "Ledger devices cannot show this chain's transactions yet; choose another account of the wallet");
      return new KeplrWallet(api, info.chainId, name, key.bech32Address, pubkey);
    } catch (e) {
      throw e instanceof WalletError ? e : refusal(e);
    }
  }

  /** The extension may change the fee, and nothing else. Errors: `rejected`, `changed`, `bad-signature`. */
  async signDirect(doc: SignDoc): Promise<Signed> {
    const got = await this.api.signDirect(this.chainId, this.address, doc, { preferNoSetFee: true }).catch((e: unknown) => {
      throw refusal(e);
    });
    const signed: SignDoc = {
      bodyBytes: new Uint8Array(got.signed.bodyBytes), authInfoBytes: new Uint8Array(got.signed.authInfoBytes), chainId: got.signed.chainId,
      accountNumber: BigInt(got.signed.accountNumber?.toString() ?? 0),
    };
    if (signed.chainId !== doc.chainId || signed.accountNumber !== doc.accountNumber || !equal(signed.bodyBytes, doc.bodyBytes)) {
      throw new WalletError("changed", "the wallet signed something else than it was asked to; nothing was sent");
    }
    const signature = base64.decode(got.signature.signature);
    if (!verify(this.pubkey, signDocBytes(signed), signature)) throw new WalletError("bad-signature", "the wallet's signature is not of its account; connect it again");
    return { doc: signed, signature };
  }

  async signArbitrary(text: string): Promise<Uint8Array> {
    const got = await this.api.signArbitrary(this.chainId, this.address, text).catch((e: unknown) => {
      throw refusal(e);
    });
    const signature = base64.decode(got.signature);
    if (!verify(this.pubkey, arbitraryBytes(this.address, text), signature)) throw new WalletError("bad-signature", "the wallet's signature is not of its account; connect it again");
    return signature;
  }
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((v, i) => v === b[i]);
