import { StreamError } from "../core/errors.js";

/** The work is not free for this viewer; offers says what it takes. */
export class PaymentRequiredError extends StreamError {
  override name = "PaymentRequiredError";
  constructor(readonly offers: OfferCost[], message = "the work has to be paid for") {
    super("payment-required", message);
  }
}

/** One way to get access, as the chain says it. */
export interface OfferCost {
  /** free, purchase, metered, plan, pass, rental, tier, token, pay-what-you-want, template */
  kind: string;
  price: { denom: string; amount: string };
  seconds: number;
  plan: string;
  pass: string;
}

/** Going on would cost more than the viewer allowed. */
export class SpendLimitError extends StreamError {
  override name = "SpendLimitError";
  /** more: what is missing, in base units */
  constructor(readonly more: bigint, readonly limit: bigint) {
    super("spend-limit", `the spending limit of ${limit} is reached: the next part takes ${more} more`);
  }
}

/** Going on would play more than the viewer allowed. */
export class TimeLimitError extends StreamError {
  override name = "TimeLimitError";
  constructor(readonly seconds: number) {
    super("time-limit", `the limit of ${seconds} seconds is reached`);
  }
}

/** The wallet said no, or the chain refused what it signed; cause says why. */
export class AuthorizationError extends StreamError {
  override name = "AuthorizationError";
  constructor(cause: unknown) {
    super("not-authorized", `the payment key was not authorized: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Another page pays by this account's key: two would sign the same session. */
export class BusyError extends StreamError {
  override name = "BusyError";
  constructor() {
    super("busy", "another page of this browser is playing for this account: close it, or wait for it to end");
  }
}

/** The chain knows no such work. */
export class WorkNotFoundError extends StreamError {
  override name = "WorkNotFoundError";
  constructor(id: string) {
    super("not-found", `the chain knows no such work: ${id.slice(0, 80)}`);
  }
}

/** The chain does not answer, or answers what it should not. */
export class ChainError extends StreamError {
  override name = "ChainError";
  constructor(message: string, readonly status = 0) {
    super("chain", message);
  }
}

/** A file that does not play has no ticks, so it cannot be paid by them. */
export class MeteredFileError extends StreamError {
  override name = "MeteredFileError";
  constructor() {
    super("metered-file", "a file that does not play cannot be paid by the second: buy the work, or subscribe to it");
  }
}

/** The work has several files: say which. */
export class SeveralFilesError extends StreamError {
  override name = "SeveralFilesError";
  constructor(readonly names: string[]) {
    super("several-files", `the work has several files: ${names.slice(0, 20).join(", ")}`);
  }
}

/** Nobody holds an encrypted work's keys yet. */
export class NoKeySetError extends StreamError {
  override name = "NoKeySetError";
  constructor() {
    super("no-key-set", "nobody holds the work's keys yet: try again when its creator has finished publishing it");
  }
}

/** No right to these keys. */
export class NotEntitledError extends StreamError {
  override name = "NotEntitledError";
  constructor(cause: unknown) {
    super("not-entitled", "no right to these keys: buy the work, or pay by the second", { cause });
  }
}

/** Too few holders gave a right answer; holders says what each did, by operator. */
export class TooFewHoldersError extends StreamError {
  override name = "TooFewHoldersError";
  constructor(readonly holders: Map<string, unknown>) {
    super("too-few-holders", `too few holders gave a right answer: try again later${[...holders].map(([who, e]) => `; ${who}: ${e instanceof Error ? e.message : String(e)}`).join("")}`);
  }
}

/** The session's word pays for too few ticks; due is how many it must pay in all. */
export class PayMoreError extends StreamError {
  override name = "PayMoreError";
  constructor(readonly due: number) {
    super("pay-more", `the keys take more ticks: the session must pay ${due} in all`);
  }
}

/** A holder whose answer was false: the answer is the proof. */
export class LiarError extends StreamError {
  override name = "LiarError";
  constructor(readonly index: number, readonly answer: Uint8Array) {
    super("false-answer", `holder ${index} gave a false answer`);
  }
}
