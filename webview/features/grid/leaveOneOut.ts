/** Texts of the grid for a layer that is left in float while all others are quantized by the recipe. */
import { formatDb, formatGain } from '../../../src/core/report/format';
import { FLOAT } from '../../../src/core/scheme/scheme';
import { LEAVE_ONE_OUT } from '../../../src/core/measure/Measurement';
import type { Row } from './rows';

/** Why there is no figure; null if there is one, or will be. */
export function whyNotLeft({ heat, heatProblem, scheme, whole }: Row): string | null {
  if (heat?.[LEAVE_ONE_OUT]) return null;
  if (heatProblem !== null) return heatProblem;
  if (scheme === FLOAT) return 'It is float already.';
  return whole ? 'It could not be measured.' : null;
}

/** The gain over the recipe as it is, as in `+4.1 dB`; null until it is measured. */
export function gainOf({ heat, whole }: Row): string | null {
  const error = heat?.[LEAVE_ONE_OUT];
  return error && whole ? formatGain(error.sqnrDb, whole.sqnrDb) : null;
}

/** The figure in a sentence; null until it is measured. */
export function leaveOneOutSentence(row: Row): string | null {
  const error = row.heat?.[LEAVE_ONE_OUT];
  const gain = gainOf(row);
  if (!error) return null;
  const against = gain && ` ${gain} against the recipe as it is (${formatDb(row.whole!.sqnrDb)})`;
  return `All others quantized as the recipe says, this layer in float: ${formatDb(error.sqnrDb)}${against ? `,${against}` : ''}.`;
}
