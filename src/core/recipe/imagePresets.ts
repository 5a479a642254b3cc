/** Usual ways to scale pictures, by name: (value / 255 - mean) / std. */
export const IMAGE_PRESETS: Readonly<
  Record<string, { readonly mean: readonly number[]; readonly std: readonly number[] }>
> = {
  '0..1': { mean: [0], std: [1] },
  '-1..1': { mean: [0.5], std: [0.5] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};
