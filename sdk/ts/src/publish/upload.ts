import { type Wallet } from "../wallet/wallet.js";
import { addressBytes, concat, random, toBase64Url, toHex, u64, utf8, withLength } from "../media/bytes.js";
import { NodeClient } from "../node/client.js";
import { NodeProblem } from "../node/errors.js";
import { uploadHeader, uploadSignBytes } from "../node/wire.js";
import { providerId, publicKey, sign } from "../voucher/index.js";
import { type Car } from "./piece.js";

/** How long a proof and a grant are valid, in seconds; how much goes in one request; how often an upload goes on after the connection broke. */
const PROOF = 240, GRANT = 20 * 3600, PART = 8 << 20, TRIES = 5;

/** What a wallet shows and signs so that a key may bring one piece to nodes. */
export function grantText(g: { chainId: string; account: string; piece: Uint8Array; size: number; key: Uint8Array; until: number }): string {
  return [
    "StreamChain upload", "This signature lets the key named below bring one piece to storage nodes. It moves no coins.", `chain: ${g.chainId}`, `account: ${g.account}`,
    `piece: ${toHex(g.piece)}`, `size: ${g.size}`, `key: ${toBase64Url(g.key)}`, `until: ${g.until}`,
  ].join("\n");
}

/** What the granted key signs for a node. */
export const grantedSignBytes = (u: { piece: Uint8Array; size: number; expires: number; pubkey: Uint8Array }, chainId: string, operator: Uint8Array): Uint8Array =>
  concat(utf8("streamchain/upload-key/v1"), withLength(utf8(chainId)), providerId(operator), u.piece, u64(u.size), u64(u.expires), u.pubkey);

/** Shows nodes that an account uploads a piece. The wallet is asked at most once, for all nodes. */
export class UploadProof {
  private grant: Promise<{ secret: Uint8Array; until: number; signature: Uint8Array }> | undefined;

  constructor(private readonly wallet: Wallet, private readonly chainId: string, private readonly piece: Uint8Array, private readonly size: number) {}

  /** The value of Stream-Upload for a node's operator. */
  async header(operator: string): Promise<string> {
    const { piece, size, chainId, wallet } = this, now = Math.floor(Date.now() / 1000);
    const u = { piece, size, expires: now + PROOF, pubkey: wallet.pubkey };
    if (wallet.signBytes) return uploadHeader({ ...u, signature: await wallet.signBytes(uploadSignBytes(u, chainId, addressBytes(operator))) });
    const g = await (this.grant ??= this.ask(now).catch((e: unknown) => {
      this.grant = undefined;
      throw e;
    }));
    const signature = sign(grantedSignBytes(u, chainId, addressBytes(operator)), g.secret);
    return `${uploadHeader({ ...u, signature })}.${toBase64Url(publicKey(g.secret))}.${g.until}.${toBase64Url(g.signature)}`;
  }

  private async ask(now: number) {
    const secret = random(32), until = now + GRANT;
    const text = grantText({ chainId: this.chainId, account: this.wallet.address, piece: this.piece, size: this.size, key: publicKey(secret), until });
    return { secret, until, signature: await this.wallet.signArbitrary(text) };
  }
}

/** Brings a piece's CAR to a node, from where the node has it already to its end. NodeProblem where it refuses. */
export async function uploadTo(
  node: { client: NodeClient; operator: string }, car: Car, proof: UploadProof, progress: (bytes: number) => void, signal?: AbortSignal,
): Promise<void> {
  for (let tries = 0; ; ) {
    try {
      let offset = await node.client.uploadOffset(car.root, await proof.header(node.operator), signal);
      for (;;) {
        progress(offset);
        const part = await car.read(offset, Math.min(offset + PART, car.size));
        const state = await node.client.upload(car.root, await proof.header(node.operator), part, offset, car.size, signal);
        if (state.complete) return progress(car.size);
        if (state.offset <= offset) throw new NodeProblem(409, "upload-offset", "the node took nothing of what was sent");
        offset = state.offset;
        tries = 0;
      }
    } catch (e) {
      signal?.throwIfAborted();
      if (e instanceof NodeProblem && e.slug !== "upload-offset" && e.status < 500) throw e;
      if (++tries === TRIES) throw e;
      await new Promise((r) => setTimeout(r, tries * 500));
    }
  }
}
