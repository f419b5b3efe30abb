import { StreamError } from "../core/errors.js";

/** What encrypted bytes are when they are not what they should be: damaged, moved, or under another key. */
export class CiphertextError extends StreamError {
  override name = "CiphertextError";
  constructor(message: string, options?: ErrorOptions) {
    super("ciphertext", message, options);
  }
}

/** A playlist that is broken: the content, not the network, is at fault. */
export class PlaylistError extends StreamError {
  override name = "PlaylistError";
  constructor(message: string, options?: ErrorOptions) {
    super("playlist", message, options);
  }
}
