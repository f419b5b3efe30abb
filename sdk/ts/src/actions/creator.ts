import { type Amount, parseAmount, ustream } from "../core/amounts.js";
import { creatorId } from "../core/ids.js";
import { msg, type Partially } from "../core/msg.js";
import { CollectionKind } from "../gen/streamchain/content/v1/collection.js";
import { MsgAcceptRotation, MsgAcceptRotationResponse, MsgRotateController, MsgRotateControllerResponse, MsgVetoRotation, MsgVetoRotationResponse } from "../gen/streamchain/content/v1/attestation_tx.js";
import { MsgRegisterFeed, MsgRegisterFeedResponse, MsgRemoveFeed, MsgRemoveFeedResponse, MsgUpdateFeed, MsgUpdateFeedResponse } from "../gen/streamchain/content/v1/feed.js";
import { MsgCommit, MsgCommitResponse, MsgCreateCollection, MsgCreateCollectionResponse, MsgPublish, MsgPublishResponse, MsgRegisterCreator, MsgRegisterCreatorResponse, MsgRetire, MsgRetireResponse, MsgSetHandle, MsgSetHandleResponse, MsgUpdateCollection, MsgUpdateCollectionResponse } from "../gen/streamchain/content/v1/tx.js";
import { MsgAcceptDerivation, MsgAcceptDerivationResponse, MsgAcceptSplit, MsgAcceptSplitResponse, MsgClaim, MsgClaimResponse, MsgSetDerivationTerms, MsgSetDerivationTermsResponse, MsgSetPayout, MsgSetPayoutResponse, MsgSetSplit, MsgSetSplitResponse } from "../gen/streamchain/revenue/v1/tx.js";
import { MsgEndDeal, MsgEndDealResponse, MsgFundServing, MsgFundServingResponse, MsgFundWork, MsgFundWorkResponse, MsgRequestDeals, MsgRequestDealsResponse } from "../gen/streamchain/storage/v1/tx.js";
import { Tier } from "../gen/streamchain/stream/v1/tier.js";
import type { Offer as ProtoOffer } from "../gen/streamchain/subscription/v1/offer.js";
import { MsgCreatePass, MsgCreatePassResponse, MsgJoinPass, MsgJoinPassResponse, MsgLeavePass, MsgLeavePassResponse, MsgUpdatePass, MsgUpdatePassResponse } from "../gen/streamchain/subscription/v1/pass.js";
import { Coverage } from "../gen/streamchain/subscription/v1/plan.js";
import { type TemplateArg, type TemplateParam, TemplateType } from "../gen/streamchain/subscription/v1/template.js";
import { MsgCreatePlan, MsgCreatePlanResponse, MsgPublishTemplate, MsgPublishTemplateResponse, MsgRemoveTemplate, MsgRemoveTemplateResponse, MsgSetOffers, MsgSetOffersResponse, MsgUpdatePlan, MsgUpdatePlanResponse } from "../gen/streamchain/subscription/v1/tx.js";
import { Action } from "./action.js";

/** Makes the signer a creator. Its id is `creatorId(controller)`. */
export const registerCreator = (controller: string, p: { handle?: string } = {}): Action<MsgRegisterCreatorResponse> => new Action([msg(MsgRegisterCreator, { controller, handle: p.handle ?? "" })], MsgRegisterCreatorResponse);

/** Whose message it is: the creator that the controller became itself, or another one that it took over. */
const creatorOf = (controller: string, creator?: string): { controller: string; creator: string } => ({ controller, creator: creator ?? creatorId(controller) });

/** Takes, changes or (with an empty one) gives up a handle. */
export const setHandle = (controller: string, p: { handle: string; creator?: string }): Action<MsgSetHandleResponse> => new Action([msg(MsgSetHandle, { ...creatorOf(controller, p.creator), handle: p.handle })], MsgSetHandleResponse);

/** Dates a hash of media that is yet to be published. */
export const commit = (sender: string, p: { hash: Uint8Array }): Action<MsgCommitResponse> => new Action([msg(MsgCommit, { sender, hash: p.hash })], MsgCommitResponse);

/** What a work is published with; `./publish` makes media, piece and keys. */
export type Work = Omit<Partially<MsgPublish>, "controller" | "creator"> & { kind: string; title: string; media: string; pieceRoot: Uint8Array; pieceSize: bigint; creator?: string };

