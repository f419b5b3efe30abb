/** What encrypted bytes are when they are not what they should be: damaged, moved, or under another key. */
export class CiphertextError extends Error {
  override name = "CiphertextError";
}

/** A playlist that is broken: the content, not the network, is at fault. */
export class PlaylistError extends Error {
  override name = "PlaylistError";
}
