/** Identifier of the custom editor in package.json. */
export const EDITOR_TYPE = 'quantscope.editor';