/** Publishes a work, or a new version of one: the record only, the bytes go to nodes. */
export const publishWork = (controller: string, work: Work): Action<MsgPublishResponse> => new Action([msg(MsgPublish, { ...work, ...creatorOf(controller, work.creator) })], MsgPublishResponse);

/** Withdraws a work, all versions, for good. */
export const retire = (controller: string, p: { work: string }): Action<MsgRetireResponse> => new Action([msg(MsgRetire, { controller, work: p.work })], MsgRetireResponse);

export type CollectionWord = "album" | "series" | "course" | "podcast";
const collectionKinds: Record<CollectionWord, CollectionKind> = {
  album: CollectionKind.COLLECTION_KIND_ALBUM, series: CollectionKind.COLLECTION_KIND_SERIES, course: CollectionKind.COLLECTION_KIND_COURSE, podcast: CollectionKind.COLLECTION_KIND_PODCAST,
};

/** Makes a collection of one's works, which can be offered as one. */
export const createCollection = (controller: string, p: { kind: CollectionWord; title: string; works: string[]; creator?: string }): Action<MsgCreateCollectionResponse> =>
  new Action([msg(MsgCreateCollection, { ...creatorOf(controller, p.creator), kind: collectionKinds[p.kind], title: p.title, works: p.works })], MsgCreateCollectionResponse);

/** Takes works out of a collection and into it, orders them, or changes its title. */
export const updateCollection = (controller: string, p: { collection: string; title?: string; add?: string[]; remove?: string[]; order?: string[] }): Action<MsgUpdateCollectionResponse> =>
  new Action([msg(MsgUpdateCollection, { controller, collection: p.collection, title: p.title ?? "", add: p.add ?? [], remove: p.remove ?? [], order: p.order ?? [] })], MsgUpdateCollectionResponse);

/** A template's argument as a program has it. */
export type TemplateValueWord = bigint | number | boolean | string | readonly (bigint | number)[];

/** One way to get access, as a program writes it. */
export type OfferWord =
  | { kind: "free" }
  | { kind: "purchase"; price: Amount }
  | { kind: "metered"; pricePerTick: bigint | string; tickSeconds: number; previewSeconds?: number }
  | { kind: "plan"; plans: string[] }
  | { kind: "rental"; price: Amount; seconds: number | bigint }
  | { kind: "tier"; tier: "bronze" | "silver" | "gold" | "platinum" }
  | { kind: "token"; minimum: Amount }
  | { kind: "pay-what-you-want"; minimum: Amount }
  | { kind: "template"; template: string; args?: Record<string, TemplateValueWord> };

const tiers = { bronze: Tier.TIER_BRONZE, silver: Tier.TIER_SILVER, gold: Tier.TIER_GOLD, platinum: Tier.TIER_PLATINUM };

export function templateArgs(args: Record<string, TemplateValueWord> = {}): Partially<TemplateArg>[] {
  // the chain wants them sorted by name, of which it compares bytes
  return Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, v]) => ({
    name,
    value: typeof v === "boolean" ? { type: TemplateType.TEMPLATE_TYPE_BOOL, truth: v }
      : typeof v === "string" ? { type: TemplateType.TEMPLATE_TYPE_STRING, text: v }
        : Array.isArray(v) ? { type: TemplateType.TEMPLATE_TYPE_LIST, numbers: v.map(BigInt) }
          : { type: TemplateType.TEMPLATE_TYPE_INT, number: BigInt(v as bigint | number) },
  }));
}

export function offer(o: OfferWord): Partially<ProtoOffer> {
  switch (o.kind) {
    case "free": return { free: {} };
    case "purchase": return { purchase: { price: parseAmount(o.price) } };
    case "metered": return { metered: { pricePerTick: BigInt(o.pricePerTick).toString(), tickSeconds: o.tickSeconds, previewSeconds: o.previewSeconds ?? 0 } };
    case "plan": return { plan: { planIds: o.plans } };
    case "rental": return { rental: { price: parseAmount(o.price), durationSeconds: o.seconds } };
    case "tier": return { tier: { tier: tiers[o.tier] } };
    case "token": return { token: { minimum: parseAmount(o.minimum) } };
    case "pay-what-you-want": return { payWhatYouWant: { minimum: parseAmount(o.minimum) } };
    case "template": return { template: { terms: { template: o.template, args: templateArgs(o.args) } } };
  }
}

/** Replaces all that a work or a collection offers. What was bought stays. */
export const setOffers = (controller: string, p: { work: string; offers: OfferWord[] }): Action<MsgSetOffersResponse> =>
  new Action([msg(MsgSetOffers, { controller, work: p.work, offers: p.offers.map(offer) as Partially<ProtoOffer[]> })], MsgSetOffersResponse);

