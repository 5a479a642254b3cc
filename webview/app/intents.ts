import type { SchemeId } from '../../src/core/scheme/scheme';

/** Events of the detail views for the editor, which pass through all shadow roots between them. */
interface Intents {
  /** A scheme that is being tried, while a number is typed or a mark is dragged; null gives it up. */
  'preview-scheme': SchemeId | null;
  /** A scheme for the recipe; null is the default scheme. */
  'choose-scheme': SchemeId | null;
  /** The channel to be shown; null for all. */
  'pick-channel': number | null;
}

export function say<K extends keyof Intents>(element: HTMLElement, intent: K, detail: Intents[K]): void {
  element.dispatchEvent(new CustomEvent(intent, { detail, bubbles: true, composed: true }));
}

declare global {
  interface HTMLElementEventMap {
    'preview-scheme': CustomEvent<SchemeId | null>;
    'choose-scheme': CustomEvent<SchemeId | null>;
    'pick-channel': CustomEvent<number | null>;
  }
}
