import type { Msg } from "../../core/msg.js";
import { TxBody } from "../../gen/cosmos/tx/v1beta1/tx.js";
import type { SignDoc } from "../wallet.js";
import { quote, type Tellers } from "./words.js";

/** One line of what a transaction asks for. */
export interface Line {
  text: string;
  /** `warning` and `danger` lines tell what somebody who did not ask for the message above would regret. */
  level: "plain" | "warning" | "danger";
  /** 0 for messages, more for what is inside them. */
  indent: number;
  /** The message's type. */
  typeUrl: string;
}

/** The words of a module are loaded when one of its messages comes. */
const modules: [prefix: string, load: () => Promise<{ tellers: Tellers }>][] = [
  ["/streamchain.content.v1.", () => import("./content.js")],
  ["/streamchain.revenue.v1.", () => import("./revenue.js")],
  ["/streamchain.stream.v1.", () => import("./stream.js")],
  ["/streamchain.subscription.v1.", () => import("./subscription.js")],
  ["/streamchain.governance.v1.", () => import("./governance.js")],
  ["/streamchain.dispute.v1.", () => import("./dispute.js")],
  ["/streamchain.storage.v1.", () => import("./storage.js")],
  ["/cosmos.", () => import("./cosmos.js")],
];

/** Messages inside messages are told this deep; deeper ones nobody means well with. */
const DEEPEST = 4;

/**
 * Says in plain words what messages ask for: of the bytes that are signed, not of what an app claims. Who signs is "you".
 * A message that is not known, or cannot be read, is a `danger`.
 */
export async function describe(msgs: readonly Msg[], indent = 0): Promise<Line[]> {
  const lines: Line[] = [];
  for (const { typeUrl, value } of msgs) {
    const load = modules.find(([prefix]) => typeUrl.startsWith(prefix))?.[1];
    const say = load && (await load()).tellers[typeUrl];
    const line = (text: string, level: Line["level"], more = 0) => lines.push({ text, level, indent: indent + more, typeUrl });
    let told;
    try {
      told = say?.(value);
    } catch {
      // of a known type, but not readable: as if it were unknown
    }
    if (!told) {
      line(`Unknown: ${quote(typeUrl)}. Do not sign it unless you know from elsewhere what it does.`, "danger");
      continue;
    }
    line(told.text, "plain");
    for (const text of told.more ?? []) line(text, "plain", 1);
    if (told.warn) line(told.warn, "warning");
    if (told.danger) line(told.danger, "danger");
    if (told.inner?.length) {
      if (indent >= DEEPEST) line("There are more messages inside, too deep to show. Do not sign it.", "danger", 1);
      else lines.push(...(await describe(told.inner, indent + 1)));
    }
  }
  return lines;
}

/** The messages in a document that is to be signed, as wallets get it. */
export const messagesOf = (doc: Pick<SignDoc, "bodyBytes">): Msg[] => TxBody.decode(doc.bodyBytes).messages;
