import type { ExportRequest } from '../../protocol/engineApi';

export type QuantizeRequest = Pick<ExportRequest, 'path' | 'recipe' | 'temporary' | 'verify' | 'cache'>;
