import { StreamError } from "../core/errors.js";

/**
 * Why publishing does not go on. Slugs: `no-provider` (no live storage node can take the work), `no-holders` (nobody would hold an encrypted work's keys),
 * `unfinished` (registered and nothing is lost: call it again with the same state), `secret-erased` (an encrypted work whose secret is gone), `not-a-file`
 * (what must be packaged first), `changed` (the file is another one than the state was made of).
 */
export class PublishError extends StreamError {
  override name = "PublishError";
}
