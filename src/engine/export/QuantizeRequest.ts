import type { ExportRequest } from '../../protocol/engineApi';

/** What quantizing a model needs to know of an export. */
export interface QuantizeRequest extends Pick<ExportRequest, 'path' | 'recipe' | 'verify' | 'cache'> {
  /** A folder for what is only needed meanwhile. */
  readonly temporary: string;
}
