/** What every error of this package that a person may see has: a slug to branch on, and a sentence that says what to do. */
export class StreamError extends Error {
  override name = "StreamError";
  constructor(readonly slug: string, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** A value that a person or a program gave is wrong. `slug` is "invalid". */
export class InvalidError extends StreamError {
  override name = "InvalidError";
  constructor(readonly field: string, message: string) {
    super("invalid", message);
  }
}
