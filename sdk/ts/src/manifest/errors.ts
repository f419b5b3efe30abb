/** What breaks a rule of a manifest: the entry's name as the encoding has it (`title`, `tags[3]`), and what to do. */
export class FieldError extends Error {
  override name = "FieldError";
  constructor(readonly field: string, readonly reason: string) {
    super(`${field}: ${reason}`);
  }
}

/** What is no canonical encoding of a manifest. */
export class MalformedError extends Error {
  override name = "MalformedError";
}
