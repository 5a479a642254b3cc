/** A menu that hangs from a word: a `details` element with the class `menu`. */
import { css } from 'lit';

export const menuStyles = css`
  .menu {
    position: relative;
  }
  .menu summary {
    color: var(--vscode-textLink-foreground);
    cursor: pointer;
    line-height: 22px;
    list-style: none;
    white-space: nowrap;
  }
  .menu summary::after {
    content: ' ▾';
  }
  .menu > div {
    background: var(--vscode-menu-background, var(--vscode-editorWidget-background));
    border: 1px solid var(--vscode-menu-border, var(--vscode-widget-border, var(--line)));
    box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
    color: var(--vscode-menu-foreground, inherit);
    display: grid;
    gap: 2px;
    padding: 6px 12px;
    position: absolute;
    z-index: 4;
  }
`;

/** For `focusout`: a menu closes when the keyboard leaves it. */
export function closeOutside(event: FocusEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (!menu.contains(event.relatedTarget as Node | null)) menu.open = false;
}

/** For `keydown`. */
export function closeOnEscape(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return;
  const menu = event.currentTarget as HTMLDetailsElement;
  menu.open = false;
  menu.querySelector('summary')!.focus();
}
