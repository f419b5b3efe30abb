import { MsgTakeSeat } from "../../gen/streamchain/governance/v1/house.js";
import { MsgCancelEnactment, MsgDelegateVote, MsgEnact, MsgPause, MsgResume, MsgSetCouncil, MsgUndelegateVote, MsgUpdateParams } from "../../gen/streamchain/governance/v1/tx.js";
import { Track } from "../../gen/streamchain/governance/v1/track.js";
import { count, quote, replaced, span, tell, type Tellers, who } from "./words.js";

const track = (t: Track): string => (t === Track.TRACK_UNSPECIFIED ? "on everything that you lend to nobody else" : `on ${(Track[t] ?? "TRACK_" + t).replace("TRACK_", "").toLowerCase().replace(/_/g, " ")}`);

export const tellers: Tellers = {
  ...tell(MsgEnact, (m) => ({ text: `If it passes, the network does ${count(m.messages.length, "thing")} after a waiting time:`, inner: m.messages })),
  ...tell(MsgCancelEnactment, (m) => `The decision ${m.id} that waits is withdrawn.`),
  ...tell(MsgDelegateVote, (m) => ({ text: `${who(m.delegate)} votes with your stake ${track(m.track)}, where you do not vote yourself. You can take it back at any time.` })),
  ...tell(MsgUndelegateVote, (m) => `The vote that ${who(m.delegator)} lent ${track(m.track)} is taken back.`),
  ...tell(MsgSetCouncil, (m) => ({ text: m.members.length ? "The council that can pause messages becomes:" : "There is no council any more: nobody can pause messages.", more: m.members })),
  ...tell(MsgPause, (m) => ({ text: `As a member of the council you vote for pausing ${m.typeUrl} for ${span(m.seconds)}: ${quote(m.reason)}.`, warn: "While it is paused nobody can send it." })),
  ...tell(MsgResume, (m) => `The pause of ${m.typeUrl} ends.`),
  ...tell(MsgTakeSeat, () => "You take your seat in the creators' house, or renew it."),
  ...replaced(MsgUpdateParams, "governance"),
};
