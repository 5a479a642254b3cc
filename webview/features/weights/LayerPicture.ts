import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { EditorApi } from '../../../src/protocol/editorApi';
import type { LayerView } from '../../../src/core/measure/layerView';
import { isSlow } from '../../../src/core/scheme/scheme';
import type { EditorStore } from '../../app/EditorStore';
import { LatestRequest } from '../../app/LatestRequest';

type Request = EditorApi['layerView']['params'];

/** A request, and the model that it is about: one that changed on disk is another. */
interface Asked {
  readonly request: Request;
  readonly inspection: unknown;
}

/** An answer that takes longer is waited for visibly. */
const PATIENCE_MS = 200;

/** The picture of one layer: always the newest answer, which stays until the next one arrives. */
export class LayerPicture implements ReactiveController {
  view: LayerView | null = null;
  failure: string | null = null;
  /** The picture is of an earlier request, and has been for a while. */
  stale = false;
  private asked: Asked | null = null;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private readonly latest: LatestRequest<Asked, LayerView>;

  constructor(private readonly host: ReactiveControllerHost & { readonly store: EditorStore }) {
    host.addController(this);
    this.latest = new LatestRequest({
      send: ({ request }, signal) => host.store.layerView(request, signal),
      isLong: ({ request }) => isSlow(request.scheme),
      answered: (asked, view) => this.take(asked, view, null),
      failed: (asked, error) => this.take(asked, null, error.message),
    });
  }

  hostDisconnected(): void {
    clearTimeout(this.waiting);
  }

  /** Asks for what is to be shown, unless it was. */
  show(request: Request): void {
    const { inspection } = this.host.store.state;
    if (this.asked?.inspection === inspection && same(this.asked.request, request)) return;
    this.ask({ request, inspection });
  }

  /** Asks once more for what could not be had. */
  retry(): void {
    if (this.asked) this.ask(this.asked);
  }

  private ask(asked: Asked): void {
    this.asked = asked;
    this.waiting ??= setTimeout(() => this.set({ stale: true }), PATIENCE_MS);
    this.latest.ask(asked);
  }

  /** An answer to an older request is still the best that there is, as long as it is about the same layer. */
  private take(asked: Asked, view: LayerView | null, failure: string | null): void {
    const current = asked === this.asked;
    const sameLayer =
      asked.request.layer === this.asked?.request.layer && asked.inspection === this.asked.inspection;
    if (!current && (failure !== null || !sameLayer)) return;
    clearTimeout(this.waiting);
    this.waiting = undefined;
    if (!current) this.waiting = setTimeout(() => this.set({ stale: true }), PATIENCE_MS);
    this.set({ view, failure, stale: false });
  }

  private set(change: Partial<Pick<LayerPicture, 'view' | 'failure' | 'stale'>>): void {
    Object.assign(this, change);
    this.host.requestUpdate();
  }
}

function same(a: Request, b: Request): boolean {
  return Object.entries(a).every(([key, value]) => b[key as keyof Request] === value);
}
