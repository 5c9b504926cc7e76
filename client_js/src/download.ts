/** Offer a file to the player of a page, as a download. */

/** Time after which the browser has taken what it was given. */
const TAKEN_MS = 60_000;

/** Let the browser save a file, such as what `Match.saveTape` returns; only in a page. */
export function download({ name, data }: { name: string; data: Uint8Array }): void {
  const url = URL.createObjectURL(new Blob([data as Uint8Array<ArrayBuffer>]));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), TAKEN_MS);
}
