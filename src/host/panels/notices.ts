import { commands, l10n } from 'vscode';
import { quoted } from '../../base/quoted';
import { unknownLayers, withoutLayers } from '../../core/recipe/recipe';
import type { Notice } from '../../protocol/editorApi';
import type { QuantDocument } from '../document/QuantDocument';
import type { ModelSession } from '../session/ModelSession';

/** A notice with what its buttons do. */
interface HostNotice extends Notice {
  readonly actions: readonly (Notice['actions'][number] & { readonly run: () => unknown })[];
}

/** Sentences above the table: what is wrong with the recipe, and what came to nothing. */
export function notices(document: QuantDocument, session: ModelSession): HostNotice[] {
  return [...ofRecipe(document, session), ...ofJobs(session)];
}

/** Presses a notice's button. Only buttons of notices that are there can be pressed. */
export async function runAction(from: readonly HostNotice[], notice: string, action: string): Promise<void> {
  const { actions } = from.find(({ id }) => id === notice) ?? { actions: [] };
  await actions.find(({ id }) => id === action)?.run();
}

/** The notices as the webview gets them. */
export function withoutActions(from: readonly HostNotice[]): Notice[] {
  return from.map((notice) => ({
    ...notice,
    actions: notice.actions.map(({ id, label }) => ({ id, label })),
  }));
}

function* ofRecipe(document: QuantDocument, session: ModelSession): Generator<HostNotice> {
  const open = {
    id: 'open',
    label: l10n.t('Open Recipe'),
    run: () => commands.executeCommand('vscode.open', document.recipeUri),
  };
  if (document.conflicting)
    yield {
      id: 'conflict',
      severity: 'warning',
      text: l10n.t('The saved recipe was changed on disk while you have unsaved choices.'),
      actions: [
        { id: 'load', label: l10n.t('Load From Disk'), run: () => document.revert() },
        { id: 'keep', label: l10n.t('Keep Mine'), run: () => document.keepChoices() },
      ],
    };
  if (document.problem) yield { id: 'recipe', severity: 'warning', text: document.problem, actions: [open] };
  const unknown = session.inspection ? unknownLayers(document.recipe, session.layers) : [];
  if (unknown.length === 0) return;
  const names = unknown.map(({ path }) => path[1]!);
  const remove = () => document.edit(l10n.t('Remove unknown layers'), withoutLayers(document.recipe, names));
  yield {
    id: 'unknown',
    severity: 'warning',
    text:
      unknown.length === 1
        ? l10n.t('The recipe does not fit this model: {0}', unknown[0]!.message)
        : l10n.t(
            'The recipe does not fit this model: {0} layers are unknown, the first is {1}.',
            unknown.length,
            quoted(names[0]!),
          ),
    actions: [open, { id: 'remove', label: l10n.t('Remove Unknown Layers'), run: remove }],
  };
}

function* ofJobs(session: ModelSession): Generator<HostNotice> {
  const { weightFailure, outputFailure, exports } = session;
  const dismiss = (run: () => void) => ({ id: 'dismiss', label: l10n.t('Dismiss'), run });
  const dismissMeasuring = dismiss(() => session.dismissFailures());
  if (weightFailure) {
    const restart = { id: 'restart', label: l10n.t('Restart Analysis'), run: () => session.analyse() };
    yield { id: 'analysis', severity: 'error', text: weightFailure, actions: [restart, dismissMeasuring] };
  }
  if (outputFailure)
    yield { id: 'outputs', severity: 'error', text: outputFailure, actions: [dismissMeasuring] };
  if (exports.failure)
    yield {
      id: 'export',
      severity: 'error',
      text: exports.failure,
      actions: [dismiss(() => exports.dismiss())],
    };
}
