/**
 * Text out of a file, as a person may safely see it. Names in a model are hostile: they may hold escape sequences, line
 * breaks and marks that turn the direction of writing, or be as long as the file.
 */

/** A longer name would hide the sentence that it stands in. */
const MAX_LENGTH = 200;

/** Control characters, line separators, and format characters such as marks of direction (Unicode Cc, Zl, Zp, Cf). */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text on one line, with its middle left out where it is long: ends tell names apart. */
export function printable(text: string, maxLength = MAX_LENGTH): string {
  // Cut first, so that the work does not grow with the text; by code points, so that no pair is torn.
  const half = (maxLength - 1) >> 1;
  const short =
    text.length > maxLength
      ? `${[...text.slice(0, 2 * half)].slice(0, half).join('')}…${[...text.slice(-2 * half)].slice(-half).join('')}`
      : text;
  return short.replace(UNPRINTABLE, '\ufffd');
}

/** A name in a sentence: printable and in quotes. */
export function quoted(name: string): string {
  return `"${printable(name)}"`;
}

/** A name as code in Markdown, without the signs that would end it or a table's cell. */
export function markdownCode(name: string): string {
  return `\`${printable(name).replace(/[`|]/g, ' ')}\``;
}

/** A sentence as plain text in Markdown, also in a table's cell. */
export function markdownText(sentence: string): string {
  return sentence.replace(UNPRINTABLE, ' ').replace(/[<>|`*_[\]\\]/g, '\\$&');
}

/** JSON that a terminal shows as it is: JSON itself leaves the control characters above 0x7f unescaped. */
export function printableJson(value: unknown, space = 2): string {
  const escape = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, space).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    escape,
  );
}