/** Opens a plan over all of one's works, or over those that are listed. */
export const createPlan = (controller: string, p: { title: string; price: Amount; periodSeconds: number | bigint; works?: string[]; trialSeconds?: number | bigint; minSeconds?: number | bigint; maxSubscribers?: number; creator?: string }): Action<MsgCreatePlanResponse> =>
  new Action([msg(MsgCreatePlan, {
    ...creatorOf(controller, p.creator), title: p.title, price: parseAmount(p.price), periodSeconds: p.periodSeconds, works: p.works ?? [], coverage: p.works?.length ? Coverage.COVERAGE_LISTED : Coverage.COVERAGE_ALL,
    trialSeconds: p.trialSeconds ?? 0, minSeconds: p.minSeconds ?? 0, maxSubscribers: p.maxSubscribers ?? 0,
  })], MsgCreatePlanResponse);

/** Replaces what can change of a plan. */
export const updatePlan = (controller: string, p: { plan: string; title: string; price: Amount; closed?: boolean; maxSubscribers?: number }): Action<MsgUpdatePlanResponse> =>
  new Action([msg(MsgUpdatePlan, { controller, plan: p.plan, title: p.title, price: parseAmount(p.price), closed: p.closed ?? false, maxSubscribers: p.maxSubscribers ?? 0 })], MsgUpdatePlanResponse);

/** Makes a pass over many creators, who have to accept. */
export const createPass = (curator: string, p: { title: string; price: Amount; periodSeconds: number | bigint; creators: string[] }): Action<MsgCreatePassResponse> =>
  new Action([msg(MsgCreatePass, { curator, title: p.title, price: parseAmount(p.price), periodSeconds: p.periodSeconds, creators: p.creators })], MsgCreatePassResponse);

export const updatePass = (curator: string, p: { pass: string; title: string; price: Amount; closed?: boolean; add?: string[]; remove?: string[] }): Action<MsgUpdatePassResponse> =>
  new Action([msg(MsgUpdatePass, { curator, pass: p.pass, title: p.title, price: parseAmount(p.price), closed: p.closed ?? false, add: p.add ?? [], remove: p.remove ?? [] })], MsgUpdatePassResponse);

/** Accepts, as a creator, that a pass sells one's works. */
export const joinPass = (controller: string, p: { pass: string; creator?: string }): Action<MsgJoinPassResponse> => new Action([msg(MsgJoinPass, { ...creatorOf(controller, p.creator), pass: p.pass })], MsgJoinPassResponse);
export const leavePass = (controller: string, p: { pass: string; creator?: string }): Action<MsgLeavePassResponse> => new Action([msg(MsgLeavePass, { ...creatorOf(controller, p.creator), pass: p.pass })], MsgLeavePassResponse);

/** Publishes a monetization template, which everybody can use then. */
export const publishTemplate = (author: string, p: { title: string; access: string; price: string; refund: string; params?: Partially<TemplateParam>[]; royaltyBps?: number; previous?: string }): Action<MsgPublishTemplateResponse> =>
  new Action([msg(MsgPublishTemplate, { author, title: p.title, access: p.access, price: p.price, refund: p.refund, params: (p.params ?? []) as Partially<TemplateParam[]>, royaltyBps: p.royaltyBps ?? 0, previous: p.previous ?? "" })], MsgPublishTemplateResponse);
export const removeTemplate = (author: string, p: { template: string }): Action<MsgRemoveTemplateResponse> => new Action([msg(MsgRemoveTemplate, { author, template: p.template })], MsgRemoveTemplateResponse);

/** Who gets how much of a creator part; 10,000 basis points in all. */
export interface Share {
  recipient: string;
  bps: number;
}

/** Proposes who shares the income of a work, or of a creator. It holds once everybody who gets less has agreed. */
export const proposeSplit = (controller: string, p: { subject: string; shares: Share[] }): Action<MsgSetSplitResponse> => new Action([msg(MsgSetSplit, { controller, subject: p.subject, shares: p.shares })], MsgSetSplitResponse);
export const acceptSplit = (recipient: string, p: { subject: string; version: number | bigint }): Action<MsgAcceptSplitResponse> => new Action([msg(MsgAcceptSplit, { recipient, subject: p.subject, version: p.version })], MsgAcceptSplitResponse);

