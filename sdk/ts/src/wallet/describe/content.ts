import { CollectionKind } from "../../gen/streamchain/content/v1/collection.js";
import { MsgAcceptRotation, MsgAttest, MsgRevokeAttestation, MsgRotateController, MsgSetAttester, MsgVetoRotation } from "../../gen/streamchain/content/v1/attestation_tx.js";
import { MsgRegisterFeed, MsgRemoveFeed, MsgUpdateFeed } from "../../gen/streamchain/content/v1/feed.js";
import { MsgCommit, MsgCreateCollection, MsgPublish, MsgRegisterCreator, MsgRetire, MsgSetHandle, MsgUpdateCollection, MsgUpdateParams } from "../../gen/streamchain/content/v1/tx.js";
import { formatBps } from "../../core/amounts.js";
import { count, it, quote, replaced, size, tell, type Tellers, when, who } from "./words.js";

const kind = (k: CollectionKind): string => CollectionKind[k]?.replace("COLLECTION_KIND_", "").toLowerCase() ?? "collection";
const levels = ["", "a domain or account", "legal identity", "notability"];

export const tellers: Tellers = {
  ...tell(MsgRegisterCreator, (m) => `You become a creator${m.handle ? `, with the handle ${quote(m.handle)}` : ""}.`),
  ...tell(MsgSetHandle, (m) => (m.handle ? `You take the handle ${quote(m.handle)}. A deposit is held for it.` : "You give your handle up. Others can take it.")),
  ...tell(MsgCommit, () => "You date a work that you have not published yet, without showing it."),
  ...tell(MsgPublish, (m) => ({
    text: `You publish the ${m.kind} ${quote(m.title)} (${size(m.pieceSize)})${m.previous ? `, which replaces ${it(m.previous)}` : ""}${m.keys ? ", encrypted" : ", readable by whoever has a copy"}. A deposit is held for it.`,
    more: [
      ...(m.licence ? [`Licence: ${quote(m.licence)}`] : []),
      ...m.parents.map((p) => `It derives from ${it(p.work)}, which gets ${formatBps(p.bps)} of what it earns.`),
    ],
    warn: "What is published is public, and its record stays for ever.",
  })),
  ...tell(MsgRetire, (m) => ({ text: `You withdraw the work ${it(m.work)}, all versions, for good. Its deposits return to you.`, warn: "This cannot be undone." })),
  ...tell(MsgCreateCollection, (m) => `You make the ${kind(m.kind)} ${quote(m.title)} of ${count(m.works.length, "work")}.`),
  ...tell(MsgUpdateCollection, (m) => {
    const done = [m.title && `is called ${quote(m.title)} from now on`, m.remove.length && `loses ${count(m.remove.length, "work")}`, m.add.length && `gets ${count(m.add.length, "work")}`, m.order.length && "is put in another order"].filter(Boolean);
    return `Your collection ${it(m.collection)} ${done.join(", ") || "stays as it is"}. Who bought it keeps what was in it.`;
  }),
  ...tell(MsgSetAttester, (m) => m.active ? `${who(m.attester)} may attest creators, on the levels ${m.levels.join(", ")}.` : `${who(m.attester)} attests creators no more; its attestations stop counting.`),
  ...tell(MsgAttest, (m) => `You vouch for the creator ${it(m.creator)}: ${levels[m.level] ?? "level " + m.level}, until ${when(m.expires)}.`),
  ...tell(MsgRevokeAttestation, (m) => `The attestation of the creator ${it(m.creator)} by ${who(m.attester)} ends.`),
  ...tell(MsgRotateController, (m) => ({
    text: `You ask for ${who(m.newController)} to take your place as the controller of ${it(m.creator)}, after a delay in which you can refuse.`,
    danger: "After it, that account owns your works and all that they earn, and you do not.",
  })),
  ...tell(MsgVetoRotation, (m) => `You refuse the change of who controls ${it(m.creator)}.`),
  ...tell(MsgAcceptRotation, (m) => `You take the creator ${it(m.creator)} over, with its works and income.`),
  ...tell(MsgRegisterFeed, (m) => `You register the feed ${quote(m.title)} at ${quote(m.endpoint)}. A deposit is held for it.`),
  ...tell(MsgUpdateFeed, (m) => `Your feed ${it(m.feed)} becomes ${quote(m.title)} at ${quote(m.endpoint)}.`),
  ...tell(MsgRemoveFeed, (m) => `You take your feed ${it(m.feed)} away. Its deposit returns to you.`),
  ...replaced(MsgUpdateParams, "creators and works"),
};
