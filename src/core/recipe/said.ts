/** Sentences on schemas: what a user reads where a value does not fit. */
import * as Type from 'typebox/type';

/** About a value that is wrong; `undefined` where it is missing. */
export type Sentence = (value: unknown) => string;

/** A sentence that is always the same is in the JSON schema as well, which has no place for functions. */
export function said(sentence: string | Sentence) {
  return typeof sentence === 'string' ? { errorMessage: sentence, sentence: () => sentence } : { sentence };
}

/** One of a few texts. */
export function oneOf<const T extends string>(values: readonly T[], options: object) {
  return Type.Unsafe<T>({ enum: values, ...options });
}
