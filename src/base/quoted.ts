/** More of a name would hide the sentence that it stands in. */
const LONGEST = 200;

/** A name out of a file for use in a sentence: in quotes, on one line, and not too long, whatever the file says. */
export function quoted(name: string): string {
  const short = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
  return `"${short.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '\ufffd')}"`;
}
