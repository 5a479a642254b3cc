import type { FormatName } from '../../core/model/modelFormats';
import type { OpenModel } from './OpenModel';

/** A kind of model file. */
export interface ModelFormat extends FormatName {
  /** Whether a file that begins so may be one, whatever it is called. */
  sniff(beginning: Uint8Array): boolean;
  /**
   * Opens a file: reads its structure, and leaves the weights where they are.
   * @throws UserError if it cannot be read or is no sound model
   */
  open(path: string): OpenModel;
}
