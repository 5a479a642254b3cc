import { nothing } from 'lit';
import { Directive, directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';

/**
 * Sets style properties of an element, custom ones included, through the CSSOM: lit's own styleMap writes a style attribute at first, which
 * the content security policy forbids.
 */
class Styled extends Directive {
  private set = new Set<string>();

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('styled() goes into a tag, not into an attribute.');
  }

  render(properties: Readonly<Record<string, string>>) {
    // There is no markup; update() does the work.
    void properties;
    return nothing;
  }

  override update(part: ElementPart, [properties]: [Readonly<Record<string, string>>]) {
    const { style } = part.element as HTMLElement;
    for (const name of this.set) if (!Object.hasOwn(properties, name)) style.removeProperty(name);
    for (const [name, value] of Object.entries(properties)) style.setProperty(name, value);
    this.set = new Set(Object.keys(properties));
    return nothing;
  }
}

export const styled = directive(Styled);
