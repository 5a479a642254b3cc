import { l10n, window } from 'vscode';
import { formatShape } from '../../core/report/format';
import type { ValueSummary } from '../../core/model/model';
import type { QuantDocument } from '../document/QuantDocument';

/** Asks for the shape that an input gets when an export is run; an empty answer leaves it to be chosen. */
export async function askShape(document: QuantDocument, { name, shape }: ValueSummary): Promise<void> {
  const { shapes } = document.recipe;
  const answer = await window.showInputBox({
    title: l10n.t('Shape of {0}, {1}', name, formatShape(shape)),
    prompt: l10n.t('Sizes as in 1x3x48x192; leave empty to have them chosen automatically.'),
    value: Object.hasOwn(shapes, name) ? shapes[name]!.join('x') : '',
    validateInput: (text) => (parse(text) === undefined ? l10n.t('Write the sizes as in 1x3x48x192.') : null),
  });
  if (answer === undefined) return;
  const sizes = parse(answer);
  const others = Object.entries(shapes).filter(([other]) => other !== name);
  const chosen = Object.fromEntries(sizes ? [...others, [name, sizes]] : others);
  document.edit(l10n.t('Shape of {0}', name), { ...document.recipe, shapes: chosen });
}

/** Null for nothing, undefined for nonsense. */
function parse(text: string): number[] | null | undefined {
  const plain = text.trim();
  if (plain === '') return null;
  return /^[1-9]\d{0,8}(\s*[x×,]\s*[1-9]\d{0,8})*$/.test(plain)
    ? plain.split(/[x×,]/).map(Number)
    : undefined;
}
