import { InvalidError } from "./errors.js";

/** The smallest unit on chain. */
export const BASE_DENOM = "ustream";
/** Decimals of a STREAM: 1 STREAM = 10^6 ustream. */
export const EXPONENT = 6;

/** Coins as the chain writes them: base units, a decimal text. */
export interface Coin {
  denom: string;
  amount: string;
}

/** An amount as programs may give it: a coin, a text such as "1.5stream" or "1500000ustream", or a number of ustream. */
export type Amount = Coin | string | bigint;

/** A coin of ustream. */
export const ustream = (amount: bigint | string): Coin => coin(BigInt(amount), BASE_DENOM);

function coin(amount: bigint, denom: string): Coin {
  if (amount < 0n) throw new InvalidError("amount", "an amount cannot be negative");
  return { denom, amount: amount.toString() };
}

/** Reads an amount. InvalidError for fractions of a base unit, other texts than numbers with a unit, and negative amounts. */
export function parseAmount(from: Amount): Coin {
  if (typeof from === "bigint") return coin(from, BASE_DENOM);
  if (typeof from === "object") {
    if (!/^\d+$/.test(from.amount)) throw new InvalidError("amount", `${JSON.stringify(from.amount)} is not a whole number of ${from.denom}`);
    return coin(BigInt(from.amount), from.denom);
  }
  const found = /^(\d{1,60})(?:\.(\d*))?([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/.exec(from.trim());
  if (!found) throw new InvalidError("amount", `${JSON.stringify(from)}: write a number and a unit, for example 1.5stream or 1500000ustream`);
  const [, whole, decimals = "", unit] = found as unknown as [string, string, string | undefined, string];
  const stream = unit.toLowerCase() === "stream";
  return coin(scaled(whole, decimals, stream ? EXPONENT : 0), stream ? BASE_DENOM : unit);
}

/** Reads what somebody typed into a field for STREAM, with a point or a comma: "1.5" is 1500000n ustream. */
export function parseStream(text: string): bigint {
  const found = /^(\d{1,60})?(?:[.,](\d*))?$/.exec(text.trim());
  if (!found || !(found[1] || found[2])) throw new InvalidError("amount", `${JSON.stringify(text)} is not an amount; write it as 1.5`);
  return scaled(found[1] ?? "0", found[2] ?? "", EXPONENT);
}

function scaled(whole: string, decimals: string, exponent: number): bigint {
  const fraction = decimals.replace(/0+$/, "");
  if (fraction.length > exponent) throw new InvalidError("amount", exponent ? `at most ${exponent} decimals of a STREAM` : "no decimals of a base unit");
  return BigInt(whole + fraction.padEnd(exponent, "0"));
}

/** Writes a coin for people: ustream as "1.5 STREAM", others as they are. */
export function formatAmount(c: Coin): string {
  return c.denom === BASE_DENOM ? `${formatStream(c.amount)} STREAM` : c.amount + c.denom;
}

/** Writes ustream as a number of STREAM: "1.5". */
export function formatStream(amount: bigint | string): string {
  const text = BigInt(amount || 0).toString();
  const sign = text.startsWith("-") ? "-" : "";
  const digits = text.slice(sign.length).padStart(EXPONENT + 1, "0");
  const fraction = digits.slice(-EXPONENT).replace(/0+$/, "");
  return sign + digits.slice(0, -EXPONENT) + (fraction && "." + fraction);
}

/** Basis points of an amount, rounded down. */
export const bpsOf = (amount: bigint, bps: bigint | number): bigint => (amount * BigInt(bps)) / 10_000n;

/** Basis points for people: 9000 is "90 %". */
export function formatBps(bps: number): string {
  const text = (bps / 100).toFixed(2).replace(/\.?0+$/, "");
  return `${text} %`;
}

/** The whole part of a decimal of x/staking, x/distribution or x/mint as it lies on the wire: an integer of 10^18ths. */
export const wholeOfDecimal = (text: string): bigint => BigInt(text || 0) / 10n ** 18n;
