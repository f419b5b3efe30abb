import { parseAmount, type Amount, type Coin } from "../core/amounts.js";
import type { Codec, Msg } from "../core/msg.js";
import type { Wallet } from "../wallet/wallet.js";
import { ChainError, chainError, chainErrorIn, ConnectionError, expectedSequence } from "./errors.js";
import { type ChainEvent, decodeEvents } from "./events.js";
import { type Queries, queries } from "./queries.js";
import { authInfoBytes, bodyBytes, type Fee, feeOf, parseGasPrice, responsesOf, simulatedGas, simulateRequest, txBytes, txHash } from "./tx.js";

export interface ChainOptions {
  /** CometBFT's RPC, http(s). */
  rpc: string;
  /** The chain that it must be. Without one, whatever the node says is believed. */
  chainId?: string;
  /** What a unit of gas costs; 0.001ustream unless told. */
  gasPrice?: string;
}

export interface TxOptions {
  memo?: string;
  /** Gas and fee, instead of simulating. */
  fee?: Fee;
  /** Whose allowance (x/feegrant) pays the fee. */
  granter?: string;
  /** The most that the fee may be; ConnectionError `fee-too-high` beyond. */
  maxFee?: Amount;
  /** The last height whose block may hold it. */
  timeoutHeight?: number;
  /** Milliseconds to wait for a block that holds it; 60,000 unless told. */
  wait?: number;
  /** Told what happens, for whoever looks on. */
  onProgress?: (step: "signing" | "sent" | "included") => void;
}

/** A transaction that is in a block, and did what it was asked. */
export interface TxResult {
  hash: string;
  height: number;
  gasUsed: bigint;
  fee: Coin[];
  events: ChainEvent[];
  /** What each message answered, encoded. */
  responses: Msg[];
}

/** What a fee would be. */
export interface Estimate {
  gas: bigint;
  fee: Coin;
}

/** What this client needs of CometBFT's RPC: cosmjs' Comet38Client is it. */
export interface Comet {
  status(): Promise<{ nodeInfo: { network: string }; syncInfo: { latestBlockHeight: number; latestBlockTime: { getTime(): number } } }>;
  abciQuery(q: { path: string; data: Uint8Array; height?: number }): Promise<{ value: Uint8Array; code?: number; codespace: string; log?: string }>;
  broadcastTxSync(q: { tx: Uint8Array }): Promise<{ code: number; codespace?: string; log?: string }>;
  tx(q: { hash: Uint8Array }): Promise<{ height: number; result: { code: number; codespace?: string; log?: string; gasUsed: bigint; data?: Uint8Array; events: readonly { type: string; attributes: readonly { key: string; value: string }[] }[] } }>;
}

/**
 * What is asked for of what a simulation used, in percent, and beyond that: payouts at the end of a block cost more there, and other
 * transactions come in between. The Go client asks for the same.
 */
const GAS_PERCENT = 150n, GAS_MORE = 20_000n;
/** How long a transaction may be missing before its bytes are sent again: a node that restarts forgets them. */
const RESEND = 4_000, POLL = 400;

interface Account {
  number: bigint;
  sequence: bigint;
}

/** One node of the chain. */
export class ChainClient {
  /** Typed queries: `client.query.content.work({ cid })`. */
  readonly query: Queries;
  readonly #accounts = new Map<string, Account>();
  readonly #queues = new Map<string, Promise<unknown>>();

