import { StreamError } from "../core/errors.js";

/**
 * The chain's refusal of a transaction or a query. Branch on `slug`: codespace, a slash, and the error's name in the module's README
 * without `Err`, such as `subscription/PriceAboveMax` or `sdk/InsufficientFunds`.
 */
export class ChainError extends StreamError {
  override name = "ChainError";
  constructor(slug: string, message: string, readonly codespace: string, readonly code: number, readonly log: string, readonly hash?: string) {
    super(slug, message);
  }
}

/** What is not the chain's refusal. Slugs: `unreachable`, `wrong-chain`, `unconfirmed` (it may still come: look for `hash` before sending again), `fee-too-high`. */
export class ConnectionError extends StreamError {
  override name = "ConnectionError";
  constructor(slug: string, message: string, readonly hash?: string, options?: ErrorOptions) {
    super(slug, message, options);
  }
}

/** Says whether a query was answered with "there is no such thing". */
export const isNotFound = (e: unknown): boolean => e instanceof ChainError && (/NotFound$/.test(e.slug) || e.slug === "sdk/UnknownAddress");

/** The error of a codespace and code. */
export async function chainError(codespace: string, code: number, log: string, hash?: string): Promise<ChainError> {
  // only who needs the sentences loads them
  const { errorTable } = await import("./errortable.js");
  const known = errorTable[codespace]?.[code];
  if (!known) return new ChainError(`${codespace}/${code}`, `refused by the chain: ${tidy(log, "")}`, codespace, code, log, hash);
  const detail = tidy(log, known[1]);
  return new ChainError(`${codespace}/${known[0]}`, detail ? `${known[1]} (${detail})` : known[1], codespace, code, log, hash);
}

/** The error that a text tells which has lost its code, as those of simulations and queries do: that with the longest sentence in it. */
export async function chainErrorIn(text: string, codespace: string, code: number): Promise<ChainError> {
  const { errorTable } = await import("./errortable.js");
  let found: [string, number] | undefined, length = 0;
  for (const [space, errors] of Object.entries(errorTable)) {
    for (const [n, [, sentence]] of Object.entries(errors)) {
      if (sentence.length > length && text.includes(sentence)) [found, length] = [[space, Number(n)], sentence.length];
    }
  }
  for (const [sentence, n] of sdkTexts) if (sentence.length > length && text.includes(sentence)) [found, length] = [["sdk", n], sentence.length];
  return chainError(found?.[0] ?? codespace, found?.[1] ?? code, text);
}

/** The SDK's own texts of errors for which the table has a plainer sentence. */
const sdkTexts: readonly [string, number][] = [["insufficient funds", 5], ["insufficient fee", 13], ["out of gas", 11], ["incorrect account sequence", 32], ["unauthorized", 4], ["unknown address", 9], ["tx already in mempool", 19], ["mempool is full", 20], ["tx timeout height", 30], ["tx too large", 21], ["memo too large", 12]];

/** What a log says about this case: without stack, prefixes, and the sentence that the table has. */
function tidy(log: string, sentence: string): string {
  let text = log.replace(/ \[[^\]]*\.go:\d+\][^]*$/, "").replace(/ with gas used: '\d+'$/, "").replace(/^(rpc error: code = \w+ desc = )+/, "").replace(/^failed to execute message; message index: \d+: /, "");
  for (const known of [sentence, ...sdkTexts.map(([t]) => t)]) if (known && text.endsWith(known)) text = text.slice(0, -known.length).replace(/: $/, "");
  return text.length > 300 ? text.slice(0, 300) + "…" : text;
}

/** The sequence that the chain expects, out of its complaint about another one. */
export function expectedSequence(e: unknown): bigint | undefined {
  if (!(e instanceof ChainError) || e.slug !== "sdk/WrongSequence") return undefined;
  const found = /expected (\d+), got \d+/.exec(e.log);
  return found ? BigInt(found[1]!) : undefined;
}
