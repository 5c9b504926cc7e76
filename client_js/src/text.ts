/** Text from somewhere else, made fit to be shown: one bounded line without controls. */

const LONGEST = 1000;
const PLAIN = /^[\x20-\x7e]*$/;
const BREAKS = /[\p{Z}\t\n\v\f\r\x85]/gu;
/** Controls, half characters and direction marks; joiners and the letters of flags may stay. */
const INVISIBLE = /(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{C}/gu;
/** More than four accents on one letter. */
const PILED = /(\p{M}{4})\p{M}+/gu;

/** Return foreign text as one line; what is longer than `most` characters ends in an ellipsis. */
export function shown(text: string, most: number = LONGEST): string {
  if (text.length <= most && PLAIN.test(text)) return text;
  const line = text
    .slice(0, 8 * most)
    .replace(BREAKS, " ")
    .replace(INVISIBLE, "")
    .replace(PILED, "$1");
  const characters = Array.from(line);
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join("")}…`;
}

/** Whether a text can be encoded: half an emoji cannot. */
export function fitsUtf8(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}