  private constructor(private readonly comet: Comet, readonly chainId: string, readonly gasPrice: string) {
    this.query = queries((path, request, height) => this.#ask(path, request, height));
  }

  /** Connects, and checks that the node is of the chain. Errors: `unreachable`, `wrong-chain`. */
  static async connect(options: ChainOptions): Promise<ChainClient> {
    // named, never detected: CometBFT 0.40 says that it is 0.39, and detection would choose another protocol
    const rpc = await import("@cosmjs/tendermint-rpc");
    // bundlers that split give what CommonJS exports as the default alone
    const { Comet38Client } = "Comet38Client" in rpc ? rpc : (rpc as { default: typeof rpc }).default;
    return ChainClient.over(await Comet38Client.connect(options.rpc), options);
  }

  /** The client over a connection to CometBFT that somebody else made. */
  static async over(comet: Comet, options: Omit<ChainOptions, "rpc">): Promise<ChainClient> {
    const gasPrice = options.gasPrice ?? "0.001ustream";
    parseGasPrice(gasPrice);
    const { nodeInfo } = await reach(comet.status());
    if (options.chainId && nodeInfo.network !== options.chainId) {
      throw new ConnectionError("wrong-chain", `the node belongs to ${nodeInfo.network}, wanted ${options.chainId}; use another node`);
    }
    return new ChainClient(comet, nodeInfo.network, gasPrice);
  }

  /** The newest block: its height, and its time in Unix seconds. */
  async head(): Promise<{ height: number; time: number }> {
    const { syncInfo } = await reach(this.comet.status());
    return { height: syncInfo.latestBlockHeight, time: Math.floor(syncInfo.latestBlockTime.getTime() / 1000) };
  }

  /** What an account can spend of a denom. */
  async balance(address: string, denom = "ustream"): Promise<bigint> {
    const { balances } = await this.query.bank.spendableBalances({ address });
    return BigInt(balances.find((c) => c.denom === denom)?.amount ?? 0);
  }

  /** What messages would cost, without a signature. Rejects with the ChainError that sending would meet. */
  async estimate(wallet: Pick<Wallet, "address" | "pubkey">, msgs: readonly Msg[], options: TxOptions = {}): Promise<Estimate> {
    const { sequence } = await this.#account(wallet.address);
    return this.#estimate(wallet, bodyBytes(msgs, options.memo), sequence, options.granter);
  }

  /**
   * Signs messages as one transaction, sends it, and waits until a block holds it. Transactions of one account queue: each has its
   * place before the next is signed. A place that another program took is tried once more.
   *
   * Errors: ChainError where the chain refuses (nothing but the fee changed), `unconfirmed` where no block held it in time.
   */
  async tx(wallet: Wallet, msgs: readonly Msg[], options: TxOptions = {}): Promise<TxResult> {
    const sent = await this.#inTurn(wallet.address, async () => {
      try {
        return await this.#send(wallet, msgs, options);
      } catch (e) {
        if (!(e instanceof ChainError) || e.slug !== "sdk/WrongSequence") throw e;
        const expected = expectedSequence(e), account = this.#accounts.get(wallet.address);
        if (expected !== undefined && account) account.sequence = expected;
        else this.#accounts.delete(wallet.address);
        return this.#send(wallet, msgs, options);
      }
    });
    options.onProgress?.("sent");
    const result = await this.#included(sent.bytes, options.wait ?? 60_000).catch((e: unknown) => {
      // whether the place was used is not known: ask before the next
      if (!(e instanceof ChainError)) this.#accounts.delete(wallet.address);
      throw e;
    });
    options.onProgress?.("included");
    return { ...result, fee: sent.fee };
  }

  /** Sends a signed transaction as it is, and waits until a block holds it. */
  async broadcast(bytes: Uint8Array, wait = 60_000): Promise<Omit<TxResult, "fee">> {
    await this.#check(bytes);
    return this.#included(bytes, wait);
  }

  /** What a message answered: `response(result, MsgPurchaseResponse)`. Undefined where there is none of that type. */
  static response<T>(result: Pick<TxResult, "responses">, codec: Codec<T>): T | undefined {
    const found = result.responses.find(({ typeUrl }) => typeUrl === "/" + codec.$type);
    return found && codec.decode(found.value);
  }

  async #send(wallet: Wallet, msgs: readonly Msg[], options: TxOptions): Promise<{ bytes: Uint8Array; fee: Coin[] }> {
    const account = await this.#account(wallet.address);
    const body = bodyBytes(msgs, options.memo, BigInt(options.timeoutHeight ?? 0));
    const fee = options.fee ?? await this.#simulatedFee(wallet, body, account.sequence, options.granter);
    if (options.maxFee !== undefined) {
      const most = parseAmount(options.maxFee);
      const over = fee.amount.find((c) => c.denom !== most.denom || BigInt(c.amount) > BigInt(most.amount));
      if (over) throw new ConnectionError("fee-too-high", `the fee would be ${over.amount} ${over.denom}, more than you allow; raise it, or wait`);
    }
    const granter = options.granter ?? fee.granter;
    options.onProgress?.("signing");
    const { doc, signature } = await wallet.signDirect({
      bodyBytes: body, authInfoBytes: authInfoBytes(wallet.pubkey, account.sequence, { ...fee, ...(granter ? { granter } : {}) }), chainId: this.chainId, accountNumber: account.number,
    });
    const bytes = txBytes(doc.bodyBytes, doc.authInfoBytes, signature);
    await this.#check(bytes);
    account.sequence++;
    return { bytes, fee: fee.amount };
  }

  /** Offers a transaction to the node. */
  async #check(bytes: Uint8Array): Promise<void> {
    let code: number, codespace: string | undefined, log: string | undefined;
    try {
      ({ code, codespace, log } = await this.comet.broadcastTxSync({ tx: bytes }));
    } catch (e) {
      if (/tx already exists in cache/.test(String(e))) return;
      throw new ConnectionError("unreachable", "the chain's node cannot be reached, so that the transaction may or may not have been sent; look for it before sending again", txHash(bytes), { cause: e });
    }
    if (code !== 0 && !(codespace === "sdk" && code === 19)) throw await chainError(codespace ?? "", code, log ?? "", txHash(bytes));
  }

  async #included(bytes: Uint8Array, wait: number): Promise<Omit<TxResult, "fee">> {
    const hash = txHash(bytes);
    const name = Uint8Array.from(hash.match(/../g)!, (h) => parseInt(h, 16));
    for (const end = Date.now() + wait; Date.now() < end;) {
      for (let until = Math.min(Date.now() + RESEND, end); Date.now() < until;) {
        const found = await this.comet.tx({ hash: name }).catch(() => undefined);
        if (found) {
          const { code, codespace, log, gasUsed, data, events } = found.result;
          if (code !== 0) throw await chainError(codespace ?? "", code, log ?? "", hash);
          return { hash, height: found.height, gasUsed, events: await decodeEvents(events), responses: data ? responsesOf(data) : [] };
        }
        await new Promise((done) => setTimeout(done, POLL));
      }
      // the same bytes can be included only once, so whether this is refused says nothing
      await this.comet.broadcastTxSync({ tx: bytes }).catch(() => undefined);
    }
    throw new ConnectionError("unconfirmed", `no block holds the transaction yet; look for ${hash} before sending again`, hash);
  }

  async #estimate(wallet: Pick<Wallet, "pubkey">, body: Uint8Array, sequence: bigint, granter?: string): Promise<Estimate> {
    const draft = txBytes(body, authInfoBytes(wallet.pubkey, sequence, { amount: [], gas: 0n, ...(granter ? { granter } : {}) }), new Uint8Array());
    const used = simulatedGas(await this.#ask("/cosmos.tx.v1beta1.Service/Simulate", simulateRequest(draft)));
    const gas = (used * GAS_PERCENT) / 100n + GAS_MORE;
    return { gas, fee: feeOf(gas, this.gasPrice) };
  }

  async #simulatedFee(...args: [Pick<Wallet, "pubkey">, Uint8Array, bigint, string | undefined]): Promise<Fee> {
    const { gas, fee } = await this.#estimate(...args);
    return { gas, amount: [fee] };
  }

  /** One after the other for each account; one that fails stops nobody. */
  #inTurn<T>(address: string, run: () => Promise<T>): Promise<T> {
    const turn = (this.#queues.get(address) ?? Promise.resolve()).then(run, run);
    const settled = turn.catch(() => undefined);
    this.#queues.set(address, settled);
    void settled.then(() => {
      if (this.#queues.get(address) === settled) this.#queues.delete(address);
    });
    return turn;
  }

  async #account(address: string): Promise<Account> {
    let known = this.#accounts.get(address);
    if (!known) {
      const { info } = await this.query.auth.accountInfo({ address }).catch((e: unknown) => {
        if (e instanceof ChainError) throw new ChainError("sdk/UnknownAddress", "the account does not exist on the chain yet: send it some STREAM first, or ask a sponsor", "sdk", 9, e.log);
        throw e;
      });
      this.#accounts.set(address, known = { number: info?.accountNumber ?? 0n, sequence: info?.sequence ?? 0n });
    }
    return known;
  }

  async #ask(path: string, data: Uint8Array, height?: number): Promise<Uint8Array> {
    const res = await reach(this.comet.abciQuery({ path, data, ...(height ? { height } : {}) }));
    if (res.code) throw await chainErrorIn(res.log ?? "", res.codespace, res.code);
    return res.value;
  }
}

/** Tells a connection that fails from a chain that refuses. */
async function reach<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw new ConnectionError("unreachable", "the chain's node cannot be reached; check the connection, or choose another node", undefined, { cause });
  }
}
