import { l10n, Uri, window, workspace } from 'vscode';
import type { Handlers } from '../../base/rpc';
import { withLayerActivations, withLayerRepair, withScheme } from '../../core/recipe/recipe';
import { CPUS } from '../../core/recipe/cpu';
import { parseRepair, withPass } from '../../core/recipe/repair';
import { FLOAT_ACTIVATIONS, parseRange } from '../../core/scheme/activations';
import { withReducedRange } from '../../core/scheme/reduceRange';
import { isSchemeId, type SchemeId } from '../../core/scheme/scheme';
import type { EditorApi } from '../../protocol/editorApi';
import { askActivations } from '../dialogs/askActivations';
import { askData } from '../dialogs/askCalibration';
import { askFloatLayers } from '../dialogs/askFloatLayers';
import { askShape } from '../dialogs/askShape';
import { exportWithDialog, openModel, saveReport } from '../dialogs/exporting';
import type { QuantDocument } from '../document/QuantDocument';
import type { ModelSession } from '../session/ModelSession';
import { notices, runAction } from './notices';

/**
 * Carries out what a webview asks for: choices go to the document, jobs to the session.
 * @param owner whoever shows what is asked for
 * @param start sends everything to the webview
 */
export function intents(
  document: QuantDocument,
  session: ModelSession,
  owner: object,
  start: () => void,
): Handlers<EditorApi> {
  const inputs = () => session.inspection?.model.inputs ?? [];
  const inputNames = () => inputs().map(({ name }) => name);
  return {
    ...silent({
      ready: start,
      chooseScheme: ({ layers, scheme }) => {
        if (scheme !== null) check(scheme);
        const what = naming(layers);
        const label = scheme === null ? l10n.t('Follow default: {0}', what) : `${scheme}: ${what}`;
        document.edit(label, withScheme(document.recipe, layers, scheme));
      },
      chooseDefault: ({ scheme }) => {
        check(scheme);
        document.edit(l10n.t('Default scheme {0}', scheme), { ...document.recipe, default: scheme });
      },
      chooseActivations: ({ layers, choice }) => {
        if (choice !== null && choice !== FLOAT_ACTIVATIONS && !parseRange(choice))
          throw new Error('That is no range.');
        document.edit(
          l10n.t('Input of {0}: {1}', naming(layers), choice ?? document.recipe.activations ?? ''),
          withLayerActivations(document.recipe, layers, choice),
        );
      },
      chooseRepair: ({ choice }) => {
        if (!parseRepair(choice)) throw new Error('That is no repair.');
        document.edit(l10n.t('Repair {0}', choice), { ...document.recipe, repair: choice });
      },
      chooseCpu: ({ cpu }) => {
        if (!CPUS.includes(cpu)) throw new Error('That is no CPU.');
        document.edit(l10n.t('Kernels of {0}', cpu), { ...document.recipe, cpu });
      },
      repairKernels: () =>
        document.edit(l10n.t('Repair {0}', 'kernels'), {
          ...document.recipe,
          repair: withPass(document.recipe.repair, 'kernels'),
        }),
      chooseLayerRepair: ({ layers, choice }) => {
        if (choice !== null && !parseRepair(choice)) throw new Error('That is no repair.');
        document.edit(
          l10n.t('Repair of {0}: {1}', naming(layers), choice ?? document.recipe.repair),
          withLayerRepair(document.recipe, layers, choice),
        );
      },
      narrowWeights: () => document.edit(l10n.t('Weights of 7 bits'), withReducedRange(document.recipe)),
      askActivations: () => askActivations(document, inputNames()),
      askData: () => askData(document, inputNames()),
      rereadData: () => session.rereadData(),
      askShape: async ({ input }) => {
        const summary = inputs().find(({ name }) => name === input);
        if (summary) await askShape(document, summary);
      },
      askFloatLayers: () =>
        askFloatLayers(
          document,
          [...session.measurements.at('model').values()],
          session.measuring.summaries.model?.recipe ?? null,
        ),
      cancelErrors: ({ level }) => session.cancelErrors(level),
      restartErrors: () => session.analyse(),
      export: () => exportWithDialog(document, session),
      cancelExport: () => session.exports.cancel(),
      saveReport: async () => {
        if (session.exports.report) await saveReport(session.exports.report);
      },
      openOutput: async () => {
        if (session.exports.report) await openModel(Uri.file(session.exports.report.output.path));
      },
      dismissReport: () => session.exports.dismiss(),
      runNoticeAction: ({ notice, action }) => runAction(notices(document, session), notice, action),
    }),
    layerView: (request, { signal }) => session.layerView(request, signal),
    repairView: ({ layer, scheme }, { signal }) => {
      check(scheme);
      return session.repairView({ layer, scheme }, document.recipe, signal);
    },
    activationView: (request, { signal }) => session.activationView(request, document.recipe, signal),
    bakeOff: (request, { signal, progress }) => session.bakeOff(request, { signal, onProgress: progress }),
    showErrors: async (shown) => {
      shown.schemes.forEach(check);
      // Weight errors need no data, and do not wait until the user has named some.
      session.showErrors(owner, { ...shown, level: 'weights' });
      if (shown.level === 'weights') return true;
      if (!(await mayRun(document, inputNames()))) return false;
      session.showErrors(owner, shown);
      return true;
    },
  };
}

/** The intents that have no answer. */
type Silent = {
  readonly [K in keyof EditorApi as EditorApi[K]['result'] extends null ? K : never]: (
    params: EditorApi[K]['params'],
  ) => void | Promise<void>;
};

function silent(actions: Silent): Pick<Handlers<EditorApi>, keyof Silent> {
  const handlers = Object.entries(actions).map(([method, act]) => {
    const action = act as (params: unknown) => unknown;
    return [method, async (params: unknown) => (await action(params), null)];
  });
  return Object.fromEntries(handlers) as Pick<Handlers<EditorApi>, keyof Silent>;
}

/** Whether the model may be run and there is data to run it on, which the user is asked for. */
async function mayRun(document: QuantDocument, inputNames: readonly string[]): Promise<boolean> {
  if (!workspace.isTrusted) {
    void window.showInformationMessage(
      l10n.t('Output errors are measured by running the model, which only a trusted workspace allows.'),
    );
    return false;
  }
  if (document.recipe.calibration === null) await askData(document, inputNames);
  return document.recipe.calibration !== null;
}

/** Layers in the name of an edit. */
function naming(layers: readonly string[]): string {
  return layers.length === 1 ? layers[0]! : l10n.t('{0} layers', layers.length);
}

/** The webview sends texts; only schemes go further. @throws Error if it is none */
function check(scheme: SchemeId): void {
  if (!isSchemeId(scheme)) throw new Error('That is no scheme.');
}