/** Pays out what the signer, or a creator that it controls (`recipient`), has earned. */
export const claim = (claimant: string, p: { recipient?: string; denoms?: string[]; to?: string } = {}): Action<MsgClaimResponse> =>
  new Action([msg(MsgClaim, { claimant, recipient: p.recipient ?? "", denoms: p.denoms ?? [], to: p.to ?? "" })], MsgClaimResponse);

/** Has income paid out by itself whenever it reaches a threshold; `threshold: 0n` ends that. */
export const setPayout = (claimant: string, p: { threshold: Amount; recipient?: string; to?: string }): Action<MsgSetPayoutResponse> =>
  new Action([msg(MsgSetPayout, { claimant, recipient: p.recipient ?? "", to: p.to ?? "", threshold: parseAmount(p.threshold) })], MsgSetPayoutResponse);

/** Says under which terms others may derive works from one: anybody who gives `minBps`, or (left out) only who is allowed. */
export const setDerivationTerms = (controller: string, p: { work: string; minBps?: number }): Action<MsgSetDerivationTermsResponse> =>
  new Action([msg(MsgSetDerivationTerms, { controller, work: p.work, open: p.minBps !== undefined, minBps: p.minBps ?? 0 })], MsgSetDerivationTermsResponse);
export const acceptDerivation = (controller: string, p: { work: string; parent: string }): Action<MsgAcceptDerivationResponse> => new Action([msg(MsgAcceptDerivation, { controller, work: p.work, parent: p.parent })], MsgAcceptDerivationResponse);

/** Hands a creator over to another account, after a delay in which it can be refused. */
export const rotateController = (controller: string, p: { newController: string; creator?: string }): Action<MsgRotateControllerResponse> => new Action([msg(MsgRotateController, { ...creatorOf(controller, p.creator), newController: p.newController })], MsgRotateControllerResponse);
export const vetoRotation = (controller: string, p: { creator?: string } = {}): Action<MsgVetoRotationResponse> => new Action([msg(MsgVetoRotation, creatorOf(controller, p.creator))], MsgVetoRotationResponse);
export const acceptRotation = (newController: string, p: { creator: string }): Action<MsgAcceptRotationResponse> => new Action([msg(MsgAcceptRotation, { newController, creator: p.creator })], MsgAcceptRotationResponse);

/** Asks storage nodes to keep a version of a work, and pays ahead. */
export const requestDeals = (funder: string, p: { work: string; providers: string[]; prepayment?: Amount; maxPricePerGibDay: bigint | string }): Action<MsgRequestDealsResponse> =>
  new Action([msg(MsgRequestDeals, { funder, work: p.work, providers: p.providers, prepayment: p.prepayment === undefined ? ustream(0n) : parseAmount(p.prepayment), maxPricePerGibDay: BigInt(p.maxPricePerGibDay).toString() })], MsgRequestDealsResponse);
export const endDeal = (signer: string, p: { work: string; operator: string }): Action<MsgEndDealResponse> => new Action([msg(MsgEndDeal, { signer, work: p.work, operator: p.operator })], MsgEndDealResponse);

/** Pays for keeping a work, whoever's it is. It does not come back. */
export const fundWork = (funder: string, p: { work: string; amount: Amount }): Action<MsgFundWorkResponse> => new Action([msg(MsgFundWork, { funder, work: p.work, amount: parseAmount(p.amount) })], MsgFundWorkResponse);
/** Pays for serving a work to those who do not pay by the second. It does not come back. */
export const fundServing = (funder: string, p: { work: string; amount: Amount }): Action<MsgFundServingResponse> => new Action([msg(MsgFundServing, { funder, work: p.work, amount: parseAmount(p.amount) })], MsgFundServingResponse);

/** Registers a feed generator: its https endpoint, and the ed25519 key of its answers. */
export const registerFeed = (owner: string, p: { name: string; endpoint: string; key: Uint8Array; title: string; description?: string }): Action<MsgRegisterFeedResponse> => new Action([msg(MsgRegisterFeed, { owner, ...p })], MsgRegisterFeedResponse);
export const updateFeed = (owner: string, p: { feed: string; endpoint: string; key: Uint8Array; title: string; description?: string }): Action<MsgUpdateFeedResponse> => new Action([msg(MsgUpdateFeed, { owner, ...p })], MsgUpdateFeedResponse);
export const removeFeed = (owner: string, p: { feed: string }): Action<MsgRemoveFeedResponse> => new Action([msg(MsgRemoveFeed, { owner, feed: p.feed })], MsgRemoveFeedResponse);
