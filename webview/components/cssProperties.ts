import { noChange } from 'lit';
import { Directive, directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';

type Properties = Readonly<Record<string, string>>;

class CssProperties extends Directive {
  private before: Properties = {};

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('cssProperties stands by itself in a tag.');
  }

  /** Only says what the directive takes; `update` does the work. */
  override render(properties: Properties) {
    void properties;
    return noChange;
  }

  override update({ element }: ElementPart, [properties]: [Properties]) {
    const { style } = element as HTMLElement;
    for (const name of Object.keys(this.before)) if (!(name in properties)) style.removeProperty(name);
    for (const [name, value] of Object.entries(properties))
      if (this.before[name] !== value) style.setProperty(name, value);
    this.before = properties;
    return noChange;
  }
}

/**
 * Style properties that come from data, as in `<div ${cssProperties({ width })}>`. Lit's own `styleMap` writes a style
 * attribute at first, which the page's content security policy refuses; this one speaks to the object model only.
 */
export const cssProperties = directive(CssProperties);
