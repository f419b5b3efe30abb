import { FieldError } from "./errors.js";

// Characters newer than Unicode 15, whose normal form depends on the tables that a program was built with: as manifest/unicode.go lists them.
const NEW: [number, number][] = [
  [0x0897, 0x0897], [0x1acf, 0x1aeb], [0x105c0, 0x105ff], [0x10d40, 0x10d8f], [0x10efa, 0x10efb], [0x11380, 0x113ff], [0x16100, 0x1613f],
  [0x16d40, 0x16d7f], [0x1e5d0, 0x1e5ff], [0x1e6c0, 0x1e6ff],
];

/** Holds text to its limit and to the rules that keep a line of it from looking like another or from reaching out of its place on a page. FieldError. */
export function checkText(field: string, s: string, limit: number, lines: boolean): void {
  const length = new TextEncoder().encode(s).length;
  if (length > limit) throw new FieldError(field, `${length} bytes, the limit is ${limit}`);
  if (/\p{Surrogate}/u.test(s)) throw new FieldError(field, "not valid Unicode");
  for (const c of s) {
    const r = c.codePointAt(0)!;
    const name = `U+${r.toString(16).toUpperCase().padStart(4, "0")}`;
    if (lines && (c === "\n" || c === "\t")) continue;
    if (r < 0x20 || (r >= 0x7f && r <= 0x9f) || r === 0x2028 || r === 0x2029) throw new FieldError(field, `has the control character ${name}`);
    if ((r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069)) throw new FieldError(field, `has ${name}, which reorders text`);
    if (NEW.some(([lo, hi]) => r >= lo && r <= hi)) throw new FieldError(field, `has ${name}, which is newer than Unicode 15`);
  }
  if (s.normalize("NFC") !== s) throw new FieldError(field, "not in Unicode normal form C");
}

/** Whether s has only ASCII letters, digits and the characters of extra. */
export function consistsOf(s: string, extra: string): boolean {
  return [...s].every((c) => /[0-9A-Za-z]/.test(c) || extra.includes(c));
}
