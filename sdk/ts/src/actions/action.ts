import type { ChainClient, TxOptions, TxResult } from "../chain/client.js";
import type { Codec, Msg } from "../core/msg.js";
import type { Wallet } from "../wallet/wallet.js";

/** Where an action is sent. ChainClient is one. */
export type Sender = Pick<ChainClient, "tx">;

/** What sending an action gave, with its first message's answer. */
export type Done<R> = TxResult & { response: R | undefined };

/** Messages that do one thing: to be described, sent, or put into one transaction with others. */
export class Action<R = unknown> {
  constructor(readonly msgs: readonly Msg[], private readonly answer?: Codec<R>) {}

  /** Signs and sends it, and waits until a block holds it; `response` is what the chain answered. */
  async send(chain: Sender, wallet: Wallet, options?: TxOptions): Promise<Done<R>> {
    const result = await chain.tx(wallet, this.msgs, options);
    const found = this.answer && result.responses.find(({ typeUrl }) => typeUrl === "/" + this.answer!.$type);
    return { ...result, response: found && this.answer?.decode(found.value) };
  }

  /** This and others in one transaction: all of it happens, or nothing. `response` stays that of this one. */
  and(...others: Action[]): Action<R> {
    return new Action([...this.msgs, ...others.flatMap((o) => o.msgs)], this.answer);
  }
}
