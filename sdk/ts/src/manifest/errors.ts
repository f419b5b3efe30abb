import { StreamError } from "../core/errors.js";

/** What breaks a rule of a manifest: the entry's name as the encoding has it (`title`, `tags[3]`), and what to do. */
export class FieldError extends StreamError {
  override name = "FieldError";
  constructor(readonly field: string, readonly reason: string) {
    super("invalid-field", `${field}: ${reason}`);
  }
}

/** What is no canonical encoding of a manifest. */
export class MalformedError extends StreamError {
  override name = "MalformedError";
  constructor(message: string, options?: ErrorOptions) {
    super("malformed", message, options);
  }
}
