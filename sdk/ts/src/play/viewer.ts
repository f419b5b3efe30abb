import type { ChainClient, TxOptions } from "../chain/client.js";
import type { Msg } from "../core/msg.js";
import type { Wallet } from "../wallet/wallet.js";
import { type Authorization, DENOM, type Viewer } from "./types.js";

/** A viewer by a wallet. client is asked for when the wallet is needed first, so that a page which only watches loads nothing of it. */
export function walletViewer(wallet: Wallet, client: () => Promise<ChainClient>, options: TxOptions = {}): Viewer {
  return {
    address: wallet.address,
    async authorize(what) {
      const chain = await client();
      const msgs = await authorizationMessages(wallet.address, what);
      const deposit = what.deposit ?? 0n;
      if (deposit > 0n) {
        // no more than there is, with something left for fees; the chain says so where even the least is missing
        const spare = (await chain.balance(wallet.address, DENOM)) - 50_000n;
        if (deposit > spare && spare > 0n && what.least !== undefined) {
          const amount = spare > what.least ? spare : what.least;
          await chain.tx(wallet, await authorizationMessages(wallet.address, { ...what, deposit: amount }), options);
          return;
        }
      }
      await chain.tx(wallet, msgs, options);
    },
  };
}

/** What an authorization says on the chain. */
export async function authorizationMessages(owner: string, what: Authorization): Promise<Msg[]> {
  const [{ MsgDeposit, MsgGrantSessionKey }, { SessionKeyScope }, { msg }] = await Promise.all([
    import("../gen/streamchain/stream/v1/tx.js"), import("../gen/streamchain/stream/v1/key.js"), import("../core/msg.js"),
  ]);
  const out: Msg[] = [];
  if (what.grant) {
    const { pubkey, limit, expires, scope } = what.grant;
    out.push(msg(MsgGrantSessionKey, {
      owner, pubkey, limit: { denom: DENOM, amount: limit.toString() }, expires: BigInt(expires),
      scope: scope === "access" ? SessionKeyScope.SESSION_KEY_SCOPE_ACCESS : SessionKeyScope.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
    }));
  }
  if (what.deposit !== undefined) out.push(msg(MsgDeposit, { owner, amount: { denom: DENOM, amount: what.deposit.toString() } }));
  return out;
}
