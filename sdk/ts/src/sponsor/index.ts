import { base64 } from "@scure/base";
import type { Queries } from "../chain/queries.js";
import { StreamError } from "../core/errors.js";
import { AllowedMsgAllowance, BasicAllowance } from "../gen/cosmos/feegrant/v1beta1/feegrant.js";
import type { Wallet } from "../wallet/wallet.js";
import { parseChallenge } from "./challenge.js";
import { solve } from "./work.js";

export { type Challenge, parseChallenge } from "./challenge.js";
export { MAX_DIFFICULTY, solve, solveSlice, workBits, workSeed } from "./work.js";

/** A sponsor's refusal (slugs of docs/spec/sponsor.md), or `unreachable`, `bad-answer`, `dishonest`. */
export class SponsorError extends StreamError {
  override name = "SponsorError";
  constructor(slug: string, message: string, readonly status = 0, readonly retryAfter?: number, options?: ErrorOptions) {
    super(slug, message, options);
  }
}

/** What a sponsor gives. */
export interface SponsorInfo {
  chain_id: string;
  service: string;
  granter: string;
  messages: string[];
  spend_limit: string;
  expiry_seconds: number | string;
  starter_credit: string;
  max_balance: string;
  difficulty: number;
  open: boolean;
}

/** A grant: set `granter` as the fee granter of transactions (`TxOptions.granter`). */
export interface Grant {
  granter: string;
  /** In ustream. */
  spend_limit: string;
  starter_credit: string;
  /** Unix seconds. */
  expires: number | string;
  tx: string;
}

export interface AskOptions {
  signal?: AbortSignal;
  /** Told how hard the work is, before it begins: 2^difficulty hashes. */
  onWork?: (difficulty: number) => void;
  /** Does the work elsewhere, in a worker for instance; `solve` unless told. */
  solve?: (challenge: string, difficulty: number, signal?: AbortSignal) => Promise<bigint>;
}

const ANSWER = 64 << 10;

/** A service that pays a newcomer's first fees. */
export class Sponsor {
  readonly origin: string;
  readonly #fetch: typeof fetch;
  readonly #chainId: string;

  /** Of the address only the origin counts. `chainId` is the chain that the newcomer is on: nothing is signed for another one. */
  constructor(url: string, options: { chainId: string; fetch?: typeof fetch }) {
    this.origin = new URL(url).origin;
    this.#chainId = options.chainId;
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
  }

  info(signal?: AbortSignal): Promise<SponsorInfo> {
    return this.#do<SponsorInfo>("/v1/info", undefined, signal);
  }

  /**
   * Gets the wallet's account a grant: does the work and signs the challenge, after checking that it is for this chain, this sponsor and
   * this account and nothing else. Errors: SponsorError; `pending` means to look for the allowance before asking again.
   */
  async ask(wallet: Pick<Wallet, "address" | "pubkey" | "signArbitrary">, options: AskOptions = {}): Promise<Grant> {
    const { challenge } = await this.#do<{ challenge: string }>(`/v1/challenge?address=${encodeURIComponent(wallet.address)}`, undefined, options.signal);
    const c = parseChallenge(String(challenge));
    if (c.chain !== this.#chainId || c.service !== this.origin || c.address !== wallet.address) {
      throw new SponsorError("dishonest", `${this.origin} asks to sign for chain ${c.chain}, service ${c.service}, address ${c.address}: that is not what was asked for`);
    }
    options.onWork?.(c.difficulty);
    const work = await (options.solve ?? solve)(challenge, c.difficulty, options.signal);
    const signature = await wallet.signArbitrary(challenge);
    const body = { address: wallet.address, pubkey: base64.encode(wallet.pubkey), proof: { challenge, signature: base64.encode(signature), work: work.toString() } };
    return this.#do<Grant>("/v1/sponsor", body, options.signal);
  }

  async #do<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    let res: Response;
    try {
      res = await this.#fetch(this.origin + path, {
        // a sponsor that sends us elsewhere is not the one that we were told of
        redirect: "error", signal: signal ?? AbortSignal.timeout(60_000),
        ...(body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new SponsorError("unreachable", "the sponsor cannot be reached; try again, or get some STREAM from somebody", 0, undefined, { cause });
    }
    const text = await res.text();
    try {
      const answer = JSON.parse(text.slice(0, ANSWER)) as T & { slug?: unknown; detail?: unknown; retry_after?: unknown };
      if (res.ok) return answer;
      if (typeof answer.slug === "string") throw new SponsorError(answer.slug, String(answer.detail ?? answer.slug), res.status, Number(answer.retry_after) || undefined);
    } catch (e) {
      if (e instanceof SponsorError) throw e;
    }
    throw new SponsorError("bad-answer", `the sponsor answers ${res.status} with something that cannot be read`, res.status);
  }
}

/** An allowance on the chain that pays an account's fees. */
export interface Allowance {
  granter: string;
  /** In ustream; undefined where there is no limit. */
  left: bigint | undefined;
  /** Unix seconds; undefined where it has no end. */
  expires: number | undefined;
  /** Types of the messages that it pays for; undefined for all. */
  messages: string[] | undefined;
}

/** The allowances that pay an account's fees now. */
export async function allowances(chain: { readonly query: Queries }, address: string): Promise<Allowance[]> {
  const { allowances } = await chain.query.feegrant.allowances({ grantee: address });
  return allowances.flatMap(({ granter, allowance }): Allowance[] => {
    let inner = allowance, messages: string[] | undefined;
    if (inner?.typeUrl === "/cosmos.feegrant.v1beta1.AllowedMsgAllowance") {
      const of = AllowedMsgAllowance.decode(inner.value);
      [inner, messages] = [of.allowance, of.allowedMessages];
    }
    // of other kinds it is not known what they would pay
    if (inner?.typeUrl !== "/cosmos.feegrant.v1beta1.BasicAllowance") return [];
    const { spendLimit, expiration } = BasicAllowance.decode(inner.value);
    const expires = expiration && Math.floor(expiration.getTime() / 1000);
    if (expires !== undefined && expires * 1000 <= Date.now()) return [];
    return [{ granter, left: spendLimit.length ? BigInt(spendLimit.find((c) => c.denom === "ustream")?.amount ?? 0) : undefined, expires, messages }];
  });
}

/** Who can pay the fee of messages of these types: `granterFor(await allowances(chain, me), msgs, fee)`; undefined where nobody can. */
export function granterFor(list: readonly Allowance[], msgs: readonly { typeUrl: string }[], fee: bigint): string | undefined {
  return list.find((a) => (a.left === undefined || a.left >= fee) && (!a.messages || msgs.every(({ typeUrl }) => a.messages!.includes(typeUrl))))?.granter;
}
