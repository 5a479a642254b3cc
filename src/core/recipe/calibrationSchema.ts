/** The schema of a recipe's "calibration"; see `recipeSchema`. */
import * as Type from 'typebox/type';
import { quoted } from '../../base/quoted';
import { IMAGE_PRESETS } from './imagePresets';
import { oneOf, said } from './said';

const FILES = "A folder, file or glob of .npy, .npz, .pb, .png or .jpg files, relative to the model's folder";
const ROWS = 'An array with more rows than the model takes at a time is a sample for each row.';
const MAX_SAMPLES = 100_000;
const MAX_SIDE = 16_384;
const MAX_CHANNELS = 4;

const NO_PRESET = `"preset" is one of ${Object.keys(IMAGE_PRESETS).join(', ')}.`;
const preset = () => oneOf(Object.keys(IMAGE_PRESETS), said(NO_PRESET));

const perChannel = (bounds: Type.TNumberOptions, sentence: string) =>
  Type.Optional(Type.Array(Type.Number(bounds), { minItems: 1, maxItems: MAX_CHANNELS, ...said(sentence) }));

const IMAGE = Type.Object(
  {
    preset: Type.Optional(preset()),
    size: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: MAX_SIDE }), {
        minItems: 2,
        maxItems: 2,
        description: '[rows, columns] that pictures are resized to where the input leaves them free.',
        ...said('"size" is [rows, columns].'),
      }),
    ),
    channels: Type.Optional(oneOf(['RGB', 'BGR', 'grey'], said('"channels" is "RGB", "BGR" or "grey".'))),
    mean: perChannel({}, '"mean" is a list of numbers, one for each channel.'),
    std: perChannel({ exclusiveMinimum: 0 }, '"std" is a list of numbers above zero, one for each channel.'),
  },
  { additionalProperties: false, noField: (key: string) => `"image" has no field ${quoted(key)}.` },
);

const NO_PATHS = '"data" is a folder or glob, or one for each input.';

const DATA = Type.Object(
  {
    data: Type.Union([Type.String(), Type.Record(Type.String(), Type.String(said(NO_PATHS)))], {
      description: `${FILES}; for a model with several inputs, one for each. ${ROWS}`,
      ...said(NO_PATHS),
    }),
    samples: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_SAMPLES,
        default: 128,
        description: 'Samples at most; every fifth is held out for comparing.',
        ...said(`"samples" is a whole number from 1 to ${MAX_SAMPLES}.`),
      }),
    ),
    labels: Type.Optional(
      Type.String({
        description:
          'Classes of the samples, for accuracy: a text file with a line "file,class number" for each; a .npy file with a whole number for each sample, such as y_calib.npy; or "folders" where the files of each class are in a folder of their own, named by the number of the class, or else in the order of the names.',
        ...said('"labels" is a file, or "folders".'),
      }),
    ),
    image: Type.Optional(
      Type.Union([preset(), IMAGE], {
        description: 'How pictures become numbers: (value / 255 - mean) / std.',
        ...said((value) => (typeof value === 'string' ? NO_PRESET : '"image" is a preset or a JSON object.')),
      }),
    ),
  },
  {
    additionalProperties: false,
    noField: (key: string) => `"calibration" has no field ${quoted(key)}.`,
  },
);

export const CALIBRATION = Type.Union(
  [Type.Literal('synthetic'), Type.String({ description: `${FILES}. ${ROWS}` }), DATA],
  {
    description:
      'What activations are observed on: "synthetic" (random numbers, which stand for nothing), a folder, or a folder with options.',
    ...said('"calibration" is "synthetic", a folder, or a JSON object.'),
  },
);

/** As a recipe has it: in short, or with its options. */
export type WrittenCalibration = Type.Static<typeof CALIBRATION>;
