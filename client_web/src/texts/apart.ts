/** Letters that are written from right to left, and characters that change the direction. */
const TURNS =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u200f\u202a-\u202e\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A value of a sentence, apart from what stands around it: a name that is written from right to left
 * would else take numbers, marks and further names of the sentence to its wrong side.
 */
export function apart(value: string): string {
  return TURNS.test(value) ? `\u2068${value}\u2069` : value;
}

/** A sentence without the characters that set its values apart: one that is edited and sent. */
export function bare(sentence: string): string {
  return sentence.replace(/[\u2068\u2069]/g, "");
}
